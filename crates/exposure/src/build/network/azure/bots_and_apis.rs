//! Bots and the applications behind them; APIs of API Management and the services they call.

use stance_model::Resource;

use super::super::Context;
use super::super::fields::{at, is_false, list, text};
use super::super::found::{Found, Hop, evidence};
use super::super::ports::Ports;
use crate::graph::Confidence;

const SERVICE: &str = "microsoft.apimanagement/service";

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    for bot in context
        .inventory
        .of_type("microsoft.botservice/botservices")
    {
        let address = text(&bot.body, "properties.endpoint");
        passes_to(context, bot, bot, "properties.endpoint", address, found);
    }
    for service in context.inventory.of_type(SERVICE) {
        add_apis(context, service, found);
    }
}

fn add_apis(context: &Context<'_>, service: &Resource, found: &mut Found) {
    for api in context.children(service, "microsoft.apimanagement/service/apis") {
        let address = text(&api.body, "properties.serviceUrl");
        passes_to(
            context,
            service,
            api,
            "properties.serviceUrl",
            address,
            found,
        );
        let free = is_false(at(&api.body, "properties.subscriptionRequired"));
        let settings = at(&api.body, "properties.authenticationSettings");
        let signs_in = ["oAuth2", "openid"]
            .iter()
            .any(|kind| settings[*kind].is_object())
            || [
                "oAuth2AuthenticationSettings",
                "openidAuthenticationSettings",
            ]
            .iter()
            .any(|kind| {
                settings[*kind]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            });
        let field = "properties.subscriptionRequired";
        if free && !signs_in {
            // A policy of the API may still ask for a token.
            let why = evidence(
                api,
                field,
                "asks for no subscription key and names no sign-in",
            );
            for node in [api.id.key(), service.id.key()] {
                found.fact("isUnauthenticated", node, why.clone(), Confidence::Medium);
            }
        } else if !free {
            let why = evidence(
                api,
                field,
                "a subscription key suffices unless a policy asks more",
            );
            for node in [api.id.key(), service.id.key()] {
                found.fact(
                    "allowsBasicAuthentication",
                    node,
                    why.clone(),
                    Confidence::Medium,
                );
            }
        }
    }
    for backend in context.children(service, "microsoft.apimanagement/service/backends") {
        let address = text(&backend.body, "properties.url");
        passes_to(context, service, backend, "properties.url", address, found);
        for member in list(&backend.body, "properties.pool.services") {
            let id = text(member, "id").to_lowercase();
            if let Some(target) = context.inventory.get(&id) {
                let address = text(&target.body, "properties.url");
                passes_to(context, service, target, "properties.url", address, found);
            }
        }
    }
}

/// A hop from a gateway to whoever answers at an address that `told_by` names.
fn passes_to(
    context: &Context<'_>,
    gateway: &Resource,
    told_by: &Resource,
    field: &str,
    address: &str,
    found: &mut Found,
) {
    let Some(target) = context.hosts.find(address) else {
        return;
    };
    found.hop(Hop {
        source: gateway.id.key(),
        target: target.to_owned(),
        evidence: evidence(told_by, field, format!("passes requests on to {address}")),
        confidence: Confidence::High,
        ports: Ports::default(),
        passes_on: false,
    });
}
