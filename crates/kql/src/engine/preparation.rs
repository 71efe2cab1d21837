//! From text to plans: what a query needs before its plan can be made is run on the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use datafusion::common::ScalarValue;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::LogicalPlan;
use futures::StreamExt;
use stance_kql_syntax::bound::{BoundQuery, BoundTabular, QueryOption, Subquery};
use stance_kql_syntax::{BindOptions, Diagnostic, DiagnosticCode, Schema, Span, bind, parse};

use super::spill::SpillFolder;
use super::{Engine, MAX_SET_VALUES, QueryStats, Render};
use crate::catalog::BinderCatalog;
use crate::error::{KqlError, LowerError};
use crate::lower::{Findings, HeldTable, Lowered, Lowerer, OpenStep, ResultPlan, TableToHold};

/// Most subqueries (`toscalar`, `in (table)`, `materialize`) and open plugins of one query.
const MAX_SUBQUERIES: usize = 1_000;

/// One query on its way to its plans.
pub(super) struct Preparation<'e> {
    engine: &'e Engine,
    text: &'e str,
    task: Arc<TaskContext>,
    /// The instant of `now()`, in microseconds from 1970.
    now: i64,
    findings: Findings,
    open_schemas: BTreeMap<usize, Schema>,
    spilled: SpillFolder,
}

/// The plans of a query.
pub(super) struct Prepared {
    /// One for each result, the main one first.
    pub(super) results: Vec<ResultPlan>,
    pub(super) render: Option<Render>,
    pub(super) options: Vec<QueryOption>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) stats: QueryStats,
    /// Rows that the plans read; gone when this is.
    pub(super) spilled: SpillFolder,
}

/// What is run before lowering can go on.
enum Need {
    Values(Subquery),
    Table { id: u32, plan: Arc<BoundTabular> },
}

/// What was lowered.
enum Next {
    Results(Vec<ResultPlan>),
    Values(u32, LogicalPlan),
    Table(u32, TableToHold),
}

impl Need {
    fn plan(&self) -> &Arc<BoundTabular> {
        match self {
            Self::Values(subquery) => &subquery.plan,
            Self::Table { plan, .. } => plan,
        }
    }
}

impl<'e> Preparation<'e> {
    pub(super) fn new(engine: &'e Engine, text: &'e str, task: Arc<TaskContext>) -> Self {
        Self {
            engine,
            text,
            task,
            now: engine.options.clock.now().timestamp_micros(),
            findings: Findings::default(),
            open_schemas: BTreeMap::new(),
            spilled: SpillFolder::new(engine.options.temp_dir.clone()),
        }
    }

    pub(super) async fn prepare(mut self) -> Result<Prepared, KqlError> {
        for _ in 0..MAX_SUBQUERIES {
            let (query, warnings, stats) = self.bound()?;
            // Plugins whose columns only the data know: once those are known, all is bound again.
            if let Some(results) = self.lower_all(&query).await? {
                return Ok(Prepared {
                    results,
                    render: query.render.as_ref().map(Render::from_bound),
                    options: query.options,
                    warnings,
                    stats,
                    spilled: self.spilled,
                });
            }
        }
        Err(too_many())
    }

