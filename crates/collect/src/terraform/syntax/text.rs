//! Texts: quoted ones and heredocs, with `${…}` and `%{…}` in them.

use std::rc::Rc;

use super::cursor::Cursor;
use super::expression::{expression, for_intro};
use super::tree::{Expression, Kind, MAX_DEPTH, Part, SyntaxFault, shortened};
use crate::stream::Place;

/// A text in quotes.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<Expression, SyntaxFault> {
    let start = cursor.at;
    let place = cursor.place();
    cursor.at += 1;
    cursor.enter()?;
    let mut reader = Reader::new(true);
    let (parts, ended) = reader.parts(cursor)?;
    cursor.leave();
    if ended != Ended::Text {
        return Err(cursor.fault("a `%{` that closes nothing"));
    }
    Ok(expression_of(parts, place, cursor.slice(start..cursor.at)))
}

/// A text in quotes that holds no expression: labels, keys.
pub(super) fn quoted_plain(cursor: &mut Cursor<'_>) -> Result<Rc<str>, SyntaxFault> {
    match quoted(cursor)?.kind {
        Kind::Text(text) => Ok(text),
        _ => Err(cursor.fault("expected a text without `${`")),
    }
}

/// The text as a template in itself, as strings of JSON files are.
pub(in crate::terraform) fn template(text: &str, place: Place) -> Result<Expression, SyntaxFault> {
    let mut cursor = Cursor::new(text, place, 0);
    let (parts, ended) = Reader::new(false).parts(&mut cursor)?;
    if ended != Ended::Text {
        return Err(cursor.fault("a `%{` that closes nothing"));
    }
    Ok(expression_of(parts, place, text))
}

/// A single `${…}` is its value, whatever that is; everything else is text.
fn expression_of(mut parts: Vec<Part>, place: Place, text: &str) -> Expression {
    if parts.len() == 1
        && let Some(Part::Value(only)) = parts.pop_if(|part| matches!(part, Part::Value(_)))
    {
        return only;
    }
    let depth = depth_of(&parts).saturating_add(1);
    let plain = parts.iter().all(|part| matches!(part, Part::Text(_)));
    if plain {
        let joined: String = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text,
                _ => "",
            })
            .collect();
        return Expression {
            kind: Kind::Text(joined.into()),
            place,
            text: Rc::from(""),
            depth: 1,
        };
    }
    Expression {
        kind: Kind::Template(parts),
        place,
        text: shortened(text),
        depth,
    }
}

fn depth_of(parts: &[Part]) -> u16 {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(_) => 0,
            Part::Value(value) => value.depth,
            Part::If {
                condition,
                then,
                otherwise,
            } => condition.depth.max(depth_of(then)).max(depth_of(otherwise)) + 1,
            Part::For {
                collection, body, ..
            } => collection.depth.max(depth_of(body)) + 1,
        })
        .max()
        .unwrap_or(0)
}

/// `<<EOT` or `<<-EOT` up to a line that holds the mark alone.
pub(super) fn heredoc(cursor: &mut Cursor<'_>) -> Result<Expression, SyntaxFault> {
    let start = cursor.at;
    let place = cursor.place();
    cursor.at += 2;
    let indented = cursor.take("-");
    let Some(mark) = cursor.name() else {
        return Err(cursor.fault("expected a mark behind `<<`"));
    };
    cursor.skip_line();
    if cursor.byte().is_none() {
        return Err(cursor.fault("the file ends within a heredoc"));
    }
    cursor.at += 1;
    let first = cursor.place();
    let mut lines: Vec<&str> = Vec::new();
    loop {
        if cursor.byte().is_none() {
            return Err(cursor.fault(format!("the heredoc is not closed by `{mark}`")));
        }
        let from = cursor.at;
        cursor.skip_line();
        let line = cursor.slice(from..cursor.at);
        if line.trim() == mark {
            // What follows the mark may go on in the same line: `)`, `,`.
            break;
        }
        lines.push(line);
        if cursor.byte().is_some() {
            cursor.at += 1;
        }
    }
    let text = dedented(&lines, indented);
    let mut inner = Cursor::new(&text, first, cursor.depth());
    inner.enter()?;
    let (parts, ended) = Reader::new(false).parts(&mut inner)?;
    if ended != Ended::Text {
        return Err(cursor.fault("a `%{` that closes nothing"));
    }
    let mut found = expression_of(parts, place, cursor.slice(start..cursor.at));
    if found.depth > MAX_DEPTH {
        found.depth = MAX_DEPTH;
    }
    Ok(found)
}

/// The lines joined, without the spaces that all of them begin with.
fn dedented(lines: &[&str], indented: bool) -> String {
    let spaces = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = if indented {
        lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| spaces(line))
            .min()
            .unwrap_or(0)
    } else {
        0
    };
    lines.iter().fold(String::new(), |mut text, line| {
        let cut = common.min(spaces(line));
        text.push_str(line[cut..].trim_end_matches('\r'));
        text.push('\n');
        text
    })
}

/// What closed a run of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Text,
    Else,
    EndIf,
    EndFor,
}

struct Reader {
    /// Ends at a quote and knows backslashes.
    quoted: bool,
    literal: String,
    /// A `~` asks to leave out the spaces that follow.
    trim: bool,
}

impl Reader {
    fn new(quoted: bool) -> Self {
        Self {
            quoted,
            literal: String::new(),
            trim: false,
        }
    }

