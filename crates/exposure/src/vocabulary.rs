//! The words of the graph, as data: categories by label, insights, and what a capability takes in each cloud.
//!
//! The files are `content/graph/kinds.yaml`, `insights.yaml` and those of `capabilities`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use thiserror::Error;

const KINDS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/kinds.yaml"
));
const INSIGHTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/insights.yaml"
));
const CAPABILITY_NAMES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/capabilities/names.yaml"
));
/// In an order that does not change: it numbers the pairs.
const CAPABILITIES: [(&str, &str); 3] = [
    (
        "capabilities/azure.yaml",
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../content/graph/capabilities/azure.yaml"
        )),
    ),
    (
        "capabilities/aws.yaml",
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../content/graph/capabilities/aws.yaml"
        )),
    ),
    (
        "capabilities/google.yaml",
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../content/graph/capabilities/google.yaml"
        )),
    ),
];

/// Most categories and most insights: one bit each.
const MOST_WORDS: usize = 64;
/// Most pairs of a capability and a type: one bit each.
const MOST_PAIRS: usize = 256;
/// Stands for every type in the files of capabilities.
const ANY: &str = "*";

/// Which pairs of capability and target type an edge grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CapabilitySet([u64; MOST_PAIRS / 64]);

impl CapabilitySet {
    /// Nothing.
    pub const EMPTY: Self = Self([0; MOST_PAIRS / 64]);

    /// Adds a pair by its number.
    pub fn insert(&mut self, pair: usize) {
        if let Some(word) = self.0.get_mut(pair / 64) {
            *word |= 1 << (pair % 64);
        }
    }

    /// Whether the pair is in it.
    pub fn contains(&self, pair: usize) -> bool {
        self.0
            .get(pair / 64)
            .is_some_and(|word| word & (1 << (pair % 64)) != 0)
    }

    /// What both hold.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(one, two)| *one &= two);
        self
    }

    /// What either holds.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(one, two)| *one |= two);
        self
    }

    /// What `other` does not hold.
    #[must_use]
    pub fn without(mut self, other: Self) -> Self {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(one, two)| *one &= !two);
        self
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The numbers of its pairs, ascending.
    pub fn pairs(&self) -> impl Iterator<Item = usize> + '_ {
        (0..MOST_PAIRS).filter(|pair| self.contains(*pair))
    }
}

/// A capability on one type of target, and what grants it.
#[derive(Debug, Clone)]
pub struct CapabilityPair {
    /// `read data`, `use model`, …
    pub capability: String,
    /// Label of the target; `*` for any.
    pub label: String,
    /// What grants it.
    pub needs: Needs,
}

/// What grants a capability: any one entry of any list is enough.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Needs {
    /// Azure Resource Manager operations of the control plane.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Azure operations of the data plane.
    #[serde(default)]
    pub data_actions: Vec<String>,
    /// AWS actions, `s3:GetObject`.
    #[serde(default)]
    pub aws: Vec<String>,
    /// Google Cloud permissions, `storage.objects.get`.
    #[serde(default)]
    pub google: Vec<String>,
}

/// A capability, whatever the cloud.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapabilityName {
    /// `read data`, as rules spell it.
    pub name: String,
    /// What it lets one do.
    pub description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CapabilityEntry {
    capability: String,
    types: Vec<String>,
    #[serde(flatten)]
    needs: Needs,
}

/// A fact that nodes may have.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InsightWord {
    /// Its key below `rawData`.
    pub name: String,
    /// For people: `Contains sensitive data`.
    pub display_name: String,
    /// What it means.
    pub description: String,
}

/// A file of the vocabulary that cannot be used.
#[derive(Debug, Error)]
pub enum VocabularyError {
    /// It is no YAML of that shape.
    #[error("{file} cannot be read: {reason}; docs/attack-paths.md has the format")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the parser says.
        reason: String,
    },
    /// More words than there are bits.
    #[error("{what}: {count} are defined and {most} fit; take some out of content/graph")]
    TooMany {
        /// Categories, insights or capabilities.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many may be.
        most: usize,
    },
}

/// Every word that nodes, edges and rules may use.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    categories: Vec<String>,
    categories_of: HashMap<String, u64>,
    insights: Vec<InsightWord>,
    pairs: Vec<CapabilityPair>,
    capability_names: Vec<CapabilityName>,
    by_capability: BTreeMap<String, CapabilitySet>,
    by_label: HashMap<String, CapabilitySet>,
    any_label: CapabilitySet,
}

