//! Azure Front Door: enabled endpoints and the origins behind them.

use super::super::Context;
use super::super::fields::{list, reference, text};
use super::super::found::{Entry, Found, evidence};
use super::super::ports::Ports;
use super::balancers::passing;
use crate::graph::Confidence;

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    add_profiles(context, found);
    add_classic(context, found);
}

/// Azure Front Door of the profiles of the content delivery network.
fn add_profiles(context: &Context<'_>, found: &mut Found) {
    for endpoint in context
        .inventory
        .of_type("microsoft.cdn/profiles/afdendpoints")
    {
        let state = text(&endpoint.body, "properties.enabledState");
        let Some(profile) = endpoint.parent() else {
            continue;
        };
        if state.eq_ignore_ascii_case("disabled") {
            continue;
        }
        found.entry(Entry {
            target: profile.key(),
            evidence: evidence(
                endpoint,
                "properties.enabledState",
                "the endpoint is enabled",
            ),
            confidence: Confidence::High,
            ports: Ports::tcp(80).or(&Ports::https()),
            authentication: None,
        });
    }
    for origin in context
        .inventory
        .of_type("microsoft.cdn/profiles/origingroups/origins")
    {
        let host = text(&origin.body, "properties.hostName");
        let profile = origin.parent().and_then(|group| group.parent());
        let target = reference(&origin.body, "properties.azureOrigin")
            .filter(|id| context.inventory.get(id).is_some())
            .or_else(|| context.hosts.find(host).map(str::to_owned));
        let off = text(&origin.body, "properties.enabledState").eq_ignore_ascii_case("disabled");
        if let (Some(profile), Some(target), false) = (profile, target, off) {
            let why = evidence(origin, "properties.hostName", format!("origin {host}"));
            found.hop(passing(profile.key(), target, why));
        }
    }
}

/// Front Door (classic).
fn add_classic(context: &Context<'_>, found: &mut Found) {
    for door in context.inventory.of_type("microsoft.network/frontdoors") {
        if text(&door.body, "properties.enabledState").eq_ignore_ascii_case("disabled") {
            continue;
        }
        found.entry(Entry {
            target: door.id.key(),
            evidence: evidence(door, "properties.enabledState", "Front Door is enabled"),
            confidence: Confidence::High,
            ports: Ports::tcp(80).or(&Ports::https()),
            authentication: None,
        });
        for pool in list(&door.body, "properties.backendPools") {
            for backend in list(pool, "properties.backends") {
                let host = text(backend, "address");
                if let Some(target) = context.hosts.find(host) {
                    let field = format!("properties.backendPools[{}]", text(pool, "name"));
                    let why = evidence(door, field, format!("backend {host}"));
                    found.hop(passing(door.id.key(), target.to_owned(), why));
                }
            }
        }
    }
}
