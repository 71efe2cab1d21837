//! The graph of an operator's inputs: ids become numbers, conditions become sets.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::common::{DataFusionError, Result};

use super::table::{Batches, NULL_PICK, Pick, Picked};
use super::{GraphSource, NodeColumn};
use crate::graph::numbering::{LongNumbers, TextNumbers};
use crate::graph::{Bits, GraphError};
use crate::operators::OperatorContext;

/// Rows between two looks at whether the query was stopped.
const CHECK_INTERVAL: usize = 1 << 16;

impl From<GraphError> for DataFusionError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Stopped => Self::Execution(error.to_string()),
            limit => Self::External(Box::new(limit)),
        }
    }
}

/// Nodes and edges of an operator's inputs, with the rows they come from.
#[derive(Debug)]
pub(super) struct Numbered<'a> {
    pub(super) edges: Batches<'a>,
    pub(super) nodes: Batches<'a>,
    /// Rows of the node input, by number. A row with the id of an earlier one is not among them.
    node_rows: Vec<u32>,
    /// Nodes that only edges name, numbered after those: twice the edge row, one more where the
    /// node is the target.
    named_by: Vec<u64>,
    /// Ends of edges; edges that lack one are not among them.
    pub(super) ends: Vec<(u32, u32)>,
    /// Their rows.
    pub(super) rows: Vec<u32>,
}

/// Gives ids numbers.
enum Numbers<'a> {
    Long(LongNumbers),
    Text(TextNumbers<'a>),
}

impl<'a> Numbers<'a> {
    fn new(source: &GraphSource, edges: &Batches<'a>, nodes: &Batches<'a>) -> Result<Self> {
        if !source.long_keys {
            return Ok(Self::Text(TextNumbers::new(nodes.rows())));
        }
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        let mut arrays = edges.column(source.source)?;
        arrays.extend(edges.column(source.target)?);
        if let Some(column) = source.node {
            arrays.extend(nodes.column(column)?);
        }
        for array in arrays {
            let array = array.as_primitive::<Int64Type>();
            least = arrow::compute::min(array).map_or(least, |least_here| least.min(least_here));
            greatest = arrow::compute::max(array).map_or(greatest, |here| greatest.max(here));
        }
        let count = nodes.rows() + edges.rows();
        Ok(Self::Long(LongNumbers::new(count, least, greatest)))
    }

    /// The number of the id in this row and whether it is new; nothing for null.
    #[inline]
    fn number(&mut self, array: &'a ArrayRef, row: usize) -> Result<Option<(u32, bool)>> {
        if array.is_null(row) {
            return Ok(None);
        }
        let numbered = match self {
            Self::Long(numbers) => numbers.number(array.as_primitive::<Int64Type>().value(row)),
            Self::Text(numbers) => numbers.number(array.as_string_view().value(row)),
        };
        Ok(Some(numbered?))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Long(numbers) => numbers.bytes(),
            Self::Text(numbers) => numbers.bytes(),
        }
    }
}

impl<'a> Numbered<'a> {
    /// Numbers the nodes and edges of the inputs.
    ///
    /// # Errors
    /// Where there are too many, memory runs out or the query was stopped.
    pub(super) fn new(
        source: &GraphSource,
        inputs: &'a [Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<Self> {
        let edges = Batches::new(inputs.first().map_or(&[], Vec::as_slice));
        let nodes = Batches::new(inputs.get(1).map_or(&[], Vec::as_slice));
        for (what, rows) in [("nodes", nodes.rows()), ("edges", edges.rows())] {
            if rows > crate::graph::adjacency::MAX_NUMBER {
                let limit = crate::graph::adjacency::MAX_NUMBER as u64;
                return Err(GraphError::TooLarge { what, limit }.into());
            }
        }
        context.reserve(12 * edges.rows() + 4 * nodes.rows())?;
        let mut numbers = Numbers::new(source, &edges, &nodes)?;
        let mut node_rows = Vec::with_capacity(nodes.rows());
        if let Some(column) = source.node {
            let mut before = 0;
            for array in nodes.column(column)? {
                context.check()?;
                for row in 0..array.len() {
                    if let Some((_, true)) = numbers.number(array, row)? {
                        node_rows.push((before + row) as u32);
                    }
                }
                before += array.len();
            }
        }
        let mut numbered = Self {
            node_rows,
            named_by: Vec::new(),
            ends: Vec::with_capacity(edges.rows()),
            rows: Vec::with_capacity(edges.rows()),
            edges,
            nodes,
        };
        numbered.number_edges(source, &mut numbers, context)?;
        context.reserve(numbers.bytes() + 8 * numbered.named_by.len())?;
        Ok(numbered)
    }

