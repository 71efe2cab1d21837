//! Firewalls: which TCP ports the internet reaches, computed by priority.
//!
//! Source: cloud.google.com/firewall/docs/firewall-policies-overview: hierarchical policies from the organization down,
//! then rules of the network, then policies of the network; `goto_next` leaves the answer to the next of these.

use serde_json::Value;
use stance_model::Resource;

use super::walk;

/// Shortest prefix that is still most of the internet, by family. Narrower ranges are lists of known addresses.
const BROAD_V4: u8 = 8;
const BROAD_V6: u8 = 16;
const LAST_PORT: u32 = 65_535;

/// How much of the internet the sources of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    Little,
    Broad,
    All,
}

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Deny,
    Allow,
    Next,
}

/// Ports in ascending ranges that do not touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ports(Vec<(u32, u32)>);

impl Ports {
    fn all() -> Self {
        Self(vec![(0, LAST_PORT)])
    }

    fn and(&self, other: &Self) -> Self {
        let pairs = self
            .0
            .iter()
            .flat_map(|one| other.0.iter().map(move |two| (one, two)));
        let common = pairs.map(|(one, two)| (one.0.max(two.0), one.1.min(two.1)));
        Self(common.filter(|(first, last)| first <= last).collect())
    }

    fn without(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for (first, last) in &other.0 {
            left = left
                .into_iter()
                .flat_map(|(from, to)| {
                    let before = (from, to.min(first.wrapping_sub(1)));
                    let after = (from.max(last + 1), to);
                    [(before, *first > 0), (after, true)]
                })
                .filter(|((from, to), counts)| *counts && from <= to)
                .map(|(range, _)| range)
                .collect();
        }
        Self(left)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Ports {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, (first, last)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            if first == last {
                write!(formatter, "{comma}{first}")?;
            } else {
                write!(formatter, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// A rule for traffic that comes in.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub(super) row: &'a Resource,
    /// The property that holds it.
    pub(super) field: String,
    priority: i64,
    verdict: Verdict,
    v4: Extent,
    v6: Extent,
    ports: Ports,
    tags: Vec<&'a str>,
    accounts: Vec<&'a str>,
    networks: Vec<&'a str>,
}

/// What a rule is matched against.
#[derive(Debug, Default)]
pub(super) struct Target<'t> {
    pub(super) tags: Vec<&'t str>,
    pub(super) accounts: Vec<&'t str>,
    pub(super) network: String,
}

impl Rule<'_> {
    fn extent(&self, family: Family) -> Extent {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }

    /// Whether it is for that machine.
    pub(super) fn is_for(&self, target: &Target<'_>) -> bool {
        let any = |wanted: &[&str], has: &[&str]| {
            wanted
                .iter()
                .any(|one| has.iter().any(|other| one.eq_ignore_ascii_case(other)))
        };
        let everywhere = self.networks.is_empty();
        let network = &target.network;
        let here = || {
            self.networks
                .iter()
                .any(|one| one.to_lowercase().ends_with(network))
        };
        let aimed = !self.tags.is_empty() || !self.accounts.is_empty();
        (everywhere || here())
            && (!aimed || any(&self.tags, &target.tags) || any(&self.accounts, &target.accounts))
    }
}

/// A rule of a network, `compute.googleapis.com/firewall`; `None` where it is off or for traffic that goes out.
pub(super) fn of_network(row: &Resource) -> Option<Rule<'_>> {
    let properties = row.properties();
    let out = walk::text(properties, &["direction"]) == Some("EGRESS");
    if out || walk::is_set(properties, "disabled") {
        return None;
    }
    let (verdict, list) = match properties.get("denied").and_then(Value::as_array) {
        Some(denied) if !denied.is_empty() => (Verdict::Deny, "denied"),
        _ => (Verdict::Allow, "allowed"),
    };
    let ranges = walk::list(properties, "sourceRanges");
    let others = ["sourceTags", "sourceServiceAccounts"];
    let from_inside = others
        .iter()
        .any(|key| !walk::list(properties, key).is_empty());
    let (v4, v6) = if ranges.is_empty() && !from_inside {
        (Extent::All, Extent::Little)
    } else {
        extents(&ranges)
    };
    Some(Rule {
        row,
        field: format!("properties.{list}"),
        priority: properties
            .get("priority")
            .and_then(Value::as_i64)
            .unwrap_or(1_000),
        verdict,
        v4,
        v6,
        ports: ports(properties, list, "IPProtocol"),
        tags: walk::list(properties, "targetTags"),
        accounts: walk::list(properties, "targetServiceAccounts"),
        networks: Vec::new(),
    })
}

/// Rules of a firewall policy for traffic that comes in. Rules for secure tags are left out: which machine has such a
/// tag is not known.
pub(super) fn of_policy(row: &Resource) -> Vec<Rule<'_>> {
    let rules = walk::values(row.properties(), "rules.*").into_iter();
    rules
        .filter_map(|(at, rule)| {
            let out = walk::text(rule, &["direction"]) == Some("EGRESS");
            let tagged = !walk::values(rule, "targetSecureTags.*").is_empty();
            if out || tagged || walk::is_set(rule, "disabled") {
                return None;
            }
            let verdict = match walk::text(rule, &["action"])? {
                "allow" | "apply_security_profile_group" => Verdict::Allow,
                "deny" => Verdict::Deny,
                "goto_next" => Verdict::Next,
                _ => return None,
            };
            let (v4, v6) = extents(&walk::list(rule, "match.srcIpRanges"));
            Some(Rule {
                row,
                field: format!("properties.{at}"),
                priority: rule.get("priority").and_then(Value::as_i64)?,
                verdict,
                v4,
                v6,
                ports: ports(rule.get("match")?, "layer4Configs", "ipProtocol"),
                tags: Vec::new(),
                accounts: walk::list(rule, "targetServiceAccounts"),
                networks: walk::list(rule, "targetResources"),
            })
        })
        .collect()
}

