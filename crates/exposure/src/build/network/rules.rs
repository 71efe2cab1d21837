//! Rules of a firewall: which ports they open to the internet, and which rule would have to go.
//!
//! One model for network security groups, network ACLs, security groups and lists of admitted addresses: rules in the
//! order in which they are asked, the first that matches a packet decides, and what none matches is refused.

use stance_model::Resource;

use super::addresses;
use super::ports::Ports;
use super::ranges::Ranges;
use crate::graph::{Confidence, Evidence};

/// Most rules of one firewall that are looked at; Azure and AWS admit fewer.
const MOST_RULES: usize = 2_000;

/// A rule for inbound traffic.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Lets in, or refuses.
    pub(super) allows: bool,
    /// From where.
    pub(super) sources: Ranges,
    /// Where to.
    pub(super) ports: Ports,
    /// Id of the resource that holds the rule.
    pub(super) object: String,
    /// The property of it that is the rule.
    pub(super) field: String,
    /// What it says.
    pub(super) text: String,
    /// Medium where a part of it is known only later; such a rule opens for itself and is left out of what rules do together.
    pub(super) confidence: Confidence,
}

/// Ports that stand open to the internet, and what opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) object: String,
    pub(super) field: String,
    pub(super) text: String,
    pub(super) ports: Ports,
    pub(super) confidence: Confidence,
}

impl Opening {
    /// What a resource's rules open together, before it is known which ports that are.
    pub(super) fn together(resource: &Resource, field: impl Into<String>) -> Self {
        Self {
            object: resource.id.as_str().to_owned(),
            field: field.into(),
            text: "several rules together let much of the internet in".to_owned(),
            ports: Ports::default(),
            confidence: Confidence::High,
        }
    }

    /// Its evidence and the rest.
    pub(super) fn into_parts(self) -> (Evidence, Ports, Confidence) {
        let evidence = Evidence {
            object: self.object,
            field: self.field,
            text: self.text,
        };
        (evidence, self.ports, self.confidence)
    }
}

/// What one firewall leaves open: for each rule that opens ports by itself one opening, and one for ports that only
/// several rules together open wide. Two openings may hold the same port; then both rules have to go. `callers` are the
/// addresses that can come at all: an IPv4 address is reached by IPv4 alone.
pub(super) fn openings(rules: &[Rule], together: &Opening, callers: &Ranges) -> Vec<Opening> {
    let rules = &rules[..rules.len().min(MOST_RULES)];
    let mut found = Vec::new();
    let mut told = Ports::default();
    for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.allows) {
        let ports = open_by(rule, &rules[..at], callers);
        if ports.is_empty() {
            continue;
        }
        told = told.or(&ports);
        found.push(Opening {
            object: rule.object.clone(),
            field: rule.field.clone(),
            text: rule.text.clone(),
            ports,
            confidence: rule.confidence,
        });
    }
    let rest = open_ports(rules, callers).without(&told);
    if !rest.is_empty() {
        found.push(Opening {
            ports: rest,
            ..together.clone()
        });
    }
    found
}

/// The union of what openings hold that are at least as sure.
pub(super) fn all_ports(openings: &[Opening], least: Confidence) -> Ports {
    openings
        .iter()
        .filter(|opening| opening.confidence >= least)
        .fold(Ports::default(), |sum, one| sum.or(&one.ports))
}

/// What a rule opens when it is asked after the refusals among `before`.
fn open_by(rule: &Rule, before: &[Rule], callers: &Ranges) -> Ports {
    if !addresses::is_broad(&rule.sources.and(callers)) {
        return Ports::default();
    }
    let refuses = |one: &&Rule| !one.allows && !one.ports.and(&rule.ports).is_empty();
    let mut asked: Vec<&Rule> = before.iter().filter(refuses).collect();
    asked.push(rule);
    both(|side| open_side(&asked, side, callers))
}

/// What all rules together open.
pub(super) fn open_ports(rules: &[Rule], callers: &Ranges) -> Ports {
    let sure = |rule: &&Rule| rule.confidence == Confidence::High;
    let asked: Vec<&Rule> = rules.iter().filter(sure).collect();
    both(|side| open_side(&asked, side, callers))
}

fn both(open: impl Fn(fn(&Ports) -> &Ranges) -> Ranges) -> Ports {
    Ports {
        tcp: open(|ports| &ports.tcp),
        udp: open(|ports| &ports.udp),
    }
}

/// Between two bounds of any rule all ports fare alike, so one of them is asked for all.
fn open_side(rules: &[&Rule], side: fn(&Ports) -> &Ranges, callers: &Ranges) -> Ranges {
    let mut bounds: Vec<u128> = rules
        .iter()
        .flat_map(|rule| side(&rule.ports).bounds())
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    let pairs = bounds.windows(2).filter_map(|pair| match pair {
        [from, to] => Some((*from, to - 1)),
        _ => None,
    });
    Ranges::of(pairs.filter(|(first, _)| {
        let asked = rules
            .iter()
            .filter(|rule| side(&rule.ports).contains(*first));
        addresses::is_broad(&admitted(asked.copied(), callers))
    }))
}

/// The sources that get in, of rules in their order.
fn admitted<'a>(rules: impl Iterator<Item = &'a Rule>, callers: &Ranges) -> Ranges {
    let mut undecided = callers.clone();
    let mut admitted = Ranges::default();
    for rule in rules {
        if rule.allows {
            admitted = admitted.or(&undecided.and(&rule.sources));
        }
        undecided = undecided.without(&rule.sources);
        if undecided.is_empty() {
            break;
        }
    }
    admitted
}
