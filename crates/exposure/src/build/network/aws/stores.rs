//! Stores: buckets, databases, search domains and collections.

use serde_json::Value;
use stance_model::{Origin, Resource};

use super::super::fields::{self, Told, is_true, list, text, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::Names;
use super::groups::{Groups, Interface};
use super::policies;
use crate::graph::{Confidence, Evidence};

pub(super) fn add(names: &Names<'_>, groups: &Groups, found: &mut Found) {
    for bucket in names.of_type("aws::s3::bucket") {
        add_list(bucket, found);
    }
    for policy in names.of_type("aws::s3::bucketpolicy") {
        add_policy(names, policy, found);
    }
    for kind in ["aws::rds::dbinstance", "aws::redshift::cluster"] {
        for database in names.of_type(kind) {
            add_database(database, groups, found);
        }
    }
    for domain in names.of_type("aws::opensearchservice::domain") {
        add_domain(domain, found);
    }
    add_collections(names, found);
}

/// Whether a bucket's block of public access is off, by one of its switches. Declared buckets have it on unless they
/// say otherwise (since April 2023); of observed ones that say nothing it is not known.
fn is_unblocked(bucket: &Resource, switch: &str) -> Option<Confidence> {
    let field = "PublicAccessBlockConfiguration";
    if fields::is_unknown(bucket, &format!("properties.{field}.{switch}")) {
        return Some(Confidence::Medium);
    }
    let block = &bucket.properties()[field];
    if block.is_object() {
        return (!is_true(&block[switch])).then_some(Confidence::High);
    }
    (bucket.origin == Origin::Live).then_some(Confidence::Medium)
}

fn public(target: &Resource, evidence: Evidence, confidence: Confidence, found: &mut Found) {
    found.entry(Entry {
        target: target.id.key(),
        evidence,
        confidence,
        ports: Ports::https(),
        authentication: Some(Authentication::Nothing),
    });
}

/// Buckets whose access control list is public.
fn add_list(bucket: &Resource, found: &mut Found) {
    let list = text(&bucket.body, "properties.AccessControl");
    let name = list.replace('-', "").to_lowercase();
    if !["publicread", "publicreadwrite"].contains(&name.as_str()) {
        return;
    }
    if let Some(sure) = is_unblocked(bucket, "IgnorePublicAcls") {
        let why = evidence(
            bucket,
            "properties.AccessControl",
            format!("AccessControl is {list}"),
        );
        public(bucket, why, sure, found);
    }
}

fn add_policy<'a>(names: &Names<'a>, policy: &'a Resource, found: &mut Found) {
    let body = policy.properties();
    let Some(bucket) = names.find(policy, "aws::s3::bucket", text(body, "Bucket")) else {
        return;
    };
    let Some(unblocked) = is_unblocked(bucket, "RestrictPublicBuckets") else {
        return;
    };
    let Some(document) = policies::document(&body["PolicyDocument"]) else {
        return;
    };
    for (at, sure) in policies::public_statements(&document) {
        let field = format!("properties.PolicyDocument.Statement[{at}]");
        let why = evidence(policy, field, "lets everybody in");
        public(bucket, why, sure.min(unblocked), found);
    }
}

fn add_database(database: &Resource, groups: &Groups, found: &mut Found) {
    let body = database.properties();
    let node = database.id.key();
    let field = "properties.PubliclyAccessible";
    let (is_public, said, at_most) = match told(database, field) {
        Told::Unknown => (true, "known only after deployment", Confidence::Medium),
        Told::Said(value) => (is_true(value), "true", Confidence::High),
        Told::Absent => (false, "", Confidence::High),
    };
    if !is_public {
        return;
    }
    let mut named = Vec::new();
    for kind in [
        "VPCSecurityGroups",
        "VpcSecurityGroups",
        "VpcSecurityGroupIds",
    ] {
        named.extend(list(body, kind).map(|one| {
            let id = one
                .as_str()
                .unwrap_or_else(|| text(one, "VpcSecurityGroupId"));
            id.to_owned()
        }));
    }
    let port = fields::port(&body["Endpoint"]["Port"]).or_else(|| fields::port(&body["Port"]));
    let port = port.unwrap_or_else(|| usual_port(database));
    let interface = Interface {
        holder: database,
        groups: named,
        subnet: None,
        has_version_6: text(body, "NetworkType") == "DUAL",
    };
    let (openings, sure) = groups.openings(&interface);
    let sure = sure.min(at_most);
    for opening in openings {
        let ports = opening.ports.and(&Ports::tcp(port));
        if ports.is_empty() {
            continue;
        }
        let why = evidence(database, field, "a password signs in");
        found.fact(
            "allowsBasicAuthentication",
            node.clone(),
            why,
            Confidence::High,
        );
        found.entry(Entry {
            target: node.clone(),
            evidence: Evidence {
                object: database.id.as_str().to_owned(),
                field: field.to_owned(),
                text: format!(
                    "PubliclyAccessible is {said}, and {} {}",
                    opening.object, opening.text
                ),
            },
            confidence: sure.min(opening.confidence),
            ports,
            authentication: Some(Authentication::Password),
        });
    }
}

