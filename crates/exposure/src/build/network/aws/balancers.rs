//! Elastic load balancers that face the internet, and their targets.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use stance_model::Resource;

use super::super::fields::{self, list, text};
use super::super::found::{Entry, Found, Hop, evidence};
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::super::rules::Opening;
use super::Names;
use super::groups::{Groups, Interface};
use super::instances::texts;
use crate::graph::{Confidence, Evidence};

const BALANCER: &str = "aws::elasticloadbalancingv2::loadbalancer";
const TARGETS: &str = "aws::elasticloadbalancingv2::targetgroup";
const SCHEME: &str = "properties.Scheme";
const LISTENER: &str = "aws::elasticloadbalancingv2::listener";

pub(super) fn add(names: &Names<'_>, groups: &Groups, found: &mut Found) {
    let known = Parts::of(names);
    for balancer in names.of_type(BALANCER) {
        let scheme = text(&balancer.body, SCHEME);
        let is_later = fields::is_unknown(balancer, SCHEME);
        // Without a scheme it faces the internet.
        if !is_later && !scheme.is_empty() && !scheme.eq_ignore_ascii_case("internet-facing") {
            continue;
        }
        let listeners = of(&known.listeners, balancer);
        enter(balancer, listeners, groups, found);
        pass_on(names, &known, balancer, listeners, found);
    }
}

/// What belongs to balancers, listeners and target groups, by the id of those.
struct Parts<'a> {
    listeners: HashMap<String, Vec<&'a Resource>>,
    rules: HashMap<String, Vec<&'a Resource>>,
    /// Target groups that name their balancers themselves.
    groups: HashMap<String, Vec<&'a Resource>>,
    services: HashMap<String, Vec<&'a Resource>>,
}

impl<'a> Parts<'a> {
    fn of(names: &Names<'a>) -> Self {
        let mut groups: HashMap<String, Vec<&Resource>> = HashMap::new();
        for group in names.of_type(TARGETS) {
            for arn in texts(group.properties(), "LoadBalancerArns") {
                groups.entry(arn.to_lowercase()).or_default().push(group);
            }
        }
        let mut services: HashMap<String, Vec<&Resource>> = HashMap::new();
        for service in names.of_type("aws::ecs::service") {
            for one in list(&service.body, "properties.LoadBalancers") {
                if let Some(group) = names.find(service, TARGETS, text(one, "TargetGroupArn")) {
                    services.entry(group.id.key()).or_default().push(service);
                }
            }
        }
        Self {
            listeners: names.grouped(LISTENER, |one| {
                names.find(one, BALANCER, text(&one.body, "properties.LoadBalancerArn"))
            }),
            rules: names.grouped("aws::elasticloadbalancingv2::listenerrule", |one| {
                names.find(one, LISTENER, text(&one.body, "properties.ListenerArn"))
            }),
            groups,
            services,
        }
    }
}

fn of<'b, 'a>(
    parts: &'b HashMap<String, Vec<&'a Resource>>,
    owner: &Resource,
) -> &'b [&'a Resource] {
    parts.get(&owner.id.key()).map_or(&[], Vec::as_slice)
}

fn enter(balancer: &Resource, listeners: &[&Resource], groups: &Groups, found: &mut Found) {
    let heard = listeners.iter().fold(Ports::default(), |sum, one| {
        let port = fields::port(&one.properties()["Port"]);
        let range = port.map(|port| Ranges::one(port.into(), port.into()));
        let protocol = text(&one.body, "properties.Protocol");
        sum.or(&Ports::of(protocol, range.unwrap_or_default()))
    });
    let signs_in = |action: &Value| text(action, "Type").starts_with("authenticate-");
    let asks = !listeners.is_empty()
        && listeners
            .iter()
            .all(|one| list(&one.body, "properties.DefaultActions").any(signs_in));
    let interface = Interface {
        holder: balancer,
        groups: texts(balancer.properties(), "SecurityGroups"),
        subnet: None,
        has_version_6: text(&balancer.body, "properties.IpAddressType").starts_with("dualstack"),
    };
    let facing = evidence(balancer, SCHEME, "faces the internet");
    let (ways, mut sure): (Vec<(Evidence, Ports, Confidence)>, _) = if interface.groups.is_empty() {
        (
            vec![(facing, Ports::any(), Confidence::High)],
            Confidence::High,
        )
    } else {
        let (openings, sure) = groups.openings(&interface);
        let ways = openings.into_iter().map(Opening::into_parts);
        (ways.collect(), sure)
    };
    if listeners.is_empty() || fields::is_unknown(balancer, SCHEME) {
        sure = Confidence::Medium;
    }
    for (evidence, ports, confidence) in ways {
        let sure = sure.min(confidence);
        let ports = if listeners.is_empty() {
            ports
        } else {
            ports.and(&heard)
        };
        if ports.is_empty() {
            continue;
        }
        found.entry(Entry {
            target: balancer.id.key(),
            evidence,
            confidence: if asks {
                sure.min(Confidence::Medium)
            } else {
                sure
            },
            ports,
            authentication: None,
        });
    }
}

/// Hops to the members of every target group that a listener or rule of the balancer names.
fn pass_on<'a>(
    names: &Names<'a>,
    known: &Parts<'a>,
    balancer: &'a Resource,
    listeners: &[&'a Resource],
    found: &mut Found,
) {
    let mut groups: BTreeMap<String, &Resource> = BTreeMap::new();
    let mut take = |actions: &Value| {
        for arn in targets_of(actions) {
            if let Some(group) = names.find(balancer, TARGETS, &arn) {
                groups.insert(group.id.key(), group);
            }
        }
    };
    for listener in listeners {
        take(&listener.properties()["DefaultActions"]);
        for rule in of(&known.rules, listener) {
            take(&rule.properties()["Actions"]);
        }
    }
    for group in of(&known.groups, balancer) {
        groups.insert(group.id.key(), group);
    }
    for group in groups.into_values() {
        pass_to_members(names, balancer, group, of(&known.services, group), found);
    }
}

fn targets_of(actions: &Value) -> Vec<String> {
    let mut named = Vec::new();
    for action in actions.as_array().into_iter().flatten() {
        named.push(text(action, "TargetGroupArn").to_owned());
        let several = list(action, "ForwardConfig.TargetGroups");
        named.extend(several.map(|one| text(one, "TargetGroupArn").to_owned()));
    }
    named.retain(|arn| !arn.is_empty());
    named
}

fn pass_to_members<'a>(
    names: &Names<'a>,
    balancer: &Resource,
    group: &'a Resource,
    services: &[&Resource],
    found: &mut Found,
) {
    let mut hop = |target: &Resource, why: Evidence| {
        let port = fields::port(&group.properties()["Port"]);
        found.hop(Hop {
            source: balancer.id.key(),
            target: target.id.key(),
            evidence: why,
            confidence: Confidence::High,
            ports: port.map_or_else(Ports::default, Ports::tcp),
            passes_on: true,
        });
    };
    for member in list(&group.body, "properties.Targets") {
        let id = text(member, "Id");
        let target = names
            .find(group, "aws::ec2::instance", id)
            .or_else(|| names.function(group, id));
        if let Some(target) = target {
            hop(
                target,
                evidence(group, "properties.Targets", format!("target {id}")),
            );
        }
    }
    for service in services {
        hop(
            service,
            evidence(service, "properties.LoadBalancers", "is a target"),
        );
    }
}
