//! Security groups, network ACLs and routes: what comes through to an interface in a subnet.

use std::collections::HashMap;

use serde_json::Value;
use stance_model::Resource;

use super::super::addresses;
use super::super::fields::{self, list, text};
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::super::rules::{self, Opening, Rule};
use super::{Names, last_part};
use crate::graph::Confidence;

const GROUP: &str = "aws::ec2::securitygroup";
const LAST_PORT: u128 = 65_535;

/// Rules by the short id of what they belong to, lower case.
#[derive(Debug)]
pub(super) struct Groups {
    /// Openings by security group.
    opened: HashMap<String, Opened>,
    /// Ports that the network ACL of a subnet lets in.
    lists: HashMap<String, Ports>,
    /// Whether a subnet has a route to an internet gateway, where that is known.
    routes: HashMap<String, bool>,
}

/// What a security group opens to callers by IPv4, and by either version.
#[derive(Debug)]
struct Opened {
    to_version_4: Vec<Opening>,
    to_either: Vec<Opening>,
}

/// What an interface says of itself.
#[derive(Debug)]
pub(super) struct Interface<'a> {
    pub(super) holder: &'a Resource,
    /// Ids of its security groups.
    pub(super) groups: Vec<String>,
    pub(super) subnet: Option<String>,
    /// Whether it has an IPv6 address too.
    pub(super) has_version_6: bool,
}

impl Groups {
    pub(super) fn of(names: &Names<'_>) -> Self {
        Self {
            opened: security_groups(names),
            lists: network_lists(names),
            routes: routes(names),
        }
    }

    /// What the internet reaches at an interface that has a public address.
    pub(super) fn openings(&self, interface: &Interface<'_>) -> (Vec<Opening>, Confidence) {
        let subnet = interface.subnet.as_deref().map(short);
        let route = subnet.as_ref().and_then(|subnet| self.routes.get(subnet));
        if route == Some(&false) {
            return (Vec::new(), Confidence::High);
        }
        let known: Vec<&Vec<Opening>> = interface
            .groups
            .iter()
            .filter_map(|group| self.opened.get(&short(group)))
            .map(|group| {
                if interface.has_version_6 {
                    &group.to_either
                } else {
                    &group.to_version_4
                }
            })
            .collect();
        let (mut openings, sure) = if known.is_empty() && !interface.groups.is_empty() {
            let opening = Opening {
                object: interface.holder.id.as_str().to_owned(),
                field: "properties.SecurityGroupIds".to_owned(),
                text: "has a public address; its security groups were not collected".to_owned(),
                ports: Ports::any(),
                confidence: Confidence::Medium,
            };
            (vec![opening], Confidence::Medium)
        } else {
            (
                known.into_iter().flatten().cloned().collect(),
                Confidence::High,
            )
        };
        if let Some(ports) = subnet.and_then(|subnet| self.lists.get(&subnet)) {
            for opening in &mut openings {
                opening.ports = opening.ports.and(ports);
            }
        }
        openings.retain(|opening| !opening.ports.is_empty());
        (openings, sure)
    }
}

/// The short id of a reference, lower case.
fn short(reference: &str) -> String {
    last_part(reference).to_lowercase()
}

fn security_groups(names: &Names<'_>) -> HashMap<String, Opened> {
    let mut written: HashMap<String, (&Resource, Vec<Rule>)> = HashMap::new();
    for group in names.of_type(GROUP) {
        let rules = list(&group.body, "properties.SecurityGroupIngress")
            .enumerate()
            .map(|(number, body)| rule(group, body, Some(number)))
            .collect();
        written.insert(short(group.id.as_str()), (group, rules));
    }
    for ingress in names.of_type("aws::ec2::securitygroupingress") {
        let group = short(text(&ingress.body, "properties.GroupId"));
        if let Some((_, rules)) = written.get_mut(&group) {
            rules.push(rule(ingress, ingress.properties(), None));
        }
    }
    let opened = written.into_iter().map(|(id, (group, rules))| {
        let together = Opening::together(group, "properties.SecurityGroupIngress");
        let opened = Opened {
            to_version_4: rules::openings(&rules, &together, &addresses::version_4()),
            to_either: rules::openings(&rules, &together, &addresses::any()),
        };
        (id, opened)
    });
    opened.collect()
}

/// A rule that lets in; security groups have no others.
fn rule(holder: &Resource, body: &Value, number: Option<usize>) -> Rule {
    let path = number.map_or_else(
        || "properties".to_owned(),
        |number| format!("properties.SecurityGroupIngress.{number}"),
    );
    let is_later = ["CidrIp", "CidrIpv6"]
        .iter()
        .any(|field| fields::is_unknown(holder, &format!("{path}.{field}")));
    let sources = ["CidrIp", "CidrIpv6"].map(|field| text(body, field));
    let source = sources.into_iter().find(|one| !one.is_empty());
    let protocol = fields::word(&body["IpProtocol"]);
    let ports = port_range(&body["FromPort"], &body["ToPort"]);
    let shown = Ports::of("tcp", ports.clone()).texts().join(",");
    let from = if is_later {
        "whom is known only after deployment"
    } else {
        source.unwrap_or("another group")
    };
    let field = match number {
        Some(number) if is_later => format!("properties.SecurityGroupIngress[{number}]"),
        Some(_) => format!("properties.SecurityGroupIngress[{protocol} {shown} {from}]"),
        None => path,
    };
    Rule {
        allows: true,
        sources: if is_later {
            addresses::any()
        } else {
            source.and_then(addresses::parse).unwrap_or_default()
        },
        ports: Ports::of(&protocol, ports),
        object: holder.id.as_str().to_owned(),
        field,
        text: format!("lets {from} in to {protocol} {shown}"),
        confidence: if is_later {
            Confidence::Medium
        } else {
            Confidence::High
        },
    }
}

