//! A buffered reader of JSON text that hands out one value at a time and mends itself after faults.

use std::io::{self, Read};

use super::Place;
use super::fault::{Fault, FaultKind};
use super::scanner::{Dialect, Fed, Scanner};
use crate::sink::Limits;

const CHUNK: usize = 64 * 1024;
/// Bytes that may be read a second time while mending, for each file.
const RESCAN_BUDGET: usize = 256 << 20;
/// The longest beginning of an element that is looked for while mending.
pub(crate) const SIGNATURE_BYTES: usize = 256;

/// What to do when a byte does not fit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mending<'s> {
    /// Stop at it.
    Stop,
    /// Stop at it, but take what Resource Manager takes for a template.
    Template,
    /// Stop at it, or at the end of the line: a value that is open there is broken.
    Line,
    /// Go on where the next element begins, which looks like this.
    From(&'s [u8]),
}

struct Recording {
    bytes: Vec<u8>,
    limit: usize,
    overflowed: bool,
}

/// See the module.
pub(crate) struct JsonStream<'a> {
    reader: Box<dyn Read + 'a>,
    piece: Vec<u8>,
    buffer: Vec<u8>,
    cursor: usize,
    ended: bool,
    place: Place,
    recording: Option<Recording>,
    rescan_left: usize,
}

impl<'a> JsonStream<'a> {
    pub(crate) fn new(reader: Box<dyn Read + 'a>) -> Self {
        Self {
            reader,
            piece: vec![0; CHUNK],
            buffer: Vec::new(),
            cursor: 0,
            ended: false,
            place: Place::START,
            recording: None,
            rescan_left: RESCAN_BUDGET,
        }
    }

