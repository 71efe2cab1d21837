//! Which asset type an answer is: data under `content/mappings/google-rest.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::name;

const TABLE: &str = include_str!("../../../../content/mappings/google-rest.json");

#[derive(Debug, Deserialize)]
struct Table {
    names: Vec<ByName>,
    kinds: Vec<ByKind>,
}

#[derive(Debug, Deserialize)]
struct ByName {
    collections: String,
    #[serde(rename = "type")]
    asset_type: String,
    #[serde(default)]
    signs: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ByKind {
    kind: String,
    #[serde(rename = "type")]
    asset_type: String,
}

#[derive(Debug, Default)]
struct Catalogue {
    names: BTreeMap<String, Vec<ByName>>,
    kinds: BTreeMap<String, String>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A test reads the table; a broken one recognises nothing.
    let Ok(table) = serde_json::from_str::<Table>(TABLE) else {
        return Catalogue::default();
    };
    let mut catalogue = Catalogue::default();
    for entry in table.names {
        let known = catalogue.names.entry(entry.collections.clone());
        known.or_default().push(entry);
    }
    let kinds = table.kinds.into_iter();
    catalogue.kinds = kinds.map(|entry| (entry.kind, entry.asset_type)).collect();
    catalogue
});

/// The type of a resource with that relative name. `service`: the host that answered, where it is known.
pub(super) fn by_name(
    relative: &str,
    body: &Map<String, Value>,
    service: Option<&str>,
) -> Option<String> {
    let collections = name::collections(relative);
    let entries = CATALOGUE
        .names
        .get(&collections)
        .map_or(&[][..], Vec::as_slice);
    if let Some(service) = service {
        return entries
            .iter()
            .find(|entry| belongs(&entry.asset_type, service))
            .map(|entry| entry.asset_type.clone())
            .or_else(|| by_collection(&collections, service));
    }
    entries
        .iter()
        .find(|entry| {
            entry.signs.is_empty() || entry.signs.iter().any(|sign| body.contains_key(sign))
        })
        .map(|entry| entry.asset_type.clone())
}

/// The type of what a list call of that service asked for.
pub(super) fn by_list(collections: &str, service: &str) -> Option<String> {
    let entries = CATALOGUE
        .names
        .get(collections)
        .map_or(&[][..], Vec::as_slice);
    entries
        .iter()
        .find(|entry| belongs(&entry.asset_type, service))
        .map(|entry| entry.asset_type.clone())
        .or_else(|| by_collection(collections, service))
}

/// The type of a resource with that `kind`, such as `compute#instance`.
pub(super) fn by_kind(kind: &str) -> Option<&'static str> {
    CATALOGUE.kinds.get(kind).map(String::as_str)
}

fn belongs(asset_type: &str, service: &str) -> bool {
    asset_type.split('/').next() == Some(service)
}

/// Collections of tomorrow: the last one in the singular.
fn by_collection(collections: &str, service: &str) -> Option<String> {
    let last = collections
        .rsplit('/')
        .next()
        .filter(|last| !last.is_empty())?;
    if last == "operations" || !collections.contains('/') {
        return None;
    }
    let singular = match (last.strip_suffix("ies"), last.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => last.to_owned(),
    };
    let mut letters = singular.chars();
    let first = letters.next()?.to_ascii_uppercase();
    Some(format!("{service}/{first}{}", letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(CATALOGUE.names.len() > 60 && CATALOGUE.kinds.len() > 10);
    }

    #[test]
    fn a_type_without_signs_stands_last() {
        for (collections, entries) in &CATALOGUE.names {
            let unsigned = entries.iter().position(|entry| entry.signs.is_empty());
            assert!(
                unsigned.is_none_or(|at| at + 1 == entries.len()),
                "{collections}"
            );
        }
    }

    #[test]
    fn collections_of_tomorrow_are_named_like_the_others() {
        let list = |collections: &str| {
            by_list(collections, "aiplatform.googleapis.com").unwrap_or_default()
        };
        assert_eq!(
            list("projects/locations/agentMemories"),
            "aiplatform.googleapis.com/AgentMemory"
        );
        assert_eq!(
            list("projects/locations/ragCorpora"),
            "aiplatform.googleapis.com/RagCorpus"
        );
        assert_eq!(list("projects/locations/operations"), "");
    }
}