impl Vocabulary {
    /// What ships with the product.
    ///
    /// # Errors
    /// A shipped file is broken; a test keeps that from happening.
    pub fn embedded() -> Result<Self, VocabularyError> {
        let kinds: BTreeMap<String, BTreeSet<String>> = parse("kinds.yaml", KINDS)?;
        let insights: Vec<InsightWord> = parse("insights.yaml", INSIGHTS)?;
        let names: Vec<CapabilityName> = parse("capabilities/names.yaml", CAPABILITY_NAMES)?;
        fits("categories", kinds.len(), MOST_WORDS)?;
        fits("insights", insights.len(), MOST_WORDS)?;
        let mut categories_of: HashMap<String, u64> = HashMap::new();
        for (bit, labels) in kinds.values().enumerate() {
            for label in labels {
                *categories_of.entry(label.clone()).or_default() |= 1 << bit;
            }
        }
        let mut vocabulary = Self {
            categories: kinds.into_keys().collect(),
            categories_of,
            insights,
            pairs: Vec::new(),
            by_capability: names
                .iter()
                .map(|one| (one.name.clone(), CapabilitySet::EMPTY))
                .collect(),
            capability_names: names,
            by_label: HashMap::new(),
            any_label: CapabilitySet::EMPTY,
        };
        for (file, text) in CAPABILITIES {
            let entries: Vec<CapabilityEntry> = parse(file, text)?;
            for entry in &entries {
                vocabulary.add_capability(file, entry)?;
            }
        }
        fits("capabilities on types", vocabulary.pairs.len(), MOST_PAIRS)?;
        Ok(vocabulary)
    }

    fn add_capability(
        &mut self,
        file: &str,
        entry: &CapabilityEntry,
    ) -> Result<(), VocabularyError> {
        let Some(by_capability) = self.by_capability.get_mut(&entry.capability) else {
            return Err(VocabularyError::Unreadable {
                file: file.to_owned(),
                reason: format!("names.yaml has no capability `{}`", entry.capability),
            });
        };
        for label in &entry.types {
            let pair = self.pairs.len();
            by_capability.insert(pair);
            if label == ANY {
                self.any_label.insert(pair);
            } else {
                let by_label = self.by_label.entry(label.clone()).or_default();
                by_label.insert(pair);
            }
            self.pairs.push(CapabilityPair {
                capability: entry.capability.clone(),
                label: label.clone(),
                needs: entry.needs.clone(),
            });
        }
        Ok(())
    }

    /// Names of the categories, in order of their bits.
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The categories of a label, one bit each.
    pub fn categories_of(&self, label: &str) -> u64 {
        self.categories_of.get(label).copied().unwrap_or_default()
    }

    /// The bit of a category; `None` where nobody defined it.
    pub fn category(&self, name: &str) -> Option<u64> {
        let bit = self.categories.iter().position(|one| one == name)?;
        Some(1 << bit)
    }

    /// The insights, in order of their bits.
    pub fn insights(&self) -> &[InsightWord] {
        &self.insights
    }

    /// The bit of an insight.
    pub fn insight(&self, name: &str) -> Option<u64> {
        let bit = self.insights.iter().position(|one| one.name == name)?;
        Some(1 << bit)
    }

    /// Every pair of capability and target type; the position is the pair's number.
    pub fn pairs(&self) -> &[CapabilityPair] {
        &self.pairs
    }

    /// The capabilities, whatever the type of target.
    pub fn capability_names(&self) -> &[CapabilityName] {
        &self.capability_names
    }

    /// The pairs of a capability, on whatever type.
    pub fn capability(&self, name: &str) -> Option<CapabilitySet> {
        self.by_capability.get(name).copied()
    }

    /// The pairs that are about targets of that label.
    pub fn on_label(&self, label: &str) -> CapabilitySet {
        let own = self.by_label.get(label).copied().unwrap_or_default();
        own.or(self.any_label)
    }

    /// A set for people and tables: `read data: microsoft.storage/storageaccounts`.
    pub fn names_of(&self, set: CapabilitySet) -> Vec<String> {
        let named = set.pairs().filter_map(|pair| self.pairs.get(pair));
        named
            .map(|pair| format!("{}: {}", pair.capability, pair.label))
            .collect()
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, VocabularyError> {
    serde_yaml_ng::from_str(text).map_err(|error| VocabularyError::Unreadable {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

fn fits(what: &'static str, count: usize, most: usize) -> Result<(), VocabularyError> {
    if count > most {
        return Err(VocabularyError::TooMany { what, count, most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_can_be_used() {
        let vocabulary = Vocabulary::embedded().unwrap();
        assert!(vocabulary.category("data").is_some());
        assert!(vocabulary.insight("containsSensitiveData").is_some());
        let read = vocabulary.capability("read data").unwrap();
        let storage = vocabulary.on_label("microsoft.storage/storageaccounts");
        assert!(!read.and(storage).is_empty());
    }
}
