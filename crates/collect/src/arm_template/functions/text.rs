//! Functions over text.

use super::super::fault::Fault;
use super::super::symbolic_text::{SymbolicText, split_literal};
use super::super::value::Value;
use super::{int_of, pass_unknown, text_of, unknown_call};

pub(super) fn to_lower(arguments: &[Value]) -> Result<Value, Fault> {
    each_character(arguments, "toLower", str::to_lowercase)
}

pub(super) fn to_upper(arguments: &[Value]) -> Result<Value, Fault> {
    each_character(arguments, "toUpper", str::to_uppercase)
}

fn each_character(
    arguments: &[Value],
    name: &str,
    apply: fn(&str) -> String,
) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Unknown(unknown) => {
            let call = |source: &str| {
                // These never hold a capital letter.
                let lower = ["uniqueString(", "guid("]
                    .iter()
                    .any(|call| source.starts_with(call));
                if lower && name == "toLower" {
                    source.to_owned()
                } else {
                    format!("{name}({source})")
                }
            };
            Ok(Value::symbolic(unknown.text.map(call, apply)))
        }
        Value::Secret(secret) => Ok(Value::Secret(*secret)),
        other => Value::text(apply(text_of(other, name)?)),
    }
}

pub(super) fn trim(arguments: &[Value]) -> Result<Value, Fault> {
    Value::text(text_of(&arguments[0], "trim")?.trim())
}

pub(super) fn replace(arguments: &[Value]) -> Result<Value, Fault> {
    if let (Value::Unknown(unknown), Value::Text(old), Value::Text(new)) =
        (&arguments[0], &arguments[1], &arguments[2])
    {
        // A single character cannot lie across the edge of a hole.
        if old.chars().count() == 1 {
            let call = |source: &str| format!("replace({source}, '{old}', '{new}')");
            return Ok(Value::symbolic(
                unknown
                    .text
                    .map(call, |literal| literal.replace(old.as_ref(), new)),
            ));
        }
    }
    if let Some(unknown) = pass_unknown("replace", arguments) {
        return Ok(unknown);
    }
    let text = text_of(&arguments[0], "replace")?;
    let (old, new) = (
        text_of(&arguments[1], "replace")?,
        text_of(&arguments[2], "replace")?,
    );
    if old.is_empty() {
        return Value::text(text);
    }
    // Checked before the work: the result may be far longer than the text.
    let grown = text
        .len()
        .saturating_add(text.matches(old).count().saturating_mul(new.len()));
    if grown > 2 * super::super::symbolic_text::LONGEST_TEXT {
        return Err(Fault::limit("a text grows beyond what is kept"));
    }
    Value::text(text.replace(old, new))
}

pub(super) fn split(arguments: &[Value]) -> Result<Value, Fault> {
    let delimiters: Vec<&str> = match &arguments[1] {
        Value::Text(text) => vec![text.as_ref()],
        Value::List(list) => list.items.iter().filter_map(Value::as_text).collect(),
        Value::Unknown(_) => return Ok(unknown_call("split", arguments)),
        other => {
            return Err(Fault::argument(format!(
                "`split` takes a text or array of delimiters, not {}",
                other.type_name()
            )));
        }
    };
    match &arguments[0] {
        // Names inside a resource id hold no slash, so that the pieces of an id are known one by one.
        Value::Unknown(unknown) if unknown.text.is_resource_id() && delimiters == ["/"] => {
            Value::list(
                unknown
                    .text
                    .split(&delimiters)
                    .into_iter()
                    .map(Value::symbolic)
                    .collect(),
            )
        }
        Value::Unknown(_) => Ok(unknown_call("split", arguments)),
        Value::Secret(secret) => Ok(Value::Secret(*secret)),
        other => {
            let text = text_of(other, "split")?;
            Value::list(
                split_literal(text, &delimiters)
                    .into_iter()
                    .map(Value::word)
                    .collect(),
            )
        }
    }
}

pub(super) fn join(arguments: &[Value]) -> Result<Value, Fault> {
    let (Value::List(list), Value::Text(delimiter)) = (&arguments[0], &arguments[1]) else {
        return pass_unknown("join", arguments)
            .ok_or_else(|| Fault::argument("`join` takes an array and a delimiter"));
    };
    let mut text = SymbolicText::default();
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            text.push(&SymbolicText::literal(delimiter))?;
        }
        let piece = item.to_symbolic().ok_or_else(|| {
            Fault::argument(format!(
                "`join` joins an array of texts, not of {}",
                item.type_name()
            ))
        })?;
        text.push(&piece)?;
    }
    Ok(Value::symbolic(text))
}

