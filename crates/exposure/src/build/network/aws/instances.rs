//! EC2 instances and ECS services with public addresses.

use serde_json::Value;
use stance_model::{Origin, Resource};

use super::super::fields::{is_true, list, text};
use super::super::found::{Entry, Found};
use super::groups::{Groups, Interface};
use super::{Names, last_part};

pub(super) fn add(names: &Names<'_>, groups: &Groups, found: &mut Found) {
    let elastic: Vec<String> = names
        .of_type("aws::ec2::eip")
        .map(|address| last_part(text(&address.body, "properties.InstanceId")).to_lowercase())
        .filter(|instance| !instance.is_empty())
        .collect();
    for instance in names.of_type("aws::ec2::instance") {
        let state = text(&instance.body, "properties.State.Name");
        if !state.is_empty() && state != "running" {
            continue;
        }
        for interface in interfaces(names, instance, &elastic) {
            enter(groups, &interface, found);
        }
    }
    for service in names.of_type("aws::ecs::service") {
        let network = &service.properties()["NetworkConfiguration"];
        let network = match &network["AwsvpcConfiguration"] {
            Value::Null => &network["awsvpcConfiguration"],
            network => network,
        };
        if !text(network, "AssignPublicIp").eq_ignore_ascii_case("enabled") {
            continue;
        }
        let subnet = list(network, "Subnets").find_map(Value::as_str);
        let interface = Interface {
            holder: service,
            groups: texts(network, "SecurityGroups"),
            subnet: subnet.map(str::to_owned),
            has_version_6: false,
        };
        enter(groups, &interface, found);
    }
}

fn enter(groups: &Groups, interface: &Interface<'_>, found: &mut Found) {
    let (openings, sure) = groups.openings(interface);
    for opening in openings {
        let (evidence, ports, confidence) = opening.into_parts();
        found.entry(Entry {
            target: interface.holder.id.key(),
            evidence,
            confidence: sure.min(confidence),
            ports,
            authentication: None,
        });
    }
}

/// Interfaces of an instance that have a public address.
fn interfaces<'a>(
    names: &Names<'a>,
    instance: &'a Resource,
    elastic: &[String],
) -> Vec<Interface<'a>> {
    let body = instance.properties();
    let id = last_part(instance.id.as_str()).to_lowercase();
    let own_groups = group_ids(body);
    let subnet = text(body, "SubnetId").to_owned();
    let whole = !text(body, "PublicIpAddress").is_empty() || elastic.contains(&id);
    let mut found = Vec::new();
    for card in list(body, "NetworkInterfaces") {
        let has_address = !text(card, "Association.PublicIp").is_empty()
            || is_true(&card["AssociatePublicIpAddress"]);
        if !has_address {
            continue;
        }
        let mut groups = texts(card, "GroupSet");
        groups.extend(list(card, "Groups").map(|one| text(one, "GroupId").to_owned()));
        if groups.is_empty() {
            groups.clone_from(&own_groups);
        }
        let own = text(card, "SubnetId");
        found.push(Interface {
            holder: instance,
            groups,
            subnet: Some(if own.is_empty() { &subnet } else { own }.to_owned()),
            has_version_6: has_version_6(card),
        });
    }
    if found.is_empty() && (whole || gets_one(names, instance, &subnet)) {
        found.push(Interface {
            holder: instance,
            groups: own_groups,
            subnet: Some(subnet),
            has_version_6: has_version_6(body),
        });
    }
    found
}

fn has_version_6(body: &Value) -> bool {
    let counted = body["Ipv6AddressCount"]
        .as_u64()
        .is_some_and(|count| count > 0);
    counted || list(body, "Ipv6Addresses").next().is_some()
}

/// Whether a declared instance will get an address because its subnet gives one.
fn gets_one<'a>(names: &Names<'a>, instance: &'a Resource, subnet: &str) -> bool {
    if instance.origin != Origin::Template
        || list(instance.properties(), "NetworkInterfaces")
            .next()
            .is_some()
    {
        return false;
    }
    let subnet = names.find(instance, "aws::ec2::subnet", subnet);
    subnet.is_some_and(|one| is_true(&one.properties()["MapPublicIpOnLaunch"]))
}

fn group_ids(body: &Value) -> Vec<String> {
    let mut groups = texts(body, "SecurityGroupIds");
    for one in list(body, "SecurityGroups") {
        let id = one.as_str().unwrap_or_else(|| text(one, "GroupId"));
        groups.push(id.to_owned());
    }
    groups
}

/// Texts of a list.
pub(super) fn texts(body: &Value, field: &str) -> Vec<String> {
    let texts = list(body, field).filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
