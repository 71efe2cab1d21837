//! The tables that a corpus was bound against: their columns, without rows.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use stance_base::ScalarType;
use stance_kql::{MemoryCatalog, TableSource};
use stance_kql_syntax as syntax;
use stance_model::tables::{Column, TableSchema};

/// Tables with their columns, for the binder and for the engine.
#[derive(Debug, Default)]
pub struct Tables {
    /// As the binder asks for them.
    pub syntax: syntax::MemoryCatalog,
    /// As the engine asks for them; each is empty.
    pub engine: MemoryCatalog,
}

impl Tables {
    /// Reads `{table: {column: type}}`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let tables: Map<String, Value> = serde_json::from_str(&text)
            .with_context(|| format!("{} is no object of tables", path.display()))?;
        let mut all = Self::default();
        for (name, columns) in &tables {
            let columns = columns
                .as_object()
                .with_context(|| format!("the columns of {name} are no object"))?
                .iter()
                .map(|(column, scalar_type)| {
                    let known = scalar_type.as_str().and_then(|text| text.parse().ok());
                    let known = known.with_context(|| {
                        format!("{name}.{column} has no known type: {scalar_type}")
                    })?;
                    Ok((column.clone(), known))
                })
                .collect::<Result<Vec<(String, ScalarType)>>>()?;
            all.add(name, &columns);
        }
        Ok(all)
    }

    fn add(&mut self, name: &str, columns: &[(String, ScalarType)]) {
        let schema = columns
            .iter()
            .map(|(column, scalar_type)| syntax::Column::new(column.as_str(), *scalar_type))
            .collect();
        self.syntax.add_table(name.to_owned(), schema);
        let columns = columns
            .iter()
            .map(|(column, scalar_type)| Column {
                name: Cow::Owned(column.clone()),
                scalar_type: *scalar_type,
            })
            .collect();
        let schema = TableSchema {
            name: Cow::Owned(name.to_owned()),
            columns,
        };
        self.engine.add_table(TableSource::empty(schema));
    }
}
