//! Bytes of a file to UTF-8 text: gzip unpacked, byte order marks and UTF-16 understood.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use crate::sink::Limits;

const CHUNK: usize = 64 * 1024;
/// Below this size no expansion is suspicious.
const RATIO_FLOOR: u64 = 64 << 20;

/// What the decoder noticed, read by the caller after the text is consumed.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Line of the first bytes that were no text.
    pub(crate) invalid_line: Cell<Option<u32>>,
    /// Why unpacking ended early.
    pub(crate) compressed_fault: RefCell<Option<String>>,
}

/// Opens `raw` as UTF-8 text.
pub(crate) fn text_reader<'a>(
    raw: Box<dyn Read + 'a>,
    limits: &Limits,
    notes: &Rc<Notes>,
) -> io::Result<Box<dyn Read + 'a>> {
    let (head, raw) = peek(raw, 2)?;
    let unpacked: Box<dyn Read + 'a> = if head.starts_with(&[0x1F, 0x8B]) {
        Box::new(Gunzip::new(raw, limits, Rc::clone(notes)))
    } else {
        raw
    };
    let (head, unpacked) = peek(unpacked, 64)?;
    let (encoding, mark) = detect(&head);
    let mut unpacked = unpacked;
    io::copy(&mut unpacked.by_ref().take(mark as u64), &mut io::sink())?;
    Ok(Box::new(TextDecoder {
        reader: unpacked,
        decoder: encoding.new_decoder_without_bom_handling(),
        raw: vec![0; CHUNK],
        raw_start: 0,
        raw_end: 0,
        raw_ended: false,
        flushed: false,
        text: vec![0; CHUNK],
        text_start: 0,
        text_end: 0,
        line: 1,
        notes: Rc::clone(notes),
    }))
}

/// The encoding and the length of its mark. Without a mark, ASCII text in UTF-16 shows as every
/// other byte being zero.
fn detect(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(head) {
        return found;
    }
    let zeros = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    match half {
        0 => (UTF_8, 0),
        _ if even == 0 && odd * 10 >= half * 8 => (UTF_16LE, 0),
        _ if odd == 0 && even * 10 >= half * 8 => (UTF_16BE, 0),
        _ => (UTF_8, 0),
    }
}

/// The first bytes, and a reader that gives them again.
fn peek<'a>(
    mut reader: Box<dyn Read + 'a>,
    wanted: usize,
) -> io::Result<(Vec<u8>, Box<dyn Read + 'a>)> {
    let mut head = Vec::with_capacity(wanted);
    reader.by_ref().take(wanted as u64).read_to_end(&mut head)?;
    let again = io::Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(again)))
}

/// Unpacks gzip within bounds. Damage and bombs end the text; the reason is left in the notes.
struct Gunzip<'a> {
    decoder: MultiGzDecoder<Counted<'a>>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
    bytes_limit: u64,
    ratio_limit: u64,
    ended: bool,
    notes: Rc<Notes>,
}

struct Counted<'a> {
    reader: Box<dyn Read + 'a>,
    count: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

impl<'a> Gunzip<'a> {
    fn new(reader: Box<dyn Read + 'a>, limits: &Limits, notes: Rc<Notes>) -> Self {
        let packed = Rc::new(Cell::new(0));
        Self {
            decoder: MultiGzDecoder::new(Counted {
                reader,
                count: Rc::clone(&packed),
            }),
            packed,
            unpacked: 0,
            bytes_limit: limits.expanded_bytes,
            ratio_limit: limits.expansion_ratio,
            ended: false,
            notes,
        }
    }

    fn end(&mut self, reason: String) -> usize {
        self.ended = true;
        *self.notes.compressed_fault.borrow_mut() = Some(reason);
        0
    }
}

impl Read for Gunzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let read = match self.decoder.read(buffer) {
            Ok(read) => read,
            Err(error) => return Ok(self.end(format!("the gzip data is damaged: {error}"))),
        };
        self.unpacked += read as u64;
        let allowed = self
            .packed
            .get()
            .saturating_mul(self.ratio_limit)
            .max(RATIO_FLOOR);
        if self.unpacked > self.bytes_limit || self.unpacked > allowed {
            let reason = format!("it expands to more than {} bytes", self.unpacked);
            return Ok(self.end(reason));
        }
        Ok(read)
    }
}

struct TextDecoder<'a> {
    reader: Box<dyn Read + 'a>,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_start: usize,
    raw_end: usize,
    raw_ended: bool,
    flushed: bool,
    text: Vec<u8>,
    text_start: usize,
    text_end: usize,
    line: u32,
    notes: Rc<Notes>,
}

/// The longest piece of text that one step may write.
const STEP_BYTES: usize = 16;
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

impl TextDecoder<'_> {
    /// Decodes the next piece into `text`; leaves it empty at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text_start = 0;
        self.text_end = 0;
        while self.text_end == 0 && !self.flushed {
            if self.raw_start == self.raw_end && !self.raw_ended {
                self.raw_start = 0;
                self.raw_end = self.reader.read(&mut self.raw)?;
                self.raw_ended = self.raw_end == 0;
            }
            self.decode_piece();
        }
        Ok(())
    }

    /// Decodes what was read, until it is used up or the text is full.
    fn decode_piece(&mut self) {
        while self.text.len() - self.text_end >= STEP_BYTES {
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.raw[self.raw_start..self.raw_end],
                &mut self.text[self.text_end..],
                self.raw_ended,
            );
            self.raw_start += read;
            let piece = &self.text[self.text_end..self.text_end + written];
            let lines = memchr::memchr_iter(b'\n', piece).count();
            self.line = self.line.saturating_add(lines as u32);
            self.text_end += written;
            match result {
                DecoderResult::Malformed(..) => self.replace(),
                DecoderResult::InputEmpty => {
                    self.flushed = self.raw_ended;
                    return;
                }
                DecoderResult::OutputFull => return,
            }
        }
    }

    fn replace(&mut self) {
        if self.notes.invalid_line.get().is_none() {
            self.notes.invalid_line.set(Some(self.line));
        }
        let end = self.text_end + REPLACEMENT.len();
        if let Some(room) = self.text.get_mut(self.text_end..end) {
            room.copy_from_slice(REPLACEMENT);
            self.text_end = end;
        }
    }
}

impl Read for TextDecoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.text_start == self.text_end {
            self.refill()?;
        }
        let rest = &self.text[self.text_start..self.text_end];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.text_start += count;
        Ok(count)
    }
}
