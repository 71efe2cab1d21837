//! Rules of a firewall: which ports they open to the internet, and which rule would have to go.
//!
//! One model for network security groups, network ACLs, security groups and lists of admitted addresses: rules in the
//! order in which they are asked, the first that matches a packet decides, and what none matches is refused.

use std::cmp::Reverse;

use stance_model::Resource;

use super::addresses::{self, Size};
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
    let rules = weighed(rules, callers);
    let mut found = Vec::new();
    let mut told = Ports::default();
    for (at, one) in rules.iter().enumerate() {
        if !one.rule.allows || !one.size.is_broad() {
            continue;
        }
        let ports = open_by(one, &rules[..at]);
        if ports.is_empty() {
            continue;
        }
        told = told.or(&ports);
        found.push(Opening {
            object: one.rule.object.clone(),
            field: one.rule.field.clone(),
            text: one.rule.text.clone(),
            ports,
            confidence: one.rule.confidence,
        });
    }
    let rest = open_together(&rules, &told);
    if !rest.is_empty() {
        found.push(Opening {
            ports: rest,
            ..together.clone()
        });
    }
    found
}

/// Ports that rules leave open, whichever of them it is.
pub(super) fn open_ports(rules: &[Rule], callers: &Ranges) -> Ports {
    open_together(&weighed(rules, callers), &Ports::default())
}

/// The union of what openings hold that are at least as sure.
pub(super) fn all_ports(openings: &[Opening], least: Confidence) -> Ports {
    openings
        .iter()
        .filter(|opening| opening.confidence >= least)
        .fold(Ports::default(), |sum, one| sum.or(&one.ports))
}

/// A rule with those of its sources that can come at all.
struct Weighed<'a> {
    rule: &'a Rule,
    sources: Ranges,
    size: Size,
}

fn weighed<'a>(rules: &'a [Rule], callers: &Ranges) -> Vec<Weighed<'a>> {
    let callers = addresses::public(callers);
    let first = &rules[..rules.len().min(MOST_RULES)];
    let weighed = first.iter().map(|rule| {
        let sources = rule.sources.and(&callers);
        Weighed {
            rule,
            size: Size::of(&sources),
            sources,
        }
    });
    weighed.collect()
}

type Side = fn(&Ports) -> &Ranges;

fn both(open: impl Fn(Side) -> Ranges) -> Ports {
    Ports {
        tcp: open(|ports| &ports.tcp),
        udp: open(|ports| &ports.udp),
    }
}

/// What a rule opens when it is asked after the refusals among `before`.
fn open_by(one: &Weighed<'_>, before: &[Weighed<'_>]) -> Ports {
    let mut refusals: Vec<&Weighed<'_>> = before.iter().filter(|one| !one.rule.allows).collect();
    // Refusals may be asked in any order; the largest decide soonest.
    refusals.sort_by_key(|one| Reverse(one.size));
    both(|side| {
        let own = side(&one.rule.ports);
        let of_refusals = refusals.iter().map(|one| side(&one.rule.ports));
        Ranges::of(alike(of_refusals.chain([own])).filter(|(first, _)| {
            let here = |one: &&&Weighed<'_>| side(&one.rule.ports).contains(*first);
            own.contains(*first) && is_left(one, refusals.iter().filter(here).copied())
        }))
    })
}

/// Whether a rule still opens wide after refusals. What all of them take at most answers most questions.
fn is_left<'a>(one: &Weighed<'_>, refusals: impl Iterator<Item = &'a Weighed<'a>> + Clone) -> bool {
    let mut to_come = refusals
        .clone()
        .fold(Size::default(), |sum, one| sum.plus(one.size));
    if one.size.minus(to_come).is_broad() {
        return true;
    }
    let mut left = one.sources.clone();
    for refusal in refusals {
        left = left.without(&refusal.sources);
        to_come = to_come.minus(refusal.size);
        let size = Size::of(&left);
        if !size.is_broad() {
            return false;
        }
        if size.minus(to_come).is_broad() {
            return true;
        }
    }
    true
}

/// What the certain rules open together, ports that are told already left out.
fn open_together(rules: &[Weighed<'_>], told: &Ports) -> Ports {
    let sure = |one: &&Weighed<'_>| one.rule.confidence == Confidence::High;
    let rules: Vec<&Weighed<'_>> = rules.iter().filter(sure).collect();
    both(|side| {
        let told = side(told);
        let of_rules = rules.iter().map(|one| side(&one.rule.ports));
        let open = alike(of_rules).filter(|(first, last)| {
            let here = |one: &&&Weighed<'_>| side(&one.rule.ports).contains(*first);
            let is_told = told.contains(*first) && told.contains(*last);
            !is_told && is_admitted(rules.iter().filter(here).copied())
        });
        Ranges::of(open).without(told)
    })
}

/// Whether rules, asked in their order, let much of the internet in.
fn is_admitted<'a>(rules: impl Iterator<Item = &'a Weighed<'a>> + Clone) -> bool {
    let allowing = rules.clone().filter(|one| one.rule.allows);
    let at_most = allowing.fold(Size::default(), |sum, one| sum.plus(one.size));
    if !at_most.is_broad() {
        return false;
    }
    let mut refused = Ranges::default();
    let mut admitted = Ranges::default();
    for one in rules {
        if one.rule.allows {
            admitted = admitted.or(&one.sources.without(&refused));
            if Size::of(&admitted).is_broad() {
                return true;
            }
        } else {
            refused = refused.or(&one.sources.without(&admitted));
        }
    }
    false
}

/// Ranges of ports that fare alike: between two bounds of any rule.
fn alike<'a>(ports: impl Iterator<Item = &'a Ranges>) -> impl Iterator<Item = (u128, u128)> {
    let mut bounds: Vec<u128> = ports.flat_map(Ranges::bounds).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let next = bounds.clone().into_iter().skip(1);
    bounds
        .into_iter()
        .zip(next)
        .map(|(from, to)| (from, to - 1))
}
