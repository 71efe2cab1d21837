//! Which files an input holds: every ordinary file below it, in order of name, never outside it.

use std::path::{Path, PathBuf};

use stance_model::DiagnosticLevel;
use walkdir::{DirEntry, WalkDir};

use crate::codes::{self, DiagnosticCode};
use crate::sink::Limits;

/// Folders that hold tools and history, not inputs.
const SKIPPED_FOLDERS: &[&str] = &["node_modules", "target", "__pycache__"];

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The path as the user would write it.
    pub(crate) shown: String,
    pub(crate) bytes: u64,
    /// The user named this very file.
    pub(crate) named: bool,
}

/// Something on the way that is no file to read.
#[derive(Debug)]
pub(crate) struct Obstacle {
    pub(crate) shown: String,
    pub(crate) code: DiagnosticCode,
    pub(crate) level: DiagnosticLevel,
    pub(crate) message: String,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) files: Vec<Found>,
    pub(crate) obstacles: Vec<Obstacle>,
}

/// Walks `canonical`, which the user spelt `given`.
pub(crate) fn walk(given: &Path, canonical: &Path, limits: &Limits) -> Walk {
    let mut found = Walk::default();
    if !canonical.is_dir() {
        single(given, canonical, &mut found);
        return found;
    }
    let entries = WalkDir::new(canonical)
        .follow_links(false)
        .max_depth(limits.folder_depth)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_skipped(entry));
    for entry in entries {
        match entry {
            Ok(entry) => visit(given, canonical, &entry, limits, &mut found),
            Err(error) => {
                let path = error.path().unwrap_or(canonical);
                found.obstacles.push(Obstacle {
                    shown: shown(given, canonical, path),
                    code: codes::CANNOT_READ,
                    level: codes::CANNOT_READ.level,
                    message: match error.io_error() {
                        Some(cause) => format!("cannot be listed: {cause}"),
                        None => "cannot be listed: a folder contains itself".to_owned(),
                    },
                });
            }
        }
        if found.files.len() >= limits.files {
            found.obstacles.push(Obstacle {
                shown: shown(given, canonical, canonical),
                code: codes::TOO_MANY_FILES,
                level: codes::TOO_MANY_FILES.level,
                message: format!("more than {} files", limits.files),
            });
            break;
        }
    }
    found
}

fn is_skipped(entry: &DirEntry) -> bool {
    let folder = entry.file_type().is_dir();
    entry
        .file_name()
        .to_str()
        .is_some_and(|name| is_left_out(name, folder))
}

/// Whether a file or folder of that name is left out when the folder around it is read.
pub fn is_left_out(name: &str, folder: bool) -> bool {
    name.starts_with('.') || (folder && SKIPPED_FOLDERS.contains(&name))
}

fn single(given: &Path, canonical: &Path, found: &mut Walk) {
    let shown = slashes(given);
    match std::fs::metadata(canonical) {
        Ok(metadata) if metadata.is_file() => found.files.push(Found {
            path: canonical.to_owned(),
            shown,
            bytes: metadata.len(),
            named: true,
        }),
        Ok(_) => found.obstacles.push(Obstacle {
            shown,
            code: codes::SPECIAL_FILE,
            level: DiagnosticLevel::Error,
            message: "a pipe, socket or device is no input".to_owned(),
        }),
        Err(error) => found.obstacles.push(Obstacle {
            shown,
            code: codes::CANNOT_READ,
            level: codes::CANNOT_READ.level,
            message: format!("cannot be read: {error}"),
        }),
    }
}

fn visit(given: &Path, canonical: &Path, entry: &DirEntry, limits: &Limits, found: &mut Walk) {
    let kind = entry.file_type();
    let shown = shown(given, canonical, entry.path());
    let mut obstacle = |code: DiagnosticCode, message: String| {
        found.obstacles.push(Obstacle {
            shown: shown.clone(),
            code,
            level: code.level,
            message,
        });
    };
    if kind.is_dir() {
        if entry.depth() == limits.folder_depth {
            obstacle(
                codes::TOO_MANY_FILES,
                format!("more than {} levels of folders", limits.folder_depth),
            );
        }
        return;
    }
    if kind.is_symlink() {
        match std::fs::canonicalize(entry.path()) {
            // The target is read where it stands.
            Ok(target) if target.starts_with(canonical) => {}
            Ok(_) => obstacle(
                codes::LINK_LEAVES_INPUT,
                "the link points outside the input folder".to_owned(),
            ),
            Err(error) => obstacle(
                codes::LINK_LEAVES_INPUT,
                format!("the link leads nowhere: {error}"),
            ),
        }
        return;
    }
    if !kind.is_file() {
        obstacle(
            codes::SPECIAL_FILE,
            "a pipe, socket or device was skipped".to_owned(),
        );
        return;
    }
    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
    found.files.push(Found {
        path: entry.path().to_owned(),
        shown,
        bytes,
        named: false,
    });
}

/// The path as the user would write it: what was given, joined with what lies below it.
fn shown(given: &Path, canonical: &Path, path: &Path) -> String {
    match path.strip_prefix(canonical) {
        Ok(below) if below.as_os_str().is_empty() => slashes(given),
        Ok(below) => slashes(&given.join(below)),
        Err(_) => slashes(path),
    }
}

fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        return text.into_owned();
    }
    text.replace(std::path::MAIN_SEPARATOR, "/")
}
