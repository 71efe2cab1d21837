//! The files a module may read: those of its input, and no others.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sink::Limits;
use crate::template::links::read_text;

/// Bytes of one file of source.
const FILE_BYTES: usize = 4 << 20;
/// Bytes of all files of source of one input: a tree of expressions takes many times its text.
const ALL_BYTES: usize = 64 << 20;
/// Bytes that `file("…")` may give.
pub(super) const FUNCTION_FILE_BYTES: usize = 1 << 20;

/// Files below one root. Paths are `/` separated, from the root, without `.` and `..`.
pub trait ModuleFiles {
    /// Names of the ordinary files of a folder, in order; empty where there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;
    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    fn read(&self, path: &str) -> Result<String, String>;
    /// The path as the user would write it.
    fn shown(&self, path: &str) -> String;
    /// Variable files that the user named: name to show, text.
    fn named_variables(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// Files in memory, for tests and tools.
#[derive(Debug, Default, Clone)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl ModuleFiles for MemoryFiles {
    fn list(&self, folder: &str) -> Vec<String> {
        let below = |path: &String| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            (parent == folder).then(|| name.to_owned())
        };
        self.0.keys().filter_map(below).collect()
    }

    fn read(&self, path: &str) -> Result<String, String> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| "there is no such file".to_owned())
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Files on disk below one folder.
#[derive(Debug)]
pub(super) struct DiskFiles<'o> {
    /// The root as the user spelt it.
    pub(super) given: PathBuf,
    /// The same, canonical.
    pub(super) root: PathBuf,
    pub(super) limits: Limits,
    pub(super) variable_files: &'o [PathBuf],
    /// Bytes read so far.
    pub(super) read: Cell<usize>,
}

impl DiskFiles<'_> {
    /// The file on disk, links resolved; an error where that leaves the root.
    fn inside(&self, path: &str) -> Result<PathBuf, String> {
        let found =
            std::fs::canonicalize(self.root.join(path)).map_err(|error| error.to_string())?;
        if !found.starts_with(&self.root) {
            return Err("it lies outside the input".to_owned());
        }
        Ok(found)
    }
}

impl ModuleFiles for DiskFiles<'_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(path) = self.inside(folder) else {
            return Vec::new();
        };
        let mut names: Vec<String> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .take(self.limits.files)
            .collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> Result<String, String> {
        let limits = Limits {
            document_bytes: self.limits.document_bytes.min(FILE_BYTES),
            ..self.limits
        };
        let text = read_text(&self.inside(path)?, &limits)?;
        self.read.set(self.read.get() + text.len());
        if self.read.get() > ALL_BYTES {
            return Err(format!("more than {ALL_BYTES} bytes of Terraform source"));
        }
        Ok(text)
    }

    fn shown(&self, path: &str) -> String {
        shown(&self.given, path)
    }

    fn named_variables(&self) -> Vec<(String, String)> {
        let read = |path: &PathBuf| {
            let text = read_text(path, &self.limits).ok()?;
            Some((path.to_string_lossy().into_owned(), text))
        };
        self.variable_files.iter().filter_map(read).collect()
    }
}

fn shown(given: &Path, path: &str) -> String {
    if path.is_empty() {
        return given.to_string_lossy().into_owned();
    }
    given.join(path).to_string_lossy().into_owned()
}

/// Folder and name in one path.
pub(super) fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// `path` seen from `folder`, without `.` and `..`; `None` where it leaves the root.
pub(super) fn resolved(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
