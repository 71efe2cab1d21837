//! The tables that queries are checked against.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use stance_base::{ErrorCode, ScalarType};
use stance_kql_syntax::{Catalog, Column, Schema, StoredFunction, TableSchema};
use stance_operations::catalog;

use crate::failure::Failure;

/// Tables by name. Those of Resource Graph answer to any spelling.
#[derive(Debug, Default)]
pub(super) struct Tables {
    tables: Vec<TableSchema>,
    functions: Vec<StoredFunction>,
}

impl Tables {
    /// The tables and views of the product.
    pub(super) fn built_in() -> Self {
        let mut known = Self::default();
        for table in catalog::declared() {
            let columns = table.columns.iter();
            let columns = columns.map(|column| Column::new(&*column.name, column.scalar_type));
            known.add(&table.name, columns.collect());
        }
        known.functions = catalog::functions()
            .into_iter()
            .map(|function| StoredFunction {
                name: function.name.into(),
                parameters: function.parameters.into(),
                body: function.body.into(),
            })
            .collect();
        known
    }

    /// Tables of a file: `{"Table": {"Column": "type", …}, …}`, columns in order.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |what: String| {
            let shape = r#"write {"Table": {"Column": "type"}} with types of KQL"#;
            Failure::new(
                ErrorCode::InvalidInput,
                format!("`{}` is no list of tables: {what}; {shape}", path.display()),
            )
        };
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let tables: InOrder<InOrder<String>> =
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut known = Self::default();
        for (name, columns) in tables.0 {
            let columns = columns.0.into_iter().map(|(column, scalar_type)| {
                let scalar_type: ScalarType = scalar_type
                    .parse()
                    .map_err(|_| wrong(format!("`{name}.{column}` has no type `{scalar_type}`")))?;
                Ok(Column::new(column, scalar_type))
            });
            let columns = columns.collect::<Result<Schema, Failure>>()?;
            known.add(&name, columns);
        }
        Ok(known)
    }

    fn add(&mut self, name: &str, schema: Schema) {
        self.tables.push(TableSchema {
            name: name.into(),
            schema,
        });
    }
}

impl Catalog for Tables {
    fn table(&self, name: &str) -> Option<TableSchema> {
        let exact = self.tables.iter().find(|table| &*table.name == name);
        let any_case = || {
            let known = stance_model::tables::find(name)?;
            known.is_resource_graph().then_some(())?;
            let mut tables = self.tables.iter();
            tables.find(|table| table.name.eq_ignore_ascii_case(name))
        };
        exact.or_else(any_case).cloned()
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        let names = self.tables.iter().map(|table| Arc::clone(&table.name));
        names.collect()
    }

    fn function(&self, name: &str) -> Option<StoredFunction> {
        let mut functions = self.functions.iter();
        functions.find(|function| &*function.name == name).cloned()
    }

    fn function_names(&self) -> Vec<Arc<str>> {
        let names = self.functions.iter();
        names.map(|function| Arc::clone(&function.name)).collect()
    }
}

/// An object's entries in the order of the text.
struct InOrder<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

struct Entries<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = InOrder<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(InOrder(entries))
    }
}
