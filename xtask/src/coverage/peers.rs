//! Checks of other products, and which of ours stand beside them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::rules::Rule;

/// Files of `content/peers`, the word under `peers` in rules, and where a counterpart is known by its titles.
const FILES: [(&str, &str); 3] = [
    ("content/peers/prowler-5.46.json", "prowler"),
    ("content/peers/checkov-3.3.json", "checkov"),
    ("content/peers/defender.json", DEFENDER),
];
/// Known by title, policy id or assessment key instead of an id under `peers`.
pub(super) const DEFENDER: &str = "defender";

/// A product and its checks.
#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    #[serde(skip)]
    pub key: &'static str,
    #[serde(rename = "product")]
    pub name: String,
    pub version: String,
    pub source: String,
    pub checks: Vec<Peer>,
}

/// One check of another product.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peer {
    /// Empty for recommendations that are known by title.
    #[serde(default)]
    pub id: String,
    pub title: String,
    pub cloud: String,
    #[serde(default)]
    pub severity: String,
    /// False for neighbours of the AI services.
    #[serde(default = "yes")]
    pub gen_ai: bool,
    #[serde(default)]
    pub policy_id: String,
    #[serde(default)]
    pub assessment_key: String,
    /// Names of our rules, where neither an id nor a title leads to them.
    #[serde(default)]
    pub ours: Vec<String>,
    /// Why we have no counterpart.
    #[serde(default)]
    pub reason: String,
}

fn yes() -> bool {
    true
}

impl Peer {
    /// Its id, or else its title.
    pub(super) fn name(&self) -> &str {
        if self.id.is_empty() {
            &self.title
        } else {
            &self.id
        }
    }
}

/// Reads the products.
pub(crate) fn read(root: &Path) -> Result<Vec<Product>> {
    FILES
        .iter()
        .map(|(file, key)| {
            let bytes = fs::read(root.join(file)).with_context(|| (*file).to_owned())?;
            let mut product: Product =
                serde_json::from_slice(&bytes).with_context(|| (*file).to_owned())?;
            product.key = key;
            Ok(product)
        })
        .collect()
}

/// Names of our rules that stand beside a check.
pub(super) fn counterparts<'a>(rules: &'a [Rule], key: &str, peer: &Peer) -> Vec<&'a str> {
    rules
        .iter()
        .filter(|rule| rule.cloud.as_str() == peer.cloud && stands_beside(rule, key, peer))
        .map(|rule| rule.name.as_str())
        .collect()
}

fn stands_beside(rule: &Rule, key: &str, peer: &Peer) -> bool {
    if key != DEFENDER {
        return named(rule, key).any(|id| *id == peer.id);
    }
    let same = |ours: &str, theirs: &str| !theirs.is_empty() && ours.eq_ignore_ascii_case(theirs);
    same(&rule.builtin, &peer.policy_id)
        || same(&rule.assessment_key, &peer.assessment_key)
        || peer.ours.contains(&rule.name)
        || same(&rule.title, &peer.title)
        || rule.aliases.iter().any(|alias| same(alias, &peer.title))
}

/// Ids that a rule names of a product; case of the product's name does not matter.
fn named<'a>(rule: &'a Rule, key: &'a str) -> impl Iterator<Item = &'a String> {
    rule.peers
        .iter()
        .filter(move |(product, _)| product.eq_ignore_ascii_case(key))
        .flat_map(|(_, ids)| ids)
}

/// Checks that have neither a counterpart nor a reason, of clouds for which we have rules.
pub(super) fn without_answer(rules: &[Rule], products: &[Product]) -> Vec<String> {
    let clouds: BTreeSet<&str> = rules.iter().map(|rule| rule.cloud.as_str()).collect();
    products
        .iter()
        .flat_map(|product| product.checks.iter().map(move |peer| (product, peer)))
        .filter(|(product, peer)| {
            clouds.contains(peer.cloud.as_str())
                && peer.reason.is_empty()
                && counterparts(rules, product.key, peer).is_empty()
        })
        .map(|(product, peer)| format!("{} {}", product.name, peer.name()))
        .collect()
}

/// Ids under `peers` of our rules that a product we have the list of does not have.
pub(super) fn strangers(rules: &[Rule], products: &[Product]) -> Vec<String> {
    let mut found = Vec::new();
    for product in products.iter().filter(|product| product.key != DEFENDER) {
        let known: BTreeSet<&str> = product.checks.iter().map(|peer| peer.id.as_str()).collect();
        for rule in rules {
            let ids = named(rule, product.key).filter(|id| !known.contains(id.as_str()));
            found.extend(ids.map(|id| format!("{}: {id}", rule.name)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stance_model::{Cloud, Severity};

    use super::*;

    fn rule(name: &str, cloud: Cloud) -> Rule {
        Rule {
            name: name.to_owned(),
            title: format!("Title of {name}"),
            cloud,
            form: "KQL",
            severity: Severity::Low,
            types: BTreeSet::new(),
            frameworks: BTreeSet::new(),
            examples: 4,
            builtin: String::new(),
            assessment_key: String::new(),
            aliases: Vec::new(),
            peers: BTreeMap::new(),
        }
    }

    fn product(key: &'static str, checks: &str) -> Product {
        let mut product: Product = serde_json::from_str(&format!(
            r#"{{"product": "P", "version": "1", "source": "s", "checks": {checks}}}"#
        ))
        .unwrap();
        product.key = key;
        product
    }

    #[test]
    fn an_id_under_peers_makes_a_counterpart_of_the_same_cloud() {
        let product = product(
            "prowler",
            r#"[{"id": "a", "title": "A", "cloud": "Azure"}, {"id": "b", "title": "B", "cloud": "Azure", "reason": "r"},
                {"id": "c", "title": "C", "cloud": "GCP"}]"#,
        );
        let mut ours = rule("ours", Cloud::Azure);
        let elsewhere = rule("elsewhere", Cloud::Aws);
        assert_eq!(
            without_answer(
                &[rule("ours", Cloud::Azure)],
                std::slice::from_ref(&product)
            ),
            ["P a"],
            "a reason answers, and a cloud without rules is not asked for"
        );
        ours.peers.insert(
            "Prowler".to_owned(),
            vec!["a".to_owned(), "gone".to_owned()],
        );
        let rules = [ours, elsewhere];
        assert_eq!(
            counterparts(&rules, "prowler", &product.checks[0]),
            ["ours"]
        );
        assert!(without_answer(&rules, std::slice::from_ref(&product)).is_empty());
        assert_eq!(strangers(&rules, &[product]), ["ours: gone"]);
    }

    #[test]
    fn recommendations_are_known_by_title_policy_key_or_name() {
        let product = product(
            DEFENDER,
            r#"[{"title": "One", "cloud": "Azure"}, {"title": "Two", "cloud": "Azure", "policyId": "p"},
                {"title": "Three", "cloud": "Azure", "assessmentKey": "k"}, {"title": "Four", "cloud": "Azure", "ours": ["d"]},
                {"title": "Five", "cloud": "Azure"}]"#,
        );
        let mut rules: Vec<Rule> = ["a", "b", "c", "d"]
            .map(|name| rule(name, Cloud::Azure))
            .into();
        rules[0].aliases.push("ONE".to_owned());
        rules[1].builtin = "P".to_owned();
        rules[2].assessment_key = "k".to_owned();
        let found: Vec<Vec<&str>> = product
            .checks
            .iter()
            .map(|peer| counterparts(&rules, DEFENDER, peer))
            .collect();
        assert_eq!(found, [vec!["a"], vec!["b"], vec!["c"], vec!["d"], vec![]]);
    }
}
