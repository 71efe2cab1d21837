//! Functions: URLs of their own, and permissions for everybody.

use std::collections::HashMap;

use stance_model::Resource;

use super::super::fields::{self, list, text};
use super::super::found::{Authentication, Entry, Found, Hop, evidence};
use super::super::ports::Ports;
use super::Names;
use crate::graph::Confidence;

pub(super) fn add(names: &Names<'_>, found: &mut Found) {
    let permissions = names.grouped("aws::lambda::permission", |one| {
        names.function(one, text(&one.body, "properties.FunctionName"))
    });
    for url in names.of_type("aws::lambda::url") {
        add_url(names, url, &permissions, found);
    }
    for permission in names.of_type("aws::lambda::permission") {
        add_permission(names, permission, found);
    }
}

fn add_url<'a>(
    names: &Names<'a>,
    url: &'a Resource,
    permissions: &HashMap<String, Vec<&Resource>>,
    found: &mut Found,
) {
    let function = names.function(url, text(&url.body, "properties.TargetFunctionArn"));
    if let Some(function) = function {
        found.hop(Hop {
            source: url.id.key(),
            target: function.id.key(),
            evidence: evidence(url, "properties.TargetFunctionArn", "calls the function"),
            confidence: Confidence::High,
            ports: Ports::https(),
            passes_on: true,
        });
    }
    let kind = text(&url.body, "properties.AuthType");
    let is_free = kind.eq_ignore_ascii_case("none");
    let field = "properties.AuthType";
    let is_later = fields::is_unknown(url, field);
    let mut sure = if is_later {
        Confidence::Medium
    } else {
        Confidence::High
    };
    let why = evidence(url, field, format!("AuthType is {kind}"));
    if is_free {
        // A function also has to permit everybody; without its permissions that is likely, not known.
        let known = function.and_then(|function| permissions.get(&function.id.key()));
        match known.map(|known| permit_everybody(known)) {
            Some(true) => {}
            Some(false) => return,
            None => sure = Confidence::Medium,
        }
        found.fact("isUnauthenticated", url.id.key(), why.clone(), sure);
        if let Some(function) = function {
            found.fact("isUnauthenticated", function.id.key(), why.clone(), sure);
        }
    }
    found.entry(Entry {
        target: url.id.key(),
        evidence: why,
        confidence: sure,
        ports: Ports::https(),
        authentication: match (is_later, is_free) {
            (true, _) => None,
            (false, true) => Some(Authentication::Nothing),
            (false, false) => Some(Authentication::Iam),
        },
    });
}

/// Whether a function's permissions let everybody call its URL.
fn permit_everybody(permissions: &[&Resource]) -> bool {
    permissions.iter().any(|one| {
        allows(one, "lambda:InvokeFunctionUrl") && text(&one.body, "properties.Principal") == "*"
    })
}

fn allows(permission: &Resource, action: &str) -> bool {
    let of_one = text(&permission.body, "properties.Action");
    let mut several = list(&permission.body, "properties.Action").filter_map(|one| one.as_str());
    let holds = |one: &str| one.eq_ignore_ascii_case(action) || one == "lambda:*" || one == "*";
    holds(of_one) || several.any(holds)
}

/// Every account of AWS may call the function, with a signed request of its own.
fn add_permission<'a>(names: &Names<'a>, permission: &'a Resource, found: &mut Found) {
    let body = permission.properties();
    let limits = [
        "SourceArn",
        "SourceAccount",
        "PrincipalOrgID",
        "EventSourceToken",
    ];
    let is_limited = limits.iter().any(|field| !body[*field].is_null());
    let by_anybody = text(body, "Principal") == "*" && allows(permission, "lambda:InvokeFunction");
    if !by_anybody || is_limited {
        return;
    }
    let Some(function) = names.function(permission, text(body, "FunctionName")) else {
        return;
    };
    let why = evidence(
        permission,
        "properties.Principal",
        "every AWS account may call it",
    );
    let node = function.id.key();
    found.fact(
        "allowsPublicAccess",
        node.clone(),
        why.clone(),
        Confidence::High,
    );
    found.entry(Entry {
        target: node,
        evidence: why,
        confidence: Confidence::High,
        ports: Ports::https(),
        authentication: Some(Authentication::Iam),
    });
}
