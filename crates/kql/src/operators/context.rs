//! What an operator may use while it runs.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The way out of an operator, and its limits.
#[derive(Debug)]
pub(crate) struct OperatorContext {
    schema: SchemaRef,
    rows: Sender<Result<RecordBatch>>,
    memory: MemoryReservation,
    task: Arc<TaskContext>,
}

impl OperatorContext {
    pub(super) fn new(
        name: &str,
        schema: SchemaRef,
        rows: Sender<Result<RecordBatch>>,
        task: Arc<TaskContext>,
    ) -> Self {
        let memory = MemoryConsumer::new(name).register(task.memory_pool());
        Self {
            schema,
            rows,
            memory,
            task,
        }
    }

    /// Schema of the rows that go out.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The functions and limits of the session.
    pub(crate) fn task(&self) -> &Arc<TaskContext> {
        &self.task
    }

    /// Rows of one batch that goes out.
    pub(crate) fn batch_size(&self) -> usize {
        self.task.session_config().batch_size()
    }

    /// Counts bytes that the operator holds until it ends.
    ///
    /// # Errors
    /// Where the query's memory limit does not allow them.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<()> {
        self.memory.try_grow(bytes)
    }

    /// Whether anybody still waits for rows; to be asked every few thousand steps of long work.
    ///
    /// # Errors
    /// Where the query was stopped.
    pub(crate) fn check(&self) -> Result<()> {
        if self.rows.is_closed() {
            return Err(stopped());
        }
        Ok(())
    }

    /// Sends columns out, in the order of the schema. `rows` counts where there are no columns.
    ///
    /// # Errors
    /// Where the query was stopped, or the columns do not fit the schema.
    pub(crate) fn emit(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<()> {
        if rows == 0 {
            return self.check();
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        self.rows.blocking_send(Ok(batch)).map_err(|_| stopped())
    }
}

/// The first input of an operator that reads it as it comes.
#[derive(Debug)]
pub(crate) struct BatchSource(Receiver<Result<RecordBatch>>);

impl BatchSource {
    /// The two ends; as many batches as `waiting` are read ahead.
    pub(super) fn new(waiting: usize) -> (Sender<Result<RecordBatch>>, Self) {
        let (feed, source) = channel(waiting);
        (feed, Self(source))
    }

    /// The next batch, nothing at the end. To be called off the worker threads.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.0.blocking_recv().transpose()
    }
}

fn stopped() -> DataFusionError {
    DataFusionError::Execution("the query was stopped".to_owned())
}
