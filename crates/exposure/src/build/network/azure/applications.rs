//! Container Apps, container instances, Logic Apps, and computes of Azure Machine Learning.

use stance_model::Resource;

use super::super::Context;
use super::super::addresses;
use super::super::fields::{self, Told, at, list, reference, text, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::door::LATER;
use super::restrictions::{self, Place};
use crate::graph::{Confidence, Evidence};

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    let inventory = context.inventory;
    for app in inventory.of_type("microsoft.app/containerapps") {
        add_container_app(context, app, found);
    }
    for group in inventory.of_type("microsoft.containerinstance/containergroups") {
        add_container_group(group, found);
    }
    for workflow in inventory.of_type("microsoft.logic/workflows") {
        add_workflow(workflow, found);
    }
    for compute in inventory.of_type("microsoft.machinelearningservices/workspaces/computes") {
        add_compute(compute, found);
    }
}

/// A truth at a path as evidence of being open; `None` where it is false or absent.
fn truth(resource: &Resource, field: &str) -> Option<(Evidence, Confidence)> {
    let (said, sure) = match told(resource, field) {
        Told::Said(value) if fields::is_true(value) => ("is true", Confidence::High),
        Told::Unknown => (LATER, Confidence::Medium),
        Told::Said(_) | Told::Absent => return None,
    };
    Some((evidence(resource, field, format!("{field} {said}")), sure))
}

fn add_container_app(context: &Context<'_>, app: &Resource, found: &mut Found) {
    const INGRESS: &str = "properties.configuration.ingress";
    let authentication = container_app_sign_in(context, app, found);
    let Some((why, sure)) = truth(app, &format!("{INGRESS}.external")) else {
        return;
    };
    let environment = [
        "properties.managedEnvironmentId",
        "properties.environmentId",
    ]
    .iter()
    .map(|field| text(&app.body, field))
    .find_map(|id| context.inventory.get(&id.to_lowercase()));
    if environment.is_some_and(is_internal) {
        return;
    }
    let field = format!("{INGRESS}.ipSecurityRestrictions");
    let denies = |item| text(item, "action").eq_ignore_ascii_case("deny");
    let place = Place {
        resource: app,
        list: &field,
        address: "ipAddressRange",
        // All rules are of one kind; refusals alone leave everybody else in.
        otherwise_open: list(&app.body, &field).all(denies),
    };
    let ports = Ports::tcp(80).or(&Ports::https());
    let mut enter = |evidence: Evidence| {
        found.entry(Entry {
            target: app.id.key(),
            evidence,
            confidence: sure,
            ports: ports.clone(),
            authentication,
        });
    };
    match restrictions::openings(place) {
        None => enter(why),
        Some(openings) if openings.is_empty() => {
            found.allowed_addresses(app, &restrictions::admitted(place));
        }
        Some(openings) => openings
            .into_iter()
            .for_each(|opening| enter(opening.into_parts().0)),
    }
}

/// Whether an environment has no address on the internet.
fn is_internal(environment: &Resource) -> bool {
    let internal = at(&environment.body, "properties.vnetConfiguration.internal");
    let access = text(&environment.body, "properties.publicNetworkAccess");
    fields::is_true(internal) || access.eq_ignore_ascii_case("disabled")
}

fn container_app_sign_in(
    context: &Context<'_>,
    app: &Resource,
    found: &mut Found,
) -> Option<Authentication> {
    let kind = "microsoft.app/containerapps/authconfigs";
    let settings = context.children(app, kind).next()?;
    let body = settings.properties();
    let action = text(body, "globalValidation.unauthenticatedClientAction");
    if fields::is_true(at(body, "platform.enabled"))
        && !action.eq_ignore_ascii_case("allowanonymous")
    {
        return Some(Authentication::Entra);
    }
    // The application may ask by itself.
    let field = "properties.globalValidation.unauthenticatedClientAction";
    let why = evidence(
        settings,
        field,
        "the platform lets callers through without sign-in",
    );
    found.fact("isUnauthenticated", app.id.key(), why, Confidence::Medium);
    None
}

