//! What a file says, before anything is evaluated.

use std::rc::Rc;

use crate::stream::Place;

/// How deep one expression may nest. Real ones stay below 20.
pub(in crate::terraform) const MAX_DEPTH: u16 = 120;
/// The longest expression text that is kept for an unknown.
const TEXT_BYTES: usize = 200;

/// An expression with its place.
#[derive(Debug)]
pub(in crate::terraform) struct Expression {
    pub(in crate::terraform) kind: Kind,
    pub(in crate::terraform) place: Place,
    /// As written, shortened; shown where the value is unknown.
    pub(in crate::terraform) text: Rc<str>,
    /// Levels below it.
    pub(in crate::terraform) depth: u16,
}

#[derive(Debug)]
pub(in crate::terraform) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Template(Vec<Part>),
    List(Vec<Expression>),
    Object(Vec<(Expression, Expression)>),
    Variable(Rc<str>),
    Traversal(Box<Expression>, Vec<Step>),
    Call(Rc<str>, Vec<Expression>, Spread),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Conditional(Box<[Expression; 3]>),
    For(Box<ForExpression>),
}

/// Whether the last argument of a call is a list of arguments (`f(list...)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::terraform) enum Spread {
    No,
    Last,
}

/// A step into a value.
#[derive(Debug)]
pub(in crate::terraform) enum Step {
    Attribute(Rc<str>),
    Index(Expression),
    /// `[*]`, which carries every later step with it, or `.*`, which carries attributes only.
    Splat {
        full: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::terraform) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// `[for k, v in c : value if condition]`, or with `key` the object form.
#[derive(Debug)]
pub(in crate::terraform) struct ForExpression {
    pub(in crate::terraform) key_name: Option<Rc<str>>,
    pub(in crate::terraform) value_name: Rc<str>,
    pub(in crate::terraform) collection: Expression,
    pub(in crate::terraform) key: Option<Expression>,
    pub(in crate::terraform) value: Expression,
    pub(in crate::terraform) grouped: bool,
    pub(in crate::terraform) condition: Option<Expression>,
}

/// A piece of a text with `${…}` or `%{…}` in it.
#[derive(Debug)]
pub(in crate::terraform) enum Part {
    Text(Rc<str>),
    Value(Expression),
    If {
        condition: Expression,
        then: Vec<Part>,
        otherwise: Vec<Part>,
    },
    For {
        key_name: Option<Rc<str>>,
        value_name: Rc<str>,
        collection: Expression,
        body: Vec<Part>,
    },
}

/// The members of a file or block, in order.
#[derive(Debug, Default)]
pub(in crate::terraform) struct Body {
    pub(in crate::terraform) attributes: Vec<Attribute>,
    pub(in crate::terraform) blocks: Vec<Block>,
}

impl Body {
    pub(in crate::terraform) fn attribute(&self, name: &str) -> Option<&Expression> {
        self.attributes
            .iter()
            .find(|attribute| &*attribute.name == name)
            .map(|attribute| &attribute.value)
    }
}

#[derive(Debug)]
pub(in crate::terraform) struct Attribute {
    pub(in crate::terraform) name: Rc<str>,
    pub(in crate::terraform) place: Place,
    pub(in crate::terraform) value: Expression,
}

#[derive(Debug)]
pub(in crate::terraform) struct Block {
    pub(in crate::terraform) name: Rc<str>,
    pub(in crate::terraform) labels: Vec<Rc<str>>,
    pub(in crate::terraform) place: Place,
    pub(in crate::terraform) body: Body,
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::terraform) struct SyntaxFault {
    pub(in crate::terraform) place: Place,
    pub(in crate::terraform) message: String,
    /// The text goes beyond a limit, which no mending of a single place helps.
    pub(in crate::terraform) limit: bool,
}

/// A text for the expression, shortened to what a person reads.
pub(in crate::terraform) fn shortened(text: &str) -> Rc<str> {
    let text = text.trim();
    if text.len() <= TEXT_BYTES {
        return text.into();
    }
    let mut end = TEXT_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end]).into()
}

impl Expression {
    /// How deep the expression is once it holds `parts`.
    pub(in crate::terraform) fn depth_over<'e>(parts: impl IntoIterator<Item = &'e Self>) -> u16 {
        parts
            .into_iter()
            .map(|part| part.depth)
            .max()
            .unwrap_or(0)
            .saturating_add(1)
    }
}
