//! Services of AWS that answer on an endpoint of their own: where each says so. A type is one entry.

use serde_json::Value;
use stance_model::Resource;

use super::super::addresses;
use super::super::fields::{self, Told, list, text, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::Names;
use crate::graph::Confidence;

/// A service with a property that opens or closes its endpoint.
struct Row {
    resource_type: &'static str,
    field: &'static str,
    /// Values, in lower case, with which it is open.
    open: &'static [&'static str],
    /// Whether it is open where nobody says.
    when_absent: bool,
    /// List of admitted addresses; empty where there is none. Without an item everybody comes in.
    addresses: &'static str,
    sign_in: SignIn,
}

/// What is asked.
enum SignIn {
    /// A signed request of AWS.
    Iam,
    /// What the application behind it likes.
    Application,
    /// A token where the property is set, else a signed request.
    TokenWhere(&'static str),
}

const ROWS: &[Row] = &[
    Row {
        resource_type: "aws::apprunner::service",
        field: "properties.NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        open: &["true"],
        when_absent: true,
        addresses: "",
        sign_in: SignIn::Application,
    },
    Row {
        resource_type: "aws::bedrockagentcore::runtime",
        field: "properties.NetworkConfiguration.NetworkMode",
        open: &["public"],
        when_absent: false,
        addresses: "",
        sign_in: SignIn::TokenWhere("properties.AuthorizerConfiguration.CustomJWTAuthorizer"),
    },
    Row {
        resource_type: "aws::eks::cluster",
        field: "properties.ResourcesVpcConfig.EndpointPublicAccess",
        open: &["true"],
        when_absent: true,
        addresses: "properties.ResourcesVpcConfig.PublicAccessCidrs",
        sign_in: SignIn::Iam,
    },
    Row {
        resource_type: "aws::sagemaker::domain",
        field: "properties.AppNetworkAccessType",
        open: &["publicinternetonly"],
        when_absent: true,
        addresses: "",
        sign_in: SignIn::Iam,
    },
    Row {
        resource_type: "aws::sagemaker::notebookinstance",
        field: "properties.DirectInternetAccess",
        open: &["enabled"],
        when_absent: true,
        addresses: "",
        sign_in: SignIn::Iam,
    },
];

pub(super) fn add(names: &Names<'_>, found: &mut Found) {
    for row in ROWS {
        for resource in names.of_type(row.resource_type) {
            add_one(row, resource, found);
        }
    }
    for gateway in names.of_type("aws::bedrockagentcore::gateway") {
        add_gateway(gateway, found);
    }
    for application in names.of_type("aws::qbusiness::application") {
        add_assistant(names, application, found);
    }
}

fn add_one(row: &Row, resource: &Resource, found: &mut Found) {
    let (said, sure) = match told(resource, row.field) {
        Told::Said(value) if row.open.contains(&fields::word(value).as_str()) => {
            (format!("is {}", fields::plain(value)), Confidence::High)
        }
        Told::Unknown => (
            "is known only after deployment".to_owned(),
            Confidence::Medium,
        ),
        Told::Absent if row.when_absent => (
            "is not set, which leaves it open".to_owned(),
            Confidence::High,
        ),
        Told::Said(_) | Told::Absent => return,
    };
    let listed: Vec<String> = list(&resource.body, row.addresses)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let sets = listed.iter().filter_map(|one| addresses::parse(one));
    let union = sets.fold(Ranges::default(), |sum, one| sum.or(&one));
    if !listed.is_empty() && !addresses::is_broad(&union) {
        found.allowed_addresses(resource, &listed);
        return;
    }
    let name = row.field.rsplit('.').next().unwrap_or_default();
    found.entry(Entry {
        target: resource.id.key(),
        evidence: evidence(resource, row.field, format!("{name} {said}")),
        confidence: sure,
        ports: Ports::https(),
        authentication: match row.sign_in {
            SignIn::Iam => Some(Authentication::Iam),
            SignIn::Application => None,
            SignIn::TokenWhere(field) => match told(resource, field) {
                Told::Absent => Some(Authentication::Iam),
                Told::Said(_) | Told::Unknown => None,
            },
        },
    });
}

/// A gateway for tools is on the internet; its authorizer says who may call it.
fn add_gateway(gateway: &Resource, found: &mut Found) {
    const FIELD: &str = "properties.AuthorizerType";
    let kind = text(&gateway.body, FIELD);
    let why = evidence(gateway, FIELD, format!("AuthorizerType is {kind}"));
    let authentication = match kind {
        "NONE" => Some(Authentication::Nothing),
        "AWS_IAM" => Some(Authentication::Iam),
        _ => None,
    };
    let node = gateway.id.key();
    if authentication == Some(Authentication::Nothing) {
        found.fact(
            "isUnauthenticated",
            node.clone(),
            why.clone(),
            Confidence::High,
        );
    }
    found.entry(Entry {
        target: node,
        evidence: why,
        confidence: if fields::is_unknown(gateway, FIELD) {
            Confidence::Medium
        } else {
            Confidence::High
        },
        ports: Ports::https(),
        authentication,
    });
}

/// Q Business: an application for anybody, or one with a web page for those who sign in.
fn add_assistant(names: &Names<'_>, application: &Resource, found: &mut Found) {
    const FIELD: &str = "properties.IdentityType";
    let node = application.id.key();
    if text(&application.body, FIELD) == "ANONYMOUS" {
        let why = evidence(application, FIELD, "IdentityType is ANONYMOUS");
        found.fact(
            "isUnauthenticated",
            node.clone(),
            why.clone(),
            Confidence::High,
        );
        found.entry(Entry {
            target: node,
            evidence: why,
            confidence: Confidence::High,
            ports: Ports::https(),
            authentication: Some(Authentication::Nothing),
        });
        return;
    }
    for page in names.of_type("aws::qbusiness::webexperience") {
        let id = text(&page.body, "properties.ApplicationId");
        let named = names.find(page, "aws::qbusiness::application", id);
        if named.is_some_and(|named| named.id == application.id) {
            found.entry(Entry {
                target: node.clone(),
                evidence: evidence(page, "", "has a web page; its users sign in"),
                confidence: Confidence::High,
                ports: Ports::https(),
                authentication: Some(Authentication::Iam),
            });
        }
    }
}