fn add_container_group(group: &Resource, found: &mut Found) {
    const TYPE: &str = "properties.ipAddress.type";
    let sure = match told(group, TYPE) {
        Told::Said(value) if fields::word(value) == "public" => Confidence::High,
        Told::Unknown => Confidence::Medium,
        Told::Said(_) | Told::Absent => return,
    };
    let open = list(&group.body, "properties.ipAddress.ports");
    let ports = open.fold(Ports::default(), |sum, one| {
        let protocol = match text(one, "protocol") {
            "" => "tcp",
            protocol => protocol,
        };
        let range = fields::port(&one["port"])
            .map(|port| Ranges::one(port.into(), port.into()))
            .unwrap_or_default();
        sum.or(&Ports::of(protocol, range))
    });
    found.entry(Entry {
        target: group.id.key(),
        evidence: evidence(
            group,
            TYPE,
            "has a public address; no security group can stand before it",
        ),
        confidence: sure,
        ports,
        authentication: None,
    });
}

/// Workflows that an HTTP request starts. Their address carries a signature, which is a shared key.
fn add_workflow(workflow: &Resource, found: &mut Found) {
    let triggers = at(&workflow.body, "properties.definition.triggers");
    let is_request = |one: &serde_json::Value| text(one, "type").eq_ignore_ascii_case("request");
    let Some((name, _)) = triggers
        .as_object()
        .and_then(|all| all.iter().find(|(_, one)| is_request(one)))
    else {
        return;
    };
    let no_key = "properties.accessControl.triggers.sasAuthenticationPolicy.state";
    let by_key = !text(&workflow.body, no_key).eq_ignore_ascii_case("disabled");
    let node = workflow.id.key();
    let field = format!("properties.definition.triggers.{name}");
    if by_key {
        let said = "the signature in its address suffices to call it";
        let why = evidence(workflow, no_key, said);
        found.fact(
            "allowsBasicAuthentication",
            node.clone(),
            why,
            Confidence::High,
        );
    }
    if text(&workflow.body, "properties.state").eq_ignore_ascii_case("disabled") {
        return;
    }
    let allowed = "properties.accessControl.triggers.allowedCallerIpAddresses";
    if let Told::Said(listed) = told(workflow, allowed) {
        let sources = listed.as_array().into_iter().flatten();
        let texts: Vec<String> = sources
            .map(|one| text(one, "addressRange").to_owned())
            .collect();
        let sets = texts.iter().filter_map(|one| addresses::parse(one));
        let union = sets.fold(Ranges::default(), |sum, one| sum.or(&one));
        // The list empty means that only other workflows call it.
        if !addresses::is_broad(&union) {
            found.allowed_addresses(workflow, &texts);
            return;
        }
    }
    found.entry(Entry {
        target: node,
        evidence: evidence(
            workflow,
            field,
            format!("trigger {name} takes HTTP requests"),
        ),
        confidence: Confidence::High,
        ports: Ports::https(),
        authentication: Some(if by_key {
            Authentication::Key
        } else {
            Authentication::Entra
        }),
    });
}

/// Computes that people may reach by SSH from outside.
fn add_compute(compute: &Resource, found: &mut Found) {
    const INNER: &str = "properties.properties";
    let no_address = fields::is_false(at(&compute.body, &format!("{INNER}.enableNodePublicIp")));
    if no_address {
        return;
    }
    let switches = [
        (format!("{INNER}.sshSettings.sshPublicAccess"), 22),
        (format!("{INNER}.remoteLoginPortPublicAccess"), 22),
    ];
    for (field, usual) in switches {
        let sure = match told(compute, &field) {
            Told::Said(value) if fields::word(value) == "enabled" => Confidence::High,
            Told::Unknown => Confidence::Medium,
            Told::Said(_) | Told::Absent => continue,
        };
        let port = fields::port(at(&compute.body, &format!("{INNER}.sshSettings.sshPort")));
        let in_network = reference(&compute.body, &format!("{INNER}.subnet")).is_some();
        found.entry(Entry {
            target: compute.id.key(),
            evidence: evidence(compute, field, "SSH is open on a public address"),
            // In a network of one's own its security group decides further.
            confidence: if in_network { Confidence::Medium } else { sure },
            ports: Ports::tcp(port.unwrap_or(usual)),
            authentication: None,
        });
    }
}
