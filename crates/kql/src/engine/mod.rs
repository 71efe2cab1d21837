//! Runs queries.

mod limits;
mod options;
mod portable;
mod preparation;
mod result;
mod spill;
mod stats;

use std::sync::Arc;
use std::time::Instant;

use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use stance_kql_syntax::{BindOptions, Diagnostic, bind, parse};

pub use options::{EngineOptions, RemoteExternalData};
pub use portable::{HeldFiles, PortablePlan, distributed_optimizer_rules};
pub use result::{NamedResult, QueryResult, QueryStream, Render};
pub use stats::QueryStats;

use crate::catalog::{BinderCatalog, Catalog, OutputColumn};
use crate::error::KqlError;
use crate::operators::{KqlQueryPlanner, RowBudget};
use crate::terms::TermPruning;
use crate::types::PlainTextConditions;
use limits::ResultLimits;
use preparation::Preparation;
use spill::SpillFolder;

/// Most values that `in (table)` compares with, as in Kusto.
const MAX_SET_VALUES: usize = 1_000_000;

/// Bytes of stack for planning; touched as needed only.
const PLANNING_STACK: usize = 64 << 20;

/// Runs KQL over the tables of a catalog. Cheap to make.
#[derive(Debug, Clone)]
pub struct Engine {
    catalog: Arc<dyn Catalog>,
    options: EngineOptions,
    context: SessionContextHandle,
}

/// A session that says nothing of itself when printed.
#[derive(Clone)]
struct SessionContextHandle(SessionContext);

impl std::fmt::Debug for SessionContextHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SessionContext")
    }
}

/// A query bound and planned, with the times that took.
struct Planned {
    main: PlannedResult,
    /// `fork`, `facet`, and statements after the first.
    more: Vec<PlannedResult>,
    row_limit: usize,
    render: Option<Render>,
    warnings: Vec<Diagnostic>,
    stats: QueryStats,
    /// What the plans read: both must outlive the rows.
    spilled: SpillFolder,
    #[allow(dead_code, reason = "the plans read its files")]
    catalog: Arc<dyn Catalog>,
}

/// One result of a query.
struct PlannedResult {
    name: Option<String>,
    columns: Vec<OutputColumn>,
    plan: Arc<dyn ExecutionPlan>,
}

impl Engine {
    /// An engine over these tables.
    ///
    /// # Errors
    /// Where the runtime cannot be set up (no folder for spilled data).
    pub fn new(catalog: Arc<dyn Catalog>, options: EngineOptions) -> Result<Self, KqlError> {
        let context = session(&options).map_err(|error| KqlError::running(&error))?;
        Ok(Self {
            catalog,
            options,
            context: SessionContextHandle(context),
        })
    }

    /// Parses and binds without running: everything that is wrong with the text.
    pub fn check(&self, text: &str) -> Vec<Diagnostic> {
        let catalog = BinderCatalog(self.catalog.as_ref());
        stacker::grow(PLANNING_STACK, || {
            bind(&parse(text), &catalog, &BindOptions::default()).diagnostics
        })
    }

    /// The catalog in the form that the syntax crate's completion asks for.
    pub fn with_syntax_catalog<T>(
        &self,
        ask: impl FnOnce(&dyn stance_kql_syntax::Catalog) -> T,
    ) -> T {
        ask(&BinderCatalog(self.catalog.as_ref()))
    }

    /// Runs a query and collects its rows, those of further results too. Dropping the future stops
    /// the query.
    pub async fn query(&self, text: &str) -> Result<QueryResult, KqlError> {
        let mut stream = self.stream(text).await?;
        let mut batches = Vec::new();
        while let Some(batch) = stream.next_batch().await {
            batches.push(batch?);
        }
        let more = stream.further_results().await?;
        Ok(stream.into_result(batches, more))
    }

    /// Runs a query and gives the rows of its main result as they come. Dropping the stream stops
    /// the query.
    pub async fn stream(&self, text: &str) -> Result<QueryStream, KqlError> {
        let started = Instant::now();
        let task = self.task();
        let planning = on_large_stack(self.plan(text, Arc::clone(&task)));
        let planned = match self.options.time_limit {
            None => planning.await?,
            Some(limit) => tokio::time::timeout(limit, planning)
                .await
                .map_err(|_| KqlError::TimedOut { limit })??,
        };
        QueryStream::new(planned, task, &self.options, started)
    }

