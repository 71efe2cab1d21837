//! Runs queries.

mod options;
mod portable;
mod result;
mod stats;

use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use stance_kql_syntax::bound::{BoundQuery, BoundTabular, Subquery};
use stance_kql_syntax::{BindOptions, Diagnostic, DiagnosticCode, Span, bind, parse};

pub use options::EngineOptions;
pub use portable::{PortablePlan, distributed_optimizer_rules};
pub use result::{QueryResult, QueryStream, Render};
pub use stats::QueryStats;

use crate::catalog::{BinderCatalog, Catalog, OutputColumn};
use crate::error::{KqlError, LowerError};
use crate::lower::{Lowerer, SubqueryRows};
use crate::operators::KqlQueryPlanner;

/// Most subqueries (`toscalar`, `in (table)`) of one query.
const MAX_SUBQUERIES: usize = 1_000;

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
    columns: Vec<OutputColumn>,
    plan: Arc<dyn ExecutionPlan>,
    render: Option<Render>,
    warnings: Vec<Diagnostic>,
    stats: QueryStats,
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

    /// Runs a query and collects its rows. Dropping the future stops the query.
    pub async fn query(&self, text: &str) -> Result<QueryResult, KqlError> {
        let mut stream = self.stream(text).await?;
        let mut batches = Vec::new();
        while let Some(batch) = stream.next_batch().await {
            batches.push(batch?);
        }
        Ok(stream.into_result(batches))
    }

    /// Runs a query and gives its rows as they come. Dropping the stream stops the query.
    pub async fn stream(&self, text: &str) -> Result<QueryStream, KqlError> {
        let started = Instant::now();
        let planning = on_large_stack(self.plan(text));
        let planned = match self.options.time_limit {
            None => planning.await?,
            Some(limit) => tokio::time::timeout(limit, planning)
                .await
                .map_err(|_| KqlError::TimedOut { limit })??,
        };
        let task = self.context.0.task_ctx();
        let rows = execute_stream(Arc::clone(&planned.plan), task)
            .map_err(|error| KqlError::running(&error))?;
        Ok(QueryStream::new(
            planned.into_parts(),
            rows,
            &self.options,
            started,
        ))
    }

    /// The optimised logical plan as text, for people who tune queries.
    pub async fn explain(&self, text: &str) -> Result<String, KqlError> {
        on_large_stack(self.explained(text)).await
    }

    async fn explained(&self, text: &str) -> Result<String, KqlError> {
        let (bound, _, _) = self.bound(text)?;
        let plan = self.lowered(text, &bound.root).await?;
        let plan = self.context.0.state().optimize(&plan);
        let plan = plan.map_err(|error| KqlError::running(&error))?;
        Ok(plan.display_indent().to_string())
    }

    /// The bound query with its warnings; parse and bind times.
    fn bound(&self, text: &str) -> Result<(BoundQuery, Vec<Diagnostic>, QueryStats), KqlError> {
        let started = Instant::now();
        let parsed = parse(text);
        let parse_time = started.elapsed();
        let started = Instant::now();
        let catalog = BinderCatalog(self.catalog.as_ref());
        let bound = bind(&parsed, &catalog, &BindOptions::default());
        let stats = QueryStats {
            parse_time,
            bind_time: started.elapsed(),
            ..QueryStats::default()
        };
        let wrong = bound.diagnostics.iter().any(Diagnostic::is_error);
        match bound.query {
            Some(query) if !wrong => Ok((query, bound.diagnostics, stats)),
            _ => {
                let mut diagnostics = bound.diagnostics;
                if diagnostics.is_empty() {
                    let code = DiagnosticCode::EmptyQuery;
                    let message = "the query holds nothing to run";
                    diagnostics.push(Diagnostic::error(code, Span::default(), message));
                }
                Err(KqlError::Query {
                    text: text.to_owned(),
                    diagnostics,
                })
            }
        }
    }

    async fn plan(&self, text: &str) -> Result<Planned, KqlError> {
        let (query, warnings, mut stats) = self.bound(text)?;
        let started = Instant::now();
        let logical = self.lowered(text, &query.root).await?;
        let columns = query
            .schema()
            .columns()
            .iter()
            .map(OutputColumn::of)
            .collect();
        let plan = self.physical(&logical).await?;
        stats.plan_time = started.elapsed();
        Ok(Planned {
            columns,
            plan,
            render: query.render.as_ref().map(Render::from_bound),
            warnings,
            stats,
        })
    }

    async fn physical(&self, logical: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, KqlError> {
        let state = self.context.0.state();
        let plan = state.create_physical_plan(logical).await;
        plan.map_err(|error| KqlError::planning(&error))
    }

    /// Lowers a bound tree, running the subqueries it needs on the way.
    async fn lowered(&self, text: &str, root: &BoundTabular) -> Result<LogicalPlan, KqlError> {
        let now = self.options.clock.now().timestamp_micros();
        let mut rows = SubqueryRows::new();
        // A subquery may need another one first: the last of the list is lowered.
        let mut waiting: Vec<Subquery> = Vec::new();
        for _ in 0..MAX_SUBQUERIES * 2 {
            let target = waiting
                .last()
                .map_or(root, |subquery| subquery.plan.as_ref());
            let lowered = Lowerer::new(self.catalog.as_ref(), now, &rows).lower(target);
            match lowered {
                Ok(plan) => match waiting.pop() {
                    None => return Ok(plan),
                    Some(subquery) => {
                        let values = self.first_column(&plan).await?;
                        rows.insert(subquery.id, values);
                    }
                },
                Err(LowerError::Subquery(subquery)) => waiting.push(subquery),
                Err(LowerError::Diagnostic(diagnostic)) => {
                    return Err(KqlError::Query {
                        text: text.to_owned(),
                        diagnostics: vec![diagnostic],
                    });
                }
                Err(LowerError::Plan(error)) => return Err(KqlError::planning(&error)),
            }
        }
        Err(KqlError::Planning(
            "the query needs too many subqueries".to_owned(),
        ))
    }

    /// The values of the first column of a plan, at most a million.
    async fn first_column(&self, plan: &LogicalPlan) -> Result<Vec<ScalarValue>, KqlError> {
        let plan = self.physical(plan).await?;
        let mut stream = execute_stream(plan, self.context.0.task_ctx())
            .map_err(|error| KqlError::running(&error))?;
        let mut values = Vec::new();
        while let Some(batch) = stream.next().await {
            let batch: RecordBatch = batch.map_err(|error| KqlError::running(&error))?;
            let Some(column) = batch.columns().first() else {
                break;
            };
            for row in 0..batch.num_rows() {
                let value = ScalarValue::try_from_array(column, row);
                values.push(value.map_err(|error| KqlError::running(&error))?);
                if values.len() > MAX_SET_VALUES {
                    return Err(KqlError::TooManyRows {
                        limit: MAX_SET_VALUES,
                    });
                }
            }
        }
        Ok(values)
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
        .build();
    Ok(SessionContext::new_with_state(state))
}
