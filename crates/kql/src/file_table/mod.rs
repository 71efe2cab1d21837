//! A file, or a folder of files, as a table for one query.
//!
//! Parquet files are scanned where they are; the others are copied into Parquet files first, which
//! every plan can read with all cores, and which are removed with the table.
//!
//! Parquet, CSV with a header line, JSON lines, and a JSON array of objects. The schema is worked
//! out from the whole content: a column is of the one type that all its values have, else dynamic
//! (JSON) or string (CSV). ISO 8601 texts are datetimes where all values of the column are.

mod infer;
mod records;
mod text_files;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::execution::context::SessionContext;
use stance_base::ErrorCode;
use stance_model::tables::{Column, TableSchema};

use crate::catalog::TableSource;
use crate::error::KqlError;
use crate::types::scalar_type_of;

/// Most files of one folder.
const MAX_FILES: usize = 10_000;

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Parquet,
    Csv,
    Json,
}

impl FileKind {
    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            _ => None,
        }
    }
}

pub(crate) fn failed(path: &Path, reason: impl Into<String>, code: ErrorCode) -> KqlError {
    KqlError::FileTable {
        path: path.display().to_string(),
        reason: reason.into(),
        code,
    }
}

pub(crate) fn io_failed(path: &Path, error: &std::io::Error) -> KqlError {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorCode::NotFound,
        std::io::ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
        std::io::ErrorKind::InvalidData => ErrorCode::InvalidInput,
        _ => ErrorCode::Storage,
    };
    failed(path, error.to_string(), code)
}

/// Reads a file (Parquet, CSV, JSON lines, JSON array) or a folder of files of one kind as a table.
///
/// # Errors
/// Where it cannot be read, is of no known kind, or holds no columns.
pub async fn file_table(name: &str, path: &Path) -> Result<TableSource, KqlError> {
    let files = files_of(path)?;
    let Some(kind) = files.first().and_then(|file| FileKind::of(file)) else {
        let reason = "it is none of .parquet, .csv, .json, .jsonl, .ndjson, nor a folder of such";
        return Err(failed(path, reason, ErrorCode::InvalidInput));
    };
    if let Some(other) = files.iter().find(|file| FileKind::of(file) != Some(kind)) {
        let reason = format!("the folder mixes kinds of files, see `{}`", other.display());
        return Err(failed(path, reason, ErrorCode::InvalidInput));
    }
    let (columns, provider, held) = match kind {
        FileKind::Parquet => {
            let (columns, provider) = parquet_table(path).await?;
            (columns, provider, None)
        }
        FileKind::Csv | FileKind::Json => {
            let files = files.clone();
            let read = tokio::task::spawn_blocking(move || text_files::table(&files));
            read.await
                .map_err(|error| failed(path, error.to_string(), ErrorCode::Internal))??
        }
    };
    if columns.is_empty() {
        return Err(failed(path, "it holds no columns", ErrorCode::InvalidInput));
    }
    let schema = TableSchema {
        name: Cow::Owned(name.to_owned()),
        columns,
    };
    let table = TableSource::new(schema, provider);
    Ok(match held {
        Some(folder) => table.holding(folder),
        None => table,
    })
}

/// Parquet files of a known schema as a table that any process on this machine can scan: a file,
/// or a folder, whose path ends with `/`.
pub(crate) fn known_parquet(
    path: &str,
    extension: &str,
    schema: SchemaRef,
) -> datafusion::error::Result<ListingTable> {
    let url = ListingTableUrl::parse(path)?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default().with_skip_metadata(true)))
        .with_file_extension(extension);
    let config = ListingTableConfig::new(url)
        .with_listing_options(options)
        .with_schema(schema);
    ListingTable::try_new(config)
}

/// The file itself, or those of a folder and its folders that are of a known kind, by name.
pub(crate) fn files_of(path: &Path) -> Result<Vec<PathBuf>, KqlError> {
    let about = std::fs::metadata(path).map_err(|error| io_failed(path, &error))?;
    if !about.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| io_failed(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| io_failed(&folder, &error))?;
            let kind = entry
                .file_type()
                .map_err(|error| io_failed(&folder, &error))?;
            // Links are not followed: they could lead out of the folder or in a circle.
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && FileKind::of(&entry.path()).is_some() {
                files.push(entry.path());
            }
            if files.len() + folders.len() > MAX_FILES {
                let reason = format!("it holds more than {MAX_FILES} files");
                return Err(failed(path, reason, ErrorCode::LimitExceeded));
            }
        }
    }
    files.sort();
    Ok(files)
}

async fn parquet_table(path: &Path) -> Result<(Vec<Column>, Arc<dyn TableProvider>), KqlError> {
    let wrong = |error: datafusion::error::DataFusionError| {
        failed(path, error.strip_backtrace(), ErrorCode::InvalidInput)
    };
    let absolute = std::fs::canonicalize(path).map_err(|error| io_failed(path, &error))?;
    let mut text = absolute.to_string_lossy().into_owned();
    if absolute.is_dir() {
        text.push('/');
    }
    let url = ListingTableUrl::parse(&text).map_err(wrong)?;
    let extension = if absolute.is_dir() { ".parquet" } else { "" };
    let options = ListingOptions::new(Arc::new(ParquetFormat::default().with_skip_metadata(false)))
        .with_file_extension(extension);
    let state = SessionContext::new().state();
    let config = ListingTableConfig::new(url).with_listing_options(options);
    let config = config.infer_schema(&state).await.map_err(wrong)?;
    let table = ListingTable::try_new(config).map_err(wrong)?;
    let columns = table
        .schema()
        .fields()
        .iter()
        .map(|field| Column {
            name: Cow::Owned(field.name().clone()),
            scalar_type: scalar_type_of(field),
        })
        .collect();
    Ok((columns, Arc::new(table)))
}