    /// The rest of the text as plain bytes.
    pub(crate) fn as_reader(&mut self) -> impl Read + '_ {
        Rest(self)
    }

    /// Where the next byte stands.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Bytes at hand; reads more when there are none. Empty at the end.
    fn available(&mut self) -> Result<&[u8], Fault> {
        if self.cursor == self.buffer.len() && !self.ended {
            self.buffer.clear();
            self.cursor = 0;
            self.read_more()?;
        }
        Ok(&self.buffer[self.cursor..])
    }

    fn read_more(&mut self) -> Result<(), Fault> {
        loop {
            match self.reader.read(&mut self.piece) {
                Ok(read) => {
                    self.buffer.extend_from_slice(&self.piece[..read]);
                    self.ended = read == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(Fault {
                        kind: FaultKind::Read(error),
                        place: self.place,
                        ended: true,
                    });
                }
            }
        }
    }

    /// The next `count` bytes, or fewer at the end.
    pub(crate) fn look_ahead(&mut self, count: usize) -> Result<&[u8], Fault> {
        while self.buffer.len() - self.cursor < count && !self.ended {
            if self.cursor > CHUNK {
                self.buffer.drain(..self.cursor);
                self.cursor = 0;
            }
            self.read_more()?;
        }
        let end = self.buffer.len().min(self.cursor + count);
        Ok(&self.buffer[self.cursor..end])
    }

    fn advance(&mut self, count: usize) {
        let bytes = &self.buffer[self.cursor..self.cursor + count];
        self.place = self.place.behind(bytes);
        if let Some(recording) = &mut self.recording {
            if recording.bytes.len() + count > recording.limit {
                recording.overflowed = true;
                recording.bytes = Vec::new();
            }
            if !recording.overflowed {
                recording.bytes.extend_from_slice(bytes);
            }
        }
        self.cursor += count;
    }

    /// The next byte that is no white space, still to be consumed.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let bytes = self.available()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let blank = bytes
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            match blank {
                Some(0) => return Ok(Some(bytes[0])),
                Some(count) => self.advance(count),
                None => {
                    let count = bytes.len();
                    self.advance(count);
                }
            }
        }
    }

    /// Consumes the byte that `peek` showed.
    pub(crate) fn consume(&mut self) {
        if self.cursor < self.buffer.len() {
            self.advance(1);
        }
    }

    /// From here on keeps the text that is consumed, up to `limit` bytes.
    pub(crate) fn start_recording(&mut self, limit: usize) {
        self.recording = Some(Recording {
            bytes: Vec::new(),
            limit,
            overflowed: false,
        });
    }

    /// The text since `start_recording`; `None` where it went over the limit.
    pub(crate) fn take_recording(&mut self) -> Option<Vec<u8>> {
        let recording = self.recording.take()?;
        (!recording.overflowed).then_some(recording.bytes)
    }

    /// Like `peek`, over comments too.
    pub(crate) fn peek_template(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let next = self.peek()?;
            if next != Some(b'/') {
                return Ok(next);
            }
            let end: &[u8] = match self.look_ahead(2)? {
                b"//" => b"\n",
                b"/*" => b"*/",
                _ => return Ok(next),
            };
            self.advance(2);
            if self.skip_to(end)? {
                self.advance(end.len());
            }
        }
    }

    /// Reads one value into `out` (cleared first), of `limit` bytes at most.
    pub(crate) fn capture(
        &mut self,
        out: &mut Vec<u8>,
        limit: usize,
        limits: &Limits,
        mending: Mending<'_>,
    ) -> Result<(), Fault> {
        let (dialect, signature) = match mending {
            Mending::Stop | Mending::Line => (Dialect::Strict, None),
            Mending::Template => (Dialect::Template, None),
            Mending::From(signature) => (Dialect::Strict, Some(signature)),
        };
        out.clear();
        self.peek()?;
        let start = self.place;
        let by_line = matches!(mending, Mending::Line);
        let mut capture = Capture {
            start,
            scanner: Scanner::of(dialect, limits.depth),
            limit,
            too_large: false,
            fault: None,
        };
        loop {
            let bytes = self.available()?;
            if bytes.is_empty() {
                return self.at_end(out, &capture, signature);
            }
            let line_end = memchr::memchr(b'\n', bytes).filter(|_| by_line);
            let bytes = &bytes[..line_end.unwrap_or(bytes.len())];
            let fed = capture.scanner.feed(bytes);
            let count = match fed {
                Fed::More => bytes.len(),
                Fed::Done(count) | Fed::Bad(count, _) => count,
            };
            capture.too_large |= out.len() + count > limit;
            if capture.too_large {
                out.clear();
            } else {
                out.extend_from_slice(&bytes[..count]);
            }
            self.advance(count);
            match fed {
                Fed::More if line_end.is_some() => {
                    self.advance(1);
                    return Err(capture.open_at_line_end());
                }
                Fed::More => {}
                Fed::Done(_) => return capture.verdict(),
                Fed::Bad(_, expected) => {
                    if let Some(fault) = self.faulty(expected, out, &mut capture, signature)? {
                        return Err(fault);
                    }
                }
            }
        }
    }

    /// Text ended inside a value.
    fn at_end(
        &mut self,
        out: &[u8],
        capture: &Capture,
        signature: Option<&[u8]>,
    ) -> Result<(), Fault> {
        if let (Some((offset, fault)), Some(signature)) = (&capture.fault, signature) {
            return Err(self.go_on_inside(out, *offset, fault, capture, signature));
        }
        if capture.scanner.complete_at_end() {
            return capture.verdict();
        }
        let kind = match () {
            () if capture.scanner.too_deep() => FaultKind::TooDeep,
            () if capture.too_large => FaultKind::TooLarge(capture.limit),
            () => FaultKind::Truncated,
        };
        Err(Fault {
            kind,
            place: capture.start,
            ended: true,
        })
    }

    /// A byte that does not fit. `None`: keep scanning leniently.
    fn faulty(
        &mut self,
        expected: &'static str,
        out: &[u8],
        capture: &mut Capture,
        signature: Option<&[u8]>,
    ) -> Result<Option<Fault>, Fault> {
        let place = self.place;
        let first = Fault {
            kind: FaultKind::Syntax(expected),
            place,
            ended: false,
        };
        let Some(signature) = signature else {
            return Ok(Some(first));
        };
        if let Some((offset, fault)) = &capture.fault {
            return Ok(Some(
                self.go_on_inside(out, *offset, fault, capture, signature),
            ));
        }
        if !capture.scanner.inside() || self.look_ahead(signature.len())? == signature {
            return Ok(Some(first));
        }
        capture.fault = Some((out.len(), (expected, place)));
        capture.scanner.make_lenient();
        Ok(None)
    }

    /// Brackets do not match either: goes on at the next text that begins like an element.
    fn go_on_inside(
        &mut self,
        out: &[u8],
        offset: usize,
        (expected, place): &(&'static str, Place),
        capture: &Capture,
        signature: &[u8],
    ) -> Fault {
        let searched = out.get(offset..).unwrap_or_default();
        let found = memchr::memmem::find(searched, signature).map(|at| at + offset);
        let mut ended = false;
        match found {
            Some(at) if !capture.too_large && out.len() - at <= self.rescan_left => {
                self.rescan_left -= out.len() - at;
                self.buffer.splice(..self.cursor, out[at..].iter().copied());
                self.cursor = 0;
                self.place = capture.start.behind(&out[..at]);
            }
            Some(_) => {
                return Fault {
                    kind: FaultKind::GaveUp,
                    place: *place,
                    ended: true,
                };
            }
            None => ended = !matches!(self.skip_to(signature), Ok(true)),
        }
        Fault {
            kind: FaultKind::Syntax(expected),
            place: *place,
            ended,
        }
    }

    /// Moves on to the next place where `signature` stands. `false`: there is none.
    pub(crate) fn skip_to(&mut self, signature: &[u8]) -> Result<bool, Fault> {
        let wanted = CHUNK.max(signature.len());
        loop {
            let bytes = self.look_ahead(wanted)?;
            let length = bytes.len();
            if let Some(at) = memchr::memmem::find(bytes, signature) {
                self.advance(at);
                return Ok(true);
            }
            if length < wanted {
                self.advance(length);
                return Ok(false);
            }
            self.advance(length + 1 - signature.len());
        }
    }
}

