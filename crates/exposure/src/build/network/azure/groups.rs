//! Network security groups: their rules as the firewall model has them, and which group guards what.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use stance_model::Resource;

use super::super::addresses;
use super::super::fields::{self, list, text};
use super::super::ports::{self, Ports};
use super::super::ranges::Ranges;
use super::super::rules::{self, Opening, Rule};
use crate::graph::Confidence;
use crate::inventory::Inventory;

const GROUP: &str = "microsoft.network/networksecuritygroups";
const RULE: &str = "microsoft.network/networksecuritygroups/securityrules";

/// A network interface of a machine, as far as security groups care.
#[derive(Debug, Clone, Default)]
pub(super) struct Destination {
    /// Private addresses; empty where they are not known.
    pub(super) addresses: Vec<String>,
    /// Application security groups it is in, lower case.
    pub(super) application_groups: Vec<String>,
    /// Who can send to its public address: IPv4 or IPv6.
    pub(super) callers: Ranges,
}

/// What groups leave open.
#[derive(Debug)]
pub(super) enum Verdict {
    /// No group stands before it.
    NoGroup,
    /// These ports are open, perhaps none.
    Open(Vec<Opening>, Confidence),
}

/// The groups of an inventory.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    by_id: BTreeMap<String, Group<'a>>,
    /// Group by subnet, lower case.
    of_subnets: HashMap<String, String>,
    of_interfaces: HashMap<String, String>,
}

#[derive(Debug)]
struct Group<'a> {
    resource: &'a Resource,
    /// By priority.
    rules: Vec<(i64, Written<'a>)>,
}

/// A rule as it stands in a group or as a resource of its own.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    body: &'a Value,
    name: &'a str,
    /// The resource that it is or stands in.
    holder: &'a Resource,
    /// Its number in the list of its group; `None` where it is a resource of its own.
    number: Option<usize>,
}

impl Written<'_> {
    fn is_unknown(&self, field: &str) -> bool {
        let path = match self.number {
            Some(number) => format!("properties.securityRules.{number}.properties.{field}"),
            None => format!("properties.{field}"),
        };
        fields::is_unknown(self.holder, &path)
    }

    fn are_unknown(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.is_unknown(field))
    }

    /// The rule, as far as it is about a destination.
    fn read(&self, destination: &Destination) -> Option<Rule> {
        let body = &self.body["properties"];
        let from_later = self.are_unknown(&["sourceAddressPrefix", "sourceAddressPrefixes"]);
        let to_later = self.are_unknown(&["destinationPortRange", "destinationPortRanges"]);
        let access_later = self.is_unknown("access");
        let is_later = from_later || to_later || access_later || self.is_unknown("protocol");
        let allows = access_later || text(body, "access").eq_ignore_ascii_case("allow");
        // A refusal of some source ports, or of nobody knows what, leaves the rest open.
        let is_partial = is_later || values(body, "sourcePort", "Range").any(|one| one != "*");
        if (!allows && is_partial) || !is_for(body, destination) {
            return None;
        }
        let sources = values(body, "sourceAddress", "Prefix").filter_map(addresses::parse);
        let ranges = values(body, "destinationPort", "Range").filter_map(ports::parse);
        let protocol = if self.is_unknown("protocol") {
            "*"
        } else {
            text(body, "protocol")
        };
        let ports = if to_later {
            Ports::any()
        } else {
            Ports::of(protocol, union(ranges))
        };
        let from: Vec<&str> = values(body, "sourceAddress", "Prefix").take(5).collect();
        let to: Vec<&str> = values(body, "destinationPort", "Range").take(5).collect();
        let (name, from, to) = (self.name, from.join(", "), to.join(", "));
        Some(Rule {
            allows,
            sources: if from_later {
                addresses::any()
            } else {
                union(sources)
            },
            ports,
            object: self.holder.id.as_str().to_owned(),
            field: match self.number {
                Some(_) => format!("properties.securityRules[{name}]"),
                None => "properties".to_owned(),
            },
            text: if is_later {
                format!("rule {name}, a part of which is known only after deployment")
            } else {
                format!("rule {name} allows {from} to port {to}")
            },
            confidence: if is_later {
                Confidence::Medium
            } else {
                Confidence::High
            },
        })
    }
}

