//! Matches become rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanBuilder, Int64Builder, StringViewBuilder};
use datafusion::common::{DataFusionError, Result};
use stance_base::ScalarType;

use super::GraphOutput;
use super::numbered::{NodeArrays, Numbered};
use super::table::{NULL_PICK, Pick, Picked};
use crate::graph::{Found, Graph, Sink};
use crate::operators::OperatorContext;
use crate::value::ColumnReader;

/// Rows that go out at once where only their number matters.
const COUNTED_ROWS: u64 = 1 << 16;

/// Bytes of lists in one batch, above which it goes out early.
const LIST_BYTES: usize = 8 << 20;

/// Number of edges at each node.
#[derive(Debug, Default)]
pub(super) struct Degrees {
    pub(super) leaving: Vec<u32>,
    pub(super) entering: Vec<u32>,
}

/// Where the values of an output column come from; made once, used by all threads.
#[derive(Debug)]
pub(super) enum OutputSource {
    Node(usize, NodeArrays),
    Edge(usize, Picked),
    Steps(usize, Readers),
    InnerNodes(usize, NodeArrays, Readers),
    StepsHold(usize, Picked, bool),
    InnerNodesHold(usize, NodeArrays, bool),
    Degree(usize, bool),
}

/// Readers of the arrays of a [`Picked`].
#[derive(Debug)]
pub(super) struct Readers(Vec<ColumnReader>);

impl Readers {
    fn new(picked: &Picked, scalar_type: ScalarType) -> Result<Self> {
        let readers = picked
            .arrays()
            .iter()
            .map(|array| ColumnReader::of_array(array, scalar_type));
        Ok(Self(readers.collect::<Result<_>>()?))
    }

    /// Adds a value in its JSON form.
    fn write(&self, pick: Pick, list: &mut String) {
        let value = self.0.get(pick.0).map(|reader| reader.get(pick.1));
        match value {
            Some(value) if !value.is_null() => list.push_str(&value.to_json().to_string()),
            _ => list.push_str("null"),
        }
    }
}

impl OutputSource {
    pub(super) fn new(output: &GraphOutput, numbered: &Numbered<'_>) -> Result<Self> {
        let edge_arrays = |column: &super::EdgeColumn| {
            Picked::new(column.scalar_type, numbered.edges.column(column.column)?)
        };
        Ok(match output {
            GraphOutput::Node(node, column) => Self::Node(*node, numbered.node_arrays(column)?),
            GraphOutput::Edge(edge, column) => Self::Edge(*edge, edge_arrays(column)?),
            GraphOutput::Steps(edge, column) => {
                let picked = edge_arrays(column)?;
                let readers = Readers::new(&picked, column.scalar_type)?;
                Self::Steps(*edge, readers)
            }
            GraphOutput::InnerNodes(edge, column) => {
                let arrays = numbered.node_arrays(column)?;
                let readers = Readers::new(&arrays.picked, column.scalar_type)?;
                Self::InnerNodes(*edge, arrays, readers)
            }
            GraphOutput::StepsHold(edge, column, all) => {
                Self::StepsHold(*edge, edge_arrays(column)?, *all)
            }
            GraphOutput::InnerNodesHold(edge, column, all) => {
                Self::InnerNodesHold(*edge, numbered.node_arrays(column)?, *all)
            }
            GraphOutput::Degree(node, leaving) => Self::Degree(*node, *leaving),
        })
    }
}

/// A column on its way.
enum Column {
    Picks(Vec<Pick>),
    Lists(StringViewBuilder),
    Bools(BooleanBuilder),
    Longs(Int64Builder),
}

/// Everything that rows are made of.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) numbered: &'a Numbered<'a>,
    pub(super) graph: &'a Graph,
    pub(super) sources: Vec<OutputSource>,
    pub(super) degrees: Degrees,
}

