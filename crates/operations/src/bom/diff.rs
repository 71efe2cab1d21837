//! What changed between two bills of materials.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use stance_model::{Bom, BomComponent};

/// The difference of two bills; components in order of their references.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BomDiff {
    /// Only in the second.
    pub added: Vec<Part>,
    /// Only in the first.
    pub removed: Vec<Part>,
    /// In both, and not the same.
    pub changed: Vec<ChangedPart>,
}

/// A component, as far as a difference tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its reference in both bills.
    pub bom_ref: String,
    /// `model`, `agent`, `tool`, `data`, `guardrail`, `library`, `identity` or `service`.
    pub group: &'static str,
    /// What it is, for people.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A component that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedPart {
    /// The component, as the second bill has it.
    #[serde(flatten)]
    pub part: Part,
    /// What changed in it.
    pub changes: Vec<Change>,
}

/// One change within a component. What came has no `before`, what went no `after`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// `version`, `location`, `authority`, `identity`, a property's name, or a kind of dependency.
    pub what: String,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl BomDiff {
    /// Whether the bills are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Compares two bills, component by component.
pub fn diff(before: &Bom, after: &Bom) -> BomDiff {
    let (old, new) = (Indexed::of(before), Indexed::of(after));
    let mut found = BomDiff::default();
    for (bom_ref, component) in &new.components {
        match old.components.get(bom_ref) {
            None => found.added.push(part(component)),
            Some(known) => {
                let mut changes = changes(known, component);
                changes.extend(new.needs_beside(&old, bom_ref));
                if !changes.is_empty() {
                    found.changed.push(ChangedPart {
                        part: part(component),
                        changes,
                    });
                }
            }
        }
    }
    let gone = old
        .components
        .iter()
        .filter(|(bom_ref, _)| !new.components.contains_key(*bom_ref));
    found.removed = gone.map(|(_, component)| part(component)).collect();
    found
}

struct Indexed<'a> {
    components: BTreeMap<&'a str, &'a BomComponent>,
    needs: BTreeMap<&'a str, BTreeSet<(&'a str, &'a str)>>,
}

impl<'a> Indexed<'a> {
    fn of(bom: &'a Bom) -> Self {
        let components = bom.components.iter();
        let mut needs: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for dependency in &bom.dependencies {
            let to = (dependency.kind.as_str(), dependency.to.as_str());
            needs.entry(&dependency.from).or_default().insert(to);
        }
        Self {
            components: components
                .map(|component| (component.bom_ref.as_str(), component))
                .collect(),
            needs,
        }
    }

    fn name(&self, bom_ref: &str) -> String {
        match self.components.get(bom_ref) {
            Some(component) if !component.name.is_empty() => component.name.clone(),
            _ => bom_ref.to_owned(),
        }
    }

    /// Dependencies of one component that came or went. What it contains is told as added or removed components.
    fn needs_beside(&self, old: &Self, bom_ref: &str) -> Vec<Change> {
        let none = BTreeSet::new();
        let (before, after) = (
            old.needs.get(bom_ref).unwrap_or(&none),
            self.needs.get(bom_ref).unwrap_or(&none),
        );
        let told = |(kind, _): &&(&str, &str)| *kind != "contains";
        let went = before.difference(after).filter(told);
        let came = after.difference(before).filter(told);
        let mut changes: Vec<Change> = went
            .map(|(kind, to)| Change {
                what: (*kind).to_owned(),
                before: Some(old.name(to)),
                after: None,
            })
            .collect();
        changes.extend(came.map(|(kind, to)| Change {
            what: (*kind).to_owned(),
            before: None,
            after: Some(self.name(to)),
        }));
        changes
    }
}

/// What a component is in a difference.
pub fn group(component: &BomComponent) -> &'static str {
    match (component.component_type.as_str(), component.kind.as_str()) {
        ("machine-learning-model", _) => "model",
        (_, "Agent") => "agent",
        (_, "Tool" | "MCP server" | "AgentCore gateway") => "tool",
        (_, "Content filter" | "Blocklist" | "Bedrock guardrail" | "Model Armor template") => {
            "guardrail"
        }
        ("data", _) => "data",
        ("library", _) => "library",
        ("identity", _) => "identity",
        ("application", _) => "application",
        _ => "service",
    }
}

fn part(component: &BomComponent) -> Part {
    Part {
        bom_ref: component.bom_ref.clone(),
        group: group(component),
        kind: component.kind.clone(),
        name: component.name.clone(),
        version: component.version.clone(),
    }
}

fn changes(before: &BomComponent, after: &BomComponent) -> Vec<Change> {
    let mut found = Vec::new();
    let texts = [
        ("name", &before.name, &after.name),
        ("version", &before.version, &after.version),
        ("kind", &before.kind, &after.kind),
        ("supplier", &before.supplier, &after.supplier),
        ("location", &before.location, &after.location),
    ];
    for (what, old, new) in texts {
        if old != new {
            found.push(changed(what, told(old), told(new)));
        }
    }
    listed("identity", &before.identity, &after.identity, &mut found);
    listed("authority", &before.authority, &after.authority, &mut found);
    let names: BTreeSet<&String> = before
        .properties
        .keys()
        .chain(after.properties.keys())
        // Who uses a part is told where the user is.
        .filter(|name| !matches!(name.as_str(), "usedBy" | "workloads"))
        .collect();
    for name in names {
        let (old, new) = (before.properties.get(name), after.properties.get(name));
        // A file has numbers as texts.
        let (old, new) = (old.map(shown), new.map(shown));
        if old != new {
            found.push(changed(name, old, new));
        }
    }
    found
}

/// Entries of a list that came or went.
fn listed(what: &str, before: &[Value], after: &[Value], found: &mut Vec<Change>) {
    let gone = before.iter().filter(|value| !after.contains(value));
    found.extend(gone.map(|value| changed(what, Some(sentence(value)), None)));
    let new = after.iter().filter(|value| !before.contains(value));
    found.extend(new.map(|value| changed(what, None, Some(sentence(value)))));
}

/// A grant or identity in words.
pub fn sentence(value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut words = match (text("role"), text("scope")) {
        ("", _) => match (text("name"), text("type")) {
            ("", "") => return shown(value),
            (name, kind) => format!("{name} ({kind})"),
        },
        (role, "") => role.to_owned(),
        (role, scope) => format!("{role} on {scope}"),
    };
    if !text("via").is_empty() {
        words = format!("{words} via {}", text("via"));
    }
    words
}

fn changed(what: &str, before: Option<String>, after: Option<String>) -> Change {
    Change {
        what: what.to_owned(),
        before,
        after,
    }
}

fn told(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
