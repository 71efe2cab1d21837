//! Plain rows of a file, for tables that are no inventory: logs, alerts, attack paths.
//!
//! The same readers, limits and diagnostics as for resources; nothing is made of the rows here, and secrets
//! are still in them.

use std::cell::RefCell;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;
use stance_model::{Coverage, Diagnostic, Resource};

use crate::codes;
use crate::context::{FileContext, InputState, RunState};
use crate::documents;
use crate::json_lines;
use crate::sink::{CollectOptions, Limits, Sink};
use crate::stream::decode::{Notes, text_reader};
use crate::stream::{JsonStream, Place, array};

/// Bytes looked at to tell JSON lines from one document.
const HEAD_BYTES: usize = 1 << 20;

/// Calls `each` with every row of a file and its line: JSON lines, an array, or the rows of an export or a list
/// answer. `each` says whether to go on. Gives what could not be read.
pub fn read_rows(path: &Path, limits: &Limits, each: &mut dyn FnMut(Value, u32) -> bool) -> Vec<Diagnostic> {
    let shown = path.to_string_lossy().into_owned();
    let options = CollectOptions { limits: *limits, ..CollectOptions::default() };
    let (mut run, mut state) = (RunState::default(), InputState::default());
    let each = RefCell::new(each);
    let mut rows = Rows { each: &each, diagnostics: Vec::new() };
    let mut context = FileContext::new(&options, &mut rows, &mut run, &mut state, &shown, None);
    let notes = Rc::new(Notes::default());
    let opened = File::open(path).and_then(|file| text_reader(Box::new(file), limits, &notes));
    match opened {
        Ok(text) => read_text(&mut JsonStream::new(text), &mut context, &each),
        Err(error) => context.report(codes::CANNOT_READ, Place::NONE, &format!("the file cannot be opened: {error}")),
    }
    rows.diagnostics
}

fn read_text(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>, each: &Each<'_>) {
    let lines = match stream.look_ahead(HEAD_BYTES) {
        Ok(head) => is_lines(head),
        Err(fault) => return context.fault(&fault),
    };
    let mut forward = |_: &mut FileContext<'_>, row: Value, place: Place| match row {
        Value::Object(_) => hand_on(each, row, place.line),
        _ => ControlFlow::Continue(()),
    };
    match stream.peek() {
        Ok(Some(b'[')) => {
            let _ = array::for_each_element(stream, context, &mut forward);
        }
        Ok(Some(b'{')) if lines => json_lines::read::for_each_line(stream, context, &mut forward),
        Ok(Some(b'{')) => documents::read(stream, context),
        Ok(Some(_)) => context.syntax(stream.place(), "expected `{` or `[` at the start of the rows"),
        Ok(None) => context.report(codes::SYNTAX, Place::NONE, "the file is empty"),
        Err(fault) => context.fault(&fault),
    }
}

/// JSON lines, or one row alone: an object that holds no list of rows.
fn is_lines(head: &[u8]) -> bool {
    if json_lines::detect::is_json_lines(head) {
        return true;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(head) else { return false };
    !["data", "value", "rows"].iter().any(|key| members.get(*key).is_some_and(|list| list.is_array() || list.is_object()))
}

/// The caller's function, which lists call directly and exports through the sink.
type Each<'a> = RefCell<&'a mut dyn FnMut(Value, u32) -> bool>;

fn hand_on(each: &Each<'_>, row: Value, line: u32) -> ControlFlow<()> {
    if (each.borrow_mut())(row, line) {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// Hands the resources of an export on as rows.
struct Rows<'a, 'b> {
    each: &'a Each<'b>,
    diagnostics: Vec<Diagnostic>,
}

impl Sink for Rows<'_, '_> {
    fn resource(&mut self, resource: Resource) -> ControlFlow<()> {
        hand_on(self.each, resource.body, resource.source.line)
    }

    fn coverage(&mut self, _coverage: Coverage) {}

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