/// Collects matches and sends them out in batches.
pub(super) struct Emitter<'a> {
    rows: &'a Rows<'a>,
    context: &'a OperatorContext,
    columns: Vec<Column>,
    held: usize,
    list_bytes: usize,
    counted: u64,
    list: String,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(rows: &'a Rows<'a>, context: &'a OperatorContext) -> Self {
        Self {
            rows,
            context,
            columns: rows.sources.iter().map(empty).collect(),
            held: 0,
            list_bytes: 0,
            counted: 0,
            list: String::new(),
        }
    }

    /// Sends what is left.
    pub(super) fn finish(mut self) -> Result<()> {
        self.send_counted(1)?;
        self.send()
    }

    fn send_counted(&mut self, least: u64) -> Result<()> {
        while self.counted >= least {
            let rows = self.counted.min(COUNTED_ROWS);
            self.counted -= rows;
            self.context.emit(Vec::new(), rows as usize)?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.held);
        self.list_bytes = 0;
        if rows == 0 {
            return Ok(());
        }
        let sources = &self.rows.sources;
        let arrays = self
            .columns
            .iter_mut()
            .zip(sources)
            .map(|(column, source)| array(column, source))
            .collect::<Result<Vec<_>>>()?;
        self.context.emit(arrays, rows)
    }

    fn node_pick(&self, arrays: &NodeArrays, node: u32) -> Pick {
        self.rows.numbered.pick(arrays, node)
    }

    fn edge_pick(&self, edge: u32) -> Pick {
        let row = self.rows.graph.row(edge);
        let (batch, row) = self.rows.numbered.edges.locate(row as usize);
        (batch + 1, row)
    }

    /// The list of values of an edge's steps or inner nodes, as JSON.
    fn write_list(&mut self, source: &OutputSource, found: &Found<'_>) {
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        list.push('[');
        let mut add = |pick: Pick, readers: &Readers| {
            if list.len() > 1 {
                list.push(',');
            }
            readers.write(pick, &mut list);
        };
        match source {
            OutputSource::Steps(edge, readers) => {
                found.edges(*edge, |edge| add(self.edge_pick(edge), readers));
            }
            OutputSource::InnerNodes(edge, arrays, readers) => {
                found.inner_nodes(*edge, |node| add(self.node_pick(arrays, node), readers));
            }
            _ => {}
        }
        list.push(']');
        self.list_bytes += list.len();
        self.list = list;
    }

    /// Whether a bool is true of all, or of any, steps or inner nodes.
    fn holds(&self, source: &OutputSource, found: &Found<'_>) -> bool {
        let (mut every, mut some) = (true, false);
        let mut look = |is_true: bool| {
            every &= is_true;
            some |= is_true;
        };
        match source {
            OutputSource::StepsHold(edge, picked, all) => {
                found.edges(*edge, |edge| look(is_true(picked, self.edge_pick(edge))));
                if *all { every } else { some }
            }
            OutputSource::InnerNodesHold(edge, arrays, all) => {
                found.inner_nodes(*edge, |node| {
                    look(is_true(&arrays.picked, self.node_pick(arrays, node)));
                });
                if *all { every } else { some }
            }
            _ => false,
        }
    }

    fn degree(&self, node: u32, leaving: bool) -> i64 {
        let degrees = &self.rows.degrees;
        let degrees = if leaving {
            &degrees.leaving
        } else {
            &degrees.entering
        };
        degrees.get(node as usize).copied().map_or(0, i64::from)
    }

    fn push(&mut self, position: usize, source: &OutputSource, found: &Found<'_>) {
        let node = |node: usize| found.nodes.get(node).copied().unwrap_or_default();
        let pick = match source {
            OutputSource::Node(variable, arrays) => self.node_pick(arrays, node(*variable)),
            OutputSource::Edge(edge, _) => {
                let mut pick = NULL_PICK;
                found.edges(*edge, |edge| pick = self.edge_pick(edge));
                pick
            }
            _ => NULL_PICK,
        };
        if matches!(
            source,
            OutputSource::Steps(..) | OutputSource::InnerNodes(..)
        ) {
            self.write_list(source, found);
        }
        let holds = self.holds(source, found);
        let degree = match source {
            OutputSource::Degree(variable, leaving) => self.degree(node(*variable), *leaving),
            _ => 0,
        };
        match self.columns.get_mut(position) {
            Some(Column::Picks(picks)) => picks.push(pick),
            Some(Column::Lists(lists)) => lists.append_value(&self.list),
            Some(Column::Bools(bools)) => bools.append_value(holds),
            Some(Column::Longs(longs)) => longs.append_value(degree),
            None => {}
        }
    }
}

fn empty(source: &OutputSource) -> Column {
    match source {
        OutputSource::Node(..) | OutputSource::Edge(..) => Column::Picks(Vec::new()),
        OutputSource::Steps(..) | OutputSource::InnerNodes(..) => {
            Column::Lists(StringViewBuilder::new())
        }
        OutputSource::StepsHold(..) | OutputSource::InnerNodesHold(..) => {
            Column::Bools(BooleanBuilder::new())
        }
        OutputSource::Degree(..) => Column::Longs(Int64Builder::new()),
    }
}

fn array(column: &mut Column, source: &OutputSource) -> Result<ArrayRef> {
    Ok(match (column, source) {
        (
            Column::Picks(picks),
            OutputSource::Node(_, NodeArrays { picked, .. }) | OutputSource::Edge(_, picked),
        ) => {
            let array = picked.gather(picks)?;
            picks.clear();
            array
        }
        (Column::Lists(lists), _) => Arc::new(lists.finish()),
        (Column::Bools(bools), _) => Arc::new(bools.finish()),
        (Column::Longs(longs), _) => Arc::new(longs.finish()),
        (Column::Picks(_), _) => {
            let message = "a graph column without a source".to_owned();
            return Err(DataFusionError::Internal(message));
        }
    })
}

fn is_true(picked: &Picked, (array, row): Pick) -> bool {
    use arrow::array::Array;
    let bools = picked
        .arrays()
        .get(array)
        .and_then(|array| array.as_boolean_opt());
    bools.is_some_and(|bools| bools.is_valid(row) && bools.value(row))
}

impl Sink for Emitter<'_> {
    type Error = DataFusionError;

    fn take(&mut self, found: &Found<'_>) -> Result<()> {
        if self.rows.sources.is_empty() {
            return self.count(1);
        }
        let rows = self.rows;
        for (position, source) in rows.sources.iter().enumerate() {
            self.push(position, source, found);
        }
        self.held += 1;
        if self.held >= self.context.batch_size() || self.list_bytes >= LIST_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn count(&mut self, matches: u64) -> Result<()> {
        self.counted += matches;
        self.send_counted(COUNTED_ROWS)
    }

    fn counts_only(&self) -> bool {
        self.rows.sources.is_empty()
    }
}
