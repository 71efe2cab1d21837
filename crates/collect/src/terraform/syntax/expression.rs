//! Expressions, by precedence.

use std::rc::Rc;

use super::cursor::Cursor;
use super::text::{heredoc, quoted};
use super::tree::{
    Expression, ForExpression, Kind, MAX_DEPTH, Operator, Spread, Step, SyntaxFault, shortened,
};

type Found = Result<Expression, SyntaxFault>;

/// Operators from weak to strong.
const LEVELS: &[&[(&str, Operator)]] = &[
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::NotEqual)],
    &[
        ("<=", Operator::LessEqual),
        (">=", Operator::GreaterEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("*", Operator::Multiply),
        ("/", Operator::Divide),
        ("%", Operator::Remainder),
    ],
];

pub(super) fn expression(cursor: &mut Cursor<'_>) -> Found {
    cursor.enter()?;
    let start = cursor.at;
    let condition = binary(cursor, 0)?;
    cursor.space();
    let found = if cursor.take("?") {
        cursor.space();
        let then = expression(cursor)?;
        cursor.space();
        if !cursor.take(":") {
            return Err(cursor.fault("expected `:` of a condition"));
        }
        cursor.space();
        let otherwise = expression(cursor)?;
        let parts = Box::new([condition, then, otherwise]);
        let depth = Expression::depth_over(&*parts);
        made(cursor, start, Kind::Conditional(parts), depth)
    } else {
        Ok(condition)
    };
    cursor.leave();
    found
}

/// An expression made of what stands between `start` and here.
fn made(cursor: &Cursor<'_>, start: usize, kind: Kind, depth: u16) -> Found {
    let place = cursor.place_of(start);
    if depth > MAX_DEPTH {
        return Err(SyntaxFault {
            place,
            message: format!("the expression nests deeper than {MAX_DEPTH} levels"),
            too_deep: true,
        });
    }
    let text = match kind {
        // Known whatever happens: their text is never shown.
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => Rc::from(""),
        _ => shortened(cursor.slice(start..cursor.at)),
    };
    Ok(Expression {
        kind,
        place,
        text,
        depth,
    })
}

fn binary(cursor: &mut Cursor<'_>, level: usize) -> Found {
    let Some(operators) = LEVELS.get(level) else {
        return unary(cursor);
    };
    let start = cursor.at;
    let mut left = binary(cursor, level + 1)?;
    loop {
        let behind = cursor.at;
        cursor.space();
        let rest = cursor.rest();
        let comment = rest.starts_with("//") || rest.starts_with("/*");
        let found = operators.iter().find(|(sign, _)| rest.starts_with(sign));
        let Some((sign, operator)) = found.filter(|_| !comment) else {
            cursor.at = behind;
            return Ok(left);
        };
        cursor.at += sign.len();
        cursor.space();
        let right = binary(cursor, level + 1)?;
        let depth = Expression::depth_over([&left, &right]);
        let kind = Kind::Binary(*operator, Box::new(left), Box::new(right));
        left = made(cursor, start, kind, depth)?;
    }
}

fn unary(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    let negative = cursor.byte() == Some(b'-');
    if !negative && (cursor.byte() != Some(b'!') || cursor.starts("!=")) {
        return traversal(cursor);
    }
    cursor.at += 1;
    cursor.space();
    cursor.enter()?;
    let inner = unary(cursor)?;
    cursor.leave();
    let depth = Expression::depth_over([&inner]);
    let kind = if negative {
        Kind::Negative(Box::new(inner))
    } else {
        Kind::Not(Box::new(inner))
    };
    made(cursor, start, kind, depth)
}

fn traversal(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    let root = term(cursor)?;
    let mut steps = Vec::new();
    let mut depth = root.depth;
    loop {
        let behind = cursor.at;
        // A chain may go on in the next line only within brackets.
        cursor.space();
        if cursor.byte() == Some(b'.') && !cursor.starts("...") {
            cursor.at += 1;
            cursor.space();
            steps.push(dotted(cursor)?);
        } else if cursor.byte() == Some(b'[') {
            cursor.at += 1;
            let step = bracketed(cursor)?;
            if let Step::Index(index) = &step {
                depth = depth.max(index.depth);
            }
            steps.push(step);
        } else {
            cursor.at = behind;
            break;
        }
    }
    if steps.is_empty() {
        return Ok(root);
    }
    let kind = Kind::Traversal(Box::new(root), steps);
    made(cursor, start, kind, depth.saturating_add(1))
}

