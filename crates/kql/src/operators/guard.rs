//! A limit on the rows that joins and expansions make.
//!
//! A join on a key that repeats, or an expansion of long arrays, can make more rows than any
//! memory or time limit notices early. [`RowGuardExec`] lets rows pass and counts them against a
//! budget that all guards of one query share.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec,
};
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt};

/// Rows that the joins and expansions of one query may still make.
#[derive(Debug)]
pub(crate) struct RowBudget {
    limit: u64,
    spent: AtomicU64,
}

impl RowBudget {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            spent: AtomicU64::new(0),
        }
    }

    fn spend(&self, rows: usize) -> Result<()> {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let before = self.spent.fetch_add(rows, Ordering::Relaxed);
        if before.saturating_add(rows) <= self.limit {
            return Ok(());
        }
        Err(DataFusionError::External(Box::new(
            TooManyIntermediateRows { limit: self.limit },
        )))
    }
}

/// A query whose joins and expansions make more rows than its budget.
#[derive(Debug, thiserror::Error)]
#[error("the joins and expansions of the query make more than {limit} rows")]
pub(crate) struct TooManyIntermediateRows {
    pub(crate) limit: u64,
}

/// Puts a guard above each node that makes rows of rows.
pub(crate) fn guarded(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.transform_up(|node| {
        let makes_rows = node.downcast_ref::<HashJoinExec>().is_some()
            || node.downcast_ref::<NestedLoopJoinExec>().is_some()
            || node.downcast_ref::<CrossJoinExec>().is_some()
            || node.downcast_ref::<SortMergeJoinExec>().is_some()
            || node.downcast_ref::<UnnestExec>().is_some();
        if !makes_rows {
            return Ok(Transformed::no(node));
        }
        let guard: Arc<dyn ExecutionPlan> = Arc::new(RowGuardExec::new(node));
        Ok(Transformed::yes(guard))
    })?;
    Ok(plan.data)
}

/// Lets rows pass, counting them against the query's [`RowBudget`]; counts nothing where the
/// session has none.
#[derive(Debug)]
pub(crate) struct RowGuardExec {
    input: Arc<dyn ExecutionPlan>,
}

impl RowGuardExec {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input }
    }
}

impl DisplayAs for RowGuardExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RowGuard")
    }
}

impl ExecutionPlan for RowGuardExec {
    fn name(&self) -> &'static str {
        "RowGuardExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(input) => Ok(Arc::new(Self::new(input))),
            None => Err(DataFusionError::Internal(
                "RowGuard has one input".to_owned(),
            )),
        }
    }

    #[allow(deprecated, reason = "the trait still asks for it")]
    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(
            children,
            ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute),
        )
    }

    fn execute(
        &self,
        partition: usize,
        task: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let budget = task.session_config().get_extension::<RowBudget>();
        let rows = self.input.execute(partition, task)?;
        match budget {
            None => Ok(rows),
            Some(budget) => Ok(Box::pin(Guarded { rows, budget })),
        }
    }
}

struct Guarded {
    rows: SendableRecordBatchStream,
    budget: Arc<RowBudget>,
}

impl Stream for Guarded {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = futures::ready!(self.rows.poll_next_unpin(context));
        Poll::Ready(next.map(|batch| {
            let batch = batch?;
            self.budget.spend(batch.num_rows())?;
            Ok(batch)
        }))
    }
}

impl RecordBatchStream for Guarded {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}
