//! CSV as Resource Graph Explorer downloads it: JSON columns hold JSON text.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::codes;
use crate::context::FileContext;
use crate::ledger::{Asked, Tally};
use crate::single;
use crate::stream::{JsonStream, Place};

use super::detect::column_name;

/// Ends the text when one row grows beyond the limit: a quote that never closes swallows the rest.
pub(crate) struct RowLimit<R> {
    reader: R,
    limit: usize,
    left: Cell<usize>,
}

impl<R> RowLimit<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            limit,
            left: Cell::new(limit),
        }
    }

    /// A new row begins.
    pub(crate) fn renew(&self) {
        self.left.set(self.limit);
    }
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(
                "one row is over the size limit; a quote may not be closed",
            ));
        }
        let wanted = buffer.len().min(self.left.get());
        let read = self.reader.read(&mut buffer[..wanted])?;
        self.left.set(self.left.get() - read);
        Ok(read)
    }
}

/// Steps over the `sep=;` line that Excel writes.
pub(crate) fn skip_separator_line(stream: &mut JsonStream<'_>) {
    let separated = stream.look_ahead(4).is_ok_and(|head| head == b"sep=");
    if separated && stream.skip_to(b"\n").is_ok_and(|found| found) {
        stream.consume();
    }
}

/// Reads every row. `first_line` is the line number of the first row behind the header, less what the
/// reader counts itself.
pub(crate) fn read(
    reader: Box<dyn Read + '_>,
    delimiter: u8,
    first_line: u32,
    context: &mut FileContext<'_>,
) {
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(RowLimit::new(reader, context.options.limits.element_bytes));
    let names: Vec<String> = match rows.headers() {
        Ok(header) => header.iter().map(column_name).collect(),
        Err(error) => {
            context.report(codes::CSV, Place::START, &error.to_string());
            return;
        }
    };
    let mut tally = Tally::new(Asked::Query);
    let mut record = csv::StringRecord::new();
    loop {
        rows.get_ref().renew();
        let read = rows.read_record(&mut record);
        let line = record.position().map_or(0, csv::Position::line) as u32;
        let place = Place {
            line: line.saturating_add(first_line - 1),
            column: 1,
        };
        match read {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                context.report(codes::CSV, place, &error.to_string());
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    break;
                }
                continue;
            }
        }
        if record.len() != names.len() {
            let message = format!(
                "the row has {} fields, the header {}",
                record.len(),
                names.len()
            );
            context.report(codes::CSV, place, &message);
        }
        if row(&names, &record, place, context, &mut tally).is_break() {
            break;
        }
    }
    context.close(tally, None);
}

fn row(
    names: &[String],
    record: &csv::StringRecord,
    place: Place,
    context: &mut FileContext<'_>,
    tally: &mut Tally,
) -> ControlFlow<()> {
    let mut object = Map::new();
    for (name, cell) in names.iter().zip(record) {
        if !name.is_empty() && !cell.is_empty() && cell != "null" && !object.contains_key(name) {
            object.insert(name.clone(), Value::String(cell.to_owned()));
        }
    }
    single::element(context, Value::Object(object), place, tally)
}