fn dotted(cursor: &mut Cursor<'_>) -> Result<Step, SyntaxFault> {
    if cursor.take("*") {
        return Ok(Step::Splat { full: false });
    }
    let start = cursor.at;
    let digits = cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        cursor.at += digits;
        let number = cursor.slice(start..cursor.at).parse().unwrap_or(f64::MAX);
        return Ok(Step::Index(made(cursor, start, Kind::Number(number), 1)?));
    }
    match cursor.name() {
        Some(name) => Ok(Step::Attribute(name.into())),
        None => Err(cursor.fault("expected a name behind `.`")),
    }
}

fn bracketed(cursor: &mut Cursor<'_>) -> Result<Step, SyntaxFault> {
    cursor.brackets += 1;
    cursor.space();
    let step = if cursor.take("*") {
        Step::Splat { full: true }
    } else {
        Step::Index(expression(cursor)?)
    };
    close(cursor, "]")?;
    Ok(step)
}

/// The closing bracket.
fn close(cursor: &mut Cursor<'_>, bracket: &str) -> Result<(), SyntaxFault> {
    cursor.space();
    if !cursor.take(bracket) {
        return Err(cursor.fault(format!("expected `{bracket}`")));
    }
    cursor.brackets = cursor.brackets.saturating_sub(1);
    Ok(())
}

fn term(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    match cursor.byte() {
        Some(b'"') => quoted(cursor),
        Some(b'<') if cursor.starts("<<") => heredoc(cursor),
        Some(b'(') => {
            cursor.at += 1;
            cursor.brackets += 1;
            cursor.space();
            let inner = expression(cursor)?;
            close(cursor, ")")?;
            Ok(inner)
        }
        Some(b'[') => list(cursor),
        Some(b'{') => object(cursor),
        Some(b'0'..=b'9') => number(cursor),
        _ => match cursor.name() {
            Some(name) => named(cursor, start, name),
            None => Err(cursor.fault("expected an expression")),
        },
    }
}

fn number(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    let bytes = cursor.rest().as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let exponent = matches!(bytes.get(length.wrapping_sub(1)), Some(b'e' | b'E'));
        let next_is_digit = bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' | b'e' | b'E' => length += 1,
            b'.' if next_is_digit => length += 1,
            b'+' | b'-' if exponent => length += 1,
            _ => break,
        }
    }
    cursor.at += length;
    let Ok(value) = cursor.slice(start..cursor.at).parse() else {
        return Err(cursor.fault("a number that cannot be read"));
    };
    made(cursor, start, Kind::Number(value), 1)
}

fn named(cursor: &mut Cursor<'_>, start: usize, name: &str) -> Found {
    let mut name = name.to_owned();
    // Functions of providers: `provider::azurerm::normalise_resource_id(…)`.
    while cursor.starts("::") {
        cursor.at += 2;
        match cursor.name() {
            Some(part) => {
                name.push_str("::");
                name.push_str(part);
            }
            None => return Err(cursor.fault("expected a name behind `::`")),
        }
    }
    let kind = match name.as_str() {
        "true" => Kind::Bool(true),
        "false" => Kind::Bool(false),
        "null" => Kind::Null,
        _ if cursor.byte() == Some(b'(') => return call(cursor, start, &name),
        _ => Kind::Variable(name.into()),
    };
    made(cursor, start, kind, 1)
}

fn call(cursor: &mut Cursor<'_>, start: usize, name: &str) -> Found {
    cursor.at += 1;
    cursor.brackets += 1;
    let mut arguments = Vec::new();
    let mut spread = Spread::No;
    loop {
        cursor.space();
        if cursor.byte() == Some(b')') {
            break;
        }
        arguments.push(expression(cursor)?);
        cursor.space();
        if cursor.take("...") {
            spread = Spread::Last;
            cursor.space();
        }
        if !cursor.take(",") {
            break;
        }
    }
    close(cursor, ")")?;
    let depth = Expression::depth_over(&arguments);
    made(
        cursor,
        start,
        Kind::Call(name.into(), arguments, spread),
        depth,
    )
}