/// TCP ports of a list of `{"IPProtocol": "tcp", "ports": ["22", "8000-8999"]}`.
fn ports(holder: &Value, list: &str, protocol: &str) -> Ports {
    let mut found = Vec::new();
    for (_, entry) in walk::values(holder, &format!("{list}.*")) {
        let spelt = walk::text(entry, &[protocol]).unwrap_or_default();
        if !["tcp", "6", "all"]
            .iter()
            .any(|one| spelt.eq_ignore_ascii_case(one))
        {
            continue;
        }
        let listed = walk::list(entry, "ports");
        if listed.is_empty() {
            return Ports::all();
        }
        found.extend(listed.into_iter().filter_map(range));
    }
    found.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (first, last) in found {
        match joined.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    Ports(joined)
}

fn range(spelt: &str) -> Option<(u32, u32)> {
    let (first, last) = spelt.split_once('-').unwrap_or((spelt, spelt));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last && last <= LAST_PORT).then_some((first, last))
}

/// How much of the internet a list of ranges is, by family.
pub(super) fn extents(ranges: &[&str]) -> (Extent, Extent) {
    let of = |family: Family| {
        let widest = ranges
            .iter()
            .filter(|range| range.contains(':') == (family == Family::V6))
            .filter_map(|range| prefix(range, family))
            .min();
        let halves = ["0.0.0.0/1", "128.0.0.0/1"];
        let both = family == Family::V4 && halves.iter().all(|half| ranges.contains(half));
        let broad = match family {
            Family::V4 => BROAD_V4,
            Family::V6 => BROAD_V6,
        };
        match widest {
            Some(0) => Extent::All,
            _ if both => Extent::All,
            Some(length) if length <= broad => Extent::Broad,
            _ => Extent::Little,
        }
    };
    (of(Family::V4), of(Family::V6))
}

/// Length of the prefix of a range that holds public addresses.
fn prefix(range: &str, family: Family) -> Option<u8> {
    let (network, length) = range.split_once('/')?;
    let length: u8 = length.parse().ok()?;
    // 10.0.0.0/8, 127.0.0.0/8, fc00::/7, fd00::/8 are not of the internet.
    let inside = match family {
        Family::V4 => {
            length > 0 && (network.starts_with("10.") || network.starts_with("127.")) && length >= 8
        }
        Family::V6 => {
            network.starts_with("fc") || network.starts_with("fd") || network.starts_with("fe")
        }
    };
    (!inside).then_some(length)
}

/// The rules that let the internet in, and the ports of each. `levels` are asked one after the other.
pub(super) fn open<'r, 'a>(
    levels: &[Vec<&'r Rule<'a>>],
    family: Family,
) -> Vec<(&'r Rule<'a>, Ports)> {
    let mut undecided = Ports::all();
    let mut found = Vec::new();
    for level in levels {
        let mut rules = level.clone();
        rules.sort_by_key(|rule| (rule.priority, rule.verdict));
        let mut here = undecided.clone();
        for rule in rules {
            let extent = rule.extent(family);
            if rule.verdict == Verdict::Allow && extent >= Extent::Broad {
                let opened = here.and(&rule.ports);
                if !opened.is_empty() {
                    found.push((rule, opened));
                }
            }
            if extent == Extent::All {
                here = here.without(&rule.ports);
                if rule.verdict != Verdict::Next {
                    undecided = undecided.without(&rule.ports);
                }
            }
        }
    }
    found
}
