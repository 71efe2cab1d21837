//! Terraform types to the types of the clouds: data under `content/mappings/terraform`, applied here.
//!
//! `content/README.md` has the format. A mapped resource has the shape of decision 0008.

mod applier;
mod apply;
mod azapi;
mod body;
mod frame;
mod google_iam;
mod identity;
mod parts;
mod rules;
mod values;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::Value as Json;
use stance_model::Cloud;

pub(super) use apply::{Declared, Mapped, map};
pub(super) use body::Body;
pub(super) use google_iam::POLICY;
pub(super) use identity::id_of;
pub(super) use parts::add;

use rules::Rule;

/// One file of mappings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    cloud: Cloud,
    /// Where the facts come from.
    #[allow(dead_code)] // For readers of the file.
    source: String,
    /// Names that differ from the rule of `style`, in every type.
    #[serde(default)]
    names: BTreeMap<String, String>,
    /// Attributes whose keys the user chooses.
    #[serde(default)]
    maps: Vec<String>,
    types: BTreeMap<String, TypeData>,
}

/// How one Terraform type becomes a resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeData {
    /// The type in the cloud.
    #[serde(rename = "type")]
    native: String,
    /// Templates of the id, the first that can be filled counts. Empty for what only adds to another resource.
    #[serde(default)]
    id: Vec<String>,
    /// Templates of the name; `{name}` where none is given.
    #[serde(default)]
    name: Vec<String>,
    /// Template of the id of the resource it is a part of, where the id does not say.
    #[serde(default)]
    parent: Option<String>,
    /// Attributes that hold the id of a resource, and of which type.
    #[serde(default)]
    parents: BTreeMap<String, String>,
    /// Attributes that give the id, beside the usual ones.
    #[serde(default)]
    references: Vec<String>,
    /// Attributes that repeat another one: `{"id": "bucket"}`.
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    /// `from -> to | change`, in order.
    #[serde(default)]
    map: Vec<String>,
    /// How attributes that `map` does not name are called: `pascal`, `camel`; left out where none is given.
    #[serde(default)]
    style: Option<Style>,
    #[serde(default)]
    omit: Vec<String>,
    /// Blocks that repeat; every other block with one element is an object.
    #[serde(default)]
    lists: Vec<String>,
    /// Values where nothing is written.
    #[serde(default)]
    defaults: BTreeMap<String, Json>,
    /// Template of the id of the resource that this one adds to.
    #[serde(default)]
    merge: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Style {
    Pascal,
    Camel,
}

/// A mapping ready to use.
#[derive(Debug)]
struct TypeMapping {
    cloud: Cloud,
    data: TypeData,
    rules: Vec<Rule>,
    names: Arc<BTreeMap<String, String>>,
    maps: Arc<Vec<String>>,
    references: Vec<String>,
}

const FILES: &[&str] = &[
    include_str!("../../../../../content/mappings/terraform/azurerm.json"),
    include_str!("../../../../../content/mappings/terraform/aws.json"),
    include_str!("../../../../../content/mappings/terraform/google.json"),
];

/// Why a mapping file cannot be used; a test asks for it.
pub(crate) fn problems() -> Vec<String> {
    let mut found = Vec::new();
    for text in FILES {
        match serde_json::from_str::<MappingFile>(text) {
            Ok(file) => {
                for (kind, data) in &file.types {
                    for rule in &data.map {
                        if let Err(problem) = Rule::parse(rule) {
                            found.push(format!("{kind}: {rule}: {problem}"));
                        }
                    }
                    if data.id.is_empty() == data.merge.is_none() {
                        found.push(format!("{kind}: either `id` or `merge`"));
                    }
                }
            }
            Err(problem) => found.push(problem.to_string()),
        }
    }
    found
}

/// Every mapped Terraform type with its type in the cloud, in order.
pub(crate) fn mapped_types() -> Vec<(String, String)> {
    let own = mappings().iter().map(|(kind, mapping)| {
        let native = &mapping.data.native;
        let shown = match mapping.data.merge {
            Some(_) => format!("adds to {native}"),
            None => native.clone(),
        };
        (kind.clone(), shown)
    });
    let azapi = azapi::TYPES
        .iter()
        .map(|kind| ((*kind).to_owned(), "as its `type` names it".to_owned()));
    let bindings = google_iam::types().map(|kind| (kind, google_iam::POLICY.to_owned()));
    let mut all: Vec<_> = own.chain(azapi).chain(bindings).collect();
    all.sort();
    all
}

fn mappings() -> &'static BTreeMap<String, TypeMapping> {
    static MAPPINGS: OnceLock<BTreeMap<String, TypeMapping>> = OnceLock::new();
    MAPPINGS.get_or_init(|| {
        FILES
            .iter()
            .filter_map(|text| serde_json::from_str::<MappingFile>(text).ok())
            .flat_map(prepared)
            .collect()
    })
}

fn prepared(file: MappingFile) -> impl Iterator<Item = (String, TypeMapping)> {
    let (names, maps) = (Arc::new(file.names), Arc::new(file.maps));
    let usual: &[&str] = match file.cloud {
        Cloud::Azure => &["id"],
        Cloud::Aws => &["arn"],
        Cloud::Gcp => &["id", "self_link"],
    };
    file.types.into_iter().map(move |(kind, data)| {
        let rules = data.map.iter().filter_map(|rule| Rule::parse(rule).ok());
        let own = data.references.iter().cloned();
        let mapping = TypeMapping {
            cloud: file.cloud,
            rules: rules.collect(),
            names: Arc::clone(&names),
            maps: Arc::clone(&maps),
            references: usual
                .iter()
                .map(|name| (*name).to_owned())
                .chain(own)
                .collect(),
            data,
        };
        (kind, mapping)
    })
}

/// Attributes of a type that give its id.
pub(super) fn id_attributes(kind: &str) -> &'static [String] {
    static USUAL: OnceLock<Vec<String>> = OnceLock::new();
    match mappings().get(kind) {
        Some(mapping) => &mapping.references,
        None if azapi::TYPES.contains(&kind) => USUAL.get_or_init(|| vec!["id".to_owned()]),
        None => &[],
    }
}

/// An id as references to it give it: relative in Google Cloud, where properties hold it so.
pub(super) fn reference_form<'i>(kind: &str, id: &'i str) -> &'i str {
    match mappings().get(kind).map(|mapping| mapping.cloud) {
        Some(Cloud::Gcp) => id
            .strip_prefix("//")
            .and_then(|rest| rest.split_once('/'))
            .map_or(id, |(_, relative)| relative),
        _ => id,
    }
}

/// The attribute that another one of the type repeats.
pub(super) fn alias(kind: &str, name: &str) -> Option<&'static str> {
    let mapping = mappings().get(kind)?;
    mapping.data.aliases.get(name).map(String::as_str)
}