    /// The bound query with its warnings; parse and bind times.
    fn bound(&self) -> Result<(BoundQuery, Vec<Diagnostic>, QueryStats), KqlError> {
        let started = Instant::now();
        let parsed = parse(self.text);
        let parse_time = started.elapsed();
        let started = Instant::now();
        let catalog = BinderCatalog(self.engine.catalog.as_ref());
        let options = BindOptions {
            open_schemas: self.open_schemas.clone(),
            ..BindOptions::default()
        };
        let bound = bind(&parsed, &catalog, &options);
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
                Err(self.wrong(diagnostics))
            }
        }
    }

    fn wrong(&self, diagnostics: Vec<Diagnostic>) -> KqlError {
        KqlError::Query {
            text: self.text.to_owned(),
            diagnostics,
        }
    }

    /// The plans of all results, nothing where the query must be bound again first.
    async fn lower_all(&mut self, query: &BoundQuery) -> Result<Option<Vec<ResultPlan>>, KqlError> {
        let statements = query.earlier_results.iter().chain([&query.root]);
        let mut results = Vec::new();
        for statement in statements {
            match self.lowered(statement).await? {
                Some(more) => results.extend(more),
                None => return Ok(None),
            }
        }
        Ok(Some(results))
    }

    /// Lowers a bound tree, running what it needs on the way.
    async fn lowered(&mut self, root: &BoundTabular) -> Result<Option<Vec<ResultPlan>>, KqlError> {
        // A subquery may need another one first: the last of the list is lowered.
        let mut waiting: Vec<Need> = Vec::new();
        for _ in 0..MAX_SUBQUERIES * 2 {
            let stopped = match self.lower_next(root, waiting.last()) {
                Ok(Next::Results(results)) => return Ok(Some(results)),
                Ok(Next::Values(id, plan)) => {
                    let values = self.first_column(&plan).await?;
                    self.findings.values.insert(id, values);
                    waiting.pop();
                    continue;
                }
                Ok(Next::Table(id, table)) => {
                    let held = self.hold(table).await?;
                    self.findings.tables.insert(id, held);
                    waiting.pop();
                    continue;
                }
                Err(error) => error,
            };
            match stopped {
                LowerError::Subquery(subquery) => waiting.push(Need::Values(subquery)),
                LowerError::Materialize { id, plan } => waiting.push(Need::Table { id, plan }),
                LowerError::OpenSchema(step) => {
                    self.open(&step).await?;
                    return Ok(None);
                }
                LowerError::Diagnostic(diagnostic) => return Err(self.wrong(vec![diagnostic])),
                LowerError::Plan(error) => return Err(KqlError::planning(&error)),
            }
            let twice = waiting.split_last().is_some_and(|(last, before)| {
                before
                    .iter()
                    .any(|need| Arc::ptr_eq(need.plan(), last.plan()))
            });
            if twice {
                return Err(KqlError::Planning("a subquery needs itself".to_owned()));
            }
        }
        Err(too_many())
    }

    fn lower_next(&self, root: &BoundTabular, need: Option<&Need>) -> Lowered<Next> {
        let catalog = self.engine.catalog.as_ref();
        let lowerer = Lowerer::new(catalog, self.now, &self.findings, &self.engine.options);
        Ok(match need {
            None => Next::Results(lowerer.lower_results(root)?),
            Some(Need::Values(subquery)) => {
                Next::Values(subquery.id, lowerer.lower(&subquery.plan)?)
            }
            Some(Need::Table { id, plan }) => Next::Table(*id, lowerer.lower_to_hold(plan)?),
        })
    }

    async fn hold(&self, table: TableToHold) -> Result<HeldTable, KqlError> {
        let rows = self
            .engine
            .rows(&table.plan, Arc::clone(&self.task))
            .await?;
        let held = self.spilled.hold(rows, &table.columns).await?;
        Ok(HeldTable {
            rows: held,
            ranked: table.ranked,
        })
    }

    /// Finds out the columns of a plugin.
    async fn open(&mut self, step: &OpenStep) -> Result<(), KqlError> {
        let rows = self.first_column(&step.probe).await?;
        let schema = step
            .schema(&rows)
            .map_err(|wrong| self.wrong(vec![wrong]))?;
        self.open_schemas.insert(step.index, schema);
        Ok(())
    }

    /// The values of the first column of a plan, at most a million.
    async fn first_column(&self, plan: &LogicalPlan) -> Result<Vec<ScalarValue>, KqlError> {
        let mut stream = self.engine.rows(plan, Arc::clone(&self.task)).await?;
        let mut values = Vec::new();
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|error| KqlError::running(&error))?;
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

fn too_many() -> KqlError {
    KqlError::Planning("the query needs too many subqueries".to_owned())
}