fn list(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    cursor.at += 1;
    cursor.brackets += 1;
    cursor.space();
    if starts_for(cursor) {
        return for_expression(cursor, start, "]");
    }
    let mut items = Vec::new();
    loop {
        cursor.space();
        if cursor.byte() == Some(b']') {
            break;
        }
        items.push(expression(cursor)?);
        cursor.space();
        if !cursor.take(",") {
            break;
        }
    }
    close(cursor, "]")?;
    let depth = Expression::depth_over(&items);
    made(cursor, start, Kind::List(items), depth)
}

fn object(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    cursor.at += 1;
    cursor.brackets += 1;
    cursor.space();
    if starts_for(cursor) {
        return for_expression(cursor, start, "}");
    }
    let mut items = Vec::new();
    loop {
        cursor.space();
        if cursor.byte() == Some(b'}') {
            break;
        }
        let key = object_key(cursor)?;
        cursor.space();
        if !cursor.take("=") && !cursor.take(":") {
            return Err(cursor.fault("expected `=` behind a key"));
        }
        cursor.space();
        // A line end closes the value.
        let outside = std::mem::take(&mut cursor.brackets);
        let value = expression(cursor)?;
        cursor.brackets = outside;
        items.push((key, value));
        cursor.space();
        let _ = cursor.take(",");
    }
    close(cursor, "}")?;
    let depth = Expression::depth_over(items.iter().flat_map(|(key, value)| [key, value]));
    made(cursor, start, Kind::Object(items), depth)
}

/// A bare name is the key itself, everything else an expression.
fn object_key(cursor: &mut Cursor<'_>) -> Found {
    let start = cursor.at;
    if let Some(name) = cursor.name() {
        let behind = cursor.at;
        cursor.space();
        if matches!(cursor.byte(), Some(b'=' | b':')) && !cursor.starts("==") {
            cursor.at = behind;
            return made(cursor, start, Kind::Text(name.into()), 1);
        }
        cursor.at = start;
    }
    expression(cursor)
}

fn starts_for(cursor: &Cursor<'_>) -> bool {
    cursor
        .rest()
        .strip_prefix("for")
        .is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r']))
}

/// `for` up to its closing bracket.
fn for_expression(cursor: &mut Cursor<'_>, start: usize, bracket: &str) -> Found {
    let (key_name, value_name, collection) = for_intro(cursor)?;
    cursor.space();
    if !cursor.take(":") {
        return Err(cursor.fault("expected `:` of a `for`"));
    }
    cursor.space();
    let first = expression(cursor)?;
    cursor.space();
    let (key, value) = if bracket == "}" {
        if !cursor.take("=>") {
            return Err(cursor.fault("expected `=>` of a `for`"));
        }
        cursor.space();
        (Some(first), expression(cursor)?)
    } else {
        (None, first)
    };
    cursor.space();
    let grouped = cursor.take("...");
    cursor.space();
    let condition = if starts_word(cursor, "if") {
        cursor.at += 2;
        cursor.space();
        Some(expression(cursor)?)
    } else {
        None
    };
    close(cursor, bracket)?;
    let parts = [
        Some(&collection),
        Some(&value),
        key.as_ref(),
        condition.as_ref(),
    ];
    let depth = Expression::depth_over(parts.into_iter().flatten());
    let found = ForExpression {
        key_name,
        value_name,
        collection,
        key,
        value,
        grouped,
        condition,
    };
    made(cursor, start, Kind::For(Box::new(found)), depth)
}

pub(super) type ForIntro = (Option<Rc<str>>, Rc<str>, Expression);

/// `for k, v in collection`.
pub(super) fn for_intro(cursor: &mut Cursor<'_>) -> Result<ForIntro, SyntaxFault> {
    cursor.at += "for".len();
    let mut names: Vec<Rc<str>> = Vec::new();
    loop {
        cursor.space();
        match cursor.name() {
            Some(name) => names.push(name.into()),
            None => return Err(cursor.fault("expected a name behind `for`")),
        }
        cursor.space();
        if names.len() == 2 || !cursor.take(",") {
            break;
        }
    }
    if !starts_word(cursor, "in") {
        return Err(cursor.fault("expected `in` of a `for`"));
    }
    cursor.at += 2;
    cursor.space();
    let collection = expression(cursor)?;
    let value_name = names.pop().unwrap_or_else(|| "".into());
    Ok((names.pop(), value_name, collection))
}

fn starts_word(cursor: &Cursor<'_>, word: &str) -> bool {
    cursor
        .rest()
        .strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}