/// Every port where none is named, or -1.
fn port_range(first: &Value, last: &Value) -> Ranges {
    match (fields::port(first), fields::port(last)) {
        (Some(first), Some(last)) => Ranges::one(first.into(), last.into()),
        _ => Ranges::one(0, LAST_PORT),
    }
}

/// Ports that the network ACL of each subnet lets in, of lists whose entries are known.
fn network_lists(names: &Names<'_>) -> HashMap<String, Ports> {
    let mut entries: HashMap<String, Vec<(i64, Rule)>> = HashMap::new();
    let mut subnets: Vec<(String, String)> = Vec::new();
    for one in names.of_type("aws::ec2::networkacl") {
        let id = short(one.id.as_str());
        for entry in list(&one.body, "properties.Entries") {
            entries
                .entry(id.clone())
                .or_default()
                .extend(entry_rule(one, entry));
        }
        for place in list(&one.body, "properties.Associations") {
            subnets.push((short(text(place, "SubnetId")), id.clone()));
        }
    }
    for entry in names.of_type("aws::ec2::networkaclentry") {
        let id = short(text(&entry.body, "properties.NetworkAclId"));
        entries
            .entry(id)
            .or_default()
            .extend(entry_rule(entry, entry.properties()));
    }
    for place in names.of_type("aws::ec2::subnetnetworkaclassociation") {
        let body = place.properties();
        subnets.push((
            short(text(body, "SubnetId")),
            short(text(body, "NetworkAclId")),
        ));
    }
    let mut open: HashMap<String, Ports> = HashMap::new();
    for (id, mut numbered) in entries {
        numbered.sort_by_key(|(number, _)| *number);
        let rules: Vec<Rule> = numbered.into_iter().map(|(_, rule)| rule).collect();
        open.insert(id, rules::open_ports(&rules, &addresses::version_4()));
    }
    let of_subnets = subnets
        .into_iter()
        .filter_map(|(subnet, id)| Some((subnet, open.get(&id)?.clone())));
    of_subnets.collect()
}

/// An inbound entry with its number.
fn entry_rule(holder: &Resource, entry: &Value) -> Option<(i64, Rule)> {
    if fields::is_true(&entry["Egress"]) {
        return None;
    }
    let sources = ["CidrBlock", "Ipv6CidrBlock"].map(|field| text(entry, field));
    let sources = sources.into_iter().find(|one| !one.is_empty())?;
    let number = entry["RuleNumber"].as_i64().unwrap_or(i64::MAX);
    let range = &entry["PortRange"];
    let rule = Rule {
        allows: text(entry, "RuleAction").eq_ignore_ascii_case("allow"),
        sources: addresses::parse(sources)?,
        ports: Ports::of(
            &fields::word(&entry["Protocol"]),
            port_range(&range["From"], &range["To"]),
        ),
        object: holder.id.as_str().to_owned(),
        field: format!("properties.Entries[{number}]"),
        text: String::new(),
        confidence: Confidence::High,
    };
    Some((number, rule))
}

/// Whether subnets have a route to the internet: by the table that is theirs, else the main one of their network.
fn routes(names: &Names<'_>) -> HashMap<String, bool> {
    let mut tables: HashMap<String, bool> = HashMap::new();
    let mut subnets: HashMap<String, String> = HashMap::new();
    let mut main: HashMap<String, String> = HashMap::new();
    for table in names.of_type("aws::ec2::routetable") {
        let id = short(table.id.as_str());
        let mut told = list(&table.body, "properties.Routes").peekable();
        if told.peek().is_some() {
            tables.insert(id.clone(), told.any(leads_out));
        }
        for place in list(&table.body, "properties.Associations") {
            let subnet = text(place, "SubnetId");
            if subnet.is_empty() {
                let network = short(text(&table.body, "properties.VpcId"));
                main.insert(network, id.clone());
            } else {
                subnets.insert(short(subnet), id.clone());
            }
        }
    }
    for route in names.of_type("aws::ec2::route") {
        let table = short(text(&route.body, "properties.RouteTableId"));
        *tables.entry(table).or_default() |= leads_out(route.properties());
    }
    for place in names.of_type("aws::ec2::subnetroutetableassociation") {
        let body = place.properties();
        subnets.insert(
            short(text(body, "SubnetId")),
            short(text(body, "RouteTableId")),
        );
    }
    for subnet in names.of_type("aws::ec2::subnet") {
        let network = short(text(&subnet.body, "properties.VpcId"));
        if let Some(table) = main.get(&network) {
            let id = short(subnet.id.as_str());
            subnets.entry(id).or_insert_with(|| table.clone());
        }
    }
    let known = subnets
        .into_iter()
        .filter_map(|(subnet, table)| Some((subnet, *tables.get(&table)?)));
    known.collect()
}

/// Whether a route sends everything to an internet gateway.
fn leads_out(route: &Value) -> bool {
    let all = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
        .iter()
        .any(|field| ["0.0.0.0/0", "::/0"].contains(&text(route, field)));
    let gateway = text(route, "GatewayId");
    let is_other = ["local", "vgw-", "vpce-"]
        .iter()
        .any(|kind| gateway.starts_with(kind));
    all && !gateway.is_empty() && !is_other
}
