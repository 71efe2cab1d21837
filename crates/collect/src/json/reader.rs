//! The iterative reader.

use std::collections::HashMap;

use stance_model::{Diagnostic, DiagnosticLevel};

use super::cursor::{Cursor, is_number};
use super::fault::{Fault, fault_diagnostic};
use super::node::{Document, Member, Node, NodeValue};

/// How much is read before the reader says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest document, in bytes.
    pub bytes: usize,
    /// Deepest nesting of arrays and objects.
    pub depth: usize,
    /// Most values, keys not counted.
    pub values: usize,
}

impl Default for Limits {
    /// 64 MiB, 200 levels, five million values.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            depth: 200,
            values: 5_000_000,
        }
    }
}

/// Same type as every other reader's message.
pub type JsonDiagnostic = Diagnostic;

/// What came of one text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The document, unless an error stopped the reader.
    pub document: Option<Document>,
    /// At most one error, and any number of warnings (64 are kept).
    pub diagnostics: Vec<JsonDiagnostic>,
}

/// Warnings kept for one document.
const MOST_WARNINGS: usize = 64;
/// Above this many members, keys are looked up by hash instead of by walking.
const INDEX_FROM: usize = 16;

/// Reads one JSON document. `file` is only put into messages; a byte-order mark is the caller's business, though
/// one that is left is skipped.
pub fn parse(file: &str, text: &str, limits: &Limits) -> Parsed {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader {
        file,
        cursor: Cursor::new(text),
        limits: *limits,
        stack: Vec::new(),
        values: 0,
        diagnostics: Vec::new(),
    };
    let outcome = if text.len() > limits.bytes {
        Err(Fault::TooLarge(format!(
            "the document has {} bytes, more than the {} that are read",
            text.len(),
            limits.bytes
        )))
    } else {
        reader.read()
    };
    match outcome {
        Ok(root) => Parsed {
            document: Some(Document {
                file: file.to_owned(),
                root,
            }),
            diagnostics: reader.diagnostics,
        },
        Err(fault) => {
            let (line, column) = (reader.cursor.line, reader.cursor.column);
            let diagnostic = fault_diagnostic(file, line, column, fault);
            reader.diagnostics.push(diagnostic);
            Parsed {
                document: None,
                diagnostics: reader.diagnostics,
            }
        }
    }
}

/// An array or object that is still open.
struct Open {
    line: u32,
    column: u32,
    value: NodeValue,
    key: Option<(String, u32, u32)>,
    index: HashMap<String, usize>,
}

