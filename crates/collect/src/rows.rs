//! Plain rows of a file, for tables that are filled as they come: logs, alerts, attack paths.
//!
//! JSON lines, arrays, answers with `value`, `data`, `records` or `tables`, and CSV; streamed within
//! the same limits as resources, with the same diagnostics, and secrets removed.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use serde_json::{Map, Value};
use stance_base::redact;
use stance_model::{Coverage, Diagnostic, Resource};

use crate::codes;
use crate::context::{FileContext, InputState, RunState};
use crate::documents::{next_document, syntax, truncated};
use crate::json_lines::detect::is_json_lines;
use crate::resource_graph::csv_rows::RowLimit;
use crate::sink::{CollectOptions, Limits, Sink};
use crate::stream::decode::{Notes, text_reader};
use crate::stream::{Fault, FaultKind, JsonStream, Mending, Place, array};

/// Members that hold the rows of an answer or a batch.
const ROW_MEMBERS: &[&str] = &["value", "data", "records", "rows", "events"];
/// Bytes looked at to recognise JSON lines and CSV.
const HEAD_BYTES: usize = 1 << 20;

/// Hears of each row and its line; `false` stops the reading.
type Each<'a> = dyn FnMut(Value, u32) -> bool + 'a;

/// Calls `each` with every row of a file and its line, in order. A broken row costs itself and one of
/// the diagnostics given back.
pub fn read_rows(path: &Path, limits: &Limits, each: &mut Each<'_>) -> Vec<Diagnostic> {
    let shown = path.to_string_lossy();
    match File::open(path) {
        Ok(file) => read_rows_from(&shown, Box::new(file), limits, each),
        Err(error) => with_context(&shown, limits, &mut |context| {
            let message = format!("the file cannot be opened: {error}");
            context.report(codes::CANNOT_READ, Place::NONE, &message);
        }),
    }
}

/// The same for any reader; `name` stands in the diagnostics.
pub fn read_rows_from(
    name: &str,
    reader: Box<dyn Read + '_>,
    limits: &Limits,
    each: &mut Each<'_>,
) -> Vec<Diagnostic> {
    let mut reader = Some(reader);
    with_context(name, limits, &mut |context| {
        let Some(reader) = reader.take() else { return };
        let notes = Rc::new(Notes::default());
        match text_reader(reader, limits, &notes) {
            Ok(text) => read(&mut JsonStream::new(text), context, each),
            Err(error) => {
                let message = format!("reading stopped: {error}");
                context.report(codes::CANNOT_READ, Place::NONE, &message);
            }
        }
        context.notes(&notes);
        context.close_rows();
    })
}

#[derive(Default)]
struct Said(Vec<Diagnostic>);

impl Sink for Said {
    fn resource(&mut self, _resource: Resource) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn coverage(&mut self, _coverage: Coverage) {}

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }
}

