//! Stored functions from KQL files.
//!
//! A file holds one function, in one of the forms in which people keep them: a statement
//! `.create-or-alter function Name(parameters) { body }`, a statement
//! `let Name = (parameters) { body }`, or the body alone, which takes no parameters.

use stance_kql_syntax::{Diagnostic, parse};

use crate::StoredFunction;

/// Reads the text of a file; `name` is what the function is called where the text does not say.
///
/// # Errors
/// What is wrong with the text, for people.
pub fn read_stored_function(name: &str, text: &str) -> Result<StoredFunction, String> {
    let text = without_leading_notes(text);
    let lower = text.to_ascii_lowercase();
    let function = if lower.starts_with(".create") {
        created(text)?
    } else if let Some(function) = let_statement(text) {
        function
    } else {
        StoredFunction {
            name: name.to_owned(),
            parameters: "()".to_owned(),
            body: text.trim().trim_end_matches(';').to_owned(),
        }
    };
    let declared = format!("let f = {} {{\n{}\n}}", function.parameters, function.body);
    let parsed = parse(&declared);
    match parsed
        .diagnostics()
        .iter()
        .find(|found| Diagnostic::is_error(found))
    {
        Some(wrong) => Err(wrong.message.clone()),
        None if function.body.trim().is_empty() => Err("it holds no query".to_owned()),
        None => Ok(function),
    }
}

/// The text without blank lines and comments before it.
fn without_leading_notes(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("//") {
        rest = rest
            .split_once('\n')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    rest
}

/// `.create-or-alter function with (folder = "x") Name(parameters) { body }`.
fn created(text: &str) -> Result<StoredFunction, String> {
    let wrong = || "a statement `.create-or-alter function Name(...) { ... }` is wanted".to_owned();
    let at = text
        .to_ascii_lowercase()
        .find("function")
        .ok_or_else(wrong)?;
    let mut rest = text[at + "function".len()..].trim_start();
    if let Some(after) = rest.strip_prefix("ifnotexists") {
        rest = after.trim_start();
    }
    if let Some(after) = rest.strip_prefix("with").map(str::trim_start)
        && after.starts_with('(')
    {
        let end = closing(after).ok_or_else(wrong)?;
        rest = after[end + 1..].trim_start();
    }
    let (name, declaration) = name_before(rest, '(').ok_or_else(wrong)?;
    declared(name, declaration).ok_or_else(wrong)
}

/// `let Name = (parameters) { body }` and nothing after it.
fn let_statement(text: &str) -> Option<StoredFunction> {
    let rest = text.strip_prefix("let")?;
    if !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let (name, rest) = name_before(rest.trim_start(), '=')?;
    let rest = rest.strip_prefix('=')?.trim_start();
    let declaration = rest.strip_prefix("view").unwrap_or(rest).trim_start();
    declaration
        .starts_with('(')
        .then(|| declared(name, declaration))?
}

/// A name, plain or as `['name']`, and the text from `end` on.
fn name_before(text: &str, end: char) -> Option<(&str, &str)> {
    let (name, _) = text.split_once(end)?;
    let plain = name.trim().trim_matches(['[', ']', '\'', '"']);
    let fits = plain
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    (fits && !plain.is_empty()).then(|| (plain, text[name.len()..].trim_start()))
}

/// `(parameters) { body }` with nothing but `;` after it.
fn declared(name: &str, text: &str) -> Option<StoredFunction> {
    let end = closing(text)?;
    let (parameters, rest) = text.split_at(end + 1);
    let rest = rest.trim_start();
    if !rest.starts_with('{') {
        return None;
    }
    let end = closing(rest)?;
    let after = rest[end + 1..].trim().trim_end_matches(';').trim();
    after.is_empty().then(|| StoredFunction {
        name: name.to_owned(),
        parameters: parameters.to_owned(),
        body: rest[1..end].to_owned(),
    })
}

/// Where the bracket that the text starts with is closed; brackets in strings and comments do not
/// count.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), character) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '/') if characters.peek().is_some_and(|next| next.1 == '/') => {
                while characters.next_if(|next| next.1 != '\n').is_some() {}
            }
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
