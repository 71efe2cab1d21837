//! The shared corpora, which are read from outside the repository.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

use serde_json::Value;

/// The folder of shared data; nothing, said loudly, where it is not there.
pub(crate) fn folder() -> Option<PathBuf> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("STANCE_SHARED")
        .map_or_else(|| workspace.join("../shared"), PathBuf::from);
    if folder.join("kql").is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: no shared corpus at {}; set STANCE_SHARED",
        folder.display()
    );
    None
}

/// The records of a compressed file of JSON lines.
pub(crate) fn json_lines(path: &str) -> Option<Vec<Value>> {
    let file = std::fs::File::open(folder()?.join(path)).unwrap();
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    Some(
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect(),
    )
}
