//! One JSON text, streamed: lists and exports row by row, everything else as whole documents.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::arm_response;
use crate::codes;
use crate::context::FileContext;
use crate::google;
use crate::json_lines;
use crate::ledger::{Asked, Tally};
use crate::resource_graph;
use crate::single;
use crate::stream::{Fault, FaultKind, JsonStream, Mending, array};

/// Bytes looked at to tell JSON lines from one document.
const HEAD_BYTES: usize = 1 << 20;
/// The longest key or scalar that is kept of a document's head.
const SCALAR_BYTES: usize = 256 << 10;

/// Reads every document of the text.
pub(crate) fn read(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) {
    match stream.look_ahead(HEAD_BYTES) {
        Ok(head) if json_lines::detect::is_json_lines(head) => {
            json_lines::read::read(stream, context);
            return;
        }
        Ok(_) => {}
        Err(fault) => return context.fault(&fault),
    }
    loop {
        let flow = match stream.peek_template() {
            Ok(None) => return,
            Ok(Some(b'[')) => read_array(stream, context),
            Ok(Some(b'{')) => read_object(stream, context),
            Ok(Some(b',')) => {
                // Pages joined by hand.
                stream.consume();
                ControlFlow::Continue(())
            }
            Ok(Some(_)) => {
                context.syntax(
                    stream.place(),
                    "expected `{` or `[` at the start of a document",
                );
                next_document(stream)
            }
            Err(fault) => return context.fault(&fault),
        };
        if flow.is_break() {
            return;
        }
    }
}

/// After a fault: a document begins at the start of a line.
pub(crate) fn next_document(stream: &mut JsonStream<'_>) -> ControlFlow<()> {
    if stream.place().column == 1 {
        // The line itself may begin one; look behind its first byte only when it does not.
        match stream.peek() {
            Ok(Some(b'{' | b'[')) => return ControlFlow::Continue(()),
            Ok(Some(_)) => stream.consume(),
            _ => return ControlFlow::Break(()),
        }
    }
    match stream.skip_to(b"\n{") {
        Ok(true) => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    }
}

fn read_array(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) -> ControlFlow<()> {
    let mut tally = Tally::new(Asked::Unknown);
    let mut elements = 0_u64;
    let flow = array::for_each_element(stream, context, &mut |context, element, place| {
        elements += 1;
        single::element(context, element, place, &mut tally)
    });
    if elements == 0 && flow.is_continue() {
        context.nothing_listed(None);
    }
    context.close(tally, None);
    flow
}

/// What is known of an object before its rows are met and behind them.
#[derive(Default)]
pub(crate) struct Header {
    /// Keys whose value is text, a number or a boolean.
    pub(crate) scalars: Map<String, Value>,
    /// Every key so far.
    pub(crate) keys: Vec<String>,
    /// The rows that were streamed, where there were some.
    pub(crate) tally: Option<Tally>,
    pub(crate) rows: u64,
}

impl Header {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.scalars.get(key).and_then(Value::as_str)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }
}

fn read_object(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) -> ControlFlow<()> {
    let start = stream.place();
    stream.start_recording(context.options.limits.document_bytes);
    stream.consume();
    let mut header = Header::default();
    let faults = context.diagnostics_so_far();
    match members(stream, context, &mut header) {
        Ok(ControlFlow::Continue(())) => {}
        Ok(ControlFlow::Break(())) => {
            stream.take_recording();
            close(header, context);
            return ControlFlow::Break(());
        }
        Err(fault) => {
            stream.take_recording();
            context.fault(&fault);
            close(header, context);
            return if fault.ended {
                ControlFlow::Break(())
            } else {
                next_document(stream)
            };
        }
    }
    let recording = stream.take_recording();
    if header.tally.is_some() {
        close(header, context);
        return ControlFlow::Continue(());
    }
    match recording {
        // A part was left out and told; the rest alone would be misread.
        _ if context.diagnostics_so_far() > faults => ControlFlow::Continue(()),
        Some(text) => single::document(context, text, start, &header),
        None => {
            let limit = context.options.limits.document_bytes;
            let message = format!("the document that begins here is over {limit} bytes");
            context.report(codes::TOO_LARGE, start, &message);
            ControlFlow::Continue(())
        }
    }
}

