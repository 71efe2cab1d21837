//! `stance.json`: which format the data folder has.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::LakeError;
use crate::folder::{sync_folder, write_synced};
use crate::staging::Staging;

/// Newest format of the data folder that this version reads and the one it writes.
pub const FORMAT: u64 = 1;

const MARKER: &str = "stance.json";
/// The marker is a line; anything larger is not ours.
const MARKER_LIMIT: u64 = 64 * 1024;

/// Checks the marker. `Ok(false)` where there is none yet.
pub(crate) fn check(folder: &Path) -> Result<bool, LakeError> {
    let path = folder.join(MARKER);
    let length = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(LakeError::io("read", &path)(error)),
    };
    if length > MARKER_LIMIT {
        return Err(corrupt(
            &path,
            format!("it has {length} bytes, a marker has less than 100"),
        ));
    }
    let bytes = fs::read(&path).map_err(LakeError::io("read", &path))?;
    let marker: Value =
        serde_json::from_slice(&bytes).map_err(|error| corrupt(&path, error.to_string()))?;
    let Some(found) = marker.get("format").and_then(Value::as_u64) else {
        return Err(corrupt(&path, "it has no number `format`".to_owned()));
    };
    if found <= FORMAT {
        return Ok(true);
    }
    let needs = marker
        .get("needs")
        .and_then(Value::as_str)
        .unwrap_or("of a later release");
    Err(LakeError::NewerFormat {
        path: folder.to_owned(),
        found,
        known: FORMAT,
        needs: needs
            .chars()
            .filter(|letter| !letter.is_control())
            .take(40)
            .collect(),
    })
}

/// Writes the marker of this version.
pub(crate) fn write(folder: &Path, staging: &Staging) -> Result<(), LakeError> {
    let path = folder.join(MARKER);
    let text = format!(
        "{}\n",
        json!({"format": FORMAT, "writtenBy": env!("CARGO_PKG_VERSION"), "needs": env!("CARGO_PKG_VERSION")})
    );
    let temporary = staging.new_path("marker");
    write_synced(&temporary, [text.as_bytes()])
        .and_then(|()| fs::rename(&temporary, &path))
        .and_then(|()| sync_folder(folder))
        .map_err(LakeError::io("write", &path))
}

fn corrupt(path: &Path, reason: String) -> LakeError {
    LakeError::Corrupt {
        path: path.to_owned(),
        reason,
    }
}
