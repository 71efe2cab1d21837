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
    /// Knows no alias.
    pub(crate) fn none() -> Self {
        Self::new(Vec::new())
    }

    pub(super) fn new(records: Vec<AliasRecord>) -> Self {
        let mut by_name: HashMap<String, Vec<AliasRecord>> = HashMap::new();
        let canonical: Vec<AliasRecord> = records
            .iter()
            .filter_map(|record| {
                Some(AliasRecord {
                    name: canonical_name(record)?,
                    ..record.clone()
                })
            })
            .collect();
        // What a source says of a name outweighs what is derived from a path.
        for record in canonical.into_iter().chain(records) {
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

    /// The name under which the compiler gets an array alias, where it is another than the rule's.
    pub(crate) fn canonical(&self, name: &str) -> Option<String> {
        let record = self.find(name).first()?;
        let canonical = canonical_name(record)?;
        let same = self
            .find(&canonical)
            .iter()
            .any(|other| other.path == record.path);
        same.then_some(canonical)
    }

    /// The table the compiler and the normaliser of regorus work with.
    pub(crate) fn registry(&self) -> &Arc<AliasRegistry> {
        &self.registry
    }
}

fn insert(by_name: &mut HashMap<String, Vec<AliasRecord>>, record: AliasRecord) {
    let same_type = |other: &AliasRecord| {
        other.namespace.eq_ignore_ascii_case(&record.namespace)
            && other
                .resource_type
                .eq_ignore_ascii_case(&record.resource_type)
    };
    let list = by_name.entry(record.name.to_ascii_lowercase()).or_default();
    match list.iter_mut().find(|other| same_type(other)) {
        Some(old) => *old = record,
        None => list.push(record),
    }
}

/// The name that spells an array alias like its path: `…/logs.enabled`, which means
/// `properties.logs[*].enabled`, is `…/logs[*].enabled`; `…/extensionProfile.extensions[*].type` of a scale set
/// is `…/virtualMachineProfile.extensionProfile.extensions[*].type`.
///
/// The normaliser of regorus moves single values to the place their alias names, and arrays only where the two
/// agree but for `properties`. `None` for single values and where they agree.
fn canonical_name(record: &AliasRecord) -> Option<String> {
    let prefix = format!("{}/{}/", record.namespace, record.resource_type);
    let (head, short) = record.name.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(&prefix) || !record.path.contains("[*]") {
        return None;
    }
    let parts = record.path.split("[*].");
    let plain: Vec<&str> = parts
        .map(|part| part.strip_prefix("properties.").unwrap_or(part))
        .collect();
    let plain = plain.join("[*].");
    (!plain.eq_ignore_ascii_case(short)).then(|| format!("{head}{plain}"))
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
    let attributes = if record.modifiable {
        "Modifiable"
    } else {
        "None"
    };
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
