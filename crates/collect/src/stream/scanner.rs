//! Finds where a JSON value ends, byte by byte, without building it.
//!
//! The grammar of brackets, keys, colons and commas is held; scalars are left to the parser.

/// Which texts are taken for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// RFC 8259.
    Strict,
    /// What Resource Manager takes for a template: comments, texts over several lines, commas too many.
    Template,
}

/// What came of feeding bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fed {
    /// All bytes belong to the value and it goes on.
    More,
    /// The value ended before this offset.
    Done(usize),
    /// The byte at this offset does not fit; the text says what would.
    Bad(usize, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Scalar,
    Text {
        key: bool,
    },
    Escape {
        key: bool,
    },
    Comment(Comment),
    /// Deeper than allowed: brackets are only counted.
    Overflow,
    OverflowText,
    OverflowEscape,
}

/// Inside of a comment, or of what may become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comment {
    Slash,
    Line,
    Block,
    Star,
}

/// The state between two pieces of text.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    /// Where to go on behind a comment.
    resume: State,
    dialect: Dialect,
    /// One entry for each open bracket: `b'{'` or `b'['`.
    stack: Vec<u8>,
    overflow: u64,
    max_depth: usize,
    too_deep: bool,
    /// After a fault only brackets and quotes are followed.
    lenient: bool,
    /// Lenient, and a text has just closed: what follows shows whether quotes are counted right.
    text_closed: bool,
}

impl Scanner {
    pub(crate) fn new(max_depth: usize) -> Self {
        Self::of(Dialect::Strict, max_depth)
    }

    pub(crate) fn of(dialect: Dialect, max_depth: usize) -> Self {
        Self {
            state: State::Value,
            resume: State::Value,
            dialect,
            stack: Vec::new(),
            overflow: 0,
            max_depth,
            too_deep: false,
            lenient: false,
            text_closed: false,
        }
    }

    /// The value went deeper than allowed somewhere.
    pub(crate) fn too_deep(&self) -> bool {
        self.too_deep
    }

    /// Some bracket is open.
    pub(crate) fn inside(&self) -> bool {
        !self.stack.is_empty()
    }

    /// At the end of input: a scalar at the top ends there, anything else is cut.
    pub(crate) fn complete_at_end(&self) -> bool {
        self.state == State::Scalar && self.stack.is_empty()
    }

    /// After `Bad`: follow brackets and quotes alone until the value closes.
    pub(crate) fn make_lenient(&mut self) {
        self.lenient = true;
        if !matches!(self.state, State::Overflow) {
            self.state = State::CommaOrEnd;
        }
    }

