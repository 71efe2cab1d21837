//! Initiatives (policy sets): references to definitions, with parameters and groups.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fill::fill;
use super::parameters::{Assigned, Parameter, ignoring_case};

/// One initiative, unmodified.
#[derive(Debug, Clone)]
pub struct Initiative {
    /// Full resource id where the file has one, else empty.
    pub id: String,
    /// Its name: a GUID for built-ins.
    pub name: String,
    /// Title for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// `version`, else `metadata.version`.
    pub version: String,
    /// `metadata` as it stands in the file.
    pub metadata: Value,
    /// The declared parameters.
    pub parameters: Vec<Parameter>,
    /// Groups, which are the controls of a framework.
    pub groups: Vec<InitiativeGroup>,
    /// The definitions in it.
    pub references: Vec<InitiativeReference>,
    /// Evaluated only where an assignment says so: it was collected from Azure.
    pub assigned_only: bool,
    /// Its `properties` as they stand in the file.
    pub properties: Value,
    /// The file it was read from.
    pub file: String,
    /// The line it starts at.
    pub line: u32,
}

/// A group of definitions in an initiative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiativeGroup {
    /// Its name, `NIST_AI_RMF_v1.0_3.2.4`.
    pub name: String,
    /// Title, where the file has one.
    pub display_name: String,
    /// Category, where the file has one.
    pub category: String,
    /// Where the title is kept by Azure.
    pub additional_metadata_id: String,
}

/// A definition in an initiative.
#[derive(Debug, Clone)]
pub struct InitiativeReference {
    /// Id of the reference within the initiative.
    pub reference_id: String,
    /// Name of the definition: the last segment of `policyDefinitionId`.
    pub definition: String,
    /// `policyDefinitionId` as written.
    pub definition_id: String,
    /// `definitionVersion`, such as `1.*.*`; empty where any version will do.
    pub version: String,
    /// Values by parameter name, as written: they may be expressions over the initiative's parameters.
    pub parameters: BTreeMap<String, Value>,
    /// Names of its groups.
    pub groups: Vec<String>,
}

impl Initiative {
    /// Reads the `properties` of an initiative.
    pub(super) fn read(
        id: String,
        name: String,
        properties: &Value,
        (file, line): (&str, u32),
    ) -> Self {
        let text = |key: &str| {
            ignoring_case(properties.as_object(), key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let metadata = properties.get("metadata").cloned().unwrap_or(Value::Null);
        let list = |key: &str| properties.get(key).and_then(Value::as_array);
        Self {
            id,
            name,
            assigned_only: false,
            properties: properties.clone(),
            display_name: text("displayName"),
            description: text("description"),
            version: version(properties, &metadata),
            parameters: Parameter::read_all(properties.get("parameters")),
            groups: list("policyDefinitionGroups")
                .into_iter()
                .flatten()
                .map(read_group)
                .collect(),
            references: list("policyDefinitions")
                .into_iter()
                .flatten()
                .map(read_reference)
                .collect(),
            metadata,
            file: file.to_owned(),
            line,
        }
    }

    /// The values a reference gives its definition, the initiative's own parameters filled in. A value that hangs
    /// on an initiative parameter without a value is left out. An error names the parameter and what about it is
    /// not evaluated.
    pub(crate) fn values_for(
        reference: &InitiativeReference,
        own: &Assigned,
    ) -> Result<BTreeMap<String, Value>, String> {
        let mut values = BTreeMap::new();
        for (name, value) in &reference.parameters {
            let filled =
                fill(value, own).map_err(|what| format!("gives the parameter `{name}` {what}"))?;
            if let Some(filled) = filled {
                values.insert(name.clone(), filled);
            }
        }
        Ok(values)
    }

    /// The names of groups that references name and the initiative does not declare.
    pub(crate) fn undeclared_groups(&self) -> BTreeSet<&str> {
        let declared = |name: &str| {
            self.groups
                .iter()
                .any(|group| group.name.eq_ignore_ascii_case(name))
        };
        self.references
            .iter()
            .flat_map(|reference| reference.groups.iter().map(String::as_str))
            .filter(|name| !declared(name))
            .collect()
    }
}

/// `x` of `[parameters('x')]`.
pub(crate) fn parameter_reference(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let (function, rest) = inner.split_at_checked("parameters".len())?;
    if !function.eq_ignore_ascii_case("parameters") {
        return None;
    }
    rest.trim()
        .strip_prefix('(')?
        .strip_suffix(')')?
        .trim()
        .strip_prefix('\'')?
        .strip_suffix('\'')
        .filter(|name| !name.contains('\''))
}

/// `properties.version`, else `metadata.version`.
pub(super) fn version(properties: &Value, metadata: &Value) -> String {
    properties
        .get("version")
        .or_else(|| metadata.get("version"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn read_group(group: &Value) -> InitiativeGroup {
    let text = |key: &str| {
        group
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    InitiativeGroup {
        name: text("name"),
        display_name: text("displayName"),
        category: text("category"),
        additional_metadata_id: text("additionalMetadataId"),
    }
}

fn read_reference(reference: &Value) -> InitiativeReference {
    let text = |key: &str| {
        reference
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let definition = text("policyDefinitionId");
    let parameters = reference
        .get("parameters")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, body)| Some((name.clone(), body.get("value")?.clone())))
        .collect();
    let groups = reference
        .get("groupNames")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    InitiativeReference {
        reference_id: text("policyDefinitionReferenceId").to_owned(),
        definition: definition
            .split("/versions/")
            .next()
            .and_then(|id| id.rsplit('/').next())
            .unwrap_or(definition)
            .to_owned(),
        definition_id: definition.to_owned(),
        version: text("definitionVersion").to_owned(),
        parameters,
        groups,
    }
}

#[cfg(test)]
mod tests {
    use super::parameter_reference;

    #[test]
    fn only_a_plain_parameter_reference_is_one() {
        assert_eq!(
            parameter_reference("[parameters('effect-1')]"),
            Some("effect-1")
        );
        assert_eq!(parameter_reference("[ Parameters( 'x' ) ]"), Some("x"));
        assert_eq!(parameter_reference("[concat(parameters('a'),'b')]"), None);
        assert_eq!(parameter_reference("Audit"), None);
        assert_eq!(parameter_reference("[par"), None);
    }
}
