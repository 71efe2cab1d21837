//! Rows on their way into a table of the lake: collected, then staged on disk in batches.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::array::RecordBatch;
use stance_lake::{LakeError, StagedRows, TableDefinition, TableWriter, Writer};
use stance_model::tables;

use crate::OperationsError;
use crate::rows::table_batch::{Cell, TableBatch};

/// Batches that wait for the thread that writes them.
const WAITING: usize = 2;

/// A table that takes rows; they become visible when its [`StagedRows`] are committed.
///
/// Encoding, compression and term filters cost more than judging does, so a thread of its own does them.
#[derive(Debug)]
pub(crate) struct TableOutput {
    batch: TableBatch,
    worker: Option<Worker>,
}

/// The thread that writes.
#[derive(Debug)]
struct Worker {
    batches: SyncSender<RecordBatch>,
    thread: JoinHandle<Result<StagedRows, LakeError>>,
}

impl Worker {
    fn start(writer: TableWriter) -> Self {
        let (batches, waiting) = sync_channel(WAITING);
        let thread = std::thread::spawn(move || write_all(writer, &waiting));
        Self { batches, thread }
    }

    /// Nothing more comes: what was written, or why it was not.
    fn finish(self) -> Result<StagedRows, OperationsError> {
        drop(self.batches);
        match self.thread.join() {
            Ok(written) => Ok(written?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write_all(
    mut writer: TableWriter,
    waiting: &Receiver<RecordBatch>,
) -> Result<StagedRows, LakeError> {
    for batch in waiting {
        writer.write(&batch)?;
    }
    writer.finish()
}

impl TableOutput {
    /// Begins rows of a declared table; `partition_by` names the column whose values are replaced one by one.
    pub(crate) fn begin(
        writer: &Writer,
        table: &str,
        partition_by: Option<&str>,
    ) -> Result<Self, OperationsError> {
        let schema = tables::find(table).ok_or_else(|| OperationsError::UnknownTable {
            name: table.to_owned(),
            known: "those declared in content/tables".to_owned(),
        })?;
        let batch = TableBatch::new(&schema);
        let definition = match partition_by {
            Some(column) => TableDefinition::partitioned_by(schema, column),
            None => TableDefinition::new(schema),
        };
        let definition = definition.with_searchable(tables::searchable(table));
        Ok(Self {
            batch,
            worker: Some(Worker::start(writer.begin(definition)?)),
        })
    }

    /// Where cells are collected, for callers that fill them in themselves; call [`Self::settle`] afterwards.
    pub(crate) fn batch(&mut self) -> &mut TableBatch {
        &mut self.batch
    }

    /// Adds a row.
    pub(crate) fn push<'a>(
        &mut self,
        cells: impl IntoIterator<Item = Cell<'a>>,
    ) -> Result<(), OperationsError> {
        self.batch.push(cells);
        self.settle()
    }

    /// Adds rows that are columns already.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), OperationsError> {
        self.send(batch.clone())
    }

    /// Stages the waiting rows, so that what is written next stands behind them.
    pub(crate) fn flush(&mut self) -> Result<(), OperationsError> {
        if self.batch.rows() > 0 {
            let rows = self.batch.take()?;
            self.send(rows)?;
        }
        Ok(())
    }

    /// Stages the waiting rows where there are enough of them.
    pub(crate) fn settle(&mut self) -> Result<(), OperationsError> {
        if self.batch.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    fn send(&mut self, rows: RecordBatch) -> Result<(), OperationsError> {
        let Some(worker) = &self.worker else {
            return Err(OperationsError::stopped());
        };
        if worker.batches.send(rows).is_ok() {
            return Ok(());
        }
        // The thread ended early, which it does on an error alone.
        match self.worker.take().map(Worker::finish) {
            Some(Err(error)) => Err(error),
            _ => Err(OperationsError::stopped()),
        }
    }

    /// All rows, staged.
    pub(crate) fn finish(mut self) -> Result<StagedRows, OperationsError> {
        self.flush()?;
        match self.worker.take() {
            Some(worker) => worker.finish(),
            None => Err(OperationsError::stopped()),
        }
    }
}