struct Capture {
    start: Place,
    scanner: Scanner,
    limit: usize,
    too_large: bool,
    /// Offset in the captured text, what was expected there, and its place.
    fault: Option<(usize, (&'static str, Place))>,
}

impl Capture {
    /// The line ended before the value did.
    fn open_at_line_end(&self) -> Fault {
        let kind = match () {
            () if self.scanner.too_deep() => FaultKind::TooDeep,
            () if self.too_large => FaultKind::TooLarge(self.limit),
            () => FaultKind::Syntax("the end of the object in its line"),
        };
        Fault {
            kind,
            place: self.start,
            ended: false,
        }
    }

    /// The value has ended well; was it within bounds and free of faults?
    fn verdict(&self) -> Result<(), Fault> {
        let (kind, place) = match &self.fault {
            Some((_, (expected, place))) => (FaultKind::Syntax(expected), *place),
            None if self.scanner.too_deep() => (FaultKind::TooDeep, self.start),
            None if self.too_large => (FaultKind::TooLarge(self.limit), self.start),
            None => return Ok(()),
        };
        Err(Fault {
            kind,
            place,
            ended: false,
        })
    }
}

struct Rest<'s, 'a>(&'s mut JsonStream<'a>);

impl Read for Rest<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = match self.0.available() {
            Ok(bytes) => bytes,
            Err(Fault {
                kind: FaultKind::Read(error),
                ..
            }) => return Err(error),
            Err(_) => return Err(io::Error::other("reading stopped")),
        };
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.0.cursor += count;
        Ok(count)
    }
}
