//! A bill of materials of AI: components, who they run as and what that may do, and what depends on what.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A bill of materials, components in order of their references.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Bom {
    /// Its parts.
    pub components: Vec<BomComponent>,
    /// What needs what.
    pub dependencies: Vec<BomDependency>,
}

/// One component; a row of the view `AIBom`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BomComponent {
    /// Stable name within the bill: a resource id in lower case, `mcp:URL`, `model:NAME`, a purl, …
    pub bom_ref: String,
    /// `service`, `application`, `machine-learning-model`, `data`, `library` or `identity`.
    pub component_type: String,
    /// What people call it; of a deployment the model's name.
    pub name: String,
    /// Its version, empty where it has none.
    pub version: String,
    /// What it is, for people: `Model deployment`, `MCP server`.
    pub kind: String,
    /// Who makes it.
    pub supplier: String,
    /// The resource it is; empty where it is none.
    pub resource_id: String,
    /// The resource it belongs to.
    pub parent_resource_id: String,
    /// `Azure`, `AWS`, `GCP`.
    pub cloud: String,
    /// Its region.
    pub location: String,
    /// Its subscription, account or project.
    pub subscription_id: String,
    /// Its resource group.
    pub resource_group: String,
    /// The identities it runs as: `type`, `name`, `principalId`, `ref`.
    pub identity: Vec<Value>,
    /// What those may do: `principalId`, `role`, `scope`, `via`, `source`.
    pub authority: Vec<Value>,
    /// What else is known; no empty values.
    pub properties: Map<String, Value>,
}

/// `from` needs `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BomDependency {
    /// The reference of the component that needs.
    pub from: String,
    /// The reference of the component that is needed.
    pub to: String,
    /// How: `contains`, `uses model`, `uses tool`, `uses MCP server`, `is grounded on`, `is guarded by`, `calls agent`,
    /// `runs as`, `ships`.
    pub kind: String,
}

impl Bom {
    /// A bill from parts in any order: one component a reference, dependencies between components that are there, lists
    /// whose order means nothing in order of their text.
    pub fn new(components: Vec<BomComponent>, dependencies: Vec<BomDependency>) -> Self {
        let mut by_ref = BTreeMap::new();
        for mut component in components {
            component.identity.sort_by_cached_key(Value::to_string);
            component.authority.sort_by_cached_key(Value::to_string);
            component.authority.dedup();
            component.properties.retain(|_, value| !is_empty(value));
            for name in ["usedBy", "workloads"] {
                if let Some(Value::Array(items)) = component.properties.get_mut(name) {
                    items.sort_by_cached_key(Value::to_string);
                }
            }
            by_ref.entry(component.bom_ref.clone()).or_insert(component);
        }
        let dependencies: BTreeSet<BomDependency> = dependencies
            .into_iter()
            .filter(|dependency| {
                dependency.from != dependency.to
                    && by_ref.contains_key(&dependency.from)
                    && by_ref.contains_key(&dependency.to)
            })
            .collect();
        Self {
            components: by_ref.into_values().collect(),
            dependencies: dependencies.into_iter().collect(),
        }
    }

    /// The components that `text` names: by reference, resource id or name, case aside.
    pub fn named(&self, text: &str) -> Vec<&BomComponent> {
        let text = text.trim_end_matches('/');
        let is_named = |component: &&BomComponent| {
            component.bom_ref.eq_ignore_ascii_case(text)
                || component.resource_id.eq_ignore_ascii_case(text)
                || component.name.eq_ignore_ascii_case(text)
                || component
                    .properties
                    .get("name")
                    .and_then(Value::as_str)
                    .is_some_and(|name| name.eq_ignore_ascii_case(text))
        };
        self.components.iter().filter(is_named).collect()
    }

    /// The bill of these components and all that they need.
    #[must_use]
    pub fn below<'a>(&self, roots: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needs: HashMap<&str, Vec<&str>> = HashMap::new();
        for dependency in &self.dependencies {
            needs
                .entry(&dependency.from)
                .or_default()
                .push(&dependency.to);
        }
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut waiting: VecDeque<String> = roots.into_iter().map(str::to_owned).collect();
        while let Some(next) = waiting.pop_front() {
            let below = needs.get(next.as_str()).into_iter().flatten();
            waiting.extend(
                below
                    .filter(|to| !reached.contains(**to))
                    .map(|to| (*to).to_owned()),
            );
            reached.insert(next);
        }
        let kept = self
            .components
            .iter()
            .filter(|component| reached.contains(&component.bom_ref));
        Self::new(kept.cloned().collect(), self.dependencies.clone())
    }

    /// References of the components that no other needs.
    pub fn roots(&self) -> Vec<&str> {
        let needed: BTreeSet<&str> = self
            .dependencies
            .iter()
            .map(|dependency| dependency.to.as_str())
            .collect();
        let components = self.components.iter().map(|one| one.bom_ref.as_str());
        components
            .filter(|bom_ref| !needed.contains(bom_ref))
            .collect()
    }
}

/// Null, an empty text, an empty list or object: nothing is said.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(bom_ref: &str) -> BomComponent {
        BomComponent {
            bom_ref: bom_ref.to_owned(),
            name: bom_ref.to_uppercase(),
            ..BomComponent::default()
        }
    }

    fn dependency(from: &str, to: &str) -> BomDependency {
        BomDependency {
            from: from.to_owned(),
            to: to.to_owned(),
            kind: "contains".to_owned(),
        }
    }

    #[test]
    fn a_part_of_a_bill_is_all_that_it_needs() {
        let names = ["a", "b", "c", "d"];
        let bom = Bom::new(
            names.into_iter().map(component).collect(),
            vec![
                dependency("a", "b"),
                dependency("b", "c"),
                dependency("c", "a"),
                dependency("d", "a"),
                dependency("d", "nowhere"),
            ],
        );
        assert_eq!(bom.dependencies.len(), 4, "what is not there is not needed");
        let below = bom.below(["b"]);
        let refs: Vec<_> = below.components.iter().map(|one| &one.bom_ref).collect();
        assert_eq!(refs, ["a", "b", "c"]);
        assert_eq!(bom.roots(), ["d"]);
        assert_eq!(bom.named("D").len(), 1);
    }

    #[test]
    fn order_of_lists_and_empty_values_say_nothing() {
        let make = |items: Value, note: Value| {
            let mut one = component("a");
            one.properties.insert("usedBy".to_owned(), items);
            one.properties.insert("note".to_owned(), note);
            Bom::new(vec![one], Vec::new())
        };
        let first = make(serde_json::json!(["x", "y"]), Value::Null);
        let second = make(serde_json::json!(["y", "x"]), serde_json::json!(""));
        assert_eq!(first, second);
    }
}
