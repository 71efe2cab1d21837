//! Rows that a query gives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
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
    /// How the rows want to be drawn.
    pub render: Option<Render>,
    /// What the binder warns of.
    pub warnings: Vec<Diagnostic>,
    /// What it cost.
    pub stats: QueryStats,
}

impl QueryResult {
    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The Arrow schema of the batches; fields carry the KQL types.
    pub fn arrow_schema(&self) -> SchemaRef {
        schema_of(&self.columns)
    }
}

fn schema_of(columns: &[OutputColumn]) -> SchemaRef {
    arrow_schema(
        columns
            .iter()
            .map(|column| (column.name.as_str(), column.scalar_type)),
    )
}

pub(super) struct Parts {
    columns: Vec<OutputColumn>,
    plan: Arc<dyn ExecutionPlan>,
    render: Option<Render>,
    warnings: Vec<Diagnostic>,
    stats: QueryStats,
}

impl Planned {
    pub(super) fn into_parts(self) -> Parts {
        Parts {
            columns: self.columns,
            plan: self.plan,
            render: self.render,
            warnings: self.warnings,
            stats: self.stats,
        }
    }
}

/// Rows of a query as they come.
pub struct QueryStream {
    parts: Parts,
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
    row_limit: usize,
    time_limit: Option<Duration>,
    started: Instant,
    run_started: Instant,
    ended: bool,
}

impl std::fmt::Debug for QueryStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("QueryStream")
            .field("columns", &self.parts.columns)
            .field("stats", &self.parts.stats)
            .finish_non_exhaustive()
    }
}

impl QueryStream {
    pub(super) fn new(
        parts: Parts,
        rows: SendableRecordBatchStream,
        options: &EngineOptions,
        started: Instant,
    ) -> Self {
        Self {
            schema: schema_of(&parts.columns),
            parts,
            rows,
            row_limit: options.row_limit,
            time_limit: options.time_limit,
            started,
            run_started: Instant::now(),
            ended: false,
        }
    }

    /// The columns.
    pub fn columns(&self) -> &[OutputColumn] {
        &self.parts.columns
    }

    /// How the rows want to be drawn.
    pub fn render(&self) -> Option<&Render> {
        self.parts.render.as_ref()
    }

    /// What the binder warns of.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.parts.warnings
    }

    /// What it has cost so far.
    pub fn stats(&self) -> QueryStats {
        let (rows_read, bytes_read) = stats::read_so_far(self.parts.plan.as_ref());
        QueryStats {
            run_time: self.run_started.elapsed(),
            rows_read,
            bytes_read,
            ..self.parts.stats
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
            self.parts.stats.rows_out += batch.num_rows();
            if self.parts.stats.rows_out > self.row_limit {
                return Some(Err(KqlError::TooManyRows {
                    limit: self.row_limit,
                }));
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

    pub(super) fn into_result(self, batches: Vec<RecordBatch>) -> QueryResult {
        let stats = self.stats();
        QueryResult {
            columns: self.parts.columns,
            batches,
            render: self.parts.render,
            warnings: self.parts.warnings,
            stats,
        }
    }
}
