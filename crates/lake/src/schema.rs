//! KQL column types as Arrow and Delta types, and how a table's columns grow.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use stance_base::ScalarType;
use stance_model::tables::TableSchema;

use crate::LakeError;

/// Columns of one table that are read or written at most.
const COLUMN_LIMIT: usize = 2_000;

/// The Arrow type a KQL type is stored as.
///
/// `decimal` keeps 20 digits before and 18 after the point. `guid` is the lower-case text with dashes,
/// `timespan` the number of 100 ns ticks, `dynamic` the JSON text.
pub fn arrow_type(scalar_type: ScalarType) -> DataType {
    match scalar_type {
        ScalarType::Bool => DataType::Boolean,
        ScalarType::Int => DataType::Int32,
        ScalarType::Long | ScalarType::TimeSpan => DataType::Int64,
        ScalarType::Real => DataType::Float64,
        ScalarType::Decimal => DataType::Decimal128(38, 18),
        ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => DataType::Utf8,
        ScalarType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// The Arrow schema of a table; every column may be null.
pub fn arrow_schema(schema: &TableSchema) -> SchemaRef {
    let fields = schema
        .columns
        .iter()
        .map(|column| Field::new(column.name.as_ref(), arrow_type(column.scalar_type), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A table's columns and how its files are kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// Name and columns.
    pub schema: TableSchema,
    /// The column whose values are kept in files of their own, so that they can be replaced one by one.
    /// Fixed when the table is made. Its type is string, guid, long, int or bool.
    pub partition_by: Option<String>,
    /// Columns of text that term filters are kept for.
    pub searchable: Vec<String>,
}

impl TableDefinition {
    /// A table in one piece.
    pub fn new(schema: TableSchema) -> Self {
        Self {
            schema,
            partition_by: None,
            searchable: Vec::new(),
        }
    }

    /// A table whose rows are replaced by values of `column`.
    pub fn partitioned_by(schema: TableSchema, column: impl Into<String>) -> Self {
        Self {
            schema,
            partition_by: Some(column.into()),
            searchable: Vec::new(),
        }
    }

    /// The same with term filters for these columns; those that are not of text are passed over.
    #[must_use]
    pub fn with_searchable(mut self, columns: Vec<String>) -> Self {
        self.searchable = columns;
        self
    }

    pub(crate) fn validate(&self) -> Result<(), LakeError> {
        let name = self.schema.name.as_ref();
        check_table_name(name)?;
        let columns = &self.schema.columns;
        if columns.is_empty() || columns.len() > COLUMN_LIMIT {
            let reason = format!("{} columns; a table has 1 to {COLUMN_LIMIT}", columns.len());
            return Err(schema_error(name, reason));
        }
        let mut seen = HashSet::new();
        // Delta compares column names without case.
        if let Some(twice) = columns
            .iter()
            .find(|column| !seen.insert(column.name.to_lowercase()))
        {
            let reason = format!(
                "column `{}` is declared twice (case does not count); rename one",
                twice.name
            );
            return Err(schema_error(name, reason));
        }
        let Some(partition) = &self.partition_by else {
            return Ok(());
        };
        let kept_apart = self
            .schema
            .column(partition)
            .map(|column| column.scalar_type);
        match kept_apart {
            Some(
                ScalarType::String
                | ScalarType::Guid
                | ScalarType::Long
                | ScalarType::Int
                | ScalarType::Bool,
            ) => Ok(()),
            Some(other) => Err(schema_error(
                name,
                format!("cannot be kept apart by `{partition}` of type {other}"),
            )),
            None => Err(schema_error(
                name,
                format!("has no column `{partition}` to be kept apart by"),
            )),
        }
    }
}

/// Names that are safe as a folder on every system.
pub(crate) fn check_table_name(name: &str) -> Result<(), LakeError> {
    let starts_well =
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let spelt_well = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if starts_well && spelt_well && name.len() <= 128 {
        return Ok(());
    }
    let shown = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(64)
        .collect();
    Err(LakeError::TableName(shown))
}

pub(crate) fn schema_error(table: &str, reason: String) -> LakeError {
    LakeError::Schema {
        table: table.to_owned(),
        reason,
    }
}

/// A batch with exactly the columns of `schema`: missing ones null, others cast where that loses nothing.
pub(crate) fn align(
    table: &str,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch, LakeError> {
    if batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    let given = batch.schema_ref();
    if let Some(unknown) = given
        .fields()
        .iter()
        .find(|field| schema.index_of(field.name()).is_err())
    {
        let reason = format!(
            "rows carry column `{}`, which the table's schema does not declare",
            unknown.name()
        );
        return Err(schema_error(table, reason));
    }
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
            Some(column) => cast_column(table, column, field),
        });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(LakeError::rows("write", table))
}

fn cast_column(table: &str, column: &ArrayRef, field: &Field) -> Result<ArrayRef, LakeError> {
    if column.data_type() == field.data_type() {
        return Ok(column.clone());
    }
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(column, field.data_type(), &strict).map_err(|error| {
        let reason = format!(
            "column `{}` is of type {}, given was {} ({error})",
            field.name(),
            field.data_type(),
            column.data_type()
        );
        schema_error(table, reason)
    })
}

/// The columns of a table after a write: the stored ones in their order, then new ones.
pub(crate) fn merge(table: &str, stored: &Schema, declared: &Schema) -> Result<Schema, LakeError> {
    let mut fields: Vec<Arc<Field>> = stored.fields().iter().cloned().collect();
    for field in declared.fields() {
        let known = fields
            .iter()
            .find(|known| known.name().eq_ignore_ascii_case(field.name()));
        match known {
            None => fields.push(field.clone()),
            Some(known) if known.name() != field.name() => {
                let reason = format!(
                    "column `{}` is stored as `{}`; use that spelling",
                    field.name(),
                    known.name()
                );
                return Err(schema_error(table, reason));
            }
            Some(known) if known.data_type() != field.data_type() => {
                let reason = format!(
                    "column `{}` is stored as {}, given was {}; use another column name",
                    field.name(),
                    known.data_type(),
                    field.data_type()
                );
                return Err(schema_error(table, reason));
            }
            Some(_) => {}
        }
    }
    if fields.len() > COLUMN_LIMIT {
        return Err(schema_error(
            table,
            format!("more than {COLUMN_LIMIT} columns"),
        ));
    }
    Ok(Schema::new(fields))
}

/// The columns a reader sees: the declared ones in their order, then stored ones nobody declared.
pub(crate) fn reading_schema(stored: Option<&Schema>, declared: &Schema) -> SchemaRef {
    let mut fields: Vec<Arc<Field>> = declared.fields().iter().cloned().collect();
    let extra = stored.into_iter().flat_map(Schema::fields).filter(|field| {
        !declared
            .fields()
            .iter()
            .any(|known| known.name().eq_ignore_ascii_case(field.name()))
    });
    fields.extend(extra.cloned());
    Arc::new(Schema::new(fields))
}

/// The columns as a scan reads them: texts as views, which share the pages of a file instead of copying their texts,
/// and are equal where a dictionary of the file says so.
pub fn scanned_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        if *field.data_type() == DataType::Utf8 {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View))
        } else {
            Arc::clone(field)
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