fn with_context(
    name: &str,
    limits: &Limits,
    work: &mut dyn FnMut(&mut FileContext<'_>),
) -> Vec<Diagnostic> {
    let options = CollectOptions {
        limits: *limits,
        ..CollectOptions::default()
    };
    let mut said = Said::default();
    let (mut run, mut input) = (RunState::default(), InputState::default());
    work(&mut FileContext::new(
        &options, &mut said, &mut run, &mut input, name, None,
    ));
    said.0
}

fn read(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>, each: &mut Each<'_>) {
    let mut lines = false;
    loop {
        let next = match stream.peek() {
            Ok(next) => next,
            Err(fault) => return context.fault(&fault),
        };
        let first = stream.place() == Place::START;
        let flow = match next {
            None if first => {
                return context.report(codes::EMPTY_FILE, Place::NONE, "the file is empty");
            }
            None => return,
            Some(b',') => {
                stream.consume();
                ControlFlow::Continue(())
            }
            Some(b'[') => elements(stream, context, each),
            Some(b'{') => {
                lines = lines || stream.look_ahead(HEAD_BYTES).is_ok_and(is_json_lines);
                if lines {
                    line(stream, context, each)
                } else {
                    object(stream, context, each)
                }
            }
            Some(_) if first => return csv_or_nothing(stream, context, each),
            Some(_) => {
                context.syntax(stream.place(), "expected `{` at the start of a row");
                next_document(stream)
            }
        };
        if flow.is_break() {
            return;
        }
    }
}

fn give(each: &mut Each<'_>, mut row: Value, place: Place) -> ControlFlow<()> {
    redact::redact(&mut row);
    if each(row, place.line) {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

fn elements(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    array::for_each_element(stream, context, &mut |_, row, place| give(each, row, place))
}

fn line(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let limits = context.options.limits;
    let place = stream.place();
    let mut text = Vec::new();
    if let Err(fault) = stream.capture(&mut text, limits.element_bytes, &limits, Mending::Line) {
        return mend(stream, context, &fault);
    }
    match array::parse_captured(&text, place, context) {
        Some(row) => give(each, row, place),
        None => ControlFlow::Continue(()),
    }
}

/// Reports a fault and goes to where the next row may begin.
fn mend(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    fault: &Fault,
) -> ControlFlow<()> {
    context.fault(fault);
    match fault.kind {
        _ if fault.ended => ControlFlow::Break(()),
        FaultKind::Syntax(_) => next_document(stream),
        _ => ControlFlow::Continue(()),
    }
}

/// An answer whose rows are streamed, or one row written over several lines.
fn object(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let start = stream.place();
    stream.consume();
    let mut row = Map::new();
    let mut streamed = false;
    loop {
        match member(stream, context, &mut row) {
            Ok(Member::Kept) => {}
            Ok(Member::Rows) => {
                streamed = true;
                elements(stream, context, each)?;
            }
            Ok(Member::End) => break,
            Err(fault) => return mend(stream, context, &fault),
        }
    }
    if let Some(Value::Array(tables)) = row.get("tables") {
        return tables
            .iter()
            .try_for_each(|table| table_rows(table, start, each));
    }
    if streamed {
        return ControlFlow::Continue(());
    }
    give(each, Value::Object(row), start)
}

enum Member {
    /// It stands in the row.
    Kept,
    /// It holds rows, which begin at the stream's next byte.
    Rows,
    End,
}

fn member(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    row: &mut Map<String, Value>,
) -> Result<Member, Fault> {
    let limits = context.options.limits;
    loop {
        match stream.peek()? {
            Some(b'}') => {
                stream.consume();
                return Ok(Member::End);
            }
            Some(b',') => stream.consume(),
            Some(b'"') => break,
            Some(_) => return Err(syntax(stream, "a key in quotes")),
            None => return Err(truncated(stream)),
        }
    }
    let mut text = Vec::new();
    stream.capture(&mut text, limits.element_bytes, &limits, Mending::Stop)?;
    let key: String = serde_json::from_slice(&text).unwrap_or_default();
    match stream.peek()? {
        Some(b':') => stream.consume(),
        Some(_) => return Err(syntax(stream, "`:`")),
        None => return Err(truncated(stream)),
    }
    // A row of its own may hold a list called `data`; an answer holds nothing but counts beside it.
    let answer = row.values().all(|value| !value.is_object());
    if answer && ROW_MEMBERS.contains(&key.as_str()) && stream.peek()? == Some(b'[') {
        return Ok(Member::Rows);
    }
    let place = stream.place();
    stream.capture(&mut text, limits.element_bytes, &limits, Mending::Stop)?;
    if let Some(value) = array::parse_captured(&text, place, context) {
        row.insert(key, value);
    }
    Ok(Member::Kept)
}

/// A table of a log query: `{"name", "columns": [{"name"}], "rows": [[…]]}`.
fn table_rows(table: &Value, place: Place, each: &mut Each<'_>) -> ControlFlow<()> {
    let list = |key: &str| {
        table
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let names: Vec<&str> = list("columns")
        .filter_map(|column| column.get("name").and_then(Value::as_str))
        .collect();
    for cells in list("rows").filter_map(Value::as_array) {
        let names = names.iter().map(|name| (*name).to_owned());
        let row: Map<String, Value> = names.zip(cells.iter().cloned()).collect();
        give(each, Value::Object(row), place)?;
    }
    ControlFlow::Continue(())
}

fn csv_or_nothing(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>, each: &mut Each<'_>) {
    let head = match stream.look_ahead(HEAD_BYTES) {
        Ok(head) => head,
        Err(fault) => return context.fault(&fault),
    };
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .find(|delimiter| first.contains(delimiter));
    let (Some(delimiter), true) = (delimiter, head.contains(&b'\n')) else {
        return context.report(
            codes::NOT_UNDERSTOOD,
            Place::START,
            "the format is not known",
        );
    };
    let limit = context.options.limits.element_bytes;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(RowLimit::new(stream.as_reader(), limit));
    let names: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => return context.report(codes::CSV, Place::START, &error.to_string()),
    };
    let mut record = csv::StringRecord::new();
    loop {
        reader.get_ref().renew();
        let place = Place {
            line: reader.position().line() as u32,
            column: 1,
        };
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                context.report(codes::CSV, place, &error.to_string());
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    return;
                }
                continue;
            }
        }
        let cells = record.iter().map(|cell| Value::String(cell.to_owned()));
        let row = names.iter().cloned().zip(cells).collect();
        if give(each, Value::Object(row), place).is_break() {
            return;
        }
    }
}
