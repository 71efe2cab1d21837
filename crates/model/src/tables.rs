//! Names, columns and types of every table, in one place: the files under `content/tables`, written in
//! Kusto's own `.create-merge table` syntax.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

/// The files that declare tables.
const DECLARATIONS: [&str; 4] = [
    include_str!("../../../content/tables/inventory.kql"),
    include_str!("../../../content/tables/security.kql"),
    include_str!("../../../content/tables/exposure.kql"),
    include_str!("../../../content/tables/logs.kql"),
];

/// Tables of Azure Resource Graph, whose names are spelt in any case.
const RESOURCE_GRAPH: [&str; 6] = [
    "Resources",
    "ResourceContainers",
    "AuthorizationResources",
    "PolicyResources",
    "SecurityResources",
    "ResourceChanges",
];

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

    /// Whether the table belongs to Azure Resource Graph, where names ignore case.
    pub fn is_resource_graph(&self) -> bool {
        RESOURCE_GRAPH.contains(&self.name.as_ref())
    }
}

/// Every table the product knows, in order of declaration.
pub fn all() -> Vec<TableSchema> {
    DECLARATIONS.into_iter().flat_map(declared_tables).collect()
}

/// The table of that name; the case of Resource Graph names does not matter.
pub fn find(name: &str) -> Option<TableSchema> {
    all().into_iter().find(|table| {
        table.name == name || (table.is_resource_graph() && table.name.eq_ignore_ascii_case(name))
    })
}

/// Columns of a table whose texts are often searched for terms: those whose documentation in the declarations is
/// `searchable`. The lake keeps term filters for them.
pub fn searchable(table: &str) -> Vec<String> {
    let statements = DECLARATIONS
        .into_iter()
        .flat_map(|text| text.split(".alter-merge table ").skip(1));
    statements
        .filter_map(|statement| statement.split_once(" column-docstrings ("))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case(table))
        .filter_map(|(_, rest)| rest.split_once(')'))
        .flat_map(|(columns, _)| columns.split(','))
        .filter_map(|column| column.split_once(':'))
        .filter(|(_, documentation)| documentation.trim() == "\"searchable\"")
        .map(|(column, _)| column.trim().to_owned())
        .collect()
}

/// Reads `.create-merge table Name (column: type, …)` statements.
fn declared_tables(text: &'static str) -> impl Iterator<Item = TableSchema> {
    text.split(".create-merge table ")
        .skip(1)
        .filter_map(|statement| {
            let (name, rest) = statement.split_once('(')?;
            let (columns, _) = rest.split_once(')')?;
            Some(TableSchema {
                name: Cow::Borrowed(name.trim()),
                columns: columns.split(',').filter_map(declared_column).collect(),
            })
        })
}

fn declared_column(text: &'static str) -> Option<Column> {
    let (name, scalar_type) = text.split_once(':')?;
    Some(Column {
        name: Cow::Borrowed(name.trim()),
        scalar_type: scalar_type.trim().parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_column_is_read() {
        let written: usize = DECLARATIONS
            .iter()
            .flat_map(|text| text.lines())
            .filter(|line| line.starts_with("    "))
            .count();
        let read: usize = all().iter().map(|table| table.columns.len()).sum();
        assert_eq!(read, written);
    }

    #[test]
    fn searchable_columns_are_texts_of_declared_tables() {
        let written: usize = DECLARATIONS
            .iter()
            .map(|text| text.matches("\"searchable\"").count())
            .sum();
        let mut read = 0;
        for table in all() {
            for name in searchable(&table.name) {
                let column = table.column(&name).map(|column| column.scalar_type);
                assert!(
                    matches!(column, Some(ScalarType::String | ScalarType::Dynamic)),
                    "{}.{name}",
                    table.name
                );
                read += 1;
            }
        }
        assert_eq!(read, written);
        assert!(searchable("resources").contains(&"properties".to_owned()));
        assert!(searchable("NoSuchTable").is_empty());
    }

    #[test]
    fn resource_graph_names_ignore_case() {
        assert!(find("resources").is_some());
        assert!(find("securityalert").is_none());
        assert!(find("SecurityAlert").is_some());
    }

    #[test]
    fn columns_differ_in_more_than_case() {
        for table in all() {
            let mut names: Vec<_> = table
                .columns
                .iter()
                .map(|column| column.name.to_lowercase())
                .collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().into_iter().map(|table| table.name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
