//! Rows on their way into a table of the lake: collected, then staged on disk in batches.

use arrow::array::RecordBatch;
use stance_lake::{StagedRows, TableDefinition, TableWriter, Writer};
use stance_model::tables;

use crate::OperationsError;
use crate::rows::table_batch::{Cell, TableBatch};

/// Rows and bytes that wait in memory before they go to disk.
const BATCH_ROWS: usize = 8192;
const BATCH_BYTES: usize = 16 << 20;

/// A table that takes rows; they become visible when its [`StagedRows`] are committed.
#[derive(Debug)]
pub(crate) struct TableOutput {
    batch: TableBatch,
    writer: TableWriter,
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
            writer: writer.begin(definition)?,
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
        Ok(self.writer.write(batch)?)
    }

    /// Stages the waiting rows, so that what is written next stands behind them.
    pub(crate) fn flush(&mut self) -> Result<(), OperationsError> {
        if self.batch.rows() > 0 {
            self.writer.write(&self.batch.take()?)?;
        }
        Ok(())
    }

    /// Stages the waiting rows where there are enough of them.
    pub(crate) fn settle(&mut self) -> Result<(), OperationsError> {
        if self.batch.rows() >= BATCH_ROWS || self.batch.bytes() >= BATCH_BYTES {
            self.writer.write(&self.batch.take()?)?;
        }
        Ok(())
    }

    /// All rows, staged.
    pub(crate) fn finish(mut self) -> Result<StagedRows, OperationsError> {
        self.flush()?;
        Ok(self.writer.finish()?)
    }
}
