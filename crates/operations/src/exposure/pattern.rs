//! Patterns of names and ids, and which nodes they match.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;
use stance_exposure::{Confidence, Evidence, GraphDraft, Inventory, NodeDraft, Vocabulary};

/// Whether `text` fits `pattern`, in which `*` stands for any text; case does not matter.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What a node must be: every member that is given must hold, in each one entry is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Labels, as resource types in lower case.
    #[serde(default)]
    pub types: BTreeSet<String>,
    /// Categories of `content/graph/kinds.yaml`.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Patterns of ids.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Patterns of names.
    #[serde(default)]
    pub names: Vec<String>,
    /// Patterns of values by tag; case and separators of the tag's name do not matter.
    #[serde(default)]
    pub tags: BTreeMap<String, Vec<String>>,
    /// Insights, of at least medium confidence.
    #[serde(default)]
    pub insights: BTreeSet<String>,
}

/// The nodes of a draft, with what [`Match`] asks of them.
pub(super) struct Nodes<'a> {
    inventory: &'a Inventory,
    vocabulary: &'a Vocabulary,
    insights: HashMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Nodes<'a> {
    pub(super) fn of(
        inventory: &'a Inventory,
        vocabulary: &'a Vocabulary,
        draft: &'a GraphDraft,
    ) -> Self {
        let mut insights: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for (node, insight) in draft.insights() {
            if insight.confidence >= Confidence::Medium {
                let known = insights.entry(node.as_str()).or_default();
                known.insert(insight.name.as_str());
            }
        }
        Self {
            inventory,
            vocabulary,
            insights,
        }
    }

    /// What says that the node is what `wanted` asks for, and how sure that is; `None` where it is not.
    pub(super) fn finds(&self, wanted: &Match, node: &NodeDraft) -> Option<(Evidence, Confidence)> {
        let resource = self.inventory.get(&node.id);
        let object = resource.map_or(node.id.as_str(), |resource| resource.id.as_str());
        let mut told = Vec::new();
        if !wanted.types.is_empty() {
            told.push(("type", wanted.types.get(&node.label)?.clone()));
        }
        if !wanted.categories.is_empty() {
            let has = self.vocabulary.categories_of(&node.label);
            let category = wanted.categories.iter().find(|name| {
                let bit = self.vocabulary.category(name);
                bit.is_some_and(|bit| has & bit != 0)
            })?;
            told.push(("type", category.clone()));
        }
        if !wanted.ids.is_empty() {
            told.push(("id", any(&wanted.ids, &node.id)?.to_owned()));
        }
        if !wanted.insights.is_empty() {
            let has = self.insights.get(node.id.as_str())?;
            let insight = wanted
                .insights
                .iter()
                .find(|one| has.contains(one.as_str()))?;
            told.push(("insights", insight.clone()));
        }
        if !wanted.tags.is_empty() {
            let tags = resource?.body.get("tags")?.as_object()?;
            let (tag, value) = tags.iter().find(|(tag, value)| {
                let value = shown(value);
                let wanted = wanted
                    .tags
                    .iter()
                    .find(|(name, _)| plain(name) == plain(tag));
                wanted.is_some_and(|(_, patterns)| any(patterns, &value).is_some())
            })?;
            told.push(("tags", format!("{tag} is {}", shown(value))));
        }
        let mut confidence = Confidence::High;
        if !wanted.names.is_empty() {
            confidence = Confidence::Low;
            told.push(("name", any(&wanted.names, &node.name)?.to_owned()));
        }
        let (field, text) = told.pop()?;
        let evidence = Evidence {
            object: object.to_owned(),
            field: field.to_owned(),
            text,
        };
        Some((evidence, confidence))
    }
}

fn any<'p>(patterns: &'p [String], text: &str) -> Option<&'p str> {
    let found = patterns.iter().find(|pattern| fits(pattern, text));
    found.map(String::as_str)
}

/// A tag's name without what people vary: `Business-Criticality` is `businesscriticality`.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("contoso-*-prod", "Contoso-claims-PROD"));
        assert!(fits("*", ""));
        assert!(fits("*claims*", "contoso-claims-documents"));
        assert!(fits("same", "same"));
        assert!(!fits("same", "same but longer"));
        assert!(!fits("a*a", "a"));
        assert!(!fits("*prod", "production"));
    }
}
