//! Rows of Resource Graph, as objects or as a table.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::context::FileContext;
use crate::documents::{Header, syntax, truncated};
use crate::ledger::{Asked, Tally};
use crate::single;
use crate::stream::{Fault, JsonStream, Mending, Place, array};

use super::detect::column_name;

/// What stands behind `"data": `, streamed.
pub(crate) fn rows(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
) -> Result<ControlFlow<()>, Fault> {
    let mut tally = header
        .tally
        .take()
        .unwrap_or_else(|| Tally::new(Asked::Query));
    let flow = match stream.peek()? {
        Some(b'[') => Ok(array::for_each_element(
            stream,
            context,
            &mut |context, element, place| {
                header.rows += 1;
                single::element(context, element, place, &mut tally)
            },
        )),
        _ => table(stream, context, header, &mut tally),
    };
    if !matches!(flow, Ok(ControlFlow::Continue(()))) {
        header
            .scalars
            .insert("resultTruncated".to_owned(), Value::Bool(true));
    }
    header.tally = Some(tally);
    flow
}

/// `{"columns": [{"name", "type"}…], "rows": [[…]…]}`.
fn table(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
    tally: &mut Tally,
) -> Result<ControlFlow<()>, Fault> {
    let limits = context.options.limits;
    let mut scratch = Vec::new();
    let mut columns: Option<Vec<String>> = None;
    let mut waiting: Option<(Value, Place)> = None;
    stream.consume();
    loop {
        match stream.peek()? {
            Some(b'}') => {
                stream.consume();
                break;
            }
            Some(b',') => {
                stream.consume();
                continue;
            }
            Some(b'"') => {}
            Some(_) => return Err(syntax(stream, "a key in quotes")),
            None => return Err(truncated(stream)),
        }
        stream.capture(&mut scratch, limits.element_bytes, &limits, Mending::Stop)?;
        let key: String = serde_json::from_slice(&scratch).unwrap_or_default();
        match stream.peek()? {
            Some(b':') => stream.consume(),
            Some(_) => return Err(syntax(stream, "`:`")),
            None => return Err(truncated(stream)),
        }
        let next = stream.peek()?;
        if let (Some(names), "rows", Some(b'[')) = (&columns, key.as_str(), next) {
            let flow = array::for_each_element(stream, context, &mut |context, row, place| {
                header.rows += 1;
                single::element(context, row_object(names, row), place, tally)
            });
            if flow.is_break() {
                return Ok(flow);
            }
            continue;
        }
        let place = stream.place();
        stream.capture(&mut scratch, limits.document_bytes, &limits, Mending::Stop)?;
        let parsed = array::parse_captured(&scratch, place, context);
        match key.as_str() {
            "columns" => columns = parsed.map(|value| column_names(&value)),
            "rows" => waiting = parsed.map(|value| (value, place)),
            _ => {}
        }
    }
    let (Some(names), Some((Value::Array(rows), place))) = (columns, waiting) else {
        return Ok(ControlFlow::Continue(()));
    };
    for row in rows {
        header.rows += 1;
        if single::element(context, row_object(&names, row), place, tally).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn column_names(columns: &Value) -> Vec<String> {
    columns
        .as_array()
        .into_iter()
        .flatten()
        .map(|column| column.get("name").unwrap_or(column))
        .map(|name| column_name(name.as_str().unwrap_or_default()))
        .collect()
}

/// A row of a table as the object form spells it.
fn row_object(names: &[String], row: Value) -> Value {
    let Value::Array(cells) = row else {
        return row;
    };
    let object: Map<String, Value> = names
        .iter()
        .cloned()
        .zip(cells)
        .filter(|(name, _)| !name.is_empty())
        .collect();
    Value::Object(object)
}

/// Columns that hold JSON, which CSV and some tools write as text.
const JSON_COLUMNS: &[&str] = &[
    "properties",
    "tags",
    "sku",
    "identity",
    "plan",
    "zones",
    "extendedLocation",
    "systemData",
];

/// Texts that hold JSON become JSON again.
pub(crate) fn unpack_json_texts(row: &mut Map<String, Value>) {
    for column in JSON_COLUMNS {
        let Some(Value::String(text)) = row.get(*column) else {
            continue;
        };
        let trimmed = text.trim();
        if matches!(trimmed, "" | "null") {
            row.shift_remove(*column);
            continue;
        }
        if trimmed.starts_with(['{', '['])
            && let Ok(parsed) = serde_json::from_str::<Value>(trimmed)
        {
            row.insert((*column).to_owned(), parsed);
        }
    }
}
