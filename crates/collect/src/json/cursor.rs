//! Walking over text with line and column, and the tokens without structure.

use super::fault::Fault;

/// A place in the text that knows its line and column.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.offset..].chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.advance(next);
        Some(next)
    }

    /// Steps over a character that was peeked at.
    fn advance(&mut self, next: char) {
        self.offset += next.len_utf8();
        if next == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
    }

    /// Text up to the next quote, backslash or control character, all on this line.
    fn plain_run(&mut self) -> &'t str {
        let rest = &self.text[self.offset..];
        let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let end = rest
            .as_bytes()
            .iter()
            .position(is_end)
            .unwrap_or(rest.len());
        let run = &rest[..end];
        self.offset += end;
        self.column = self
            .column
            .saturating_add(u32::try_from(run.chars().count()).unwrap_or(u32::MAX));
        run
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.text[self.offset..].starts_with(prefix)
    }

    /// Skips blanks and comments.
    pub(super) fn skip_blanks(&mut self) -> Result<(), Fault> {
        loop {
            while let Some(blank) = self.peek().filter(|next| next.is_whitespace()) {
                self.advance(blank);
            }
            if self.starts_with("//") {
                while self.peek().is_some_and(|next| next != '\n') {
                    self.bump();
                }
            } else if self.starts_with("/*") {
                self.skip_block_comment()?;
            } else if &self.text[self.offset..] == "/" {
                self.bump();
                return Err(Fault::Truncated("a comment was about to start".to_owned()));
            } else {
                return Ok(());
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), Fault> {
        let (line, column) = (self.line, self.column);
        while !self.starts_with("*/") {
            if self.bump().is_none() {
                return Err(Fault::Truncated(format!(
                    "the comment opened at line {line}, column {column} is never closed"
                )));
            }
        }
        self.bump();
        self.bump();
        Ok(())
    }

    /// The rest of a string whose opening quote was just read.
    pub(super) fn string(&mut self) -> Result<String, Fault> {
        let (line, column) = (self.line, self.column.saturating_sub(1));
        let mut text = String::new();
        loop {
            text.push_str(self.plain_run());
            match self.bump() {
                None => {
                    return Err(Fault::Truncated(format!(
                        "the text opened at line {line}, column {column} is never closed"
                    )));
                }
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                // Resource Manager lets a text run over several lines.
                Some(plain) if plain >= ' ' || matches!(plain, '\n' | '\r' | '\t') => {
                    text.push(plain);
                }
                Some(control) => {
                    return Err(Fault::Syntax(format!(
                        "a control character (U+{:04X}) stands in a text",
                        u32::from(control)
                    )));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let Some(kind) = self.bump() else {
            return Err(Fault::Truncated(
                "the document ends inside an escape".to_owned(),
            ));
        };
        Ok(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode_escape()?,
            _ => {
                return Err(Fault::Syntax(
                    "a backslash is followed by no known escape".to_owned(),
                ));
            }
        })
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.four_digits()?;
        if (0xD800..0xDC00).contains(&first) && self.starts_with("\\u") {
            let before = self.clone();
            self.bump();
            self.bump();
            let second = self.four_digits()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or('\u{FFFD}'));
            }
            *self = before;
        }
        Ok(char::from_u32(first).unwrap_or('\u{FFFD}'))
    }

    fn four_digits(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = match self.bump() {
                None => {
                    return Err(Fault::Truncated(
                        "the document ends inside an escape".to_owned(),
                    ));
                }
                Some(next) => next.to_digit(16),
            };
            code = code * 16
                + digit.ok_or_else(|| {
                    Fault::Syntax("`\\u` wants four hexadecimal digits".to_owned())
                })?;
        }
        Ok(code)
    }

    /// A run of letters, digits and signs: a number or a bare word.
    pub(super) fn word(&mut self) -> &'t str {
        let start = self.offset;
        while self.peek().is_some_and(|next| {
            next.is_ascii_alphanumeric() || matches!(next, '+' | '-' | '.' | '_')
        }) {
            self.bump();
        }
        &self.text[start..self.offset]
    }
}

/// Whether the text is a number of JSON's grammar.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
