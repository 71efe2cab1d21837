//! Names, columns and types of every table, in one place.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name; case matters.
    pub name: Cow<'static, str>,
    /// Its KQL type.
    pub scalar_type: ScalarType,
}

/// A table's name and columns, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// Its name in the spelling of its documentation.
    pub name: Cow<'static, str>,
    /// Its columns.
    pub columns: Vec<Column>,
}

impl TableSchema {
    /// The column of exactly that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