impl<'a> Groups<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut all = Self::default();
        for resource in inventory.of_type(GROUP) {
            all.take(resource);
        }
        for resource in inventory.of_type(RULE) {
            let Some(parent) = resource.parent() else {
                continue;
            };
            if let Some(group) = all.by_id.get_mut(&parent.key()) {
                group.add(Written {
                    body: &resource.body,
                    name: resource.name(),
                    holder: resource,
                    number: None,
                });
            }
        }
        for group in all.by_id.values_mut() {
            group.rules.sort_by_key(|(priority, _)| *priority);
        }
        all.take_subnets(inventory);
        all
    }

    fn take(&mut self, resource: &'a Resource) {
        let mut group = Group {
            resource,
            rules: Vec::new(),
        };
        let listed = list(&resource.body, "properties.securityRules").enumerate();
        for (number, rule) in listed {
            group.add(Written {
                body: rule,
                name: text(rule, "name"),
                holder: resource,
                number: Some(number),
            });
        }
        let key = resource.id.key();
        let sides = [
            ("properties.subnets", &mut self.of_subnets),
            ("properties.networkInterfaces", &mut self.of_interfaces),
        ];
        for (field, side) in sides {
            for one in list(&resource.body, field) {
                side.insert(text(one, "id").to_lowercase(), key.clone());
            }
        }
        self.by_id.insert(key, group);
    }

    fn take_subnets(&mut self, inventory: &Inventory) {
        for network in inventory.of_type("microsoft.network/virtualnetworks") {
            for subnet in list(&network.body, "properties.subnets") {
                let name = text(subnet, "name").to_lowercase();
                let id = match text(subnet, "id") {
                    "" => format!("{}/subnets/{name}", network.id.key()),
                    id => id.to_lowercase(),
                };
                self.take_subnet(id, subnet);
            }
        }
        for subnet in inventory.of_type("microsoft.network/virtualnetworks/subnets") {
            self.take_subnet(subnet.id.key(), &subnet.body);
        }
    }

    fn take_subnet(&mut self, id: String, subnet: &Value) {
        if let Some(group) = fields::reference(subnet, "properties.networkSecurityGroup") {
            self.of_subnets.insert(id, group);
        }
    }

    /// What the groups of an interface and of its subnet both let in from the internet.
    pub(super) fn verdict(
        &self,
        own_group: Option<&str>,
        interface: &Resource,
        subnet: Option<&str>,
        destination: &Destination,
    ) -> Verdict {
        let named = || self.of_interfaces.get(&interface.id.key());
        let own = own_group.or_else(|| named().map(String::as_str));
        let of_subnet = subnet.and_then(|subnet| self.of_subnets.get(subnet));
        let named: Vec<&str> = own
            .into_iter()
            .chain(of_subnet.map(String::as_str))
            .collect();
        if named.is_empty() {
            return Verdict::NoGroup;
        }
        let mut sure = Confidence::High;
        let mut open: Option<Vec<Opening>> = None;
        for name in named {
            let Some(group) = self.by_id.get(name) else {
                sure = Confidence::Medium;
                continue;
            };
            let openings = group.openings(destination);
            open = Some(match open {
                None => openings,
                Some(before) => common(before, &openings),
            });
        }
        let not_collected = || Opening {
            object: interface.id.as_str().to_owned(),
            field: "properties.networkSecurityGroup".to_owned(),
            text: "has a public address; its security group was not collected".to_owned(),
            ports: Ports::any(),
            confidence: Confidence::Medium,
        };
        Verdict::Open(open.unwrap_or_else(|| vec![not_collected()]), sure)
    }
}

/// Openings as far as another group opens the same ports; only likely where that is only likely.
fn common(openings: Vec<Opening>, others: &[Opening]) -> Vec<Opening> {
    let sure = rules::all_ports(others, Confidence::High);
    let likely = rules::all_ports(others, Confidence::Low).without(&sure);
    let mut cut = Vec::new();
    for opening in openings {
        for (ports, at_most) in [(&sure, Confidence::High), (&likely, Confidence::Medium)] {
            cut.push(Opening {
                ports: opening.ports.and(ports),
                confidence: opening.confidence.min(at_most),
                ..opening.clone()
            });
        }
    }
    cut.retain(|opening| !opening.ports.is_empty());
    cut
}

impl<'a> Group<'a> {
    fn add(&mut self, rule: Written<'a>) {
        let priority = fields::at(rule.body, "properties.priority").as_i64();
        let inbound = text(rule.body, "properties.direction").eq_ignore_ascii_case("inbound");
        let known =
            !rule.name.is_empty() && self.rules.iter().any(|(_, one)| one.name == rule.name);
        if inbound && !known {
            self.rules.push((priority.unwrap_or(i64::MAX), rule));
        }
    }

    fn openings(&self, destination: &Destination) -> Vec<Opening> {
        let rules: Vec<Rule> = self
            .rules
            .iter()
            .filter_map(|(_, rule)| rule.read(destination))
            .collect();
        let together = Opening::together(self.resource, "properties.securityRules");
        rules::openings(&rules, &together, &destination.callers)
    }
}

fn union(sets: impl Iterator<Item = Ranges>) -> Ranges {
    sets.fold(Ranges::default(), |sum, one| sum.or(&one))
}

/// `sourceAddressPrefix` and the items of `sourceAddressPrefixes`, and likewise for ports.
fn values<'a>(body: &'a Value, stem: &str, what: &str) -> impl Iterator<Item = &'a str> {
    let one = body[format!("{stem}{what}")].as_str();
    let plural = if what == "Prefix" {
        "Prefixes"
    } else {
        "Ranges"
    };
    let several = body[format!("{stem}{plural}")].as_array();
    let several = several.into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(several).filter(|one| !one.is_empty())
}

/// Whether a rule is about that destination.
fn is_for(body: &Value, destination: &Destination) -> bool {
    let mut groups = list(body, "destinationApplicationSecurityGroups").peekable();
    if groups.peek().is_some() {
        return groups.any(|group| {
            let id = text(group, "id").to_lowercase();
            destination.application_groups.contains(&id)
        });
    }
    let mut prefixes = values(body, "destinationAddress", "Prefix").peekable();
    if prefixes.peek().is_none() || destination.addresses.is_empty() {
        return true;
    }
    prefixes.any(|prefix| {
        if prefix.eq_ignore_ascii_case("virtualnetwork") {
            return true;
        }
        let Some(set) = addresses::parse(prefix) else {
            return false;
        };
        destination
            .addresses
            .iter()
            .filter_map(|address| addresses::parse(address))
            .any(|address| !set.and(&address).is_empty())
    })
}