    fn number_edges(
        &mut self,
        source: &GraphSource,
        numbers: &mut Numbers<'a>,
        context: &OperatorContext,
    ) -> Result<()> {
        let sources = self.edges.column(source.source)?;
        let targets = self.edges.column(source.target)?;
        let mut edge_row = 0_usize;
        for (sources, targets) in sources.into_iter().zip(targets) {
            for row in 0..sources.len() {
                if edge_row.is_multiple_of(CHECK_INTERVAL) {
                    context.check()?;
                }
                let left = numbers.number(sources, row)?;
                if let Some((_, true)) = left {
                    self.named_by.push(2 * edge_row as u64);
                }
                let entered = numbers.number(targets, row)?;
                if let Some((_, true)) = entered {
                    self.named_by.push(2 * edge_row as u64 + 1);
                }
                if let (Some((left, _)), Some((entered, _))) = (left, entered) {
                    self.ends.push((left, entered));
                    self.rows.push(edge_row as u32);
                }
                edge_row += 1;
            }
        }
        Ok(())
    }

    /// Number of nodes.
    pub(super) fn node_count(&self) -> usize {
        self.node_rows.len() + self.named_by.len()
    }

    /// The nodes of which a bool is true.
    pub(super) fn nodes_where(&self, column: &NodeColumn) -> Result<Bits> {
        let mut bits = Bits::empty(self.node_count());
        if let Some(position) = column.node {
            let bools = self.nodes.bools(position)?;
            for (number, row) in self.node_rows.iter().enumerate() {
                let (batch, row) = self.nodes.locate(*row as usize);
                let bools = bools[batch];
                if bools.is_valid(row) && bools.value(row) {
                    bits.insert(number as u32);
                }
            }
        }
        if let Some((source, target)) = column.ends {
            let ends = [self.edges.bools(source)?, self.edges.bools(target)?];
            for (place, name) in self.named_by.iter().enumerate() {
                let (batch, row) = self.edges.locate((name / 2) as usize);
                let bools = ends[(name % 2) as usize][batch];
                if bools.is_valid(row) && bools.value(row) {
                    bits.insert((self.node_rows.len() + place) as u32);
                }
            }
        }
        Ok(bits)
    }

    /// The arrays that hold a value of nodes, for [`Self::pick`].
    pub(super) fn node_arrays(&self, column: &NodeColumn) -> Result<NodeArrays> {
        let mut arrays = Vec::new();
        if let Some(position) = column.node {
            arrays.extend(self.nodes.column(position)?);
        }
        let sources = arrays.len();
        if let Some((source, target)) = column.ends {
            arrays.extend(self.edges.column(source)?);
            arrays.extend(self.edges.column(target)?);
        }
        Ok(NodeArrays {
            picked: Picked::new(column.scalar_type, arrays)?,
            has_rows: column.node.is_some(),
            ends: column
                .ends
                .map(|_| (sources + 1, sources + 1 + self.edges.all.len())),
        })
    }

    /// Where a node's value stands.
    pub(super) fn pick(&self, arrays: &NodeArrays, node: u32) -> Pick {
        if let Some(row) = self.node_rows.get(node as usize) {
            if !arrays.has_rows {
                return NULL_PICK;
            }
            let (batch, row) = self.nodes.locate(*row as usize);
            return (batch + 1, row);
        }
        let place = node as usize - self.node_rows.len();
        match (self.named_by.get(place), arrays.ends) {
            (Some(name), Some((sources, targets))) => {
                let (batch, row) = self.edges.locate((name / 2) as usize);
                let first = if name % 2 == 0 { sources } else { targets };
                (first + batch, row)
            }
            _ => NULL_PICK,
        }
    }
}

/// Where values of nodes are picked from.
#[derive(Debug)]
pub(super) struct NodeArrays {
    pub(super) picked: Picked,
    has_rows: bool,
    /// Positions of the first arrays of edge sources and of edge targets.
    ends: Option<(usize, usize)>,
}
