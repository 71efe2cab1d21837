//! The register as a file: YAML, or JSON where the name ends in `.json`.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use stance_base::{Coded, ErrorCode};

use super::{MOST_ENTRIES, Register};

/// Longest file that is read, in bytes.
const LONGEST_FILE: u64 = 16 << 20;
/// The file's name in the data folder.
const NAME: &str = "register.yaml";

/// A register that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The file cannot be read or written.
    #[error("the register `{}` cannot be used: {source}; check the path and its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds no register.
    #[error("`{}` is no register: {message}; docs/register.md has the form", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

impl Coded for RegisterError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::NotFound
            }
            Self::File { .. } => ErrorCode::Storage,
            Self::Form { .. } => ErrorCode::InvalidInput,
        }
    }
}

impl Register {
    /// Where a data folder keeps its register.
    pub fn place(data: &Path) -> PathBuf {
        data.join(NAME)
    }

    /// The register of a file, or `None` where there is no such file.
    ///
    /// # Errors
    /// A file that cannot be read or holds no register.
    pub fn read_if_there(path: &Path) -> Result<Option<Self>, RegisterError> {
        if path.exists() {
            Self::read(path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The register of a file.
    ///
    /// # Errors
    /// A file that cannot be read or holds no register.
    pub fn read(path: &Path) -> Result<Self, RegisterError> {
        let failed = |source| RegisterError::File {
            path: path.to_owned(),
            source,
        };
        let wrong = |message: String| RegisterError::Form {
            path: path.to_owned(),
            message,
        };
        let mut text = String::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(LONGEST_FILE + 1)
            .read_to_string(&mut text)
            .map_err(failed)?;
        if text.len() as u64 > LONGEST_FILE {
            return Err(wrong(format!("it is longer than {LONGEST_FILE} bytes")));
        }
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        let mut register: Self = if is_json(path) {
            serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?
        } else {
            serde_yaml_ng::from_str(text).map_err(|error| wrong(error.to_string()))?
        };
        if register.version != 1 {
            return Err(wrong(format!("version {} is not known", register.version)));
        }
        if register.entries.len() > MOST_ENTRIES {
            return Err(wrong(format!("it has more than {MOST_ENTRIES} entries")));
        }
        if let Some(fault) = register.entries.iter().find_map(super::Entry::fault) {
            return Err(wrong(fault));
        }
        register.sort();
        Ok(register)
    }

    /// The register as the text of a file of that name.
    ///
    /// # Errors
    /// A register that cannot be written: a fault of ours.
    pub fn to_text(&self, as_json: bool) -> Result<String, RegisterError> {
        let wrong = |message: String| RegisterError::Form {
            path: PathBuf::from(NAME),
            message,
        };
        if as_json {
            let text = serde_json::to_string_pretty(self);
            return text
                .map(|text| text + "\n")
                .map_err(|error| wrong(error.to_string()));
        }
        serde_yaml_ng::to_string(self).map_err(|error| wrong(error.to_string()))
    }

    /// Writes the file, which appears whole or stays as it was.
    ///
    /// # Errors
    /// A file that cannot be written, or an entry that cannot be kept.
    pub fn write(&self, path: &Path) -> Result<(), RegisterError> {
        if let Some(message) = self.entries.iter().find_map(super::Entry::fault) {
            return Err(RegisterError::Form {
                path: path.to_owned(),
                message,
            });
        }
        let text = self.to_text(is_json(path))?;
        let failed = |source| RegisterError::File {
            path: path.to_owned(),
            source,
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut part = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        part.write_all(text.as_bytes()).map_err(failed)?;
        part.as_file().sync_all().map_err(failed)?;
        part.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// Whether a file of that name holds JSON.
pub fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}
