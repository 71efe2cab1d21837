//! Reading JSON piece by piece: bytes to text, text to values with positions.

pub(crate) mod array;
pub(crate) mod decode;
pub(crate) mod duplicates;
pub(crate) mod fault;
pub(crate) mod json_stream;
pub(crate) mod scanner;
pub(crate) mod value;

pub(crate) use fault::{Fault, FaultKind};
pub(crate) use json_stream::{JsonStream, Mending};

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) const START: Self = Self { line: 1, column: 1 };
    pub(crate) const NONE: Self = Self { line: 0, column: 0 };

    /// The place behind `bytes` that start here.
    pub(crate) fn behind(self, bytes: &[u8]) -> Self {
        let lines = memchr::memchr_iter(b'\n', bytes).count();
        let Some(last) = memchr::memrchr(b'\n', bytes) else {
            return Self {
                line: self.line,
                column: self.column.saturating_add(characters(bytes)),
            };
        };
        Self {
            line: self.line.saturating_add(lines as u32),
            column: characters(&bytes[last + 1..]).saturating_add(1),
        }
    }
}

/// Characters of UTF-8 text: every byte that continues none.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}
