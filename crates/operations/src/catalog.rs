//! What a query sees: the tables of the lake, views over them, and files the user names.

use std::path::PathBuf;

use include_dir::{Dir, include_dir};
use stance_kql::{MemoryCatalog, TableSource, file_table};
use stance_lake::Lake;
use stance_model::tables;

use crate::OperationsError;

/// One KQL query per file; the file's name is the view's.
static VIEWS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/views");

/// Every declared table at its newest version, the views, the functions that are shipped, and `files`
/// as tables by name.
pub async fn catalog(
    lake: &Lake,
    files: &[(String, PathBuf)],
) -> Result<MemoryCatalog, OperationsError> {
    let mut catalog = MemoryCatalog::new();
    for schema in tables::all() {
        let provider = lake.table_provider(&schema).await?;
        let any_case = schema.is_resource_graph();
        let source = TableSource::new(schema, provider);
        catalog.add_table(if any_case {
            source
        } else {
            source.exact_case()
        });
    }
    for (name, body) in views() {
        catalog.add_view(name, body);
    }
    for function in crate::functions::shipped() {
        catalog.add_function(function);
    }
    for (name, path) in files {
        catalog.add_table(file_table(name, path).await?);
    }
    Ok(catalog)
}

/// The views: name and KQL text.
pub fn views() -> impl Iterator<Item = (&'static str, &'static str)> {
    VIEWS
        .files()
        .filter_map(|file| Some((file.path().file_stem()?.to_str()?, file.contents_utf8()?)))
}

/// A stored table and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Columns.
    pub columns: usize,
}

/// Every declared table with its size, in order of declaration.
pub async fn sizes(lake: &Lake) -> Result<Vec<TableSize>, OperationsError> {
    let mut sizes = Vec::new();
    for schema in tables::all() {
        let snapshot = lake.snapshot(&schema.name).await?;
        sizes.push(TableSize {
            name: schema.name.into_owned(),
            rows: snapshot.rows,
            bytes: snapshot.bytes,
            columns: schema.columns.len(),
        });
    }
    Ok(sizes)
}
