//! API Gateway: REST and HTTP APIs, what their methods ask, and the functions behind them.

use serde_json::Value;
use stance_model::Resource;

use super::super::fields::{is_true, list, text};
use super::super::found::{Authentication, Entry, Found, Hop, evidence};
use super::super::ports::Ports;
use super::Names;
use crate::graph::Confidence;

const REST: &str = "aws::apigateway::restapi";
const HTTP: &str = "aws::apigatewayv2::api";

/// A method or route: what it asks, and the function that answers.
struct Method<'a> {
    resource: &'a Resource,
    authentication: Option<Authentication>,
    function: Option<&'a Resource>,
    field: &'static str,
}

pub(super) fn add(names: &Names<'_>, found: &mut Found) {
    let methods = names.grouped("aws::apigateway::method", |one| {
        names.find(one, REST, text(&one.body, "properties.RestApiId"))
    });
    for api in names.of_type(REST) {
        let methods = methods.get(&api.id.key()).map_or(&[][..], Vec::as_slice);
        let methods = rest_methods(names, methods);
        let private = list(&api.body, "properties.EndpointConfiguration.Types")
            .any(|kind| kind.as_str() == Some("PRIVATE"));
        // A resource policy may refuse callers; it is not evaluated.
        let sure = match &api.properties()["Policy"] {
            Value::Null => Confidence::High,
            _ => Confidence::Medium,
        };
        let open = (!private).then_some(("properties.EndpointConfiguration.Types", sure));
        add_api(api, &methods, open, found);
    }
    let routes = names.grouped("aws::apigatewayv2::route", |one| {
        names.find(one, HTTP, text(&one.body, "properties.ApiId"))
    });
    for api in names.of_type(HTTP) {
        let routes = routes.get(&api.id.key()).map_or(&[][..], Vec::as_slice);
        let methods = http_routes(names, api, routes);
        let off = is_true(&api.properties()["DisableExecuteApiEndpoint"]);
        let open = (!off).then_some(("properties.DisableExecuteApiEndpoint", Confidence::High));
        add_api(api, &methods, open, found);
    }
}

fn add_api(
    api: &Resource,
    methods: &[Method<'_>],
    open: Option<(&str, Confidence)>,
    found: &mut Found,
) {
    let node = api.id.key();
    for method in methods {
        let why = || evidence(method.resource, method.field, "asks for no sign-in");
        let is_free = method.authentication == Some(Authentication::Nothing);
        if is_free {
            found.fact("isUnauthenticated", node.clone(), why(), Confidence::High);
        }
        if method.authentication == Some(Authentication::Key) {
            let why = evidence(
                method.resource,
                "properties.ApiKeyRequired",
                "an API key suffices",
            );
            found.fact(
                "allowsBasicAuthentication",
                node.clone(),
                why,
                Confidence::High,
            );
        }
        if let Some(function) = method.function {
            found.hop(Hop {
                source: node.clone(),
                target: function.id.key(),
                evidence: evidence(method.resource, "properties", "calls the function"),
                confidence: Confidence::High,
                ports: Ports::https(),
                passes_on: is_free,
            });
        }
    }
    let Some((field, sure)) = open else {
        return;
    };
    found.entry(Entry {
        target: node,
        evidence: evidence(api, field, "its endpoint is on the internet"),
        confidence: sure,
        ports: Ports::https(),
        authentication: weakest(methods),
    });
}

/// What suffices at the method that asks least; `None` where no method is known, or an authorizer decides.
fn weakest(methods: &[Method<'_>]) -> Option<Authentication> {
    let has = |kind| methods.iter().any(|method| method.authentication == kind);
    if has(Some(Authentication::Nothing)) {
        return Some(Authentication::Nothing);
    }
    if has(Some(Authentication::Key)) {
        return Some(Authentication::Key);
    }
    let all_signed = !methods.is_empty() && !has(None);
    all_signed.then_some(Authentication::Iam)
}

fn asks(kind: &str, by_key: bool) -> Option<Authentication> {
    match kind.to_uppercase().as_str() {
        "NONE" | "" if by_key => Some(Authentication::Key),
        "NONE" | "" => Some(Authentication::Nothing),
        "AWS_IAM" => Some(Authentication::Iam),
        _ => None,
    }
}

fn rest_methods<'a>(names: &Names<'a>, methods: &[&'a Resource]) -> Vec<Method<'a>> {
    // Answers to OPTIONS tell browsers about the API and nothing of it.
    let asked = methods
        .iter()
        .copied()
        .filter(|method| text(&method.body, "properties.HttpMethod") != "OPTIONS");
    asked
        .map(|method| {
            let body = method.properties();
            Method {
                resource: method,
                authentication: asks(
                    text(body, "AuthorizationType"),
                    is_true(&body["ApiKeyRequired"]),
                ),
                function: names.function(method, text(body, "Integration.Uri")),
                field: "properties.AuthorizationType",
            }
        })
        .collect()
}

fn http_routes<'a>(
    names: &Names<'a>,
    api: &'a Resource,
    routes: &[&'a Resource],
) -> Vec<Method<'a>> {
    let mut methods: Vec<Method<'a>> = Vec::new();
    let direct = text(&api.body, "properties.Target");
    if !direct.is_empty() {
        methods.push(Method {
            resource: api,
            authentication: Some(Authentication::Nothing),
            function: names.function(api, direct),
            field: "properties.Target",
        });
    }
    for route in routes.iter().copied() {
        let body = route.properties();
        let target = text(body, "Target").trim_start_matches("integrations/");
        let integration = names.find(route, "aws::apigatewayv2::integration", target);
        let function = integration
            .and_then(|one| names.function(one, text(&one.body, "properties.IntegrationUri")));
        methods.push(Method {
            resource: route,
            authentication: asks(
                text(body, "AuthorizationType"),
                is_true(&body["ApiKeyRequired"]),
            ),
            function,
            field: "properties.AuthorizationType",
        });
    }
    methods
}
