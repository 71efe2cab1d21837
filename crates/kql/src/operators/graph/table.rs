//! Rows of many batches by one number, and columns made of chosen rows.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringViewBuilder, new_null_array,
};
use arrow::compute::interleave;
use datafusion::common::{DataFusionError, Result};
use stance_base::ScalarType;

use crate::types::arrow_type;

/// Batches whose rows are numbered through.
#[derive(Debug, Clone)]
pub(super) struct Batches<'a> {
    pub(super) all: &'a [RecordBatch],
    /// Number of the first row of each batch.
    starts: Vec<usize>,
    rows: usize,
}

impl<'a> Batches<'a> {
    pub(super) fn new(batches: &'a [RecordBatch]) -> Self {
        let mut starts = Vec::with_capacity(batches.len());
        let mut rows = 0;
        for batch in batches {
            starts.push(rows);
            rows += batch.num_rows();
        }
        Self {
            all: batches,
            starts,
            rows,
        }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Batch of a row, and its place there.
    pub(super) fn locate(&self, row: usize) -> (usize, usize) {
        let batch = self
            .starts
            .partition_point(|start| *start <= row)
            .saturating_sub(1);
        let start = self.starts.get(batch).copied().unwrap_or(0);
        (batch, row - start)
    }

    /// A column of every batch.
    pub(super) fn column(&self, column: usize) -> Result<Vec<&'a ArrayRef>> {
        self.all
            .iter()
            .map(|batch| batch.columns().get(column).ok_or_else(missing_column))
            .collect()
    }

    /// A column of bools of every batch.
    pub(super) fn bools(&self, column: usize) -> Result<Vec<&'a BooleanArray>> {
        self.column(column)?
            .into_iter()
            .map(|array| array.as_boolean_opt().ok_or_else(missing_column))
            .collect()
    }
}

fn missing_column() -> DataFusionError {
    DataFusionError::Internal("a graph operator misses a column of its input".to_owned())
}

/// A value that stands in one of several arrays; the first array has one row, which is null.
pub(super) type Pick = (usize, usize);

/// The null value.
pub(super) const NULL_PICK: Pick = (0, 0);

/// Arrays of one type from which rows are picked, and a null in front.
#[derive(Debug)]
pub(super) struct Picked {
    scalar_type: ScalarType,
    arrays: Vec<ArrayRef>,
}

impl Picked {
    /// Arrays of a KQL type; others are cast.
    pub(super) fn new<'a>(
        scalar_type: ScalarType,
        arrays: impl IntoIterator<Item = &'a ArrayRef>,
    ) -> Result<Self> {
        let wanted = arrow_type(scalar_type);
        let mut all = vec![new_null_array(&wanted, 1)];
        for array in arrays {
            all.push(if *array.data_type() == wanted {
                Arc::clone(array)
            } else {
                arrow::compute::cast(array, &wanted)?
            });
        }
        Ok(Self {
            scalar_type,
            arrays: all,
        })
    }

    /// The arrays, the null one first.
    pub(super) fn arrays(&self) -> &[ArrayRef] {
        &self.arrays
    }

    /// A column of these values. Texts are copied, so that it holds no more than its own.
    pub(super) fn gather(&self, picks: &[Pick]) -> Result<ArrayRef> {
        if arrow_type(self.scalar_type) != arrow_type(ScalarType::String) {
            let arrays: Vec<&dyn Array> = self.arrays.iter().map(AsRef::as_ref).collect();
            return Ok(interleave(&arrays, picks)?);
        }
        let texts: Vec<_> = self.arrays.iter().map(AsArray::as_string_view).collect();
        let mut builder = StringViewBuilder::with_capacity(picks.len());
        for (array, row) in picks {
            match texts.get(*array) {
                Some(array) if array.is_valid(*row) => builder.append_value(array.value(*row)),
                _ if self.scalar_type == ScalarType::String => builder.append_value(""),
                _ => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }
}
