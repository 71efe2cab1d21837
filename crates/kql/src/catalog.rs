//! The tables and functions that a query may name.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::empty::EmptyTable;
use stance_base::ScalarType;
use stance_kql_syntax as syntax;
use stance_model::tables::{Column, TableSchema};
use tempfile::TempDir;

use crate::engine::QueryResult;
use crate::error::KqlError;
use crate::types::arrow_schema;

/// A table: its documented columns and where its rows come from.
///
/// The provider may lack columns (they read as null) and may hold them in other Arrow types (they
/// are cast); columns of the provider that the schema does not name are not seen.
#[derive(Clone)]
pub struct TableSource {
    /// Name and columns.
    pub schema: TableSchema,
    /// The rows.
    pub provider: Arc<dyn TableProvider>,
    /// Whether any spelling of the name finds it, as for Resource Graph tables.
    pub any_case: bool,
    /// A folder of files that the provider reads and that goes with this value.
    held: Option<Arc<TempDir>>,
}

impl TableSource {
    /// A table found by the exact spelling first, by any other second.
    pub fn new(schema: TableSchema, provider: Arc<dyn TableProvider>) -> Self {
        Self {
            schema,
            provider,
            any_case: true,
            held: None,
        }
    }

    /// With the folder that its files lie in, which is removed with the last copy of the table.
    #[must_use]
    pub(crate) fn holding(mut self, folder: TempDir) -> Self {
        self.held = Some(Arc::new(folder));
        self
    }

    /// A table without rows.
    pub fn empty(schema: TableSchema) -> Self {
        let columns = schema.columns.iter();
        let held = arrow_schema(columns.map(|column| (column.name.as_ref(), column.scalar_type)));
        Self::new(schema, Arc::new(EmptyTable::new(held)))
    }

    /// The rows of a query under a name of their own, held in memory. Further results are left out.
    ///
    /// # Errors
    /// Rows that are not as their columns say: a fault of ours.
    pub fn held(name: &str, result: QueryResult) -> Result<Self, KqlError> {
        let rows_schema = result.arrow_schema();
        let columns = result.columns.into_iter().map(|column| Column {
            name: Cow::Owned(column.name),
            scalar_type: column.scalar_type,
        });
        let schema = TableSchema {
            name: Cow::Owned(name.to_owned()),
            columns: columns.collect(),
        };
        let rows = MemTable::try_new(rows_schema, vec![result.batches])
            .map_err(|error| KqlError::planning(&error))?;
        Ok(Self::new(schema, Arc::new(rows)))
    }

    /// A table found by its exact spelling alone.
    #[must_use]
    pub fn exact_case(mut self) -> Self {
        self.any_case = false;
        self
    }
}

impl fmt::Debug for TableSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TableSource")
            .field("schema", &self.schema)
            .field("any_case", &self.any_case)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// A view or function kept as KQL text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFunction {
    /// Its name.
    pub name: String,
    /// Its parameters as KQL, brackets included; `()` for a view.
    pub parameters: String,
    /// Its body as KQL, without braces.
    pub body: String,
}

/// What the engine asks for tables and stored functions.
pub trait Catalog: Send + Sync + fmt::Debug {
    /// The table of this name.
    fn table(&self, name: &str) -> Option<TableSource>;

    /// Names of all tables.
    fn table_names(&self) -> Vec<String>;

    /// The stored function or view of this name.
    fn function(&self, name: &str) -> Option<StoredFunction> {
        let _ = name;
        None
    }

    /// Names of all stored functions and views.
    fn function_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Tables and functions held in a list. Later entries hide earlier ones of the same name.
#[derive(Debug, Clone, Default)]
pub struct MemoryCatalog {
    tables: Vec<TableSource>,
    functions: Vec<StoredFunction>,
}

impl MemoryCatalog {
    /// A catalog without tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table.
    pub fn add_table(&mut self, table: TableSource) {
        self.tables.push(table);
    }

    /// Adds a view: a KQL query that reads as a table.
    pub fn add_view(&mut self, name: impl Into<String>, body: impl Into<String>) {
        self.add_function(StoredFunction {
            name: name.into(),
            parameters: "()".to_owned(),
            body: body.into(),
        });
    }

    /// Adds a stored function.
    pub fn add_function(&mut self, function: StoredFunction) {
        self.functions.push(function);
    }
}

impl Catalog for MemoryCatalog {
    fn table(&self, name: &str) -> Option<TableSource> {
        let exact = |table: &&TableSource| table.schema.name == name;
        let any_case =
            |table: &&TableSource| table.any_case && table.schema.name.eq_ignore_ascii_case(name);
        let newest_first = || self.tables.iter().rev();
        newest_first()
            .find(exact)
            .or_else(|| newest_first().find(any_case))
            .cloned()
    }

    fn table_names(&self) -> Vec<String> {
        self.tables
            .iter()
            .map(|table| table.schema.name.to_string())
            .collect()
    }

    fn function(&self, name: &str) -> Option<StoredFunction> {
        self.functions
            .iter()
            .rev()
            .find(|function| function.name == name)
            .cloned()
    }

    fn function_names(&self) -> Vec<String> {
        self.functions
            .iter()
            .map(|function| function.name.clone())
            .collect()
    }
}

/// A catalog as the binder asks for it.
pub(crate) struct BinderCatalog<'a>(pub(crate) &'a dyn Catalog);

impl syntax::Catalog for BinderCatalog<'_> {
    fn table(&self, name: &str) -> Option<syntax::TableSchema> {
        let table = self.0.table(name)?;
        let columns = table
            .schema
            .columns
            .iter()
            .map(|column| syntax::Column::new(column.name.as_ref(), column.scalar_type));
        Some(syntax::TableSchema {
            name: Arc::from(table.schema.name.as_ref()),
            schema: columns.collect(),
        })
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.0.table_names().into_iter().map(Arc::from).collect()
    }

    fn function(&self, name: &str) -> Option<syntax::StoredFunction> {
        let function = self.0.function(name)?;
        Some(syntax::StoredFunction {
            name: function.name.into(),
            parameters: function.parameters.into(),
            body: function.body.into(),
        })
    }

    fn function_names(&self) -> Vec<Arc<str>> {
        self.0.function_names().into_iter().map(Arc::from).collect()
    }
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its KQL type.
    pub scalar_type: ScalarType,
}

impl OutputColumn {
    pub(crate) fn of(column: &syntax::Column) -> Self {
        Self {
            name: column.name.to_string(),
            scalar_type: column.scalar_type,
        }
    }
}
