//! A place in a text that moves forward.

use std::ops::Range;

use super::tree::{MAX_DEPTH, SyntaxFault};
use crate::stream::Place;

/// Columns up to here count characters.
const FAR: usize = 2_000;

pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Where the text begins in its file.
    origin: Place,
    /// Brackets around: within them a line end is a space.
    pub(super) brackets: u32,
    /// Levels of nesting around.
    depth: u16,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, origin: Place, depth: u16) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self {
            text,
            at: 0,
            lines: std::iter::once(0).chain(ends).collect(),
            origin,
            brackets: 0,
            depth,
        }
    }

    pub(super) fn depth(&self) -> u16 {
        self.depth
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with)
    }

    /// Steps over a text that stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn place(&self) -> Place {
        self.place_of(self.at)
    }

    pub(super) fn place_of(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at) - 1;
        let start = self.lines[line];
        let before = &self.text[start..at.min(self.text.len())];
        // Far into a line only bytes are counted, or lines without end would cost their square.
        let column = if before.len() > FAR {
            before.len() as u32 + 1
        } else {
            before.chars().count() as u32 + 1
        };
        Place {
            line: self.origin.line + line as u32,
            column: if line == 0 {
                self.origin.column + column - 1
            } else {
                column
            },
        }
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> SyntaxFault {
        SyntaxFault {
            place: self.place(),
            message: message.into(),
            too_deep: false,
        }
    }

    /// One level deeper; the caller calls [`Self::leave`] on its way out.
    pub(super) fn enter(&mut self) -> Result<(), SyntaxFault> {
        if self.depth >= MAX_DEPTH {
            return Err(SyntaxFault {
                too_deep: true,
                ..self.fault(format!("nested deeper than {MAX_DEPTH} levels"))
            });
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Spaces and comments; line ends too where brackets stand around.
    pub(super) fn space(&mut self) {
        self.blank(self.brackets > 0);
    }

    /// Spaces, comments and line ends.
    pub(super) fn lines(&mut self) {
        self.blank(true);
    }

    fn blank(&mut self, lines: bool) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') if lines => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') if self.starts("//") => self.skip_line(),
                Some(b'/') if self.starts("/*") => {
                    let length = self
                        .rest()
                        .find("*/")
                        .map_or(self.rest().len(), |at| at + 2);
                    self.at += length;
                }
                _ => return,
            }
        }
    }

    pub(super) fn skip_line(&mut self) {
        self.at += memchr::memchr(b'\n', self.rest().as_bytes()).unwrap_or(self.rest().len());
    }

    /// A name: letters, digits, `_` and `-`, no digit or dash first.
    pub(super) fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        if !first.is_alphabetic() && first != '_' {
            return None;
        }
        let length = rest
            .find(|next: char| !next.is_alphanumeric() && next != '_' && next != '-')
            .unwrap_or(rest.len());
        self.at += length;
        Some(&rest[..length])
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// After a fault: a block or attribute begins at the start of a line with a letter.
    pub(super) fn next_statement(&mut self) {
        loop {
            self.skip_line();
            if self.byte().is_none() {
                return;
            }
            self.at += 1;
            if self.byte().is_some_and(|byte| byte.is_ascii_alphabetic()) {
                return;
            }
        }
    }
}
