//! Functions of text.

use std::rc::Rc;

use super::{Call, Found, text_of};
use crate::terraform::fault::Fault;
use crate::terraform::value::Value;

/// Longer texts are not made.
const MAX_TEXT: usize = 4 << 20;

pub(super) fn call(call: &Call<'_>) -> Option<Found> {
    Some(match call.name {
        "lower" => map(call, str::to_lowercase),
        "upper" => map(call, str::to_uppercase),
        "title" => map(call, title),
        "trimspace" => map(call, |text| text.trim().to_owned()),
        "chomp" => map(call, |text| text.trim_end_matches(['\n', '\r']).to_owned()),
        "strrev" => map(call, |text| text.chars().rev().collect()),
        "trim" => with(call, |text, cut| {
            text.trim_matches(|next| cut.contains(next)).to_owned()
        }),
        "trimprefix" => with(call, |text, cut| {
            text.strip_prefix(cut).unwrap_or(text).to_owned()
        }),
        "trimsuffix" => with(call, |text, cut| {
            text.strip_suffix(cut).unwrap_or(text).to_owned()
        }),
        "startswith" => test(call, |text, part| text.starts_with(part)),
        "endswith" => test(call, |text, part| text.ends_with(part)),
        "strcontains" => test(call, |text, part| text.contains(part)),
        "indent" => indent(call),
        "join" => join(call),
        "split" => split(call),
        "replace" => replace(call),
        "substr" => substr(call),
        "format" => format(call),
        "formatlist" => Ok(call.unknown()),
        "tostring" => tostring(call),
        _ => return None,
    })
}

fn map(call: &Call<'_>, change: impl Fn(&str) -> String) -> Found {
    Value::text(change(&call.text(0)?))
}

fn with(call: &Call<'_>, change: impl Fn(&str, &str) -> String) -> Found {
    Value::text(change(&call.text(0)?, &call.text(1)?))
}

fn test(call: &Call<'_>, is: impl Fn(&str, &str) -> bool) -> Found {
    Ok(Value::Bool(is(&call.text(0)?, &call.text(1)?)))
}

fn title(text: &str) -> String {
    let mut first = true;
    text.chars()
        .flat_map(|next| {
            let upper = std::mem::replace(&mut first, !next.is_alphanumeric());
            let made: Vec<char> = if upper {
                next.to_uppercase().collect()
            } else {
                vec![next]
            };
            made
        })
        .collect()
}

fn indent(call: &Call<'_>) -> Found {
    let spaces = " ".repeat(call.number(0)?.clamp(0.0, 200.0) as usize);
    let text = call.text(1)?;
    if text.len() + text.matches('\n').count() * spaces.len() > MAX_TEXT {
        return Err(Fault::limit("a text grows too long"));
    }
    Value::text(text.replace('\n', &format!("\n{spaces}")))
}

fn join(call: &Call<'_>) -> Found {
    let separator = call.text(0)?;
    let mut parts: Vec<Rc<str>> = Vec::new();
    for argument in &call.arguments[1..] {
        let Value::List(list) = argument else {
            return Err(Fault::wrong("`join` needs lists"));
        };
        for item in &list.items {
            parts.push(text_of(item).ok_or_else(|| Fault::wrong("`join` needs texts"))?);
        }
    }
    let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
    if length > MAX_TEXT {
        return Err(Fault::limit("a text grows too long"));
    }
    Value::text(parts.join(&*separator))
}

fn split(call: &Call<'_>) -> Found {
    let (separator, text) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        let characters = text.chars().map(|next| Value::text(next.to_string()));
        return Value::list(characters.collect::<Result<_, _>>()?);
    }
    if text.is_empty() {
        return Value::list(Vec::new());
    }
    Value::list(
        text.split(&*separator)
            .map(Value::text)
            .collect::<Result<_, _>>()?,
    )
}

/// A pattern between slashes is a regular expression, which is left unknown.
fn replace(call: &Call<'_>) -> Found {
    let (text, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
        return Ok(call.unknown());
    }
    let found = text.matches(&*from).count();
    if text.len() + found * to.len() > MAX_TEXT {
        return Err(Fault::limit("a text grows too long"));
    }
    Value::text(text.replace(&*from, &to))
}

fn substr(call: &Call<'_>) -> Found {
    let text = call.text(0)?;
    let (offset, length) = (call.number(1)?, call.number(2)?);
    let characters: Vec<char> = text.chars().collect();
    let start = if offset < 0.0 {
        (characters.len() as f64 + offset).max(0.0)
    } else {
        offset
    } as usize;
    let rest = characters.get(start..).unwrap_or_default();
    let length = if length < 0.0 {
        rest.len()
    } else {
        (length as usize).min(rest.len())
    };
    Value::text(rest[..length].iter().collect::<String>())
}

fn tostring(call: &Call<'_>) -> Found {
    match call.argument(0)? {
        Value::Null => Ok(Value::Null),
        _ => Ok(Value::Text(call.text(0)?)),
    }
}

/// Verbs with flags, width and precision as far as configurations use them; others are left unknown.
fn format(call: &Call<'_>) -> Found {
    let pattern = call.text(0)?;
    let mut out = String::new();
    let mut next = 1;
    let mut rest = &*pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length = rest
            .find(|sign: char| !matches!(sign, '0'..='9' | '+' | '-' | ' ' | '.' | '#'))
            .unwrap_or(rest.len());
        let (flags, behind) = rest.split_at(length);
        let Some(verb) = behind.chars().next() else {
            return Err(Fault::wrong("`format` ends with `%`"));
        };
        rest = &behind[verb.len_utf8()..];
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(made) = verb_text(call, verb, flags, next)? else {
            return Ok(call.unknown());
        };
        out.push_str(&made);
        next += 1;
        if out.len() > MAX_TEXT {
            return Err(Fault::limit("a text grows too long"));
        }
    }
    out.push_str(rest);
    Value::text(out)
}

fn verb_text(call: &Call<'_>, verb: char, flags: &str, at: usize) -> Result<Option<String>, Fault> {
    let made = match verb {
        's' | 'v' => match text_of(call.argument(at)?) {
            Some(text) => text.to_string(),
            None => return Ok(None),
        },
        'q' => serde_json::Value::String(call.text(at)?.to_string()).to_string(),
        'd' => format!("{}", call.number(at)? as i64),
        'x' => format!("{:x}", call.number(at)? as i64),
        'X' => format!("{:X}", call.number(at)? as i64),
        'b' => format!("{:b}", call.number(at)? as i64),
        't' => call.text(at)?.to_string(),
        'f' => {
            let precision = flags
                .split_once('.')
                .and_then(|(_, digits)| digits.parse().ok());
            format!(
                "{:.*}",
                precision.unwrap_or(6_usize).min(40),
                call.number(at)?
            )
        }
        _ => return Ok(None),
    };
    let flags = flags.split('.').next().unwrap_or_default();
    let left = flags.contains('-');
    let flags = flags.trim_start_matches(['-', '+', ' ', '#']);
    let zero = flags.starts_with('0') && !left;
    let width = flags.parse().unwrap_or(0_usize).min(1_000);
    let missing = width.saturating_sub(made.chars().count());
    Ok(Some(match (left, zero) {
        (true, _) => format!("{made}{}", " ".repeat(missing)),
        (false, true) => match made.strip_prefix('-') {
            Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
            None => format!("{}{made}", "0".repeat(missing)),
        },
        (false, false) => format!("{}{made}", " ".repeat(missing)),
    }))
}
