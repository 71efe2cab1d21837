//! The physical node of our operators.

use std::fmt;
use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    EquivalenceProperties, LexRequirement, OrderingRequirements, Partitioning, PhysicalExpr,
    PhysicalSortRequirement,
};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, PlanProperties,
};
use futures::StreamExt;

use super::context::{BatchSource, OperatorContext};
use super::node::OperatorCall;

/// Batches that wait to be read before the operator pauses.
const WAITING_BATCHES: usize = 2;

/// Runs one of our operators: reads each input to its end, computes, gives rows as they come.
#[derive(Debug)]
pub(crate) struct TableExec {
    call: Arc<OperatorCall>,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl TableExec {
    pub(super) fn new(call: Arc<OperatorCall>, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(call.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self {
            call,
            inputs,
            properties: Arc::new(properties),
        }
    }

    pub(super) fn call(&self) -> &OperatorCall {
        &self.call
    }

    fn required_order(&self) -> Option<OrderingRequirements> {
        let input = self.inputs.first()?.schema();
        let keys = self.call.order.iter().map(|key| {
            let name = input
                .fields()
                .get(key.column)
                .map_or("", |field| field.name());
            let options = SortOptions {
                descending: key.descending,
                nulls_first: key.nulls_first,
            };
            PhysicalSortRequirement::new(Arc::new(Column::new(name, key.column)), Some(options))
        });
        LexRequirement::new(keys).map(OrderingRequirements::new)
    }
}

impl DisplayAs for TableExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.call.operator.name())
    }
}

impl ExecutionPlan for TableExec {
    fn name(&self) -> &'static str {
        "TableExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        vec![Distribution::SinglePartition; self.inputs.len()]
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let mut orders = vec![None; self.inputs.len()];
        if let Some(first) = orders.first_mut() {
            *first = self.required_order();
        }
        orders
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(Arc::clone(&self.call), children)))
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
        if partition != 0 {
            let message = format!("{} has one partition", self.call.operator.name());
            return Err(DataFusionError::Internal(message));
        }
        let streams = self
            .inputs
            .iter()
            .map(|input| input.execute(0, Arc::clone(&task)))
            .collect::<Result<Vec<_>>>()?;
        let mut output = RecordBatchReceiverStreamBuilder::new(self.schema(), WAITING_BATCHES);
        let sender = output.tx();
        let call = Arc::clone(&self.call);
        let schema = self.schema();
        output.spawn(async move {
            let mut context =
                OperatorContext::new(call.operator.name(), schema, sender, Arc::clone(&task));
            let mut streams = streams;
            let first = (call.operator.streams() && !streams.is_empty()).then(|| streams.remove(0));
            let mut inputs = Vec::with_capacity(streams.len());
            for mut stream in streams {
                let mut batches = Vec::new();
                while let Some(batch) = stream.next().await {
                    let batch = batch?;
                    context.reserve(batch.get_array_memory_size())?;
                    batches.push(batch);
                }
                inputs.push(batches);
            }
            // Off the worker threads: an operator may compute for long.
            if let Some(mut first) = first {
                let (feed, mut source) = BatchSource::new(WAITING_BATCHES);
                let work = tokio::task::spawn_blocking(move || {
                    call.operator
                        .run_streaming(&mut source, &inputs, &mut context)
                });
                while let Some(batch) = first.next().await {
                    // An operator that has all it wants goes away.
                    if feed.send(batch).await.is_err() {
                        break;
                    }
                }
                drop(feed);
                return work
                    .await
                    .map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?;
            }
            let work =
                tokio::task::spawn_blocking(move || call.operator.run(&inputs, &mut context));
            work.await
                .map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?
        });
        Ok(output.build())
    }
}
