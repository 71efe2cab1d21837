//! Rows that a query gives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use stance_kql_syntax::{Diagnostic, bound};

use super::{EngineOptions, Planned, QueryStats, stats};
use crate::catalog::OutputColumn;
use crate::error::KqlError;
use crate::types::arrow_schema;

/// How the author of the query wants the rows drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Render {
    /// `timechart`, `barchart`, `table`, ...
    pub visualization: String,
    /// `title`, `xcolumn`, ... with their values.
    pub properties: Vec<(String, String)>,
}

impl Render {
    pub(super) fn from_bound(render: &bound::Render) -> Self {
        let properties = render
            .properties
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        Self {
            visualization: render.visualization.to_string(),
            properties,
        }
    }
}

/// All rows of a query.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// The columns.
    pub columns: Vec<OutputColumn>,
    /// The rows in the engine's Arrow types, see [`crate::types`]; none for no rows.
    pub batches: Vec<RecordBatch>,
    /// Further results: branches of `fork`, columns of `facet`, statements after the first.
    pub more: Vec<NamedResult>,
    /// How the rows want to be drawn.
    pub render: Option<Render>,
    /// What the binder warns of.
    pub warnings: Vec<Diagnostic>,
    /// What it cost.
    pub stats: QueryStats,
}

/// A result beside the main one.
#[derive(Debug, Clone)]
pub struct NamedResult {
    /// The name that the query gives it, else its number (`Result2`).
    pub name: String,
    /// The columns.
    pub columns: Vec<OutputColumn>,
    /// The rows, as in [`QueryResult::batches`].
    pub batches: Vec<RecordBatch>,
}

impl NamedResult {
    /// The Arrow schema of the batches; fields carry the KQL types.
    pub fn arrow_schema(&self) -> SchemaRef {
        schema_of(&self.columns)
    }
}

impl QueryResult {
    /// Number of rows of the main result.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The Arrow schema of the batches; fields carry the KQL types.
    pub fn arrow_schema(&self) -> SchemaRef {
        schema_of(&self.columns)
    }

    /// The main result and the further ones, each as a result of its own that writers take. The
    /// warnings and the drawing are the main one's.
    pub fn into_all(mut self) -> Vec<(Option<String>, Self)> {
        let more = std::mem::take(&mut self.more);
        let stats = self.stats;
        let mut all = vec![(None, self)];
        all.extend(more.into_iter().map(|result| {
            let rows = Self {
                columns: result.columns,
                batches: result.batches,
                more: Vec::new(),
                render: None,
                warnings: Vec::new(),
                stats,
            };
            (Some(result.name), rows)
        }));
        all
    }
}

fn schema_of(columns: &[OutputColumn]) -> SchemaRef {
    arrow_schema(
        columns
            .iter()
            .map(|column| (column.name.as_str(), column.scalar_type)),
    )
}

/// Rows of a query as they come.
pub struct QueryStream {
    planned: Planned,
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
    task: Arc<TaskContext>,
    time_limit: Option<Duration>,
    started: Instant,
    run_started: Instant,
    /// Rows of the result at hand.
    rows_given: usize,
    ended: bool,
}

impl std::fmt::Debug for QueryStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("QueryStream")
            .field("columns", &self.planned.main.columns)
            .field("stats", &self.planned.stats)
            .finish_non_exhaustive()
    }
}

impl QueryStream {
    pub(super) fn new(
        planned: Planned,
        task: Arc<TaskContext>,
        options: &EngineOptions,
        started: Instant,
    ) -> Result<Self, KqlError> {
        let rows = execute_stream(Arc::clone(&planned.main.plan), Arc::clone(&task))
            .map_err(|error| KqlError::running(&error))?;
        Ok(Self {
            schema: schema_of(&planned.main.columns),
            planned,
            rows,
            task,
            time_limit: options.time_limit,
            started,
            run_started: Instant::now(),
            rows_given: 0,
            ended: false,
        })
    }

