//! The on-disk cache of needed aliases: one small file per content of the sources.
//!
//! The first line is the SHA-256 of the rest. Whatever is wrong with a cache file, it is ignored and written
//! again; it never fails a scan.

use std::fs;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use stance_base::hex;

use super::AliasRecord;
use crate::error::PolicyError;
use crate::text;

/// A cache file holds some hundred aliases; anything larger is not ours.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The records of a sound cache file.
pub(super) fn load(file: &Path) -> Option<Vec<AliasRecord>> {
    let bytes = text::read_file(file, MAX_BYTES).ok()?;
    let content = std::str::from_utf8(&bytes).ok()?;
    let (sum, body) = content.split_once('\n')?;
    if sum != hex::encode(&Sha256::digest(body.as_bytes())) {
        return None;
    }
    serde_json::from_str(body).ok()
}

/// Writes beside the target and renames, so that a reader sees the old file or the whole new one.
/// Temporary files are private to their user (0600), and so is the result.
pub(super) fn store(file: &Path, records: &[AliasRecord]) -> Result<(), PolicyError> {
    let fail = |source| PolicyError::Cache {
        path: file.display().to_string(),
        source,
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    private_folder(folder).map_err(fail)?;
    let body = serde_json::to_string(records).map_err(|error| fail(error.into()))?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    writeln!(
        temporary,
        "{}",
        hex::encode(&Sha256::digest(body.as_bytes()))
    )
    .map_err(fail)?;
    temporary.write_all(body.as_bytes()).map_err(fail)?;
    temporary.persist(file).map_err(|error| fail(error.error))?;
    Ok(())
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