    fn flush(&mut self, parts: &mut Vec<Part>) {
        if !self.literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut self.literal).into()));
        }
    }

    fn parts(&mut self, cursor: &mut Cursor<'_>) -> Result<(Vec<Part>, Ended), SyntaxFault> {
        let mut parts = Vec::new();
        loop {
            if std::mem::take(&mut self.trim) {
                let rest = cursor.rest();
                cursor.at += rest.len() - rest.trim_start().len();
            }
            let Some(byte) = cursor.byte() else {
                if self.quoted {
                    return Err(cursor.fault("the text is not closed"));
                }
                self.flush(&mut parts);
                return Ok((parts, Ended::Text));
            };
            match byte {
                b'"' if self.quoted => {
                    cursor.at += 1;
                    self.flush(&mut parts);
                    return Ok((parts, Ended::Text));
                }
                b'\n' if self.quoted => {
                    return Err(cursor.fault("the text is not closed in its line"));
                }
                b'\\' if self.quoted => self.escape(cursor)?,
                b'$' if cursor.starts("$${") => self.literally(cursor, "${"),
                b'%' if cursor.starts("%%{") => self.literally(cursor, "%{"),
                b'$' if cursor.starts("${") => {
                    let value = self.interpolation(cursor, &mut parts)?;
                    parts.push(Part::Value(value));
                }
                b'%' if cursor.starts("%{") => {
                    if let Some(ended) = self.directive(cursor, &mut parts)? {
                        return Ok((parts, ended));
                    }
                }
                _ => self.plain(cursor),
            }
        }
    }

    /// `$${` and `%%{` stand for themselves.
    fn literally(&mut self, cursor: &mut Cursor<'_>, text: &str) {
        self.literal.push_str(text);
        cursor.at += 3;
    }

    /// Everything up to the next byte that may mean something.
    fn plain(&mut self, cursor: &mut Cursor<'_>) {
        let rest = cursor.rest();
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let special = |next: char| matches!(next, '"' | '\\' | '$' | '%' | '\n');
        let length = rest[first..]
            .find(special)
            .map_or(rest.len(), |at| at + first);
        self.literal.push_str(&rest[..length]);
        cursor.at += length;
    }

    fn escape(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxFault> {
        cursor.at += 1;
        let character = match cursor.byte() {
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'u') => return self.code_point(cursor, 4),
            Some(b'U') => return self.code_point(cursor, 8),
            _ => return Err(cursor.fault("an escape that is not known")),
        };
        self.literal.push(character);
        cursor.at += 1;
        Ok(())
    }

    /// `u00e9` or `U0001f600`.
    fn code_point(&mut self, cursor: &mut Cursor<'_>, digits: usize) -> Result<(), SyntaxFault> {
        let code = cursor.slice(cursor.at + 1..cursor.at + 1 + digits);
        let found = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        let Some(found) = found.filter(|_| code.len() == digits) else {
            return Err(cursor.fault("an escape that is no character"));
        };
        self.literal.push(found);
        cursor.at += 1 + digits;
        Ok(())
    }

    /// Opens `${` or `%{`; `~` takes the spaces before it away.
    fn open(&mut self, cursor: &mut Cursor<'_>, parts: &mut Vec<Part>) {
        cursor.at += 2;
        if cursor.take("~") {
            self.literal.truncate(self.literal.trim_end().len());
        }
        self.flush(parts);
        cursor.brackets += 1;
        cursor.space();
    }

    fn close(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxFault> {
        cursor.space();
        self.trim = cursor.take("~");
        if !cursor.take("}") {
            return Err(cursor.fault("expected `}` of `${` or `%{`"));
        }
        cursor.brackets = cursor.brackets.saturating_sub(1);
        Ok(())
    }

    fn interpolation(
        &mut self,
        cursor: &mut Cursor<'_>,
        parts: &mut Vec<Part>,
    ) -> Result<Expression, SyntaxFault> {
        self.open(cursor, parts);
        let value = expression(cursor)?;
        self.close(cursor)?;
        Ok(value)
    }

    /// `%{ if … }`, `%{ for … }` and what closes them, which is given back.
    fn directive(
        &mut self,
        cursor: &mut Cursor<'_>,
        parts: &mut Vec<Part>,
    ) -> Result<Option<Ended>, SyntaxFault> {
        self.open(cursor, parts);
        let start = cursor.at;
        let word = cursor.name().unwrap_or_default();
        match word {
            "else" => return self.close(cursor).map(|()| Some(Ended::Else)),
            "endif" => return self.close(cursor).map(|()| Some(Ended::EndIf)),
            "endfor" => return self.close(cursor).map(|()| Some(Ended::EndFor)),
            "if" | "for" => {}
            _ => return Err(cursor.fault("expected `if` or `for` behind `%{`")),
        }
        cursor.enter()?;
        let part = if word == "if" {
            cursor.space();
            let condition = expression(cursor)?;
            self.close(cursor)?;
            let (then, mut ended) = self.parts(cursor)?;
            let mut otherwise = Vec::new();
            if ended == Ended::Else {
                (otherwise, ended) = self.parts(cursor)?;
            }
            expect(cursor, ended, Ended::EndIf)?;
            Part::If {
                condition,
                then,
                otherwise,
            }
        } else {
            cursor.at = start;
            let (key_name, value_name, collection) = for_intro(cursor)?;
            self.close(cursor)?;
            let (body, ended) = self.parts(cursor)?;
            expect(cursor, ended, Ended::EndFor)?;
            Part::For {
                key_name,
                value_name,
                collection,
                body,
            }
        };
        cursor.leave();
        parts.push(part);
        Ok(None)
    }
}

fn expect(cursor: &Cursor<'_>, found: Ended, wanted: Ended) -> Result<(), SyntaxFault> {
    if found == wanted {
        return Ok(());
    }
    Err(cursor.fault("a `%{` is not closed"))
}
