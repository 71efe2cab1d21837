//! Where a side file lies and how it comes there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What is put behind the name of the Parquet file.
pub const SUFFIX: &str = ".terms";

/// The side file of a Parquet file.
pub fn side_path(parquet: &Path) -> PathBuf {
    let mut path = OsString::from(parquet.as_os_str());
    path.push(SUFFIX);
    PathBuf::from(path)
}

/// Puts a side file beside its Parquet file, readable by the same people. It is there whole or not
/// at all, after a crash too.
///
/// # Errors
/// Where the folder cannot be written to.
pub fn place(parquet: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = match parquet.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let path = side_path(parquet);
    let mut file = tempfile::Builder::new()
        .prefix(".terms-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file()
        .set_permissions(fs::metadata(parquet)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The new name lasts when the folder is on the disk.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(path)
}
