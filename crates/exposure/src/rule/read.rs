//! A rule out of its text: what can be judged without knowing any words.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{CanStep, EdgeStep, Element, NodeMatcher, Rule, SideChain};
use crate::graph::Confidence;

/// Most elements of a path.
const MOST_ELEMENTS: usize = 25;
/// Most steps that a repeated edge takes.
pub(super) const MOST_REPEATS: u8 = 6;
/// Most steps of a path in all, repeats counted.
const MOST_STEPS: usize = 40;
/// Most side chains of a rule.
const MOST_CHAINS: usize = 16;
/// Lowest criticality that somebody may have given.
const LEAST_CRITICAL: u8 = 3;

/// One element as it is written: which keys it has tells what it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ElementText {
    node: Option<String>,
    is: Option<Vec<String>>,
    label: Option<Vec<String>>,
    has: Option<Vec<String>>,
    lacks: Option<Vec<String>>,
    criticality: Option<u8>,
    edge: Option<Vec<String>>,
    repeat: Option<RepeatText>,
    back: Option<bool>,
    can: Option<Vec<String>>,
    grants: Option<Vec<String>>,
    confidence: Option<String>,
}

/// `2` or `0..3`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RepeatText {
    Times(u8),
    Range(String),
}

impl TryFrom<ElementText> for Element {
    type Error = String;

    fn try_from(text: ElementText) -> Result<Self, String> {
        match (&text.node, &text.edge, &text.can) {
            (Some(_), None, None) => text.into_node(),
            (None, Some(_), None) => text.into_edge(),
            (None, None, Some(_)) => text.into_can(),
            _ => Err("an element has exactly one of `node`, `edge` and `can`".to_owned()),
        }
    }
}

impl ElementText {
    fn into_node(self) -> Result<Element, String> {
        let alias = self.node.unwrap_or_default();
        let of_steps = self.repeat.is_some() || self.back.is_some() || self.grants.is_some();
        if of_steps || self.confidence.is_some() {
            return Err(format!(
                "node `{alias}`: `repeat`, `back`, `grants` and `confidence` belong to steps"
            ));
        }
        if !is_alias(&alias) {
            return Err(format!(
                "node `{alias}`: a name is a letter and then letters and digits"
            ));
        }
        if self.criticality.is_some_and(|level| level > LEAST_CRITICAL) {
            return Err(format!("node `{alias}`: criticality is 0 to 3"));
        }
        let label = self.label.unwrap_or_default();
        if label.iter().any(|one| *one != one.to_lowercase()) {
            return Err(format!("node `{alias}`: labels are written in lower case"));
        }
        Ok(Element::Node(NodeMatcher {
            alias,
            is: self.is.unwrap_or_default(),
            label,
            has: self.has.unwrap_or_default(),
            lacks: self.lacks.unwrap_or_default(),
            criticality: self.criticality,
        }))
    }

    fn into_edge(self) -> Result<Element, String> {
        self.asks_nothing_of_nodes()?;
        let labels = self.edge.unwrap_or_default();
        if labels.is_empty() {
            return Err("`edge` names no label".to_owned());
        }
        let repeat = self.repeat.map_or(Ok((1, 1)), RepeatText::read)?;
        Ok(Element::Edge(EdgeStep {
            labels,
            repeat,
            back: self.back.unwrap_or_default(),
            confidence: least(self.confidence.as_deref())?,
            grants: self.grants.unwrap_or_default(),
        }))
    }

    fn into_can(self) -> Result<Element, String> {
        self.asks_nothing_of_nodes()?;
        if self.repeat.is_some() || self.back.is_some() || self.grants.is_some() {
            return Err("`repeat`, `back` and `grants` belong to `edge`, not to `can`".to_owned());
        }
        let capabilities = self.can.unwrap_or_default();
        if capabilities.is_empty() {
            return Err("`can` names no capability".to_owned());
        }
        Ok(Element::Can(CanStep {
            capabilities,
            confidence: least(self.confidence.as_deref())?,
        }))
    }

    fn asks_nothing_of_nodes(&self) -> Result<(), String> {
        let lists = [&self.is, &self.label, &self.has, &self.lacks];
        if lists.iter().any(|list| list.is_some()) || self.criticality.is_some() {
            return Err(
                "`is`, `label`, `has`, `lacks` and `criticality` belong to nodes".to_owned(),
            );
        }
        Ok(())
    }
}

impl RepeatText {
    fn read(self) -> Result<(u8, u8), String> {
        let parsed = match &self {
            Self::Times(times) => Some((*times, *times)),
            Self::Range(text) => text
                .split_once("..")
                .and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?))),
        };
        parsed
            .filter(|(from, to)| from <= to && (1..=MOST_REPEATS).contains(to))
            .ok_or_else(|| {
                format!("`repeat` is FROM..TO with FROM at most TO and TO 1 to {MOST_REPEATS}")
            })
    }
}