    /// Looks at the next piece.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Fed {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.state {
                State::Text { key } => match memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]) {
                    None => return Fed::More,
                    Some(found) => {
                        at += found;
                        match bytes[at] {
                            b'"' if key && !self.lenient => self.state = State::Colon,
                            b'"' if self.after_value() => return Fed::Done(at + 1),
                            b'"' => self.text_closed = self.lenient,
                            b'\\' => self.state = State::Escape { key },
                            _ if self.lenient => self.state = State::CommaOrEnd,
                            _ if self.dialect == Dialect::Template => {}
                            _ => return Fed::Bad(at, "the closing quote of the text"),
                        }
                        at += 1;
                        continue;
                    }
                },
                State::Escape { key } => self.state = State::Text { key },
                State::Scalar => {
                    if is_scalar(byte) {
                        at += 1;
                        continue;
                    }
                    if self.after_value() {
                        return Fed::Done(at);
                    }
                    continue;
                }
                State::Overflow | State::OverflowText | State::OverflowEscape => {
                    if self.overflowing(byte) {
                        return Fed::Done(at + 1);
                    }
                }
                State::Comment(comment) => {
                    if !self.comment(comment, byte) {
                        return Fed::Bad(at, "a comment");
                    }
                }
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {}
                state if byte == b'/' && self.dialect == Dialect::Template => {
                    self.resume = state;
                    self.state = State::Comment(Comment::Slash);
                }
                _ if self.lenient => match self.lenient_step(byte) {
                    Some(true) => return Fed::Done(at + 1),
                    Some(false) => {}
                    None => return Fed::Bad(at, "a matching bracket"),
                },
                _ => match self.step(byte) {
                    Ok(true) => return Fed::Done(at + 1),
                    Ok(false) => {}
                    Err(expected) => return Fed::Bad(at, expected),
                },
            }
            at += 1;
        }
        Fed::More
    }

    /// One byte of a comment. `false`: it is none.
    fn comment(&mut self, comment: Comment, byte: u8) -> bool {
        self.state = match (comment, byte) {
            (Comment::Slash, b'/') => State::Comment(Comment::Line),
            (Comment::Slash, b'*') => State::Comment(Comment::Block),
            (Comment::Slash, _) => return false,
            (Comment::Line, b'\n') | (Comment::Star, b'/') => self.resume,
            (Comment::Line, _) => State::Comment(Comment::Line),
            (_, b'*') => State::Comment(Comment::Star),
            _ => State::Comment(Comment::Block),
        };
        true
    }

    /// One byte between tokens. `Ok(true)`: the value is complete.
    fn step(&mut self, byte: u8) -> Result<bool, &'static str> {
        let forgiving = self.dialect == Dialect::Template && !self.stack.is_empty();
        match (self.state, byte) {
            (State::Value | State::ValueOrEnd, b'{' | b'[') => self.open(byte),
            (State::Value | State::ValueOrEnd, b'"') => self.state = State::Text { key: false },
            (State::ValueOrEnd, b']') | (State::KeyOrEnd, b'}') => return Ok(self.close()),
            (State::Value, b']') if forgiving && self.stack.last() == Some(&b'[') => {
                return Ok(self.close());
            }
            (State::Key, b'}') if forgiving => return Ok(self.close()),
            (State::Value | State::ValueOrEnd, _) if is_scalar(byte) => self.state = State::Scalar,
            (State::Value | State::ValueOrEnd, _) => return Err("a value"),
            (State::Key | State::KeyOrEnd, b'"') => self.state = State::Text { key: true },
            (State::Key | State::KeyOrEnd, _) => return Err("a key in quotes"),
            (State::Colon, b':') => self.state = State::Value,
            (State::Colon, _) => return Err("`:`"),
            (_, b',') => {
                self.state = match self.stack.last() {
                    Some(b'{') => State::Key,
                    _ => State::Value,
                };
            }
            (_, b'}') if self.stack.last() == Some(&b'{') => return Ok(self.close()),
            (_, b']') if self.stack.last() == Some(&b'[') => return Ok(self.close()),
            _ if self.stack.last() == Some(&b'{') => return Err("`,` or `}`"),
            _ => return Err("`,` or `]`"),
        }
        Ok(false)
    }

    /// One byte after a fault. `None`: a bracket that closes something else.
    fn lenient_step(&mut self, byte: u8) -> Option<bool> {
        if std::mem::take(&mut self.text_closed) && !matches!(byte, b',' | b':' | b'}' | b']') {
            return None;
        }
        match byte {
            b'{' | b'[' => {
                self.open(byte);
                if self.state != State::Overflow {
                    self.state = State::CommaOrEnd;
                }
            }
            b'"' => self.state = State::Text { key: false },
            b'}' if self.stack.last() == Some(&b'{') => return Some(self.close()),
            b']' if self.stack.last() == Some(&b'[') => return Some(self.close()),
            b'}' | b']' => return None,
            _ => {}
        }
        Some(false)
    }

    /// One byte below the deepest level. `true`: the value is complete.
    fn overflowing(&mut self, byte: u8) -> bool {
        match (self.state, byte) {
            (State::OverflowEscape, _) | (State::OverflowText, b'"') => {
                self.state = match self.state {
                    State::OverflowEscape => State::OverflowText,
                    _ => State::Overflow,
                };
            }
            (State::OverflowText, b'\\') => self.state = State::OverflowEscape,
            (State::OverflowText, _) => {}
            (_, b'"') => self.state = State::OverflowText,
            (_, b'{' | b'[') => self.overflow += 1,
            (_, b'}' | b']') => {
                self.overflow -= 1;
                return self.overflow == 0 && self.after_value();
            }
            _ => {}
        }
        false
    }

    fn open(&mut self, bracket: u8) {
        if self.stack.len() >= self.max_depth {
            self.too_deep = true;
            self.overflow = 1;
            self.state = State::Overflow;
            return;
        }
        self.stack.push(bracket);
        self.state = match bracket {
            b'{' => State::KeyOrEnd,
            _ => State::ValueOrEnd,
        };
    }

    fn close(&mut self) -> bool {
        self.stack.pop();
        self.after_value()
    }

    /// A value has ended. `true`: it was the outermost.
    fn after_value(&mut self) -> bool {
        self.state = State::CommaOrEnd;
        self.stack.is_empty()
    }
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(text: &str) -> Fed {
        Scanner::new(8).feed(text.as_bytes())
    }

    #[test]
    fn a_value_ends_at_its_own_bracket() {
        assert_eq!(feed(r#"{"a":[1,"}\"",{}]} ,"#), Fed::Done(18));
        assert_eq!(feed("12,"), Fed::Done(2));
        assert_eq!(feed(r#""x" "#), Fed::Done(3));
        assert_eq!(feed(r#"{"a":"#), Fed::More);
    }

    #[test]
    fn a_fault_is_seen_where_it_stands() {
        assert_eq!(feed(r#"{"a":1 "b":2}"#), Fed::Bad(7, "`,` or `}`"));
        assert_eq!(feed(r#"{"a":1,{"#), Fed::Bad(7, "a key in quotes"));
        assert_eq!(
            feed("{\"a\":\"x\n"),
            Fed::Bad(7, "the closing quote of the text")
        );
        assert_eq!(feed("[1}"), Fed::Bad(2, "`,` or `]`"));
    }

    #[test]
    fn depth_beyond_the_limit_is_counted_over() {
        let mut scanner = Scanner::new(2);
        assert_eq!(scanner.feed(br#"[[[[{"a":"]"}]]],1]"#), Fed::Done(19));
        assert!(scanner.too_deep());
    }

    #[test]
    fn templates_may_hold_comments_long_texts_and_spare_commas() {
        let text = b"{ // it's\n \"a\": /* \"x\" **/ [\"x\ny\", 1,], }";
        let fed = Scanner::of(Dialect::Template, 8).feed(text);
        assert_eq!(fed, Fed::Done(text.len()));
        assert_ne!(Scanner::new(8).feed(text), Fed::Done(text.len()));
    }

    #[test]
    fn pieces_may_be_cut_anywhere() {
        let text = br#"{"a":["x\"y",1.5e3,{"b":null}],"c":"d"}"#;
        for cut in 0..text.len() {
            let mut scanner = Scanner::new(8);
            assert_eq!(scanner.feed(&text[..cut]), Fed::More);
            assert_eq!(scanner.feed(&text[cut..]), Fed::Done(text.len() - cut));
        }
    }
}
