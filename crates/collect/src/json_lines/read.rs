//! Lines, each read on its own: a broken one costs itself.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::context::FileContext;
use crate::documents::next_document;
use crate::ledger::{Asked, Tally};
use crate::single;
use crate::stream::{FaultKind, JsonStream, Mending, Place, array};

/// Reads to the end of the text.
pub(crate) fn read(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) {
    let mut tally = Tally::new(Asked::Unknown);
    for_each_line(stream, context, &mut |context, value, place| {
        single::element(context, value, place, &mut tally)
    });
    context.close(tally, None);
}

/// Calls `each` with every line that parses, until it breaks or the text ends.
pub(crate) fn for_each_line(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    each: &mut dyn FnMut(&mut FileContext<'_>, Value, Place) -> ControlFlow<()>,
) {
    let mut line = Vec::new();
    let limits = context.options.limits;
    loop {
        match stream.peek() {
            Ok(Some(b'{' | b'[')) => {}
            Ok(Some(b',')) => {
                stream.consume();
                continue;
            }
            Ok(Some(_)) => {
                context.syntax(stream.place(), "expected `{` at the start of a line");
                if next_document(stream).is_break() {
                    break;
                }
                continue;
            }
            Ok(None) => break,
            Err(fault) => {
                context.fault(&fault);
                break;
            }
        }
        let place = stream.place();
        if let Err(fault) = stream.capture(&mut line, limits.element_bytes, &limits, Mending::Line)
        {
            context.fault(&fault);
            let mended =
                !matches!(fault.kind, FaultKind::Syntax(_)) || next_document(stream).is_continue();
            if fault.ended || !mended {
                break;
            }
            continue;
        }
        let Some(value) = array::parse_captured(&line, place, context) else {
            continue;
        };
        if each(context, value, place).is_break() {
            break;
        }
    }
}
