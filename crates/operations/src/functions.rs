//! Stored functions: those that are shipped, and those of a folder that the user names.

use std::io::Read;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use stance_kql::{StoredFunction, read_stored_function};

use crate::OperationsError;

/// One function a file.
static FUNCTIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/functions");

/// Longest file that is read, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Most files and folders that are looked at.
const MOST_ENTRIES: usize = 20_000;
/// Deepest folder that is looked into.
const DEEPEST: usize = 16;

/// The functions that are shipped.
pub(crate) fn shipped() -> impl Iterator<Item = StoredFunction> {
    FUNCTIONS.files().filter_map(|file| {
        let name = file.path().file_stem()?.to_str()?;
        read_stored_function(name, file.contents_utf8()?).ok()
    })
}

/// The functions of every `.kql` file below a folder, in order of their paths. A file whose text
/// does not name its function is called like the file.
///
/// # Errors
/// A file that cannot be read or holds no function; the message names it.
pub fn functions_of_folder(folder: &Path) -> Result<Vec<StoredFunction>, OperationsError> {
    let mut files = Vec::new();
    let mut looked_at = 0;
    collect(folder, 0, &mut looked_at, &mut files)?;
    files.sort();
    files.iter().map(|path| function_of_file(path)).collect()
}

fn input(path: &Path, source: std::io::Error) -> OperationsError {
    OperationsError::Input {
        path: path.to_owned(),
        source,
    }
}

fn collect(
    folder: &Path,
    depth: usize,
    looked_at: &mut usize,
    files: &mut Vec<PathBuf>,
) -> Result<(), OperationsError> {
    let entries = std::fs::read_dir(folder).map_err(|error| input(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| input(folder, error))?.path();
        *looked_at += 1;
        if *looked_at > MOST_ENTRIES {
            let message = format!("it holds more than {MOST_ENTRIES} files and folders");
            return Err(input(folder, std::io::Error::other(message)));
        }
        let is_query = path.extension().is_some_and(|extension| extension == "kql");
        if is_query && path.is_file() {
            files.push(path);
        } else if depth < DEEPEST && path.is_dir() && !path.is_symlink() {
            collect(&path, depth + 1, looked_at, files)?;
        }
    }
    Ok(())
}

fn function_of_file(path: &Path) -> Result<StoredFunction, OperationsError> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| input(path, error))?;
    file.take(LONGEST_FILE)
        .read_to_string(&mut text)
        .map_err(|error| input(path, error))?;
    let name = path.file_stem().and_then(|stem| stem.to_str());
    read_stored_function(name.unwrap_or_default(), &text).map_err(|message| {
        OperationsError::Function {
            path: path.to_owned(),
            message,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_a_function_of_its_name() {
        let names: Vec<String> = shipped().map(|function| function.name).collect();
        assert_eq!(names.len(), FUNCTIONS.files().count());
        for file in FUNCTIONS.files() {
            let stem = file.path().file_stem().and_then(|stem| stem.to_str());
            assert!(
                names.iter().any(|name| Some(name.as_str()) == stem),
                "{stem:?}"
            );
        }
    }
}