    /// The columns.
    pub fn columns(&self) -> &[OutputColumn] {
        &self.planned.main.columns
    }

    /// How the rows want to be drawn.
    pub fn render(&self) -> Option<&Render> {
        self.planned.render.as_ref()
    }

    /// What the binder warns of.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.planned.warnings
    }

    /// What it has cost so far.
    pub fn stats(&self) -> QueryStats {
        let read = stats::read_so_far(self.planned.main.plan.as_ref());
        QueryStats {
            run_time: self.run_started.elapsed(),
            rows_read: read.rows,
            bytes_read: read.bytes,
            rows_left_out: read.rows_left_out,
            ..self.planned.stats
        }
    }

    /// The next rows; nothing after the last ones and after an error.
    pub async fn next_batch(&mut self) -> Option<Result<RecordBatch, KqlError>> {
        if self.ended {
            return None;
        }
        let next = self.next_in_time().await;
        if !matches!(next, Some(Ok(_))) {
            self.ended = true;
        }
        next
    }

    async fn next_in_time(&mut self) -> Option<Result<RecordBatch, KqlError>> {
        loop {
            let next = match self.time_limit {
                None => self.rows.next().await,
                Some(limit) => {
                    let left = limit.saturating_sub(self.started.elapsed());
                    if left.is_zero() {
                        return Some(Err(KqlError::TimedOut { limit }));
                    }
                    match tokio::time::timeout(left, self.rows.next()).await {
                        Ok(next) => next,
                        Err(_) => return Some(Err(KqlError::TimedOut { limit })),
                    }
                }
            };
            let batch = match next? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(KqlError::running(&error))),
            };
            if batch.num_rows() == 0 {
                continue;
            }
            self.planned.stats.rows_out += batch.num_rows();
            self.rows_given += batch.num_rows();
            let limit = self.planned.row_limit;
            if self.rows_given > limit {
                return Some(Err(KqlError::TooManyRows { limit }));
            }
            return Some(self.canonical(&batch));
        }
    }

    /// The batch with the fields that carry the KQL types.
    fn canonical(&self, batch: &RecordBatch) -> Result<RecordBatch, KqlError> {
        if self.schema.fields().is_empty() {
            return Ok(batch.clone());
        }
        let columns = batch
            .columns()
            .iter()
            .zip(self.schema.fields())
            .map(|(column, field)| arrow::compute::cast(column, field.data_type()))
            .collect::<Result<Vec<_>, _>>();
        columns
            .and_then(|columns| RecordBatch::try_new(Arc::clone(&self.schema), columns))
            .map_err(|error| KqlError::Execution(error.to_string()))
    }

    /// Runs the further results of the query, after the rows of the main one were read.
    ///
    /// # Errors
    /// As [`Self::next_batch`].
    pub async fn further_results(&mut self) -> Result<Vec<NamedResult>, KqlError> {
        let mut results = Vec::new();
        for (position, planned) in std::mem::take(&mut self.planned.more)
            .into_iter()
            .enumerate()
        {
            self.rows = execute_stream(planned.plan, Arc::clone(&self.task))
                .map_err(|error| KqlError::running(&error))?;
            self.schema = schema_of(&planned.columns);
            self.rows_given = 0;
            self.ended = false;
            let mut batches = Vec::new();
            while let Some(batch) = self.next_batch().await {
                batches.push(batch?);
            }
            results.push(NamedResult {
                name: planned
                    .name
                    .unwrap_or_else(|| format!("Result{}", position + 2)),
                columns: planned.columns,
                batches,
            });
        }
        Ok(results)
    }

    pub(super) fn into_result(
        self,
        batches: Vec<RecordBatch>,
        more: Vec<NamedResult>,
    ) -> QueryResult {
        let stats = self.stats();
        QueryResult {
            columns: self.planned.main.columns,
            batches,
            more,
            render: self.planned.render,
            warnings: self.planned.warnings,
            stats,
        }
    }
}
