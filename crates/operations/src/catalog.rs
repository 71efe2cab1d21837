//! What a query sees: the tables of the lake, views over them, and files the user names.
//!
//! A view may have the name of a declared table: then queries see the view under the name, and the stored rows under the
//! name with `Stored` behind it ([`stored_name`]), where the view takes them in if it wants them.

use std::borrow::Cow;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use include_dir::{Dir, include_dir};
use stance_kql::{MemoryCatalog, StoredFunction, TableSource, file_table};
use stance_lake::Lake;
use stance_model::tables::{self, TableSchema};

use crate::OperationsError;
use crate::as_of;
use crate::register::Register;

/// One KQL query per file; the file's name is the view's.
static VIEWS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/views");

/// What a catalog is made for.
#[derive(Debug, Clone, Default)]
pub struct CatalogOptions {
    /// Files as tables, by name.
    pub files: Vec<(String, PathBuf)>,
    /// The register of approved AI; the file of the data folder unless given.
    pub register: Option<PathBuf>,
    /// Inventory tables as they were at this instant, from `ResourceChanges`.
    pub as_of: Option<DateTime<Utc>>,
}

/// Every declared table at its newest version, the views, the functions that are shipped, and `files`
/// as tables by name.
pub async fn catalog(
    lake: &Lake,
    files: &[(String, PathBuf)],
) -> Result<MemoryCatalog, OperationsError> {
    let options = CatalogOptions {
        files: files.to_vec(),
        ..CatalogOptions::default()
    };
    catalog_with(lake, &options).await
}

/// [`catalog`] with choices.
///
/// # Errors
/// Tables, files or a register that cannot be read.
pub async fn catalog_with(
    lake: &Lake,
    options: &CatalogOptions,
) -> Result<MemoryCatalog, OperationsError> {
    let mut catalog = MemoryCatalog::new();
    for schema in declared() {
        let any_case = schema.is_resource_graph();
        let table = base_name(&schema.name);
        if options.as_of.is_some() && as_of::is_rebuilt(table) {
            continue;
        }
        let provider = match tables::find(table) {
            Some(stored) => lake.table_provider(&stored).await?,
            None => continue,
        };
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
    for (name, body) in options.as_of.iter().flat_map(|at| as_of::views(*at)) {
        catalog.add_view(name, body);
    }
    let register = match &options.register {
        Some(path) => Some(Register::read(path)?),
        None => Register::read_if_there(&Register::place(lake.path()))?,
    };
    catalog.add_view("AIRegister", register.unwrap_or_default().as_view());
    for function in crate::functions::shipped() {
        catalog.add_function(function);
    }
    for (name, path) in &options.files {
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

/// Every declared table as queries see it: under its own name, or under [`stored_name`] where a view has that name.
pub fn declared() -> impl Iterator<Item = TableSchema> {
    tables::all().into_iter().map(|mut schema| {
        if is_view(&schema.name) {
            schema.name = Cow::Owned(stored_name(&schema.name));
        }
        schema
    })
}

/// What queries see beside declared tables: the views, the register without entries, the functions that are shipped.
pub fn functions() -> Vec<StoredFunction> {
    let views = views().map(|(name, body)| (name, body.to_owned()));
    let register = std::iter::once(("AIRegister", Register::default().as_view()));
    let views = views.chain(register).map(|(name, body)| StoredFunction {
        name: name.to_owned(),
        parameters: "()".to_owned(),
        body,
    });
    views.chain(crate::functions::shipped()).collect()
}

/// The name of the stored rows of a table whose name a view has.
fn stored_name(table: &str) -> String {
    format!("{table}Stored")
}

fn is_view(name: &str) -> bool {
    views().any(|(view, _)| view == name)
}

fn base_name(name: &str) -> &str {
    match name.strip_suffix("Stored") {
        Some(base) if is_view(base) => base,
        _ => name,
    }
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
