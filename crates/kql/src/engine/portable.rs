//! Queries planned here and run elsewhere.

use std::sync::Arc;
use std::time::Instant;

use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use datafusion_proto::physical_plan::DefaultPhysicalExtensionCodec;

use super::preparation::Preparation;
use super::spill::SpillFolder;
use super::{Engine, Planned, PlannedResult, QueryResult, QueryStats, QueryStream, on_large_stack};
use crate::catalog::OutputColumn;
use crate::error::KqlError;
use crate::operators::KqlPhysicalCodec;

/// A planned query that another process can run: one that has this crate and reaches the files.
#[derive(Debug, Clone)]
pub struct PortablePlan {
    /// The columns of the result.
    pub columns: Vec<OutputColumn>,
    /// The physical plan in the form of `datafusion-proto`.
    pub bytes: Vec<u8>,
    /// What the plan reads and nobody else keeps.
    pub held: HeldFiles,
}

/// Files that a plan reads and that are removed with this value: rows that `materialize` put
/// aside. To be kept until the plan has run.
#[derive(Debug, Clone)]
pub struct HeldFiles {
    spilled: SpillFolder,
}

/// Rules of the logical optimiser for plans that are sent elsewhere before they are physical: those
/// left out may leave an empty relation, which loses its columns on the way
/// (`datafusion-proto` 55 writes no schema for it).
pub fn distributed_optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    const LEFT_OUT: [&str; 4] = [
        "eliminate_filter",
        "eliminate_join",
        "eliminate_limit",
        "propagate_empty_relation",
    ];
    let mut rules = Optimizer::new().rules;
    rules.retain(|rule| !LEFT_OUT.contains(&rule.name()));
    rules
}

impl Engine {
    /// The plan of a query (of its main result) for an engine of another kind, with the columns it
    /// gives and the files it reads beside its tables. Subqueries (`toscalar`, `materialize`) have
    /// been run.
    pub async fn logical_plan(
        &self,
        text: &str,
    ) -> Result<(LogicalPlan, Vec<OutputColumn>, HeldFiles), KqlError> {
        on_large_stack(async {
            let prepared = Preparation::new(self, text, self.task()).prepare().await?;
            let main = prepared.results.into_iter().next();
            let main = main.ok_or_else(|| KqlError::Planning("no result".to_owned()))?;
            let columns = main.schema.columns().iter();
            let columns = columns.map(OutputColumn::of).collect();
            let held = HeldFiles {
                spilled: prepared.spilled,
            };
            Ok((main.plan, columns, held))
        })
        .await
    }

    /// Plans a query to be run elsewhere.
    pub async fn portable_plan(&self, text: &str) -> Result<PortablePlan, KqlError> {
        on_large_stack(async {
            let planned = self.plan(text, self.task()).await?;
            let codec = KqlPhysicalCodec::over(Arc::new(DefaultPhysicalExtensionCodec {}));
            let bytes = physical_plan_to_bytes_with_extension_codec(planned.main.plan, &codec)
                .map_err(|error| KqlError::planning(&error))?;
            Ok(PortablePlan {
                columns: planned.main.columns,
                bytes: bytes.to_vec(),
                held: HeldFiles {
                    spilled: planned.spilled,
                },
            })
        })
        .await
    }

    /// Runs a plan made elsewhere, within the limits of this engine. Its tables are the files it
    /// names: only plans of a trusted process may be run.
    pub async fn run_portable(&self, portable: &PortablePlan) -> Result<QueryResult, KqlError> {
        let task = self.task();
        let codec = KqlPhysicalCodec::over(Arc::new(DefaultPhysicalExtensionCodec {}));
        let plan = on_large_stack(async {
            physical_plan_from_bytes_with_extension_codec(&portable.bytes, &task, &codec)
        })
        .await
        .map_err(|error| KqlError::planning(&error))?;
        let planned = Planned {
            main: PlannedResult {
                name: None,
                columns: portable.columns.clone(),
                plan,
            },
            more: Vec::new(),
            row_limit: self.options.row_limit,
            render: None,
            warnings: Vec::new(),
            stats: QueryStats::default(),
            spilled: portable.held.spilled.clone(),
            catalog: Arc::clone(&self.catalog),
        };
        let mut stream = QueryStream::new(planned, task, &self.options, Instant::now())?;
        let mut batches = Vec::new();
        while let Some(batch) = stream.next_batch().await {
            batches.push(batch?);
        }
        Ok(stream.into_result(batches, Vec::new()))
    }
}
