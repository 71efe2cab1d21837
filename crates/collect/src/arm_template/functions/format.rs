//! `format`: .NET composite formatting.

use super::super::fault::Fault;
use super::super::symbolic_text::{Hole, SymbolicText};
use super::super::value::Value;
use super::json_text::to_json;
use super::{text_of, unknown_call};

/// Widest field.
const WIDEST: usize = 10_000;

pub(super) fn format(arguments: &[Value]) -> Result<Value, Fault> {
    if matches!(arguments[0], Value::Unknown(_) | Value::Secret(_)) {
        return Ok(unknown_call("format", arguments));
    }
    let pattern = text_of(&arguments[0], "format")?;
    let mut made = SymbolicText::default();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        made.push_literal(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            made.push_literal(brace);
            rest = after;
            continue;
        }
        let end = rest.find('}').filter(|_| brace == "{").ok_or_else(|| {
            Fault::argument("`format` was given a pattern whose braces do not match")
        })?;
        made.push(&item(&rest[..end], &arguments[1..])?)?;
        rest = &rest[end + 1..];
    }
    made.push(&SymbolicText::literal(rest))?;
    Ok(Value::symbolic(made))
}

/// `index`, `index,width`, `index:pattern`.
fn item(text: &str, arguments: &[Value]) -> Result<SymbolicText, Fault> {
    let (head, pattern) = match text.split_once(':') {
        Some((head, pattern)) => (head, Some(pattern)),
        None => (text, None),
    };
    let (index, width) = match head.split_once(',') {
        Some((index, width)) => (index, width.trim().parse::<i64>().ok()),
        None => (head, None),
    };
    let value = index
        .trim()
        .parse::<usize>()
        .ok()
        .and_then(|index| arguments.get(index))
        .ok_or_else(|| Fault::argument(format!("`format` has no argument for `{{{text}}}`")))?;
    let plain = match value {
        Value::List(_) | Value::Object(_) => SymbolicText::literal(&to_json(value)),
        scalar => scalar.to_symbolic().unwrap_or_default(),
    };
    if pattern.is_none() && width.is_none() {
        return Ok(plain);
    }
    let Some(known) = plain.known() else {
        let source = format!("format('{{{text}}}', {})", value.source());
        return Ok(SymbolicText::hole(Hole::of_call(&source)));
    };
    let shown = match (pattern, value) {
        (Some(pattern), Value::Int(number)) => number_text(*number, pattern)?,
        _ => known,
    };
    Ok(SymbolicText::literal(&padded(shown, width.unwrap_or(0))))
}

fn padded(text: String, width: i64) -> String {
    let wanted = usize::try_from(width.unsigned_abs())
        .unwrap_or(0)
        .min(WIDEST);
    let blanks = " ".repeat(wanted.saturating_sub(text.chars().count()));
    if width < 0 {
        text + &blanks
    } else {
        blanks + &text
    }
}

/// Standard patterns `D`, `N`, `F`, `X`, `G`, `P`, `E` with a precision, and zeros as a custom pattern.
fn number_text(number: i64, pattern: &str) -> Result<String, Fault> {
    let wrong = || {
        Fault::argument(format!(
            "`format` does not know the number pattern `{pattern}`"
        ))
    };
    if !pattern.is_empty() && pattern.chars().all(|digit| digit == '0') {
        return Ok(zeros(number, pattern.len()));
    }
    let mut letters = pattern.chars();
    let kind = letters.next().unwrap_or('G');
    let digits = letters.as_str();
    let precision = if digits.is_empty() {
        None
    } else {
        Some(digits.parse::<usize>().map_err(|_| wrong())?)
    };
    let precision = precision.map(|wanted| wanted.min(99));
    Ok(match kind {
        'D' | 'd' => zeros(number, precision.unwrap_or(0)),
        'X' => format!("{number:0width$X}", width = precision.unwrap_or(0)),
        'x' => format!("{number:0width$x}", width = precision.unwrap_or(0)),
        'G' | 'g' => number.to_string(),
        'F' | 'f' => format!("{number}{}", fraction(precision.unwrap_or(2))),
        'N' | 'n' => format!("{}{}", grouped(number), fraction(precision.unwrap_or(2))),
        'P' | 'p' => {
            let hundredfold = number.checked_mul(100).ok_or_else(wrong)?;
            format!(
                "{}{} %",
                grouped(hundredfold),
                fraction(precision.unwrap_or(2))
            )
        }
        _ => return Err(wrong()),
    })
}

fn zeros(number: i64, width: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{:0width$}", number.unsigned_abs())
}

fn fraction(places: usize) -> String {
    if places == 0 {
        String::new()
    } else {
        format!(".{}", "0".repeat(places))
    }
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut made = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            made.push(',');
        }
        made.push(digit);
    }
    if number < 0 { format!("-{made}") } else { made }
}
