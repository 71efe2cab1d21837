//! Term filters of a file in the making.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use arrow::array::AsArray as _;
use arrow::datatypes::{DataType, Schema};
use arrow::record_batch::RecordBatch;
use parquet::file::metadata::ParquetMetaData;
use stance_term_filter::{ColumnFilters, FilterBuilder, ParquetIdentity, encode, side_path};

use crate::folder::new_private_file;
use crate::table_writer::GROUP_ROWS;

/// Files of fewer rows are read whole as fast as their filters are asked.
const WORTHWHILE_ROWS: u64 = 10_000;

struct Column {
    name: String,
    /// Where it lies in the batches.
    position: usize,
    current: FilterBuilder,
    /// By row group.
    finished: Vec<Option<ColumnFilters>>,
}

/// Gathers the terms of a file's searchable columns, row group by row group as the file's writer
/// cuts them.
pub(crate) struct FileFilters {
    columns: Vec<Column>,
    group_rows: Vec<u64>,
    rows_in_group: usize,
}

impl FileFilters {
    /// Filters for those of the columns that the file has as texts.
    pub(crate) fn new(searchable: &[String], schema: &Schema) -> Self {
        let columns = searchable.iter().filter_map(|name| {
            let position = schema.index_of(name).ok()?;
            let is_text = *schema.field(position).data_type() == DataType::Utf8;
            is_text.then(|| Column {
                name: name.clone(),
                position,
                current: FilterBuilder::new(),
                finished: Vec::new(),
            })
        });
        Self {
            columns: columns.collect(),
            group_rows: Vec::new(),
            rows_in_group: 0,
        }
    }

    /// Takes rows that the file's writer takes too.
    pub(crate) fn write(&mut self, batch: &RecordBatch) {
        if self.columns.is_empty() {
            return;
        }
        let mut at = 0;
        while at < batch.num_rows() {
            let count = (batch.num_rows() - at).min(GROUP_ROWS - self.rows_in_group);
            let part = batch.slice(at, count);
            for column in &mut self.columns {
                for text in part.column(column.position).as_string::<i32>() {
                    column.current.push(text.unwrap_or_default());
                }
            }
            at += count;
            self.rows_in_group += count;
            if self.rows_in_group >= GROUP_ROWS {
                self.end_group();
            }
        }
    }

    /// The writer closes its row group, where that has rows.
    pub(crate) fn end_group(&mut self) {
        if self.rows_in_group == 0 {
            return;
        }
        let rows = self.rows_in_group as u64;
        for column in &mut self.columns {
            let filters = std::mem::take(&mut column.current).finish(rows);
            column.finished.push(filters);
        }
        self.group_rows.push(rows);
        self.rows_in_group = 0;
    }

    /// Bytes held for the row group that is open, about; a flush frees them.
    pub(crate) fn memory(&self) -> usize {
        let columns = self.columns.iter();
        columns.map(|column| column.current.memory()).sum()
    }

    /// Writes the side file of a finished data file, where it is worth it. A query does without it
    /// where that fails.
    pub(crate) fn stage(mut self, path: &Path, metadata: &ParquetMetaData) {
        self.end_group();
        let written = metadata
            .row_groups()
            .iter()
            .map(parquet::file::metadata::RowGroupMetaData::num_rows);
        let same = written.eq(self.group_rows.iter().map(|rows| *rows as i64));
        if self.group_rows.iter().sum::<u64>() < WORTHWHILE_ROWS || !same {
            return;
        }
        if let Err(error) = self.write_beside(path) {
            let _ = fs::remove_file(side_path(path));
            tracing::warn!(file = %path.display(), %error, "term filters could not be written");
        }
    }

    fn write_beside(mut self, path: &Path) -> std::io::Result<()> {
        let identity = ParquetIdentity::of(&mut File::open(path)?)?;
        let columns = self.columns.iter_mut();
        let columns = columns.map(|Column { name, finished, .. }| {
            let filters = std::mem::take(finished);
            (name.as_str(), filters)
        });
        let columns: Vec<_> = columns.collect();
        let bytes = encode(identity, &self.group_rows, &columns).map_err(std::io::Error::other)?;
        new_private_file().open(side_path(path))?.write_all(&bytes)
    }
}
