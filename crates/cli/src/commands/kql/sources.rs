//! The texts that the arguments name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use stance_base::{ErrorCode, safe_text};
use stance_kql_syntax::MAX_QUERY_BYTES;

use crate::failure::Failure;

/// How deep folders are followed.
const DEEPEST_FOLDER: usize = 64;

/// Endings of files that hold queries.
const ENDINGS: [&str; 3] = ["kql", "csl", "txt"];

/// A text and where it came from.
#[derive(Debug)]
pub(super) struct Source {
    /// The file; absent for standard input.
    pub(super) path: Option<PathBuf>,
    /// The whole text, without a byte order mark.
    pub(super) text: String,
}

impl Source {
    /// The name to show.
    pub(super) fn name(&self) -> String {
        match &self.path {
            Some(path) => safe_text::terminal(&path.display().to_string()).into_owned(),
            None => "-".to_owned(),
        }
    }
}

/// Reads files, the query files of folders, and standard input for `-` or where nothing is named.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    if paths.is_empty() {
        if io::IsTerminal::is_terminal(&io::stdin()) {
            return Err(Failure::new(
                ErrorCode::InvalidInput,
                "no text to read; name files, or `-` for standard input",
            ));
        }
        return Ok(vec![standard_input()?]);
    }
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(standard_input()?);
        } else if path.is_dir() {
            let mut found = Vec::new();
            query_files(path, DEEPEST_FOLDER, &mut found)?;
            for path in found {
                sources.push(read_file(path)?);
            }
        } else {
            sources.push(read_file(path.clone())?);
        }
    }
    if sources.is_empty() {
        return Err(Failure::new(
            ErrorCode::NotFound,
            "no query file found; they end in .kql, .csl or .txt",
        ));
    }
    Ok(sources)
}

fn standard_input() -> Result<Source, Failure> {
    let text =
        read_text(io::stdin().lock()).map_err(|error| unreadable("standard input", &error))?;
    Ok(Source { path: None, text })
}

fn read_file(path: PathBuf) -> Result<Source, Failure> {
    let text = File::open(&path)
        .and_then(read_text)
        .map_err(|error| unreadable(&format!("`{}`", path.display()), &error))?;
    Ok(Source {
        path: Some(path),
        text,
    })
}

/// A longer text is an error: half of it must never be written back.
fn read_text(source: impl Read) -> io::Result<String> {
    let limit = MAX_QUERY_BYTES as u64 + 4;
    let mut text = String::new();
    source.take(limit).read_to_string(&mut text)?;
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        text = rest.to_owned();
    }
    if text.len() > MAX_QUERY_BYTES {
        return Err(io::Error::other(format!(
            "it is longer than {MAX_QUERY_BYTES} bytes"
        )));
    }
    Ok(text)
}

fn unreadable(what: &str, error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::NotFound => ErrorCode::NotFound,
        io::ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
        _ => ErrorCode::InvalidInput,
    };
    Failure::new(
        code,
        format!("{what} cannot be read: {error}; queries are UTF-8 text"),
    )
}

/// Query files below a folder, by name; links are not followed.
fn query_files(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if depth == 0 {
        return Ok(());
    }
    let unreadable = |error: io::Error| unreadable(&format!("`{}`", folder.display()), &error);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() {
            query_files(&path, depth - 1, found)?;
        } else if kind.is_file() && is_query_file(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_query_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}
