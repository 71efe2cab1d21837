//! A result picked by `JMESPath` and shown as JSON, table or tab-separated values, as `az` shows its own.

use jmespath::ast::Ast;
use serde_json::{Map, Value};
use stance_base::ErrorCode;

use super::text_table;
use crate::arguments::policy::ShapeFormat;
use crate::failure::Failure;
use crate::output::Output;

/// Longest query, and how deep its brackets may nest: the parser recurses.
const LONGEST_QUERY: usize = 64 * 1024;
const DEEPEST_QUERY: usize = 128;

/// Picks from a result and writes it to standard output.
pub(super) fn show(result: Value, query: Option<&str>, format: ShapeFormat) -> Result<(), Failure> {
    show_columns(result, query, format, &[])
}

/// The same; a table without a query has these columns, every flat one where there are none.
pub(super) fn show_columns(
    result: Value,
    query: Option<&str>,
    format: ShapeFormat,
    columns: &[&str],
) -> Result<(), Failure> {
    let (result, columns) = match query {
        Some(query) => pick(&result, query)?,
        None => (
            result,
            columns.iter().map(|key| (*key).to_owned()).collect(),
        ),
    };
    let text = match format {
        ShapeFormat::Json => {
            let json = serde_json::to_string_pretty(&result).map_err(|error| {
                Failure::new(
                    ErrorCode::Internal,
                    format!("the result is no JSON: {error}"),
                )
            })?;
            format!("{json}\n")
        }
        ShapeFormat::Table => text_table::of_value(&result, &columns),
        ShapeFormat::Tsv => tsv(&result),
    };
    Output::open(None).write(text.as_bytes())
}

/// The result of a query, members of objects in the order that the query names them; and that order.
fn pick(value: &Value, query: &str) -> Result<(Value, Vec<String>), Failure> {
    let wrong = |what: String| Failure::new(ErrorCode::InvalidInput, what);
    if query.len() > LONGEST_QUERY || depth(query) > DEEPEST_QUERY {
        return Err(wrong("--query is too long or nests too deep".to_owned()));
    }
    let expression = jmespath::compile(query).map_err(|error| {
        wrong(format!(
            "--query is no JMESPath: {error}; see https://jmespath.org for the language"
        ))
    })?;
    let found = expression
        .search(value)
        .map_err(|error| wrong(format!("--query cannot be applied: {error}")))?;
    let found = serde_json::to_value(&*found)
        .map_err(|error| wrong(format!("--query gives no JSON: {error}")))?;
    let columns = columns(expression.as_ast());
    Ok((ordered(found, &columns), columns))
}

fn depth(query: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for letter in query.bytes() {
        match letter {
            b'(' | b'[' | b'{' | b'!' | b'&' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The keys of the last multi-select hash, which are what a row is made of. The library keeps objects sorted.
fn columns(ast: &Ast) -> Vec<String> {
    match ast {
        Ast::MultiHash { elements, .. } => elements.iter().map(|pair| pair.key.clone()).collect(),
        Ast::Projection { lhs, rhs, .. } | Ast::Subexpr { lhs, rhs, .. } => {
            let right = columns(rhs);
            if right.is_empty() {
                columns(lhs)
            } else {
                right
            }
        }
        Ast::Condition { then, .. } => columns(then),
        Ast::Flatten { node, .. } => columns(node),
        Ast::Function { args, .. } => args.first().map(columns).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn ordered(value: Value, columns: &[String]) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| ordered(item, columns))
            .collect(),
        Value::Object(mut members) if columns.iter().all(|key| members.contains_key(key)) => {
            let mut out = Map::new();
            for key in columns {
                if let Some(inner) = members.remove(key) {
                    out.insert(key.clone(), inner);
                }
            }
            out.extend(members);
            Value::Object(out)
        }
        other => other,
    }
}

/// One line for each row; values of objects in order, separated by tabs.
fn tsv(value: &Value) -> String {
    let rows = match value {
        Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = match row {
            Value::Object(members) => members.values().map(cell).collect(),
            Value::Array(items) => items.iter().map(cell).collect(),
            other => vec![cell(other)],
        };
        out += &cells.join("\t");
        out.push('\n');
    }
    out
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace(['\t', '\n', '\r'], " "),
        other => other.to_string(),
    }
}