struct Reader<'t> {
    file: &'t str,
    cursor: Cursor<'t>,
    limits: Limits,
    stack: Vec<Open>,
    values: usize,
    diagnostics: Vec<JsonDiagnostic>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<Node, Fault> {
        self.cursor.skip_blanks()?;
        let mut done = self.begin_value()?;
        loop {
            // A finished value goes into its container; without one it is the document.
            if let Some(node) = done.take() {
                if self.stack.is_empty() {
                    return self.finish(node);
                }
                self.attach(node);
                done = self.after_value()?;
                continue;
            }
            done = self.next_in_container()?;
        }
    }

    fn finish(&mut self, root: Node) -> Result<Node, Fault> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek() {
            // Recorders and some editors end a file with NUL.
            None | Some('\0') => Ok(root),
            Some(_) => Err(Fault::Trailing),
        }
    }

    /// Reads a scalar whole, or opens a container and returns `None`.
    fn begin_value(&mut self) -> Result<Option<Node>, Fault> {
        self.values += 1;
        if self.values > self.limits.values {
            return Err(Fault::TooLarge(format!(
                "the document has more than the {} values that are read",
                self.limits.values
            )));
        }
        let (line, column) = (self.cursor.line, self.cursor.column);
        let value = match self.cursor.peek() {
            None => return Err(Fault::Truncated("a value is missing at the end".to_owned())),
            Some('{') => return self.open(NodeValue::Object(Vec::new()), line, column),
            Some('[') => return self.open(NodeValue::Array(Vec::new()), line, column),
            Some('"') => {
                self.cursor.bump();
                NodeValue::String(self.cursor.string()?)
            }
            Some(_) => self.bare_word()?,
        };
        Ok(Some(Node {
            value,
            line,
            column,
        }))
    }

    fn open(&mut self, value: NodeValue, line: u32, column: u32) -> Result<Option<Node>, Fault> {
        if self.stack.len() >= self.limits.depth {
            return Err(Fault::TooDeep(self.limits.depth));
        }
        self.cursor.bump();
        self.stack.push(Open {
            line,
            column,
            value,
            key: None,
            index: HashMap::new(),
        });
        Ok(None)
    }

    fn bare_word(&mut self) -> Result<NodeValue, Fault> {
        let start = self.cursor.clone();
        let word = self.cursor.word();
        let value = match word {
            "true" => NodeValue::Bool(true),
            "false" => NodeValue::Bool(false),
            "null" => NodeValue::Null,
            number if is_number(number) => NodeValue::Number(number.to_owned()),
            _ if self.cursor.peek().is_none() && is_cut_word(word) => {
                return Err(Fault::Truncated(format!(
                    "the document ends inside `{word}`"
                )));
            }
            _ => {
                self.cursor = start;
                return Err(Fault::Syntax(match self.cursor.peek() {
                    Some('\'') => "texts stand in double quotes, not single ones".to_owned(),
                    Some(found) => {
                        format!("a value is expected here, not `{}`", found.escape_debug())
                    }
                    None => "a value is expected here".to_owned(),
                }));
            }
        };
        Ok(value)
    }

    /// Puts a finished value where it belongs.
    fn attach(&mut self, node: Node) {
        let Some(open) = self.stack.last_mut() else {
            return;
        };
        match &mut open.value {
            NodeValue::Array(items) => items.push(node),
            NodeValue::Object(members) => {
                let Some((key, line, column)) = open.key.take() else {
                    return;
                };
                let earlier = find_key(members, &mut open.index, &key);
                let member = Member {
                    key,
                    line,
                    column,
                    value: node,
                };
                let Some(at) = earlier else {
                    members.push(member);
                    return;
                };
                let message = format!(
                    "the key `{}` stands twice in one object, at line {} and at line {}; the last one counts",
                    member.key.escape_debug(),
                    members[at].line,
                    line
                );
                members[at] = member;
                self.warn(
                    line,
                    column,
                    "JSON0002",
                    DiagnosticLevel::Warning,
                    message,
                    "Remove one of the two.",
                );
            }
            _ => {}
        }
    }

    /// After a value: a comma, or the end of the container.
    fn after_value(&mut self) -> Result<Option<Node>, Fault> {
        self.cursor.skip_blanks()?;
        let closing = self.closing_bracket();
        match self.cursor.peek() {
            Some(',') => {
                let (line, column) = (self.cursor.line, self.cursor.column);
                self.cursor.bump();
                self.cursor.skip_blanks()?;
                if self.cursor.peek() == Some(closing) {
                    let message = format!("a comma stands before `{closing}`");
                    self.warn(
                        line,
                        column,
                        "JSON0007",
                        DiagnosticLevel::Note,
                        message,
                        "Remove the comma.",
                    );
                }
                Ok(None)
            }
            Some(found) if found == closing => Ok(None),
            None => Err(self.unclosed()),
            Some(found) => Err(Fault::Syntax(format!(
                "`,` or `{closing}` is expected here, not `{}`",
                found.escape_debug()
            ))),
        }
    }

    /// The next element or member, or the container itself when its end is reached.
    fn next_in_container(&mut self) -> Result<Option<Node>, Fault> {
        self.cursor.skip_blanks()?;
        let closing = self.closing_bracket();
        match self.cursor.peek() {
            None => Err(self.unclosed()),
            Some(found) if found == closing => {
                self.cursor.bump();
                Ok(self.stack.pop().map(|open| Node {
                    value: open.value,
                    line: open.line,
                    column: open.column,
                }))
            }
            Some(_) if closing == ']' => self.begin_value(),
            Some('"') => {
                self.member_key()?;
                self.begin_value()
            }
            Some(found) => Err(Fault::Syntax(format!(
                "a key in double quotes or `}}` is expected here, not `{}`",
                found.escape_debug()
            ))),
        }
    }

    fn member_key(&mut self) -> Result<(), Fault> {
        let (line, column) = (self.cursor.line, self.cursor.column);
        self.cursor.bump();
        let key = self.cursor.string()?;
        self.cursor.skip_blanks()?;
        match self.cursor.peek() {
            Some(':') => {
                self.cursor.bump();
            }
            None => return Err(self.unclosed()),
            Some(found) => {
                return Err(Fault::Syntax(format!(
                    "`:` is expected after the key, not `{}`",
                    found.escape_debug()
                )));
            }
        }
        self.cursor.skip_blanks()?;
        if let Some(open) = self.stack.last_mut() {
            open.key = Some((key, line, column));
        }
        Ok(())
    }

    fn closing_bracket(&self) -> char {
        match self.stack.last().map(|open| &open.value) {
            Some(NodeValue::Array(_)) => ']',
            _ => '}',
        }
    }

    fn unclosed(&self) -> Fault {
        let (line, column) = self
            .stack
            .last()
            .map_or((1, 1), |open| (open.line, open.column));
        Fault::Truncated(format!(
            "`{}` is missing for the bracket opened at line {line}, column {column}",
            self.closing_bracket()
        ))
    }

    fn warn(
        &mut self,
        line: u32,
        column: u32,
        code: &str,
        level: DiagnosticLevel,
        message: String,
        help: &str,
    ) {
        if self.diagnostics.len() < MOST_WARNINGS {
            self.diagnostics.push(Diagnostic {
                level,
                file: self.file.to_owned(),
                line,
                column,
                code: code.to_owned(),
                message,
                help: help.to_owned(),
            });
        }
    }
}

fn find_key(members: &[Member], index: &mut HashMap<String, usize>, key: &str) -> Option<usize> {
    if members.len() < INDEX_FROM {
        return members.iter().position(|member| member.key == key);
    }
    for (at, member) in members.iter().enumerate().skip(index.len()) {
        index.insert(member.key.clone(), at);
    }
    index.get(key).copied()
}

fn is_cut_word(word: &str) -> bool {
    !word.is_empty()
        && (["true", "false", "null"]
            .iter()
            .any(|full| full.starts_with(word))
            || word.starts_with(|first: char| first.is_ascii_digit() || first == '-'))
}
