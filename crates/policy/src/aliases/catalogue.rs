//! The aliases in use, for both passes: regorus's registry and our own path table.

use std::collections::HashMap;
use std::sync::Arc;

use regorus::languages::azure_policy::aliases::AliasRegistry;
use regorus::languages::azure_policy::aliases::types::{
    AliasEntry, AliasPath, AliasPathMetadata, ProviderAliases, ResourceTypeAliases,
};

use super::AliasRecord;

/// Needed aliases by lower-case name. One name may serve several resource types.
#[derive(Debug)]
pub(crate) struct Catalogue {
    by_name: HashMap<String, Vec<AliasRecord>>,
    registry: Arc<AliasRegistry>,
}

impl Catalogue {
    pub(super) fn new(records: Vec<AliasRecord>) -> Self {
        let mut by_name: HashMap<String, Vec<AliasRecord>> = HashMap::new();
        for record in records {
            if let Some(aligned) = aligned_name(&record) {
                insert(
                    &mut by_name,
                    AliasRecord {
                        name: aligned,
                        ..record.clone()
                    },
                );
            }
            insert(&mut by_name, record);
        }
        let registry = Arc::new(registry(&by_name));
        Self { by_name, registry }
    }

    /// The records of an alias, any case.
    pub(crate) fn find(&self, name: &str) -> &[AliasRecord] {
        self.by_name
            .get(&name.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// The table the compiler and the normaliser of regorus work with.
    pub(crate) fn registry(&self) -> &Arc<AliasRegistry> {
        &self.registry
    }
}

fn insert(by_name: &mut HashMap<String, Vec<AliasRecord>>, record: AliasRecord) {
    let same_type = |other: &AliasRecord| {
        other.namespace.eq_ignore_ascii_case(&record.namespace)
            && other.resource_type.eq_ignore_ascii_case(&record.resource_type)
    };
    let list = by_name.entry(record.name.to_ascii_lowercase()).or_default();
    match list.iter_mut().find(|other| same_type(other)) {
        Some(old) => *old = record,
        None => list.push(record),
    }
}

/// The name with `[*]` where the path has it: `…/logs.enabled` means `properties.logs[*].enabled`, and is
/// read as `…/logs[*].enabled`. `None` where name and path already agree or their segments do not line up.
pub(crate) fn aligned_name(record: &AliasRecord) -> Option<String> {
    let prefix = format!("{}/{}/", record.namespace, record.resource_type);
    let (head, short) = record.name.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(&prefix) || short.contains("[*]")
        || !record.path.contains("[*]") {
        return None;
    }
    let names: Vec<&str> = short.split('.').collect();
    let path: Vec<&str> = record.path.split('.').filter(|part| *part != "properties").collect();
    let lines_up = names.len() == path.len()
        && names
            .iter()
            .zip(&path)
            .all(|(name, part)| name.eq_ignore_ascii_case(part.trim_end_matches("[*]")));
    if !lines_up {
        return None;
    }
    let aligned: Vec<String> = names
        .iter()
        .zip(&path)
        .map(|(name, part)| if part.ends_with("[*]") { format!("{name}[*]") } else { (*name).to_owned() })
        .collect();
    Some(format!("{head}{}", aligned.join(".")))
}

fn registry(by_name: &HashMap<String, Vec<AliasRecord>>) -> AliasRegistry {
    let mut types: HashMap<(String, String), Vec<AliasEntry>> = HashMap::new();
    for record in by_name.values().flatten() {
        types
            .entry((record.namespace.clone(), record.resource_type.clone()))
            .or_default()
            .push(entry(record));
    }
    // An empty registry would let regorus take any unknown name as a raw path; this alias keeps it strict.
    types.insert(
        ("Stance.Internal".to_owned(), "none".to_owned()),
        vec![AliasEntry {
            name: "Stance.Internal/none/none".to_owned(),
            default_path: Some("properties.none".to_owned()),
            ..AliasEntry::default()
        }],
    );
    let mut registry = AliasRegistry::new();
    for ((namespace, resource_type), aliases) in types {
        registry.load_provider(ProviderAliases {
            namespace,
            resource_types: vec![ResourceTypeAliases {
                resource_type,
                aliases,
                capabilities: None,
                default_api_version: None,
            }],
        });
    }
    registry
}

fn entry(record: &AliasRecord) -> AliasEntry {
    let attributes = if record.modifiable { "Modifiable" } else { "None" };
    AliasEntry {
        name: record.name.clone(),
        default_path: Some(record.path.clone()),
        default_metadata: Some(AliasPathMetadata {
            kind: None,
            attributes: Some(attributes.to_owned()),
        }),
        paths: record
            .versions
            .iter()
            .map(|(path, versions)| AliasPath {
                path: path.clone(),
                api_versions: versions.clone(),
                metadata: None,
                pattern: None,
            })
            .collect(),
        ..AliasEntry::default()
    }
}