pub(super) fn substring(arguments: &[Value]) -> Result<Value, Fault> {
    if let [Value::Unknown(unknown), Value::Int(0), Value::Int(count)] = arguments {
        let start = usize::try_from(*count)
            .ok()
            .and_then(|count| unknown.text.start(count));
        if let Some(start) = start {
            return Ok(Value::symbolic(start));
        }
    }
    let numbers = arguments[1..]
        .iter()
        .all(|value| matches!(value, Value::Int(_)));
    let known = match &arguments[0] {
        Value::Unknown(unknown) if numbers => unknown.text.known_prefix().to_owned(),
        _ if pass_unknown("substring", arguments).is_some() => {
            return Ok(pass_unknown("substring", arguments).unwrap_or(Value::Null));
        }
        other => text_of(other, "substring")?.to_owned(),
    };
    let start = int_of(&arguments[1], "substring")?;
    let wanted = arguments
        .get(2)
        .map(|value| int_of(value, "substring"))
        .transpose()?;
    let length = known.chars().count() as i64;
    let end = match wanted {
        Some(wanted) => start.saturating_add(wanted),
        None => length,
    };
    let outside = start < 0 || end > length || end < start;
    if matches!(arguments[0], Value::Unknown(_)) && (outside || wanted.is_none()) {
        return Ok(unknown_call("substring", arguments));
    }
    if outside {
        return Err(Fault::argument(format!(
            "`substring` from {start} to {end} lies outside of a text of {length} characters"
        )));
    }
    Value::text(
        known
            .chars()
            .skip(start as usize)
            .take((end - start) as usize)
            .collect::<String>(),
    )
}

/// Widest padding; anything wider is a fault of the template.
const WIDEST: i64 = 10_000;

pub(super) fn pad_left(arguments: &[Value]) -> Result<Value, Fault> {
    let text = match &arguments[0] {
        Value::Int(number) => number.to_string(),
        other => text_of(other, "padLeft")?.to_owned(),
    };
    let width = int_of(&arguments[1], "padLeft")?;
    if width > WIDEST {
        return Err(Fault::argument(format!(
            "`padLeft` takes a length up to {WIDEST}, not {width}"
        )));
    }
    let padding = match arguments.get(2) {
        Some(value) => text_of(value, "padLeft")?.chars().next().unwrap_or(' '),
        None => ' ',
    };
    let missing = usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(text.chars().count());
    let mut padded: String = std::iter::repeat_n(padding, missing).collect();
    padded.push_str(&text);
    Value::text(padded)
}

fn edge(
    arguments: &[Value],
    name: &str,
    known: fn(&SymbolicText) -> &str,
    test: fn(&str, &str) -> bool,
) -> Result<Value, Fault> {
    if let (Value::Unknown(unknown), Value::Text(wanted)) = (&arguments[0], &arguments[1]) {
        let (edge, wanted) = (known(&unknown.text).to_lowercase(), wanted.to_lowercase());
        let told = edge.len() >= wanted.len() || !(test(&wanted, &edge) || edge.is_empty());
        return Ok(if told {
            Value::Bool(test(&edge, &wanted))
        } else {
            unknown_call(name, arguments)
        });
    }
    if pass_unknown(name, arguments).is_some() {
        return Ok(unknown_call(name, arguments));
    }
    let (text, wanted) = (text_of(&arguments[0], name)?, text_of(&arguments[1], name)?);
    Ok(Value::Bool(test(
        &text.to_lowercase(),
        &wanted.to_lowercase(),
    )))
}

pub(super) fn starts_with(arguments: &[Value]) -> Result<Value, Fault> {
    edge(
        arguments,
        "startsWith",
        SymbolicText::known_prefix,
        |text, wanted| text.starts_with(wanted),
    )
}

pub(super) fn ends_with(arguments: &[Value]) -> Result<Value, Fault> {
    edge(
        arguments,
        "endsWith",
        SymbolicText::known_suffix,
        |text, wanted| text.ends_with(wanted),
    )
}
