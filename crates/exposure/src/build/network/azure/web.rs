//! App Service: web apps, function apps and their slots.

use stance_model::Resource;

use super::super::Context;
use super::super::fields::{self, Told, at, list, text, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::door::{LATER, Way};
use super::restrictions::{self, Place};
use crate::graph::Confidence;

const SITES: [&str; 2] = ["microsoft.web/sites", "microsoft.web/sites/slots"];
const SWITCH: &str = "properties.publicNetworkAccess";

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    for resource_type in SITES {
        for site in context.inventory.of_type(resource_type) {
            add_site(context, site, found);
        }
    }
}

fn add_site(context: &Context<'_>, site: &Resource, found: &mut Found) {
    let authentication = sign_in(context, site, found);
    let stopped = text(&site.body, "properties.state").eq_ignore_ascii_case("stopped");
    if stopped || fields::is_false(at(&site.body, "properties.enabled")) {
        return;
    }
    let Some(on) = is_on(site) else {
        return;
    };
    for way in through_restrictions(context, site, on, found) {
        found.entry(Entry {
            target: site.id.key(),
            evidence: way.evidence,
            confidence: way.confidence,
            ports: Ports::https(),
            authentication,
        });
    }
}

/// Whether the public entry is on. Where nobody says, an approved private endpoint switches it off.
fn is_on(site: &Resource) -> Option<Way> {
    let (text, mut confidence) = match told(site, SWITCH) {
        Told::Said(value) if fields::word(value) == "enabled" => (
            "publicNetworkAccess is Enabled".to_owned(),
            Confidence::High,
        ),
        Told::Said(_) => return None,
        Told::Unknown => (
            format!("publicNetworkAccess is {LATER}"),
            Confidence::Medium,
        ),
        Told::Absent if has_private_endpoint(site) => return None,
        Told::Absent => {
            let text = "publicNetworkAccess is not set, which leaves the public entry open";
            (text.to_owned(), Confidence::High)
        }
    };
    if fields::may_not_exist(site) {
        confidence = Confidence::Medium;
    }
    Some(Way {
        evidence: evidence(site, SWITCH, text),
        confidence,
    })
}

fn has_private_endpoint(site: &Resource) -> bool {
    list(&site.body, "properties.privateEndpointConnections").any(|one| {
        let state = "properties.privateLinkServiceConnectionState.status";
        text(one, state).eq_ignore_ascii_case("approved")
    })
}

fn through_restrictions(
    context: &Context<'_>,
    site: &Resource,
    on: Way,
    found: &mut Found,
) -> Vec<Way> {
    let place = restrictions_of(context, site);
    if let Told::Unknown = told(place.resource, place.list) {
        return vec![Way {
            confidence: Confidence::Medium,
            ..on
        }];
    }
    let Some(openings) = restrictions::openings(place) else {
        let default = config_path(place.list, "ipSecurityRestrictionsDefaultAction");
        let closed = text(&place.resource.body, &default).eq_ignore_ascii_case("deny");
        return if closed { Vec::new() } else { vec![on] };
    };
    if openings.is_empty() {
        found.allowed_addresses(site, &restrictions::admitted(place));
    }
    let ways = openings.into_iter().map(|opening| Way {
        evidence: opening.into_parts().0,
        confidence: on.confidence,
    });
    ways.collect()
}

/// Restrictions stand in the configuration that is a child, or in the site itself.
fn restrictions_of<'a>(context: &Context<'a>, site: &'a Resource) -> Place<'a> {
    const OWN: &str = "properties.siteConfig.ipSecurityRestrictions";
    const OF_CHILD: &str = "properties.ipSecurityRestrictions";
    let child =
        config(context, site, "web").filter(|child| !matches!(told(child, OF_CHILD), Told::Absent));
    let (resource, list) = match child {
        Some(child) => (child, OF_CHILD),
        None => (site, OWN),
    };
    let default = config_path(list, "ipSecurityRestrictionsDefaultAction");
    Place {
        resource,
        list,
        address: "ipAddress",
        otherwise_open: text(&resource.body, &default).eq_ignore_ascii_case("allow"),
    }
}

fn config_path(list: &str, name: &str) -> String {
    let parent = list.rsplit_once('.').map_or("", |(parent, _)| parent);
    format!("{parent}.{name}")
}

fn config<'a>(context: &Context<'a>, site: &Resource, name: &str) -> Option<&'a Resource> {
    let kind = format!("{}/config", site.resource_type);
    context.children(site, &kind).find(|child| {
        child
            .id
            .name()
            .unwrap_or_default()
            .eq_ignore_ascii_case(name)
    })
}

/// What the platform asks of callers; `None` where that is left to the application.
fn sign_in(context: &Context<'_>, site: &Resource, found: &mut Found) -> Option<Authentication> {
    if let Some(of_platform) = by_platform(context, site, found) {
        return Some(of_platform);
    }
    let kind = format!("{}/functions", site.resource_type);
    let mut weakest = None;
    for function in context.children(site, &kind) {
        for binding in list(&function.body, "properties.config.bindings") {
            if !text(binding, "type").eq_ignore_ascii_case("httpTrigger") {
                continue;
            }
            let level = text(binding, "authLevel").to_lowercase();
            let said = format!("authLevel is {level}");
            let why = evidence(function, "properties.config.bindings", said);
            if level == "anonymous" {
                found.fact(
                    "isUnauthenticated",
                    function.id.key(),
                    why.clone(),
                    Confidence::High,
                );
                found.fact("isUnauthenticated", site.id.key(), why, Confidence::High);
                weakest = Some(Authentication::Nothing);
            } else {
                found.fact(
                    "allowsBasicAuthentication",
                    site.id.key(),
                    why,
                    Confidence::High,
                );
                weakest = weakest.or(Some(Authentication::Key));
            }
        }
    }
    weakest
}

/// What App Service's own authentication asks. Where it is off the application may still ask by itself, hence Medium.
fn by_platform(
    context: &Context<'_>,
    site: &Resource,
    found: &mut Found,
) -> Option<Authentication> {
    let settings = config(context, site, "authsettingsV2")?;
    let body = settings.properties();
    let is_on = fields::is_true(at(body, "platform.enabled"));
    let action = text(body, "globalValidation.unauthenticatedClientAction");
    let required = fields::is_true(at(body, "globalValidation.requireAuthentication"));
    if is_on && required && !action.eq_ignore_ascii_case("allowanonymous") {
        return Some(Authentication::Entra);
    }
    let (field, said) = if is_on {
        (
            "properties.globalValidation.unauthenticatedClientAction",
            "callers without a sign-in are let through",
        )
    } else {
        (
            "properties.platform.enabled",
            "the platform asks for no sign-in",
        )
    };
    let why = evidence(settings, field, said);
    found.fact("isUnauthenticated", site.id.key(), why, Confidence::Medium);
    None
}
