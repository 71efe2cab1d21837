//! Which management groups lie above a subscription, as far as containers were collected.
//!
//! Shapes: Resource Graph gives a subscription's and a group's `managementGroupAncestorsChain`, the closest first;
//! Resource Manager gives a group's `details.parent` and, where asked for, its `children`.
//! Source: learn.microsoft.com/azure/governance/resource-graph/samples/samples-by-category (management groups).

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;
use stance_model::Resource;

use crate::assignment::MANAGEMENT_GROUPS;

/// Management groups above one another: Azure allows six levels below the root.
const DEEPEST: usize = 16;
/// Children that are walked of one answer.
const MOST_CHILDREN: usize = 100_000;

/// What is known of the hierarchy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hierarchy {
    /// Parents by child, ids in lower case.
    parents: HashMap<String, String>,
    /// Whole chains by subscription or group.
    chains: HashMap<String, Vec<String>>,
    /// Groups by subscription id (the GUID), made when first asked for.
    above: OnceLock<HashMap<String, Vec<String>>>,
}

impl Hierarchy {
    /// Notes what a container says.
    pub(crate) fn add(&mut self, container: &Resource) {
        self.above = OnceLock::new();
        let id = container.id.key();
        let properties = container.properties();
        let details = properties.get("details").unwrap_or(&Value::Null);
        for place in [properties, details] {
            let chain = place
                .get("managementGroupAncestorsChain")
                .and_then(Value::as_array);
            if let Some(chain) = chain {
                let names = chain.iter().filter_map(|group| group.get("name")?.as_str());
                self.chains
                    .insert(id.clone(), names.map(group_id).collect());
            }
            if let Some(parent) = place.pointer("/parent/id").and_then(Value::as_str) {
                self.parents.insert(id.clone(), parent.to_lowercase());
            }
        }
        let mut left = MOST_CHILDREN;
        self.children(&id, properties, 0, &mut left);
    }

    fn children(&mut self, parent: &str, body: &Value, depth: usize, left: &mut usize) {
        let children = body.get("children").and_then(Value::as_array);
        for child in children.into_iter().flatten() {
            let Some(id) = child.get("id").and_then(Value::as_str) else {
                continue;
            };
            if *left == 0 || depth == DEEPEST {
                return;
            }
            *left -= 1;
            // A subscription's id comes alone or below its group.
            let lower = id.to_lowercase();
            let id = match lower.find("/subscriptions/") {
                Some(at) => lower[at..].to_owned(),
                None => lower,
            };
            self.parents.insert(id.clone(), parent.to_owned());
            self.children(&id, child, depth + 1, left);
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        !self.all().is_empty()
    }

    /// The groups above a subscription, the closest first.
    pub(crate) fn above(&self, subscription: &str) -> Option<&[String]> {
        let all = self.all();
        if all.is_empty() {
            return None;
        }
        let found = all.get(subscription);
        found
            .or_else(|| all.get(&subscription.to_lowercase()))
            .map(Vec::as_slice)
    }

    fn all(&self) -> &HashMap<String, Vec<String>> {
        self.above.get_or_init(|| {
            let ids = self.parents.keys().chain(self.chains.keys());
            ids.filter_map(|id| {
                let subscription = id.strip_prefix("/subscriptions/")?;
                (!subscription.contains('/')).then(|| (subscription.to_owned(), self.chain(id)))
            })
            .collect()
        })
    }

    fn chain(&self, id: &str) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut at = id.to_owned();
        while chain.len() < DEEPEST {
            if let Some(rest) = self.chains.get(&at) {
                chain.extend(rest.iter().cloned());
                // What is known of the last one goes on.
                match rest.last() {
                    Some(last) if *last != at => at.clone_from(last),
                    _ => break,
                }
                if self.parents.contains_key(&at) || self.chains.contains_key(&at) {
                    continue;
                }
                break;
            }
            let Some(parent) = self.parents.get(&at) else {
                break;
            };
            chain.push(parent.clone());
            at.clone_from(parent);
        }
        chain
    }
}

fn group_id(name: &str) -> String {
    format!("{MANAGEMENT_GROUPS}{}", name.to_lowercase())
}