fn usual_port(database: &Resource) -> u16 {
    let engine = text(&database.body, "properties.Engine");
    if database.resource_type.starts_with("aws::redshift") {
        return 5439;
    }
    match engine {
        engine if engine.contains("postgres") => 5432,
        engine if engine.starts_with("sqlserver") => 1433,
        engine if engine.starts_with("oracle") => 1521,
        _ => 3306,
    }
}

/// Search domains outside of a network. Their policy says whether a signed request is asked for.
fn add_domain(domain: &Resource, found: &mut Found) {
    let body = domain.properties();
    let options = ["VPCOptions", "VpcOptions"].map(|name| &body[name]["SubnetIds"]);
    if options
        .iter()
        .any(|subnets| subnets.as_array().is_some_and(|all| !all.is_empty()))
    {
        return;
    }
    let security = ["AdvancedSecurityOptions"].map(|name| &body[name]);
    let has_users = security
        .iter()
        .any(|one| is_true(&one["Enabled"]) && is_true(&one["InternalUserDatabaseEnabled"]));
    let Some(policy) = policies::document(&body["AccessPolicies"]) else {
        return;
    };
    let node = domain.id.key();
    let statements = policies::public_statements(&policy);
    for (at, sure) in &statements {
        let field = format!("properties.AccessPolicies.Statement[{at}]");
        let why = evidence(domain, field, "lets everybody in");
        if has_users {
            let field = "properties.AdvancedSecurityOptions.InternalUserDatabaseEnabled";
            let by_password = evidence(domain, field, "users of its own sign in by password");
            found.fact(
                "allowsBasicAuthentication",
                node.clone(),
                by_password,
                *sure,
            );
        }
        found.entry(Entry {
            target: node.clone(),
            evidence: why,
            confidence: *sure,
            ports: Ports::https(),
            authentication: Some(if has_users {
                Authentication::Password
            } else {
                Authentication::Nothing
            }),
        });
    }
    if statements.is_empty() {
        found.entry(Entry {
            target: node,
            evidence: evidence(
                domain,
                "properties.VPCOptions",
                "its endpoint is in no network",
            ),
            confidence: Confidence::High,
            ports: Ports::https(),
            authentication: Some(Authentication::Iam),
        });
    }
}

/// Collections that a network policy opens. They always ask for a signed request.
fn add_collections(names: &Names<'_>, found: &mut Found) {
    for policy in names.of_type("aws::opensearchserverless::securitypolicy") {
        if text(&policy.body, "properties.Type") != "network" {
            continue;
        }
        let Some(document) = policies::document(&policy.properties()["Policy"]) else {
            continue;
        };
        let rules = document.as_array().into_iter().flatten();
        for (at, rule) in rules
            .enumerate()
            .filter(|(_, one)| is_true(&one["AllowFromPublic"]))
        {
            let open = names
                .of_type("aws::opensearchserverless::collection")
                .filter(|one| one.subscription() == policy.subscription() && is_named(rule, one));
            for collection in open {
                let field = format!("properties.Policy[{at}].AllowFromPublic");
                found.entry(Entry {
                    target: collection.id.key(),
                    evidence: evidence(policy, field, "AllowFromPublic is true"),
                    confidence: Confidence::High,
                    ports: Ports::https(),
                    authentication: Some(Authentication::Iam),
                });
            }
        }
    }
}

/// Whether a rule's `collection/claims*` is about a collection.
fn is_named(rule: &Value, collection: &Resource) -> bool {
    let name = match text(&collection.body, "properties.Name") {
        "" => collection.name(),
        name => name,
    };
    let parts = list(rule, "Rules").filter(|one| text(one, "ResourceType") == "collection");
    parts
        .flat_map(|one| list(one, "Resource"))
        .filter_map(|one| one.as_str()?.strip_prefix("collection/"))
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        })
}
