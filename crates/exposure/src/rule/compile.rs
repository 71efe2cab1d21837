//! A rule and the words it uses made into a pattern.

use std::collections::HashMap;

use thiserror::Error;

use super::nearest::nearest;
use super::{CanStep, EdgeStep, Element, NodeMatcher, Rule};
use crate::search::Pattern;
use crate::search::pattern::{Chain, Hop, HopKind, NodeTest, Side};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// A rule that cannot be searched for.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RuleProblem {
    /// A word that the vocabulary lacks.
    #[error("rule `{rule}`: {what} `{word}` is not known{}; content/graph has the words", alike(.near))]
    UnknownWord {
        /// The rule.
        rule: String,
        /// `category`, `insight`, `capability` or `alias`.
        what: &'static str,
        /// The word.
        word: String,
        /// Words like it.
        near: Vec<String>,
    },
    /// A rule in KQL: an engine runs it.
    #[error("rule `{rule}` is a query; run it and read its rows with `matches_from_rows`")]
    IsQuery {
        /// The rule.
        rule: String,
    },
}

fn alike(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near.iter().map(|word| format!("`{word}`")).collect();
    format!(", did you mean {}", quoted.join(" or "))
}

impl Rule {
    /// The pattern of this rule.
    ///
    /// # Errors
    /// It uses a word that the vocabulary lacks, or is a query.
    pub fn compile(&self, vocabulary: &Vocabulary) -> Result<Pattern, RuleProblem> {
        if self.query.is_some() {
            return Err(RuleProblem::IsQuery {
                rule: self.name.clone(),
            });
        }
        let words = Words {
            rule: self,
            vocabulary,
        };
        let aliases: Vec<String> = nodes_of(&self.path)
            .map(|node| node.alias.clone())
            .collect();
        let place = |alias: &str| {
            let found = aliases.iter().position(|one| one == alias);
            found.ok_or_else(|| words.unknown("alias", alias, aliases.iter().map(String::as_str)))
        };
        let side = |chain: &super::SideChain| {
            let root = nodes_of(&chain.path).next().map_or("", |node| &node.alias);
            Ok(Side {
                root: place(root)?,
                chain: words.chain(&chain.path)?,
            })
        };
        let main = words.chain(&self.path)?;
        let also = self.also.iter().map(side).collect::<Result<_, _>>()?;
        let unless = self.unless.iter().map(side).collect::<Result<_, _>>()?;
        Ok(Pattern {
            entry: place(&self.entry)?,
            target: place(&self.target)?,
            rule: self.clone(),
            aliases,
            main,
            also,
            unless,
        })
    }
}

/// The nodes of a chain.
pub(super) fn nodes_of(chain: &[Element]) -> impl Iterator<Item = &NodeMatcher> {
    chain.iter().filter_map(|element| match element {
        Element::Node(node) => Some(node),
        Element::Edge(_) | Element::Can(_) => None,
    })
}

#[derive(Clone, Copy)]
struct Words<'a> {
    rule: &'a Rule,
    vocabulary: &'a Vocabulary,
}

impl Words<'_> {
    fn chain(self, elements: &[Element]) -> Result<Chain, RuleProblem> {
        let mut chain = Chain::default();
        let mut step = None;
        for element in elements {
            let Element::Node(node) = element else {
                step = Some(element);
                continue;
            };
            let from = chain.layers.len().saturating_sub(1);
            match step.take() {
                Some(Element::Edge(step)) => {
                    let grants = self.capabilities(&step.grants)?;
                    repeat(&mut chain, from, step, grants);
                }
                Some(Element::Can(step)) => {
                    let kind = self.can(step)?;
                    let to = from + 1;
                    chain.hops.push(Hop { from, to, kind });
                }
                _ => {}
            }
            chain.named.push(chain.layers.len());
            chain.layers.push(self.node(node)?);
        }
        Ok(chain)
    }

    fn node(self, node: &NodeMatcher) -> Result<NodeTest, RuleProblem> {
        let categories = self.vocabulary.categories();
        let insights = self.vocabulary.insights();
        let category = |word: &String| {
            self.vocabulary.category(word).ok_or_else(|| {
                self.unknown("category", word, categories.iter().map(String::as_str))
            })
        };
        let insight = |word: &String| {
            self.vocabulary.insight(word).ok_or_else(|| {
                self.unknown(
                    "insight",
                    word,
                    insights.iter().map(|one| one.name.as_str()),
                )
            })
        };
        let union = |bits: Result<Vec<u64>, RuleProblem>| {
            bits.map(|bits| bits.into_iter().fold(0, |all, bit| all | bit))
        };
        Ok(NodeTest {
            categories: union(node.is.iter().map(category).collect())?,
            labels: node.label.clone(),
            has: union(node.has.iter().map(insight).collect())?,
            lacks: union(node.lacks.iter().map(insight).collect())?,
            criticality: node.criticality,
        })
    }

    fn can(self, step: &CanStep) -> Result<HopKind, RuleProblem> {
        let wanted = self.capabilities(&step.capabilities)?;
        let mut by_label = HashMap::new();
        for pair in self.vocabulary.pairs() {
            let set = wanted.and(self.vocabulary.on_label(&pair.label));
            by_label.insert(pair.label.clone(), set);
        }
        Ok(HopKind::Can {
            by_label,
            otherwise: wanted.and(self.vocabulary.on_label("")),
            confidence: step.confidence,
        })
    }

    /// These capabilities on every type.
    fn capabilities(self, names: &[String]) -> Result<CapabilitySet, RuleProblem> {
        let mut wanted = CapabilitySet::EMPTY;
        for name in names {
            let known = self.vocabulary.capability_names();
            let pairs = self.vocabulary.capability(name).ok_or_else(|| {
                self.unknown(
                    "capability",
                    name,
                    known.iter().map(|one| one.name.as_str()),
                )
            })?;
            wanted = wanted.or(pairs);
        }
        Ok(wanted)
    }

    fn unknown<'w>(
        self,
        what: &'static str,
        word: &str,
        known: impl Iterator<Item = &'w str>,
    ) -> RuleProblem {
        RuleProblem::UnknownWord {
            rule: self.rule.name.clone(),
            what,
            word: word.to_owned(),
            near: nearest(word, known),
        }
    }
}

/// Writes a repeated edge out: a layer for every node between, and from each that is far enough a hop to the end.
fn repeat(chain: &mut Chain, from: usize, step: &EdgeStep, grants: CapabilitySet) {
    let (least, most) = (usize::from(step.repeat.0), usize::from(step.repeat.1));
    let end = from + most;
    let edge = || HopKind::Edge {
        labels: step.labels.clone(),
        back: step.back,
        confidence: step.confidence,
        grants,
    };
    if least == 0 {
        let kind = HopKind::Same;
        chain.hops.push(Hop {
            from,
            to: end,
            kind,
        });
    }
    for taken in 1..=most {
        let before = from + taken - 1;
        if taken < most {
            chain.layers.push(NodeTest::default());
            chain.hops.push(Hop {
                from: before,
                to: from + taken,
                kind: edge(),
            });
        }
        if taken >= least {
            chain.hops.push(Hop {
                from: before,
                to: end,
                kind: edge(),
            });
        }
    }
}
