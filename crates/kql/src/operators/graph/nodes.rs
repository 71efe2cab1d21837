//! Every node of a graph, and the connected parts.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::common::Result;

use super::numbered::Numbered;
use super::{GraphNodesOperator, MAX_STEPS};
use crate::graph::budget::{Allowance, Budget};
use crate::graph::{EdgeList, Graph, components};
use crate::operators::OperatorContext;

impl GraphNodesOperator {
    pub(crate) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let mut numbered = Numbered::new(&self.graph, inputs, context)?;
        let parts = match self.components {
            Some(strong) => Some(parts(strong, &mut numbered, context)?),
            None => None,
        };
        let arrays = self
            .columns
            .iter()
            .map(|column| numbered.node_arrays(column))
            .collect::<Result<Vec<_>>>()?;
        let count = numbered.node_count();
        let size = context.batch_size().max(1);
        let mut start = 0;
        while start < count {
            let end = (start + size).min(count);
            let mut columns = Vec::with_capacity(arrays.len() + 1);
            for arrays in &arrays {
                let picks: Vec<_> = (start..end)
                    .map(|node| numbered.pick(arrays, node as u32))
                    .collect();
                columns.push(arrays.picked.gather(&picks)?);
            }
            if let Some(parts) = &parts {
                let numbers: Int64Array = parts[start..end]
                    .iter()
                    .map(|part| i64::from(*part))
                    .collect();
                columns.push(Arc::new(numbers) as ArrayRef);
            }
            context.emit(columns, end - start)?;
            start = end;
        }
        Ok(())
    }
}

/// The number of each node's part.
fn parts(
    strong: bool,
    numbered: &mut Numbered<'_>,
    context: &mut OperatorContext,
) -> Result<Vec<u32>> {
    let nodes = numbered.node_count();
    context.reserve(12 * nodes)?;
    let ends = std::mem::take(&mut numbered.ends);
    let rows = std::mem::take(&mut numbered.rows);
    let graph = if strong {
        context.reserve(16 * nodes + 8 * ends.len())?;
        let list = EdgeList {
            ends,
            rows,
            conditions: Vec::new(),
        };
        Ok(Graph::new(nodes, list)?)
    } else {
        Err(ends)
    };
    let stopped = || context.check().is_err();
    let allowance = Allowance::new(MAX_STEPS, &stopped);
    let mut budget = Budget::new(&allowance);
    Ok(match graph {
        Ok(graph) => components::strong(&graph, &mut budget)?,
        Err(ends) => components::weak(nodes, &ends, &mut budget)?,
    })
}
