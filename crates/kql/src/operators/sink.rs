//! Rows collected value by value.

use datafusion::common::Result;

use super::OperatorContext;
use crate::types::scalar_type_of;
use crate::value::{ColumnBuilder, Value};

/// Collects rows of an operator's own schema and sends them out in batches.
#[derive(Debug)]
pub(crate) struct RowSink<'a> {
    context: &'a OperatorContext,
    builders: Vec<ColumnBuilder>,
    rows: usize,
}

impl<'a> RowSink<'a> {
    pub(crate) fn new(context: &'a OperatorContext) -> Self {
        Self {
            context,
            builders: builders(context),
            rows: 0,
        }
    }

    /// Adds a row, its values in the order of the columns.
    ///
    /// # Errors
    /// Where the query was stopped.
    pub(crate) fn push<'v>(&mut self, row: impl IntoIterator<Item = Value<'v>>) -> Result<()> {
        let mut row = row.into_iter();
        for builder in &mut self.builders {
            builder.push(&row.next().unwrap_or(Value::Null));
        }
        self.rows += 1;
        if self.rows >= self.context.batch_size() {
            self.send()?;
        }
        Ok(())
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// Where the query was stopped.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.send()
    }

    fn send(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.builders, builders(self.context));
        let columns = full.into_iter().map(ColumnBuilder::finish).collect();
        self.context.emit(columns, std::mem::take(&mut self.rows))
    }
}

fn builders(context: &OperatorContext) -> Vec<ColumnBuilder> {
    let fields = context.schema().fields().iter();
    fields
        .map(|field| ColumnBuilder::new(scalar_type_of(field), 0))
        .collect()
}