    /// The optimised logical plan as text, for people who tune queries.
    pub async fn explain(&self, text: &str) -> Result<String, KqlError> {
        on_large_stack(self.explained(text)).await
    }

    async fn explained(&self, text: &str) -> Result<String, KqlError> {
        let prepared = Preparation::new(self, text, self.task()).prepare().await?;
        let mut lines = Vec::new();
        for result in &prepared.results {
            let plan = self.context.0.state().optimize(&result.plan);
            let plan = plan.map_err(|error| KqlError::running(&error))?;
            lines.push(plan.display_indent().to_string());
        }
        Ok(lines.join("\n"))
    }

    async fn plan(&self, text: &str, task: Arc<TaskContext>) -> Result<Planned, KqlError> {
        let started = Instant::now();
        let prepared = Preparation::new(self, text, task).prepare().await?;
        let limits = ResultLimits::of(&prepared.options, self.options.row_limit);
        let mut plans = Vec::with_capacity(prepared.results.len());
        for result in prepared.results {
            let columns = result.schema.columns().iter();
            let columns = columns.map(OutputColumn::of);
            let logical = limits.applied(result.plan);
            let logical = logical.map_err(|error| KqlError::planning(&error))?;
            plans.push(PlannedResult {
                name: result.name,
                columns: columns.collect(),
                plan: self.physical(&logical).await?,
            });
        }
        let mut stats = prepared.stats;
        stats.plan_time = started
            .elapsed()
            .saturating_sub(stats.parse_time + stats.bind_time);
        plans.reverse();
        let main = plans.pop();
        plans.reverse();
        Ok(Planned {
            main: main.ok_or_else(|| KqlError::Planning("no result".to_owned()))?,
            more: plans,
            row_limit: limits.rows,
            render: prepared.render,
            warnings: prepared.warnings,
            stats,
            spilled: prepared.spilled,
            catalog: Arc::clone(&self.catalog),
        })
    }

    /// What one query runs in: the session with a row budget of its own.
    fn task(&self) -> Arc<TaskContext> {
        let state = self.context.0.state();
        let mut config = state.config().clone();
        if let Some(limit) = self.options.intermediate_row_limit {
            config = config.with_extension(Arc::new(RowBudget::new(limit)));
        }
        Arc::new(TaskContext::from(&state).with_session_config(config))
    }

    async fn physical(&self, logical: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, KqlError> {
        let state = self.context.0.state();
        let plan = state.create_physical_plan(logical).await;
        plan.map_err(|error| KqlError::planning(&error))
    }

    /// The rows of a plan that another one needs.
    async fn rows(
        &self,
        plan: &LogicalPlan,
        task: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream, KqlError> {
        let plan = self.physical(plan).await?;
        execute_stream(plan, task).map_err(|error| KqlError::running(&error))
    }
}

/// Runs a future on a stack of its own at each poll: queries that portals write nest so deep that
/// the optimiser's recursion does not fit a worker thread.
fn on_large_stack<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(move |context| {
        stacker::grow(PLANNING_STACK, || future.as_mut().poll(context))
    })
}

/// What a session needs to plan and run KQL, the ones of other processes too.
pub fn session_config(config: SessionConfig) -> SessionConfig {
    // Rows dealt out in turn would lose their order, which `serialize` promises to keep.
    let mut config = config.with_round_robin_repartition(false);
    // The check compares what two layers guess about nulls, and they guess differently.
    config
        .options_mut()
        .execution
        .skip_physical_aggregate_schema_check = true;
    // Columns that only the result needs are read for the rows that pass; the conditions come in the order of their
    // cost already.
    let parquet = &mut config.options_mut().execution.parquet;
    parquet.pushdown_filters = true;
    config
}

fn session(options: &EngineOptions) -> datafusion::error::Result<SessionContext> {
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(limit) = options.memory_limit {
        runtime = runtime.with_memory_limit(limit, 1.0);
    }
    if let Some(folder) = &options.temp_dir {
        runtime = runtime.with_temp_file_path(folder);
    }
    let mut config = session_config(SessionConfig::new())
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false);
    if let Some(partitions) = options.partitions {
        config = config.with_target_partitions(partitions.get());
    }
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(Arc::new(runtime.build()?))
        .with_default_features()
        .with_query_planner(Arc::new(KqlQueryPlanner))
        .with_optimizer_rule(Arc::new(PlainTextConditions))
        .with_physical_optimizer_rules(TermPruning::among_rules())
        .build();
    Ok(SessionContext::new_with_state(state))
}
