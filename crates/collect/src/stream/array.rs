//! The elements of an array, one at a time, whatever is wrong with some of them.

use std::ops::ControlFlow;

use serde_json::Value;

use super::json_stream::{Mending, SIGNATURE_BYTES};
use super::{Fault, FaultKind, JsonStream, Place, duplicates, value};
use crate::context::FileContext;

/// Reads the array that begins at the stream's next byte (`[`). `each` gets every element that parses.
/// `Break` comes from `each`, or means that nothing more can be read behind the array.
pub(crate) fn for_each_element(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    each: &mut dyn FnMut(&mut FileContext<'_>, Value, Place) -> ControlFlow<()>,
) -> ControlFlow<()> {
    stream.consume();
    let mut reader = Elements {
        text: Vec::new(),
        signature: Vec::new(),
        expects: Expects::Element,
    };
    loop {
        match reader.next(stream, context) {
            Next::Element(element, place) => each(context, element, place)?,
            Next::Skipped => {}
            Next::End => return ControlFlow::Continue(()),
            Next::Nothing => return ControlFlow::Break(()),
        }
    }
}

/// Parses captured text; a fault or a key that stands twice is reported.
pub(crate) fn parse_captured(
    bytes: &[u8],
    place: Place,
    context: &mut FileContext<'_>,
) -> Option<Value> {
    match value::parse(bytes) {
        Ok((parsed, duplicated)) => {
            if duplicated {
                context.duplicate_key(duplicates::find(bytes, place), place);
            }
            Some(parsed)
        }
        Err(error) => {
            context.syntax(value::error_place(&error, place), &error.to_string());
            None
        }
    }
}

struct Elements {
    text: Vec<u8>,
    /// How the first element begins, up to its first key: what to look for after a fault.
    signature: Vec<u8>,
    expects: Expects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Element,
    Comma,
    /// Behind a mended fault either may stand.
    Either,
}

enum Next {
    Element(Value, Place),
    Skipped,
    End,
    Nothing,
}

impl Elements {
    fn next(&mut self, stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) -> Next {
        let byte = match stream.peek() {
            Ok(Some(byte)) => byte,
            Ok(None) => {
                context.truncated(stream.place());
                return Next::Nothing;
            }
            Err(fault) => return Self::faulty(context, &fault),
        };
        match byte {
            b']' => {
                stream.consume();
                Next::End
            }
            b',' if self.expects != Expects::Element => {
                stream.consume();
                self.expects = Expects::Element;
                Next::Skipped
            }
            b'{' | b'[' | b'"' => self.element(stream, context),
            _ if byte.is_ascii_alphanumeric() || byte == b'-' => self.element(stream, context),
            _ => self.stray(stream, context),
        }
    }

    fn element(&mut self, stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) -> Next {
        let place = stream.place();
        if self.expects == Expects::Comma {
            context.syntax(place, "expected `,` between two elements");
        }
        self.expects = Expects::Comma;
        if self.signature.is_empty()
            && let Ok(head) = stream.look_ahead(SIGNATURE_BYTES)
        {
            self.signature = beginning(head);
        }
        let limits = context.options.limits;
        let mending = match self.signature.as_slice() {
            [] => Mending::Stop,
            signature => Mending::From(signature),
        };
        let captured = stream.capture(&mut self.text, limits.element_bytes, &limits, mending);
        if let Err(fault) = captured {
            if matches!(fault.kind, FaultKind::Syntax(_)) {
                self.expects = Expects::Either;
            }
            return Self::faulty(context, &fault);
        }
        match parse_captured(&self.text, place, context) {
            Some(element) => Next::Element(element, place),
            None => Next::Skipped,
        }
    }

    /// Neither an element nor a separator.
    fn stray(&mut self, stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) -> Next {
        let expected = match self.expects {
            Expects::Element => "expected a value",
            Expects::Comma | Expects::Either => "expected `,` or `]`",
        };
        context.syntax(stream.place(), expected);
        self.expects = Expects::Either;
        if !self.signature.is_empty() && matches!(stream.skip_to(&self.signature), Ok(true)) {
            return Next::Skipped;
        }
        Next::Nothing
    }

    fn faulty(context: &mut FileContext<'_>, fault: &Fault) -> Next {
        context.fault(fault);
        if fault.ended {
            Next::Nothing
        } else {
            Next::Skipped
        }
    }
}

/// `{`, white space and the first key with its quotes; empty where the element is no object.
fn beginning(head: &[u8]) -> Vec<u8> {
    let quotes: Vec<usize> = memchr::memchr_iter(b'"', head).take(2).collect();
    let blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
    match quotes.as_slice() {
        [open, close] if head[0] == b'{' && blank(&head[1..*open]) => head[..=*close].to_vec(),
        _ => Vec::new(),
    }
}