/// Every member of the object, its closing brace included.
fn members(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
) -> Result<ControlFlow<()>, Fault> {
    let mut scratch = Vec::new();
    let limits = context.options.limits;
    let mut first = true;
    loop {
        match stream.peek_template()? {
            Some(b'}') => {
                stream.consume();
                return Ok(ControlFlow::Continue(()));
            }
            Some(b',') if !first => stream.consume(),
            Some(b'"') if first => {}
            Some(_) => {
                return Err(syntax(
                    stream,
                    if first {
                        "a key in quotes"
                    } else {
                        "`,` or `}`"
                    },
                ));
            }
            None => return Err(truncated(stream)),
        }
        first = false;
        match stream.peek_template()? {
            Some(b'"') => {}
            // A comma too many, as templates may have.
            Some(b'}') => continue,
            Some(_) => return Err(syntax(stream, "a key in quotes")),
            None => return Err(truncated(stream)),
        }
        stream.capture(&mut scratch, SCALAR_BYTES, &limits, Mending::Template)?;
        let key: String = serde_json::from_slice(&scratch).unwrap_or_default();
        match stream.peek_template()? {
            Some(b':') => stream.consume(),
            Some(_) => return Err(syntax(stream, "`:`")),
            None => return Err(truncated(stream)),
        }
        let Some(next) = stream.peek_template()? else {
            return Err(truncated(stream));
        };
        let flow = if arm_response::detect::is_list(header, &key, next) {
            stream.take_recording();
            let outer = context.answer.enter(&header.scalars);
            let flow = arm_response::read::rows(stream, context, header, &key);
            context.answer.context = outer;
            flow
        } else if resource_graph::detect::is_export(header, &key, next) {
            stream.take_recording();
            resource_graph::read::rows(stream, context, header)?
        } else if google::inventory::is_list(stream, header, &key, next)? {
            stream.take_recording();
            google::inventory::rows(stream, context, header)
        } else {
            skip_member(stream, context, header, &key, &mut scratch)?;
            ControlFlow::Continue(())
        };
        if flow.is_break() {
            return Ok(flow);
        }
        header.keys.push(key);
    }
}

/// A member that is not streamed: recorded with the document, remembered where it is a scalar.
fn skip_member(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
    key: &str,
    scratch: &mut Vec<u8>,
) -> Result<(), Fault> {
    let limits = context.options.limits;
    match stream.capture(scratch, limits.document_bytes, &limits, Mending::Template) {
        Ok(()) => {}
        Err(fault) if matches!(fault.kind, FaultKind::TooLarge(_) | FaultKind::TooDeep) => {
            context.fault(&fault);
            if fault.ended {
                return Err(Fault {
                    kind: FaultKind::Reported,
                    ..fault
                });
            }
            return Ok(());
        }
        Err(fault) => return Err(fault),
    }
    let scalar = !matches!(scratch.first(), Some(b'{' | b'['));
    if scalar
        && scratch.len() <= SCALAR_BYTES
        && let Ok(value) = serde_json::from_slice(scratch)
    {
        header.scalars.insert(key.to_owned(), value);
    }
    Ok(())
}

/// The rows of a list or export are through: what was collected?
fn close(mut header: Header, context: &mut FileContext<'_>) {
    let Some(tally) = header.tally.take() else {
        return;
    };
    let more = arm_response::detect::more_pages(&header.scalars);
    if tally.is_empty() && header.rows == 0 {
        let outer = context.answer.enter(&header.scalars);
        context.nothing_listed(more.as_deref());
        context.answer.context = outer;
    }
    context.close(tally, more.as_deref());
}

pub(crate) fn syntax(stream: &JsonStream<'_>, expected: &'static str) -> Fault {
    Fault {
        kind: FaultKind::Syntax(expected),
        place: stream.place(),
        ended: false,
    }
}

pub(crate) fn truncated(stream: &JsonStream<'_>) -> Fault {
    Fault {
        kind: FaultKind::Truncated,
        place: stream.place(),
        ended: true,
    }
}
