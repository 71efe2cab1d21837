//! What the binder asks about the world outside the query.

use std::sync::Arc;

use crate::schema::Schema;

/// A table or view that a query may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// The canonical name, which the bound tree carries whatever spelling the query used.
    pub name: Arc<str>,
    /// The columns in order.
    pub schema: Schema,
}

/// A function kept in the database, written in KQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFunction {
    /// The canonical name.
    pub name: Arc<str>,
    /// The parameter list as KQL, brackets included: `(since:timespan=1d, T:(*))`. Empty means `()`.
    pub parameters: Arc<str>,
    /// The body as KQL, without the braces.
    pub body: Arc<str>,
}

/// Tables and functions by name. The catalog decides about upper and lower case: Resource Graph
/// tables answer to any spelling, the others commonly to their own only.
pub trait Catalog {
    /// The table of this name in the current database.
    fn table(&self, name: &str) -> Option<TableSchema>;

    /// Names of all tables, for wildcards (`union App*`, `search`, `find`) and suggestions.
    fn table_names(&self) -> Vec<Arc<str>>;

    /// The stored function of this name.
    fn function(&self, name: &str) -> Option<StoredFunction> {
        let _ = name;
        None
    }

    /// Names of all stored functions, for suggestions.
    fn function_names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

    /// A table of another database or cluster: `cluster("c").database("d").T`, `workspace("w").T`.
    /// Unless told otherwise every database is the current one.
    fn remote_table(
        &self,
        cluster: Option<&str>,
        database: &str,
        name: &str,
    ) -> Option<TableSchema> {
        let _ = (cluster, database);
        self.table(name)
    }

    /// An external table: `external_table("name")`.
    fn external_table(&self, name: &str) -> Option<TableSchema> {
        let _ = name;
        None
    }
}

/// A catalog without tables: `print`, `range` and `datatable` bind against it.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyCatalog;

impl Catalog for EmptyCatalog {
    fn table(&self, _name: &str) -> Option<TableSchema> {
        None
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

/// Tables held in memory, found by exact name first and by any spelling second.
#[derive(Debug, Clone, Default)]
pub struct MemoryCatalog {
    tables: Vec<TableSchema>,
    functions: Vec<StoredFunction>,
}

impl MemoryCatalog {
    /// An empty catalog.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table.
    pub fn add_table(&mut self, name: impl Into<Arc<str>>, schema: Schema) {
        self.tables.push(TableSchema {
            name: name.into(),
            schema,
        });
    }

    /// Adds a stored function.
    pub fn add_function(&mut self, function: StoredFunction) {
        self.functions.push(function);
    }
}

impl Catalog for MemoryCatalog {
    fn table(&self, name: &str) -> Option<TableSchema> {
        let exact = self.tables.iter().find(|table| &*table.name == name);
        exact
            .or_else(|| {
                self.tables
                    .iter()
                    .find(|table| table.name.eq_ignore_ascii_case(name))
            })
            .cloned()
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.tables
            .iter()
            .map(|table| Arc::clone(&table.name))
            .collect()
    }

    fn function(&self, name: &str) -> Option<StoredFunction> {
        self.functions
            .iter()
            .find(|function| &*function.name == name)
            .cloned()
    }

    fn function_names(&self) -> Vec<Arc<str>> {
        self.functions
            .iter()
            .map(|function| Arc::clone(&function.name))
            .collect()
    }
}
