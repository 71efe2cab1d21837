//! What a table holds at one version.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use serde_json::Value;

use crate::LakeError;

/// First and last bytes of every Parquet file.
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// One Parquet file of a table.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Rows, where the log says.
    pub rows: Option<u64>,
    /// When it was written, in milliseconds since 1970.
    pub modified_milliseconds: i64,
    /// The value all its rows share in the table's partition column; `None` for null and the empty text.
    pub partition: Option<String>,
    /// Path below the table's folder, as the log spells it.
    pub(crate) relative: String,
    /// The log's statistics.
    pub(crate) stats: Option<Value>,
}

impl DataFile {
    /// Finds a missing, cut or overwritten file before a query does, and names it.
    pub(crate) fn verify(&self) -> Result<(), LakeError> {
        let corrupt = |reason: String| LakeError::Corrupt {
            path: self.path.clone(),
            reason,
        };
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(corrupt("it is missing".to_owned()));
            }
            Err(error) => return Err(LakeError::io("read", &self.path)(error)),
        };
        let length = file
            .metadata()
            .map_err(LakeError::io("read", &self.path))?
            .len();
        if length != self.size {
            return Err(corrupt(format!(
                "it has {length} bytes and should have {}",
                self.size
            )));
        }
        let mut end = [0_u8; 4];
        let read = file
            .seek(SeekFrom::End(-4))
            .and_then(|_| file.read_exact(&mut end));
        if read.is_err() || &end != PARQUET_MAGIC {
            return Err(corrupt("it does not end as a Parquet file".to_owned()));
        }
        Ok(())
    }
}

/// The files of a table at one version.
#[derive(Debug)]
pub struct TableSnapshot {
    /// The table, in the spelling of its folder.
    pub table: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The version of the last commit; `None` where nothing was ever committed.
    pub version: Option<u64>,
    /// Its columns as stored; `None` where nothing was ever committed.
    pub schema: Option<SchemaRef>,
    /// The column its files are kept apart by.
    pub partition_by: Option<String>,
    /// Its files.
    pub files: Vec<DataFile>,
    /// Rows in all files; those of files without a count are left out.
    pub rows: u64,
    /// Bytes in all files.
    pub bytes: u64,
}

impl TableSnapshot {
    pub(crate) fn new(
        table: &str,
        folder: &Path,
        version: Option<u64>,
        schema: Option<SchemaRef>,
        partition_by: Option<String>,
        files: Vec<DataFile>,
    ) -> Self {
        Self {
            table: table.to_owned(),
            folder: folder.to_owned(),
            version,
            schema,
            partition_by,
            rows: files.iter().filter_map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.size).sum(),
            files,
        }
    }

    /// A table without a commit.
    pub(crate) fn empty(table: &str, folder: &Path) -> Self {
        Self::new(table, folder, None, None, None, Vec::new())
    }
}