fn least(confidence: Option<&str>) -> Result<Confidence, String> {
    let Some(text) = confidence else {
        return Ok(Confidence::Low);
    };
    Confidence::parse(text)
        .ok_or_else(|| format!("confidence `{text}` is none of low, medium, high"))
}

fn is_alias(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|one| one.is_ascii_alphanumeric())
}

/// One rule out of its text; the error says what is wrong with it.
///
/// # Errors
/// The text is no rule, or one that contradicts itself.
pub fn read_rule(text: &str) -> Result<Rule, String> {
    let rule: Rule = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    if [&rule.name, &rule.display_name, &rule.description]
        .iter()
        .any(|text| text.trim().is_empty())
    {
        return Err("`name`, `displayName` and `description` must say something".to_owned());
    }
    match &rule.query {
        Some(query) => query_fits(&rule, query)?,
        None => path_fits(&rule)?,
    }
    Ok(rule)
}

fn query_fits(rule: &Rule, query: &str) -> Result<(), String> {
    if !rule.path.is_empty() || !rule.also.is_empty() || !rule.unless.is_empty() {
        return Err("`query` stands instead of `path`, `also` and `unless`".to_owned());
    }
    if query.trim().is_empty() {
        return Err("`query` must say something".to_owned());
    }
    for (key, place) in [("entry", &rule.entry), ("target", &rule.target)] {
        if !matches!(place.as_str(), "first" | "last") && place.parse::<u16>().is_err() {
            return Err(format!(
                "`{key}` of a rule in KQL is `first`, `last` or a number from 0"
            ));
        }
    }
    Ok(())
}

fn path_fits(rule: &Rule) -> Result<(), String> {
    let mut aliases = BTreeSet::new();
    chain_fits("path", &rule.path, &mut aliases)?;
    for (key, alias) in [("entry", &rule.entry), ("target", &rule.target)] {
        if !aliases.contains(alias) {
            return Err(format!(
                "`{key}` is `{alias}`, which is no node of the path"
            ));
        }
    }
    if rule.also.len() + rule.unless.len() > MOST_CHAINS {
        return Err(format!("more than {MOST_CHAINS} side chains"));
    }
    let also = rule.also.iter().map(|chain| ("also", chain));
    let unless = rule.unless.iter().map(|chain| ("unless", chain));
    for (key, chain) in also.chain(unless) {
        side_fits(key, chain, &aliases)?;
    }
    let unknown = rule.remediation.keys();
    match unknown.into_iter().find(|alias| !aliases.contains(*alias)) {
        Some(alias) => Err(format!("remediation: `{alias}` is no node of the path")),
        None => Ok(()),
    }
}

fn side_fits(key: &str, chain: &SideChain, of_path: &BTreeSet<String>) -> Result<(), String> {
    let mut own = BTreeSet::new();
    chain_fits(key, &chain.path, &mut own)?;
    if chain.path.len() < 3 {
        return Err(format!("{key}: a side chain has a step and a second node"));
    }
    let Some(Element::Node(root)) = chain.path.first() else {
        return Ok(());
    };
    if !of_path.contains(&root.alias) {
        let alias = &root.alias;
        return Err(format!(
            "{key}: it starts at `{alias}`, which is no node of the path"
        ));
    }
    own.remove(&root.alias);
    match own.intersection(of_path).next() {
        Some(alias) => Err(format!(
            "{key}: `{alias}` is a node of the path; only the first node of a side chain can be"
        )),
        None => Ok(()),
    }
}

/// Nodes and steps in turn, a node at both ends, no name twice.
fn chain_fits(key: &str, chain: &[Element], aliases: &mut BTreeSet<String>) -> Result<(), String> {
    if chain.is_empty() || chain.len() > MOST_ELEMENTS {
        return Err(format!("{key}: a path has 1 to {MOST_ELEMENTS} elements"));
    }
    let mut steps = 0;
    for (at, element) in chain.iter().enumerate() {
        match element {
            Element::Node(node) if at % 2 == 0 => {
                if !aliases.insert(node.alias.clone()) {
                    return Err(format!("{key}: the name `{}` stands twice", node.alias));
                }
            }
            Element::Edge(step) if at % 2 == 1 => steps += usize::from(step.repeat.1),
            Element::Can(_) if at % 2 == 1 => steps += 1,
            _ => {
                return Err(format!(
                    "{key}: nodes and steps stand in turn, a node first"
                ));
            }
        }
    }
    if chain.len().is_multiple_of(2) {
        return Err(format!("{key}: a path ends with a node"));
    }
    if steps > MOST_STEPS {
        return Err(format!(
            "{key}: more than {MOST_STEPS} steps, repeats counted"
        ));
    }
    Ok(())
}
