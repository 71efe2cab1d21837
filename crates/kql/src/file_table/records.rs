//! Records of CSV and JSON files, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use stance_base::ErrorCode;

use super::{FileKind, failed, io_failed};
use crate::error::KqlError;

/// Longest line of JSON lines, in bytes.
const MAX_LINE: usize = 64 << 20;
/// Largest file that holds one JSON document, in bytes.
const MAX_DOCUMENT: u64 = 1 << 30;

/// One record.
#[derive(Debug)]
pub(super) enum Record {
    Json(Map<String, Json>),
    /// Cells in the order of the header.
    Csv(csv::StringRecord),
}

/// Reads the records of one file.
pub(super) struct Records {
    path: PathBuf,
    source: Source,
    line: usize,
    /// Column names of a CSV file.
    pub(super) header: Vec<String>,
}

enum Source {
    Lines(BufReader<File>),
    Document(std::vec::IntoIter<Json>),
    Csv(Box<csv::Reader<File>>),
    Ended,
}

impl Records {
    pub(super) fn open(path: &Path) -> Result<Self, KqlError> {
        let file = File::open(path).map_err(|error| io_failed(path, &error))?;
        let mut header = Vec::new();
        let source = if FileKind::of(path) == Some(FileKind::Csv) {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
            let names = reader
                .headers()
                .map_err(|error| failed(path, error.to_string(), ErrorCode::InvalidInput))?;
            header = unique_names(names);
            Source::Csv(Box::new(reader))
        } else {
            json_source(path, file)?
        };
        Ok(Self {
            path: path.to_owned(),
            source,
            line: 0,
            header,
        })
    }

    /// The next record; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record>, KqlError> {
        match &mut self.source {
            Source::Ended => Ok(None),
            Source::Csv(reader) => {
                let mut record = csv::StringRecord::new();
                let more = reader.read_record(&mut record).map_err(|error| {
                    failed(&self.path, error.to_string(), ErrorCode::InvalidInput)
                })?;
                Ok(more.then_some(Record::Csv(record)))
            }
            Source::Document(elements) => {
                self.line += 1;
                match elements.next() {
                    None => Ok(None),
                    Some(Json::Object(object)) => Ok(Some(Record::Json(object))),
                    Some(_) => Err(self.no_object("element")),
                }
            }
            Source::Lines(_) => self.next_line(),
        }
    }

    fn next_line(&mut self) -> Result<Option<Record>, KqlError> {
        loop {
            let Source::Lines(reader) = &mut self.source else {
                return Ok(None);
            };
            let mut line = Vec::new();
            let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
            let read = reader
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut line)
                .map_err(|error| io_failed(&self.path, &error))?;
            if read == 0 {
                self.source = Source::Ended;
                return Ok(None);
            }
            self.line += 1;
            if line.len() >= MAX_LINE {
                let reason = format!("line {} is longer than {MAX_LINE} bytes", self.line);
                return Err(failed(&self.path, reason, ErrorCode::LimitExceeded));
            }
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return match serde_json::from_slice(line) {
                Ok(Json::Object(object)) => Ok(Some(Record::Json(object))),
                Ok(_) => Err(self.no_object("line")),
                Err(error) => {
                    let reason = format!(
                        "line {} is no JSON ({error}); one object is wanted on each line",
                        self.line
                    );
                    Err(failed(&self.path, reason, ErrorCode::InvalidInput))
                }
            };
        }
    }

    fn no_object(&self, what: &str) -> KqlError {
        let reason = format!("{what} {} is no JSON object", self.line);
        failed(&self.path, reason, ErrorCode::InvalidInput)
    }
}

/// A JSON array of objects is read whole; anything else is taken as JSON lines.
fn json_source(path: &Path, file: File) -> Result<Source, KqlError> {
    let size = file
        .metadata()
        .map_err(|error| io_failed(path, &error))?
        .len();
    let mut reader = BufReader::new(file);
    let start = reader.fill_buf().map_err(|error| io_failed(path, &error))?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = start
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .copied();
    if first != Some(b'[') {
        return Ok(Source::Lines(reader));
    }
    if size > MAX_DOCUMENT {
        let reason = "a JSON array of this size is not read; write one object on each line instead";
        return Err(failed(path, reason, ErrorCode::LimitExceeded));
    }
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|error| io_failed(path, &error))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match serde_json::from_slice::<Vec<Json>>(bytes) {
        Ok(elements) => Ok(Source::Document(elements.into_iter())),
        Err(error) => {
            let reason = format!("it is no JSON array of objects: {error}");
            Err(failed(path, reason, ErrorCode::InvalidInput))
        }
    }
}

/// Header names without a byte order mark; an empty or repeated one gets a number.
fn unique_names(header: &csv::StringRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (position, name) in header.iter().enumerate() {
        let name = name.trim_start_matches('\u{feff}').trim();
        let base = if name.is_empty() {
            format!("Column{}", position + 1)
        } else {
            name.to_owned()
        };
        let mut unique = base.clone();
        let mut number = 1;
        while names.contains(&unique) {
            unique = format!("{base}{number}");
            number += 1;
        }
        names.push(unique);
    }
    names
}
