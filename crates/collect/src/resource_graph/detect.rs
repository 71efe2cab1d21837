//! Which text is a Resource Graph export.

use serde_json::{Map, Value};

use crate::documents::Header;
use crate::sensitivity::purview;

/// `"data": [` (rows as objects) or `"data": {` (a table) of an answer.
pub(crate) fn is_export(header: &Header, key: &str, next: u8) -> bool {
    let rows = next == b'[' || (next == b'{' && is_answer(&header.keys));
    key == "data" && rows && !header.has("id") && !header.has("$schema")
}

fn is_answer(keys: &[String]) -> bool {
    const KNOWN: &[&str] = &[
        "count",
        "totalRecords",
        "total_records",
        "resultTruncated",
        "skip_token",
        "$skipToken",
        "facets",
    ];
    keys.is_empty() || keys.iter().any(|key| KNOWN.contains(&key.as_str()))
}

/// The same for an object that was read as a whole.
pub(crate) fn is_export_body(body: &Map<String, Value>) -> bool {
    body.get("data").is_some_and(Value::is_array) && !body.contains_key("id")
}

/// The delimiter of CSV text whose first row names an id column; `None` where it is no such text.
pub(crate) fn csv_delimiter(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim();
    // Excel and some locales write `sep=;` first.
    let line = match line.strip_prefix("sep=") {
        Some(_) => std::str::from_utf8(head).ok()?.lines().nth(1)?,
        None => line,
    };
    [b',', b';', b'\t'].into_iter().find(|delimiter| {
        let names: Vec<String> = line
            .split(char::from(*delimiter))
            .map(column_name)
            .collect();
        let labels = purview::is_header(&names);
        names.len() > 1 && (labels || names.iter().any(|name| name == "id"))
    })
}

/// The name of a column as the rows of the JSON form spell it; unknown names stay as they are.
pub(crate) fn column_name(header: &str) -> String {
    const KNOWN: &[(&str, &str)] = &[
        ("id", "id"),
        ("resourceid", "id"),
        ("name", "name"),
        ("resourcename", "name"),
        ("type", "type"),
        ("resourcetype", "type"),
        ("tenantid", "tenantId"),
        ("kind", "kind"),
        ("location", "location"),
        ("resourcegroup", "resourceGroup"),
        ("subscriptionid", "subscriptionId"),
        ("managedby", "managedBy"),
        ("sku", "sku"),
        ("plan", "plan"),
        ("properties", "properties"),
        ("tags", "tags"),
        ("identity", "identity"),
        ("zones", "zones"),
        ("extendedlocation", "extendedLocation"),
        ("apiversion", "apiVersion"),
        ("systemdata", "systemData"),
    ];
    let trimmed = header.trim().trim_matches('"').trim();
    let plain: String = trimmed
        .chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    KNOWN
        .iter()
        .find(|(spelt, _)| *spelt == plain)
        .map_or_else(|| trimmed.to_owned(), |(_, name)| (*name).to_owned())
}
