//! Whether the public entry of a managed service is open, by its row in the table.

use stance_model::Resource;

use super::super::Context;
use super::super::fields::{self, Told, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::door::{self, LATER, Way};
use super::row::{Service, Switch, WeakerSignIn};
use super::services::SERVICES;
use crate::graph::Confidence;

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    for service in SERVICES {
        for resource in context.inventory.of_type(service.resource_type) {
            add_one(context, service, resource, found);
        }
    }
}

fn add_one(context: &Context<'_>, service: &Service, resource: &Resource, found: &mut Found) {
    let authentication = sign_in(service, resource, found);
    let Some(switch) = entry_is_on(context, service.switches, resource) else {
        return;
    };
    let mut door = door::behind(context, service.rules, resource, switch.clone());
    if !door.ways.is_empty() {
        let narrowed = door::behind(context, service.narrowed_by, resource, switch);
        if narrowed.ways.is_empty() {
            door = narrowed;
        }
    }
    if door.ways.is_empty() && !door.admitted.is_empty() {
        found.allowed_addresses(resource, &door.admitted);
    }
    for mut way in door.ways {
        if let Some(limit) = service.not_collected {
            way.confidence = way.confidence.min(Confidence::Medium);
            way.evidence.text = format!("{}; {limit}", way.evidence.text);
        }
        if fields::may_not_exist(resource) {
            way.confidence = way.confidence.min(Confidence::Medium);
        }
        found.entry(Entry {
            target: resource.id.key(),
            evidence: way.evidence,
            confidence: way.confidence,
            ports: Ports::tcp(service.port),
            authentication,
        });
    }
}

/// The weakest that suffices; says of the node that keys, passwords or nothing do.
fn sign_in(service: &Service, resource: &Resource, found: &mut Found) -> Option<Authentication> {
    let mut weakest = None;
    for weaker in service.weaker {
        let Some(way) = suffices(resource, weaker) else {
            continue;
        };
        let node = resource.id.key();
        let name = match weaker.kind {
            Authentication::Nothing if service.is_endpoint => "isUnauthenticated",
            Authentication::Nothing => "allowsPublicAccess",
            _ => "allowsBasicAuthentication",
        };
        found.fact(name, node, way.evidence, way.confidence);
        weakest = weakest.or(Some(weaker.kind));
    }
    weakest.or(service.otherwise)
}

fn suffices(resource: &Resource, weaker: &WeakerSignIn) -> Option<Way> {
    let name = short(weaker.field);
    let (text, confidence) = match told(resource, weaker.field) {
        Told::Said(value) if weaker.when.contains(&fields::word(value).as_str()) => (
            format!("{name} is {}", fields::plain(value)),
            Confidence::High,
        ),
        Told::Unknown => (format!("{name} is {LATER}"), Confidence::Medium),
        Told::Absent if weaker.when_absent => (
            format!("{name} is not set, and is on by default"),
            Confidence::High,
        ),
        _ => return None,
    };
    let text = if weaker.when == ["false"] && matches!(told(resource, weaker.field), Told::Absent) {
        format!("{name} is not set, and is false by default")
    } else {
        text
    };
    Some(Way {
        evidence: evidence(resource, weaker.field, text),
        confidence,
    })
}

/// What switches the public entry on; `None` where any switch is off.
pub(super) fn entry_is_on(
    context: &Context<'_>,
    switches: &[Switch],
    resource: &Resource,
) -> Option<Way> {
    let mut first: Option<Way> = None;
    for switch in switches {
        let holder = if switch.of_parent {
            context.inventory.get(&resource.parent()?.key())?
        } else {
            resource
        };
        let name = short(switch.field);
        let (text, confidence) = match told(holder, switch.field) {
            Told::Said(value) if switch.open.contains(&fields::word(value).as_str()) => (
                format!("{name} is {}", fields::plain(value)),
                Confidence::High,
            ),
            Told::Unknown => (format!("{name} is {LATER}"), Confidence::Medium),
            Told::Absent if switch.when_absent => (
                format!("{name} is not set, which leaves the public entry open"),
                Confidence::High,
            ),
            Told::Said(_) | Told::Absent => return None,
        };
        let sure = first.as_ref().map_or(confidence, |way| way.confidence);
        let way = first.get_or_insert_with(|| Way {
            evidence: evidence(holder, switch.field, text),
            confidence,
        });
        way.confidence = sure.min(confidence);
    }
    first
}

/// The last part of a path.
pub(super) fn short(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
