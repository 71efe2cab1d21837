//! Files that a template names. They are looked for beside it and never outside the input.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Mutex;

use crate::arm_template::{LinkedFile, LinkedFiles};
use crate::sink::{Input, Limits};
use crate::stream::decode::{Notes, text_reader};

/// The files below one input.
#[derive(Debug)]
pub(crate) struct Links {
    /// The input as the user spelt it.
    given: PathBuf,
    /// The folder that holds everything that may be read.
    folder: PathBuf,
    limits: Limits,
    /// What was read.
    read: Mutex<Vec<PathBuf>>,
}

impl Links {
    /// The files beside and below `input`; an input that is a file opens its folder.
    pub(crate) fn new(input: &Input, limits: Limits) -> Self {
        let (given, key) = (Path::new(&input.path), Path::new(&input.key));
        let parent = |path: &Path| path.parent().unwrap_or(path).to_owned();
        let (given, folder) = if key.is_dir() {
            (given.to_owned(), key.to_owned())
        } else {
            (parent(given), parent(key))
        };
        Self {
            given,
            folder,
            limits,
            read: Mutex::default(),
        }
    }

    /// The files that were read.
    pub(crate) fn into_read(self) -> Vec<PathBuf> {
        self.read.into_inner().unwrap_or_default()
    }
}

impl LinkedFiles for Links {
    fn read(&self, from: &str, path: &str) -> Result<LinkedFile, String> {
        let below = Path::new(from)
            .strip_prefix(&self.given)
            .map_err(|_| "it lies outside the input")?;
        let base = self.folder.join(below);
        let folder = base.parent().unwrap_or(&self.folder);
        let wanted = folder.join(path.replace('\\', "/"));
        let found = std::fs::canonicalize(&wanted).map_err(|error| error.to_string())?;
        let inside = found
            .strip_prefix(&self.folder)
            .map_err(|_| "it lies outside the input")?;
        let shown = self.given.join(inside).to_string_lossy().into_owned();
        let text = read_text(&found, &self.limits)?;
        if let Ok(mut read) = self.read.lock() {
            read.push(found);
        }
        Ok(LinkedFile { file: shown, text })
    }
}

/// The text of a small file, decoded.
pub(crate) fn read_text(path: &Path, limits: &Limits) -> Result<String, String> {
    let explain = |error: std::io::Error| error.to_string();
    let metadata = std::fs::metadata(path).map_err(explain)?;
    if !metadata.is_file() {
        return Err("it is no ordinary file".to_owned());
    }
    let file = File::open(path).map_err(explain)?;
    let reader =
        text_reader(Box::new(file), limits, &Rc::new(Notes::default())).map_err(explain)?;
    let mut text = String::new();
    let limit = limits.document_bytes as u64;
    reader
        .take(limit + 1)
        .read_to_string(&mut text)
        .map_err(explain)?;
    if text.len() as u64 > limit {
        return Err(format!("it is over {limit} bytes"));
    }
    Ok(text)
}
