//! Where results go: standard output, or a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use stance_base::ErrorCode;

use crate::failure::Failure;

/// An open place for a result.
#[derive(Debug)]
pub(crate) struct Output {
    target: Target,
}

#[derive(Debug)]
enum Target {
    Standard,
    File {
        part: PathBuf,
        path: PathBuf,
    },
    /// A device or pipe such as `/dev/null`: written directly.
    Special(PathBuf),
}

impl Output {
    /// Standard output, or the file of that path.
    pub(crate) fn open(path: Option<&Path>) -> Self {
        let Some(path) = path else {
            return Self {
                target: Target::Standard,
            };
        };
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Self {
                target: Target::Special(path.to_owned()),
            };
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        Self {
            target: Target::File {
                part: part.into(),
                path: path.to_owned(),
            },
        }
    }

    /// Whether the result goes to a file.
    pub(crate) fn is_file(&self) -> bool {
        !matches!(self.target, Target::Standard)
    }

    /// Lets `fill` write the result.
    pub(crate) fn fill<E: Into<Failure>>(
        self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), Failure> {
        match &self.target {
            Target::Standard => {
                let mut out = BufWriter::new(io::stdout().lock());
                fill(&mut out).map_err(Into::into)?;
                out.flush().map_err(|error| Failure::output(&error))
            }
            Target::Special(path) => {
                let file = File::options()
                    .write(true)
                    .open(path)
                    .map_err(|error| unwritable(path, &error))?;
                let mut out = BufWriter::new(file);
                fill(&mut out).map_err(Into::into)?;
                out.flush().map_err(|error| Failure::output(&error))
            }
            Target::File { part, path } => {
                let written = fill_file(part, fill).and_then(|()| {
                    fs::rename(part, path).map_err(|error| unwritable(path, &error))
                });
                if written.is_err() {
                    // What is half written helps nobody; the error above is the one to tell.
                    let _ = fs::remove_file(part);
                }
                written
            }
        }
    }

    /// Writes bytes that are ready.
    pub(crate) fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        self.fill(|out| {
            out.write_all(bytes)
                .map_err(|error| Failure::output(&error))
        })
    }
}

fn fill_file<E: Into<Failure>>(
    part: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), Failure> {
    let file = File::create(part).map_err(|error| unwritable(part, &error))?;
    let mut out = BufWriter::new(file);
    fill(&mut out).map_err(Into::into)?;
    out.flush().map_err(|error| unwritable(part, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        ErrorCode::Storage,
        format!(
            "`{}` cannot be written: {error}; check the folder and its permissions",
            path.display()
        ),
    )
}
