//! The shapes alias documents come in, parsed no further than the needed aliases.

use std::borrow::Cow;
use std::collections::BTreeSet;

use regorus::languages::azure_policy::aliases::types::{AliasEntry, DataManifestAlias};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One alias of one resource type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AliasRecord {
    /// `Microsoft.CognitiveServices/accounts/disableLocalAuth`.
    pub name: String,
    /// `Microsoft.CognitiveServices`.
    pub namespace: String,
    /// `accounts`.
    pub resource_type: String,
    /// `properties.disableLocalAuth`.
    pub path: String,
    /// Paths of single API versions, where they differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<(String, Vec<String>)>,
    /// Whether a Modify effect may write it.
    #[serde(default)]
    pub modifiable: bool,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    value: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Manifests<'a> {
    #[serde(borrow)]
    manifests: Vec<Entry<'a>>,
}

/// A provider or a data policy manifest; the parts stay raw until the namespace is known to be needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow)]
    namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_types: Option<&'a RawValue>,
    #[serde(borrow)]
    data_namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_type_aliases: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeAliases<'a> {
    #[serde(borrow)]
    resource_type: Cow<'a, str>,
    aliases: Option<Vec<AliasEntry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataTypeAliases<'a> {
    #[serde(borrow)]
    resource_type: Cow<'a, str>,
    aliases: Option<Vec<DataManifestAlias>>,
}

/// The needed aliases (lower-case names) of a document in any of the known shapes.
pub(crate) fn parse(
    text: &str,
    needed: &BTreeSet<String>,
) -> Result<Vec<AliasRecord>, serde_json::Error> {
    let mut records = Vec::new();
    for entry in entries(text)? {
        if let (Some(namespace), Some(raw)) = (&entry.namespace, entry.resource_types)
            && wanted(namespace, needed)
        {
            read_provider(namespace, raw, needed, &mut records)?;
        }
        if let (Some(namespace), Some(raw)) = (&entry.data_namespace, entry.resource_type_aliases)
            && wanted(namespace, needed)
        {
            read_manifest(namespace, raw, needed, &mut records)?;
        }
    }
    Ok(records)
}

fn entries(text: &str) -> Result<Vec<Entry<'_>>, serde_json::Error> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text);
    }
    if let Ok(manifests) = serde_json::from_str::<Manifests<'_>>(text) {
        return Ok(manifests.manifests);
    }
    match serde_json::from_str::<Envelope<'_>>(text) {
        Ok(envelope) => Ok(envelope.value),
        // One provider (`az provider show`) or one manifest.
        Err(error) => match serde_json::from_str::<Entry<'_>>(text) {
            Ok(entry) if entry.namespace.is_some() || entry.data_namespace.is_some() => {
                Ok(vec![entry])
            }
            _ => Err(error),
        },
    }
}

fn wanted(namespace: &str, needed: &BTreeSet<String>) -> bool {
    let prefix = format!("{}/", namespace.to_ascii_lowercase());
    needed
        .range(prefix.clone()..)
        .next()
        .is_some_and(|name| name.starts_with(&prefix))
}

fn read_provider(
    namespace: &str,
    raw: &RawValue,
    needed: &BTreeSet<String>,
    records: &mut Vec<AliasRecord>,
) -> Result<(), serde_json::Error> {
    let types: Option<Vec<TypeAliases<'_>>> = serde_json::from_str(raw.get())?;
    for kind in types.unwrap_or_default() {
        for alias in kind.aliases.unwrap_or_default() {
            if !needed.contains(&alias.name.to_ascii_lowercase()) {
                continue;
            }
            let Some(path) = alias.effective_path().map(str::to_owned) else {
                continue;
            };
            records.push(AliasRecord {
                namespace: namespace.to_owned(),
                resource_type: kind.resource_type.clone().into_owned(),
                modifiable: alias
                    .default_metadata
                    .as_ref()
                    .is_some_and(regorus::languages::azure_policy::aliases::types::AliasPathMetadata::is_modifiable),
                versions: alias
                    .paths
                    .into_iter()
                    .filter(|at| at.path != path && !at.api_versions.is_empty())
                    .map(|at| (at.path, at.api_versions))
                    .collect(),
                name: alias.name,
                path,
            });
        }
    }
    Ok(())
}

fn read_manifest(
    namespace: &str,
    raw: &RawValue,
    needed: &BTreeSet<String>,
    records: &mut Vec<AliasRecord>,
) -> Result<(), serde_json::Error> {
    let types: Vec<DataTypeAliases<'_>> = serde_json::from_str(raw.get())?;
    for kind in types {
        for alias in kind.aliases.unwrap_or_default() {
            let Some(first) = alias.paths.first() else {
                continue;
            };
            if needed.contains(&alias.name.to_ascii_lowercase()) {
                records.push(AliasRecord {
                    namespace: namespace.to_owned(),
                    resource_type: kind.resource_type.clone().into_owned(),
                    path: first.path.clone(),
                    versions: Vec::new(),
                    modifiable: false,
                    name: alias.name,
                });
            }
        }
    }
    Ok(())
}
