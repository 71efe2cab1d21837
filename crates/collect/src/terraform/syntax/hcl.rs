//! Files, blocks and attributes: what `hcl-edit` reads, as our tree.

use std::ops::Range;

use hcl_edit::parser::{self, Error};
use hcl_edit::structure::Structure;
use hcl_edit::{Span, structure};

use super::pieces::{MOST_KEYS, pieces};
use super::template::Form;
use super::tree::{Attribute, Block, Body, Expression, MAX_DEPTH, SyntaxFault};
use crate::stream::Place;

/// Columns up to here count characters.
const FAR: usize = 2_000;

/// Reads a file. A fault of syntax costs all of it, or its piece if the file is large.
pub(in crate::terraform) fn parse(text: &str) -> (Body, Vec<SyntaxFault>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut body = Body::default();
    let mut faults = Vec::new();
    for piece in pieces(text) {
        let source = Source::new(piece.text, piece.lines_before);
        if piece.too_many_keys() {
            faults.push(SyntaxFault {
                place: source.place(0),
                message: format!("more than {MOST_KEYS} keys in one block"),
                limit: true,
            });
            continue;
        }
        match parser::parse_body(piece.text) {
            Ok(read) => source.body(&read, &mut body, &mut faults),
            Err(error) => {
                let mut fault = fault(&error);
                fault.place.line = fault.place.line.saturating_add(number(piece.lines_before));
                faults.push(fault);
            }
        }
    }
    (body, faults)
}

/// The text as a template in itself, as strings of JSON files are. It stands at `place`.
pub(super) fn template(text: &str, place: Place) -> Result<Expression, SyntaxFault> {
    let source = Source {
        text,
        lines: Vec::new(),
        lines_before: 0,
        fixed: Some(place),
    };
    match parser::parse_template(text) {
        Ok(read) => source.template(&read, Form::Bare, 0..text.len()),
        Err(error) => Err(SyntaxFault {
            place,
            ..fault(&error)
        }),
    }
}

fn fault(error: &Error) -> SyntaxFault {
    let message = error.message();
    // The library tells its limits by their names alone.
    let limits = ["invalid nesting depth", "invalid binary operation"];
    SyntaxFault {
        place: Place {
            line: number(error.location().line()),
            column: number(error.location().column()),
        },
        message: message.to_owned(),
        limit: limits.iter().any(|limit| message.starts_with(limit)),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The text that was read, for places in it and pieces of it.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Lines of the file before the text.
    lines_before: usize,
    /// Where all of it stands, if its lines are no lines of the file.
    fixed: Option<Place>,
}

impl<'t> Source<'t> {
    fn new(text: &'t str, lines_before: usize) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self {
            text,
            lines: std::iter::once(0).chain(ends).collect(),
            lines_before,
            fixed: None,
        }
    }

    pub(super) fn place(&self, at: usize) -> Place {
        if let Some(place) = self.fixed {
            return place;
        }
        let line = self.lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| self.lines.get(line));
        let before = self.slice(start.copied().unwrap_or(0)..at);
        // Far into a line only bytes are counted, or lines without end would cost their square.
        let column = if before.len() > FAR {
            before.len()
        } else {
            before.chars().count()
        };
        Place {
            line: number(self.lines_before + line),
            column: number(column + 1),
        }
    }

    pub(super) fn slice(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// An expression that nests too deep costs its attribute.
    fn body(&self, body: &structure::Body, found: &mut Body, faults: &mut Vec<SyntaxFault>) {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => match self.expression(&attribute.value) {
                    Ok(value) => found.attributes.push(Attribute {
                        name: attribute.key.as_str().into(),
                        place: self.place(start(attribute.key.span())),
                        value,
                    }),
                    Err(fault) => faults.push(fault),
                },
                Structure::Block(block) => {
                    let mut inner = Body::default();
                    self.body(&block.body, &mut inner, faults);
                    found.blocks.push(Block {
                        name: block.ident.as_str().into(),
                        labels: block
                            .labels
                            .iter()
                            .map(|label| label.as_str().into())
                            .collect(),
                        place: self.place(start(block.ident.span())),
                        body: inner,
                    });
                }
            }
        }
    }

    pub(super) fn too_deep(&self, at: usize) -> SyntaxFault {
        SyntaxFault {
            place: self.place(at),
            message: format!("the expression nests deeper than {MAX_DEPTH} levels"),
            limit: true,
        }
    }
}

pub(super) fn start(span: Option<Range<usize>>) -> usize {
    span.unwrap_or_default().start
}
