//! Templates: texts with `${…}` and `%{…}` in them.
//!
//! Strip marks (`~`) and the indentation of `<<-` are left to the reader of the tree. Both act on the literal pieces in
//! the order of the text, whatever directive they stand in, and outside quotes a piece ends with its line: `~}` at the
//! end of a line takes the line end away and leaves the spaces that begin the next line.
//! Source: github.com/hashicorp/hcl, `hclsyntax/parser_template.go`.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::template::{Directive, Element, Strip, Template};

use super::expression::name;
use super::hcl::Source;
use super::tree::{Expression, Kind, Part, SyntaxFault};

/// How a template is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Quoted,
    /// A text of its own.
    Bare,
    Heredoc {
        /// Opened by `<<-`: what all lines begin with is left out.
        indented: bool,
    },
}

impl Source<'_> {
    pub(super) fn template(
        &self,
        template: &Template,
        form: Form,
        span: Range<usize>,
    ) -> Result<Expression, SyntaxFault> {
        // A single `${…}` is its value, whatever that is; everything else is text.
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.expression(&only.expr);
        }
        let mut pieces = Pieces::new(self, form);
        pieces.template(template);
        if form == (Form::Heredoc { indented: true }) {
            pieces.dedent();
        }
        let mut pieces = pieces.found.into_iter();
        let mut parts = self.parts(template, &mut pieces)?;
        let kind = match parts.as_mut_slice() {
            [] => Kind::Text("".into()),
            [Part::Text(text)] => Kind::Text(std::mem::replace(text, "".into())),
            _ => Kind::Template(parts),
        };
        self.made(kind, span)
    }

    /// The parts, with their texts from `pieces`.
    fn parts(
        &self,
        template: &Template,
        pieces: &mut std::vec::IntoIter<Piece>,
    ) -> Result<Vec<Part>, SyntaxFault> {
        let mut parts = Vec::with_capacity(template.len());
        for element in template {
            match element {
                Element::Literal(_) => {
                    let text = text(pieces);
                    if !text.is_empty() {
                        parts.push(Part::Text(text.into()));
                    }
                }
                Element::Interpolation(read) => {
                    pieces.next();
                    parts.push(Part::Value(self.expression(&read.expr)?));
                }
                Element::Directive(directive) => {
                    parts.push(self.directive(directive, pieces)?);
                }
            }
        }
        Ok(parts)
    }

    fn directive(
        &self,
        directive: &Directive,
        pieces: &mut std::vec::IntoIter<Piece>,
    ) -> Result<Part, SyntaxFault> {
        pieces.next();
        let part = match directive {
            Directive::If(read) => Part::If {
                condition: self.expression(&read.if_expr.cond_expr)?,
                then: self.parts(&read.if_expr.template, pieces)?,
                otherwise: match &read.else_expr {
                    Some(read) => {
                        pieces.next();
                        self.parts(&read.template, pieces)?
                    }
                    None => Vec::new(),
                },
            },
            Directive::For(read) => Part::For {
                key_name: read.for_expr.key_var.as_ref().map(name),
                value_name: name(&read.for_expr.value_var),
                collection: self.expression(&read.for_expr.collection_expr)?,
                body: self.parts(&read.for_expr.template, pieces)?,
            },
        };
        pieces.next();
        Ok(part)
    }
}

/// The texts up to the next sequence, joined.
fn text(pieces: &mut std::vec::IntoIter<Piece>) -> String {
    let run: Vec<&str> = pieces
        .as_slice()
        .iter()
        .map_while(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Sequence => None,
        })
        .collect();
    let joined = run.concat();
    if let Some(last) = run.len().checked_sub(1) {
        pieces.nth(last);
    }
    joined
}

/// A line of literal text or less, or one `${…}` or `%{…}`.
enum Piece {
    Text(String),
    Sequence,
}

/// A template in the order of its text.
struct Pieces<'s> {
    source: &'s Source<'s>,
    form: Form,
    found: Vec<Piece>,
    /// A `~}` stands before what comes next.
    trim: bool,
}

impl<'s> Pieces<'s> {
    fn new(source: &'s Source<'s>, form: Form) -> Self {
        Self {
            source,
            form,
            found: Vec::new(),
            trim: false,
        }
    }

    fn template(&mut self, template: &Template) {
        for element in template {
            match element {
                Element::Literal(text) => self.literal(text.as_str(), text.span()),
                Element::Interpolation(read) => self.sequence(read.strip),
                Element::Directive(directive) => self.directive(directive),
            }
        }
    }

    fn directive(&mut self, directive: &Directive) {
        match directive {
            Directive::If(read) => {
                self.sequence(read.if_expr.strip);
                self.template(&read.if_expr.template);
                if let Some(read) = &read.else_expr {
                    self.sequence(read.strip);
                    self.template(&read.template);
                }
                self.sequence(read.endif_expr.strip);
            }
            Directive::For(read) => {
                self.sequence(read.for_expr.strip);
                self.template(&read.for_expr.template);
                self.sequence(read.endfor_expr.strip);
            }
        }
    }

    fn sequence(&mut self, strip: Strip) {
        if let (true, Some(Piece::Text(before))) = (strip.strip_start(), self.found.last_mut()) {
            before.truncate(before.trim_end().len());
        }
        self.found.push(Piece::Sequence);
        self.trim = strip.strip_end();
    }

    fn literal(&mut self, text: &str, span: Option<Range<usize>>) {
        match self.form {
            Form::Quoted => self.line(text),
            Form::Heredoc { indented: true } => {
                // The library has taken indentation away already, from the outermost literals alone.
                let written = self.source.slice(span.unwrap_or_default());
                let text = written.replace("$${", "${").replace("%%{", "%{");
                self.lines(&text);
            }
            Form::Bare | Form::Heredoc { .. } => self.lines(text),
        }
    }

    fn lines(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            match line.strip_suffix("\r\n") {
                Some(line) => self.line(&format!("{line}\n")),
                None => self.line(line),
            }
        }
    }

    fn line(&mut self, line: &str) {
        let line = if std::mem::take(&mut self.trim) {
            line.trim_start()
        } else {
            line
        };
        self.found.push(Piece::Text(line.to_owned()));
    }

    /// Takes away the spaces that all lines begin with, lines of nothing else aside.
    fn dedent(&mut self) {
        let mut starts = true;
        let mut least = usize::MAX;
        let mut firsts = Vec::new();
        for (at, piece) in self.found.iter().enumerate() {
            let text = match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Sequence => "",
            };
            let blank = text.ends_with('\n') && text.trim_start().is_empty();
            if std::mem::take(&mut starts) && !blank {
                least = least.min(text.chars().take_while(|next| next.is_whitespace()).count());
                firsts.push(at);
            }
            starts = text.ends_with('\n');
        }
        for at in firsts {
            if let Some(Piece::Text(text)) = self.found.get_mut(at) {
                *text = text.chars().skip(least).collect();
            }
        }
    }
}

/// How deep the parts nest.
pub(super) fn depth_of(parts: &[Part]) -> u16 {
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
