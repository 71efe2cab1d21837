//! The expression language between `[` and `]`: calls, literals, member access.

use std::fmt;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// `'text'`.
    Text(String),
    /// `42`; a number out of 64 bits keeps its text.
    Number(String),
    /// Bare `true`, `false`, `null`.
    Word(Word),
    /// `name(arguments)` or `namespace.name(arguments)`.
    Call {
        name: String,
        arguments: Vec<Expression>,
    },
    /// `value.name`, `value[index]`; with `safe`, absence gives null.
    Access {
        target: Box<Expression>,
        key: Box<Expression>,
        safe: bool,
    },
}

/// Words that stand by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    True,
    False,
    Null,
}

/// What is wrong with the text of an expression, and after how many characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxFault {
    /// Characters from the start of the string, the opening bracket included.
    pub(super) offset: usize,
    /// What was expected.
    pub(super) message: String,
}

/// Deepest nesting of calls and brackets.
const DEEPEST: usize = 80;

/// How a string of a template is to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading<'t> {
    /// Plain text.
    Literal(&'t str),
    /// `[[…]`: text that starts with a bracket.
    Escaped(&'t str),
    /// The inside of `[…]`.
    Expression(&'t str),
}

/// Tells expressions from text: an expression starts with `[` and ends with `]`; `[[` escapes it.
pub(super) fn reading(text: &str) -> Reading<'_> {
    if !text.starts_with('[') || !text.ends_with(']') || text.len() < 2 {
        return Reading::Literal(text);
    }
    if text.starts_with("[[") {
        return Reading::Escaped(&text[1..]);
    }
    Reading::Expression(&text[1..text.len() - 1])
}

/// Parses the inside of the brackets.
pub(super) fn parse(inside: &str) -> Result<Expression, SyntaxFault> {
    let mut parser = Parser {
        text: inside,
        at: 0,
        depth: 0,
    };
    let expression = parser.expression()?;
    parser.blanks();
    if let Some(found) = parser.peek() {
        return Err(parser.fault(format!("the expression should end before `{found}`")));
    }
    Ok(expression)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Skips blanks and takes `token` when it stands here.
    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn fault(&self, message: String) -> SyntaxFault {
        SyntaxFault {
            offset: 1 + self.text[..self.at].chars().count(),
            message,
        }
    }

    fn expected(&self, what: &str) -> SyntaxFault {
        match self.peek() {
            Some(found) => self.fault(format!(
                "{what} is expected, not `{}`",
                found.escape_debug()
            )),
            None => self.fault(format!("{what} is missing at the end")),
        }
    }

    fn expression(&mut self) -> Result<Expression, SyntaxFault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(format!(
                "the expression is nested deeper than {DEEPEST} levels"
            )));
        }
        let mut made = self.primary()?;
        let mut accesses = 0;
        while let Some((key, safe)) = self.accessor()? {
            accesses += 1;
            if accesses > DEEPEST {
                return Err(
                    self.fault(format!("more than {DEEPEST} members are accessed in a row"))
                );
            }
            made = Expression::Access {
                target: Box::new(made),
                key: Box::new(key),
                safe,
            };
        }
        self.depth -= 1;
        Ok(made)
    }

    /// `.name`, `.?name`, `?.name`, `[key]`, `[?key]`, `?[key]`.
    fn accessor(&mut self) -> Result<Option<(Expression, bool)>, SyntaxFault> {
        for (token, safe) in [(".?", true), ("?.", true), (".", false)] {
            if self.take(token) {
                self.blanks();
                let name = self.identifier();
                if name.is_empty() {
                    return Err(self.expected("the name of a member"));
                }
                return Ok(Some((Expression::Text(name.to_owned()), safe)));
            }
        }
        for (token, safe) in [("[?", true), ("?[", true), ("[", false)] {
            if self.take(token) {
                let key = self.expression()?;
                if !self.take("]") {
                    return Err(self.expected("`]`"));
                }
                return Ok(Some((key, safe)));
            }
        }
        Ok(None)
    }

    fn primary(&mut self) -> Result<Expression, SyntaxFault> {
        self.blanks();
        match self.peek() {
            Some('\'') => self.quoted(),
            Some(first) if first.is_ascii_digit() || first == '-' || first == '+' => self.number(),
            Some(first) if first.is_alphabetic() || first == '_' => self.call(),
            _ => Err(self.expected("a function or a value")),
        }
    }

    fn quoted(&mut self) -> Result<Expression, SyntaxFault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else {
                return Err(self.fault("the closing `'` of a text is missing".to_owned()));
            };
            text.push_str(&rest[..end]);
            self.at += end + 1;
            if self.peek() != Some('\'') {
                return Ok(Expression::Text(text));
            }
            // Two single quotes are one inside a text.
            text.push('\'');
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Expression, SyntaxFault> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '+' | '-' | '.'))
        {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        if unsigned.parse::<i64>().is_err() && unsigned.parse::<f64>().is_err() {
            self.at = start;
            return Err(self.expected("a number"));
        }
        Ok(Expression::Number(unsigned.to_owned()))
    }

    fn identifier(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|next: char| !(next.is_alphanumeric() || matches!(next, '_' | '$')))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn call(&mut self) -> Result<Expression, SyntaxFault> {
        let mut name = self.identifier().to_owned();
        // A name with a dot is a user function: `contoso.uniqueName(...)`.
        while self.rest().starts_with('.') {
            let before = self.at;
            self.at += 1;
            let part = self.identifier();
            if part.is_empty() {
                self.at = before;
                break;
            }
            name.push('.');
            name.push_str(part);
        }
        if !self.take("(") {
            return match name.to_ascii_lowercase().as_str() {
                "true" => Ok(Expression::Word(Word::True)),
                "false" => Ok(Expression::Word(Word::False)),
                "null" => Ok(Expression::Word(Word::Null)),
                _ => Err(self.fault(format!(
                    "`{name}` wants arguments in parentheses; texts stand in single quotes"
                ))),
            };
        }
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(Expression::Call { name, arguments });
        }
        loop {
            arguments.push(self.expression()?);
            if self.take(")") {
                return Ok(Expression::Call { name, arguments });
            }
            if !self.take(",") {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }
}

impl fmt::Display for Expression {
    /// The expression in its normal spelling, as the sources of unknowns are shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "'{}'", text.replace('\'', "''")),
            Self::Number(text) => formatter.write_str(text),
            Self::Word(Word::True) => formatter.write_str("true"),
            Self::Word(Word::False) => formatter.write_str("false"),
            Self::Word(Word::Null) => formatter.write_str("null"),
            Self::Call { name, arguments } => {
                write!(formatter, "{name}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(formatter, "{separator}{argument}")?;
                }
                formatter.write_str(")")
            }
            Self::Access { target, key, safe } => {
                let mark = if *safe { "?" } else { "" };
                match key.as_ref() {
                    Self::Text(name) if is_plain_name(name) => {
                        write!(formatter, "{target}.{mark}{name}")
                    }
                    key => write!(formatter, "{target}[{mark}{key}]"),
                }
            }
        }
    }
}

/// Whether a member may be written after a dot.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name
            .chars()
            .all(|next| next.is_alphanumeric() || next == '_')
}
