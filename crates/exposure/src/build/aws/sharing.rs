//! Whom the policies of resources let in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stance_model::Resource;

use super::estate::{ACCOUNT, Estate};
use super::identity::sureness;
use super::policy::{Principals, Statement, texts};
use super::resource_policies::{Said, Shared};
use super::who::{Asker, Grantee, grantees};
use super::{MAKER, conditions_of, everyone, fact, node_of_account, principal_of_arn};
use crate::graph::{Confidence, EdgeDraft, GraphDraft, InsightDraft, NodeDraft, labels};
use crate::vocabulary::CapabilitySet;

/// Conditions that leave only callers of somebody's own: their organisation, account, network or a service on their behalf.
const NARROW: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:eventsourcetoken",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

pub(super) fn add(estate: &Estate<'_>, shared: &Shared, draft: &mut GraphDraft) {
    for (number, said) in shared.all() {
        let resource = estate.resources[number];
        let lists: Vec<&Statement> = shared.denies(number).collect();
        let place = Place {
            estate,
            resource,
            account: &estate.account_of[number],
            denies: &lists,
            is_public_stopped: is_public_stopped(resource),
        };
        for one in said.iter().filter(|one| !one.statement.denies) {
            place.statement(one, draft);
        }
    }
    for resource in &estate.resources {
        lists_of_bucket(estate, resource, draft);
    }
}

/// Where a policy hangs.
struct Place<'e, 'a> {
    estate: &'e Estate<'a>,
    resource: &'e Resource,
    account: &'e str,
    denies: &'e [&'e Statement],
    is_public_stopped: bool,
}

impl<'e, 'a> Place<'e, 'a> {
    fn statement(&self, said: &Said, draft: &mut GraphDraft) {
        let Some(principals) = &said.statement.principals else {
            return;
        };
        let principals = narrowed(principals, &said.statement);
        let mut found: BTreeMap<(String, Confidence), CapabilitySet> = BTreeMap::new();
        for grantee in grantees(self.estate, &principals, self.account, false) {
            if matches!(grantee.asker, Asker::Anybody)
                && (self.is_public_stopped || is_narrow(&said.statement))
            {
                continue;
            }
            for (pair, asks) in &said.meaning {
                let pair = &self.estate.pairs[*pair];
                let lets = asks
                    .iter()
                    .filter_map(|ask| self.lets(said, &grantee, &pair.asks[*ask]));
                let Some(confidence) = lets.max() else {
                    continue;
                };
                let node = node_of(&grantee.asker, draft);
                found
                    .entry((node, confidence))
                    .or_default()
                    .insert(pair.number);
            }
            self.public_function(said, &grantee, draft);
        }
        for ((source, confidence), capabilities) in found {
            if source == "everyone" {
                self.tell_public(said, confidence, draft);
            }
            draft.edge(EdgeDraft {
                label: labels::HAS_PERMISSIONS_TO.to_owned(),
                source,
                target: self.resource.id.key(),
                maker: MAKER.to_owned(),
                evidence: said.evidence.clone(),
                confidence,
                capabilities,
                properties: conditions_of(&said.statement),
            });
        }
    }

    fn lets(
        &self,
        said: &Said,
        grantee: &Grantee<'e, 'a>,
        ask: &super::requests::Ask,
    ) -> Option<Confidence> {
        let requests = ask.on(self.resource);
        let parts = requests
            .iter()
            .flat_map(|request| said.statement.resources.parts(request));
        let lets = parts.filter_map(|part| {
            permits(
                self.estate,
                self.denies,
                grantee,
                self.account,
                (&ask.action, &part),
            )
        });
        Some(lets.max()?.min(sureness(&said.statement)))
    }

    fn tell_public(&self, said: &Said, confidence: Confidence, draft: &mut GraphDraft) {
        draft.insight(
            self.resource.id.key(),
            InsightDraft {
                name: "allowsPublicAccess".to_owned(),
                value: Value::Bool(true),
                confidence,
                evidence: said.evidence.clone(),
            },
        );
    }

    /// A function that anybody may call, which grants no capability but is open all the same.
    fn public_function(&self, said: &Said, grantee: &Grantee<'e, 'a>, draft: &mut GraphDraft) {
        let calls = ["lambda:invokefunction", "lambda:invokefunctionurl"];
        let is_function = self.resource.resource_type == "aws::lambda::function";
        let is_anybody = matches!(grantee.asker, Asker::Anybody);
        if is_function && is_anybody && calls.iter().any(|call| said.statement.is_about(call)) {
            self.tell_public(said, sureness(&said.statement), draft);
        }
    }
}

/// How sure somebody whom a resource's policy names may do an action on (a part of) what is asked: nothing denies it, and its
/// own policies and boundary agree where they have to.
///
/// Of roles the boundary counts even where the resource's policy names them; of users of the same account it does not.
pub(super) fn permits(
    estate: &Estate<'_>,
    denies: &[&Statement],
    grantee: &Grantee<'_, '_>,
    account: &str,
    (action, part): (&str, &str),
) -> Option<Confidence> {
    let refuses = |deny: &Statement| deny.is_about(action) && deny.resources.covers(part);
    let mut denies = denies.iter();
    if denies.any(|deny| refuses(deny) && grantee.asker.is_denied(deny)) {
        return None;
    }
    let Asker::Identity(identity) = &grantee.asker else {
        return Some(grantee.confidence);
    };
    if estate.denies(identity).any(refuses) {
        return None;
    }
    if grantee.needs_own {
        let own = estate.allows(identity, action, part)?;
        return Some(own.min(grantee.confidence));
    }
    if identity.is_role && identity.account == account {
        return identity.boundary_lets(action, part);
    }
    Some(grantee.confidence)
}

/// The node of who asks.
pub(super) fn node_of(asker: &Asker<'_, '_>, draft: &mut GraphDraft) -> String {
    match asker {
        Asker::Identity(identity) => identity.id.clone(),
        Asker::Arn(arn) => principal_of_arn(arn, draft),
        Asker::Account(account) => account_of_others(account, draft),
        Asker::Anybody => everyone(draft),
    }
}

/// The node of an account of which nothing was collected.
fn account_of_others(account: &str, draft: &mut GraphDraft) -> String {
    let id = node_of_account(account);
    if !draft.knows(&id) {
        draft.node(NodeDraft {
            id: id.clone(),
            label: ACCOUNT.to_owned(),
            name: account.to_owned(),
            properties: Map::new(),
            entity_ids: vec![("AwsAccountId".to_owned(), account.to_owned())],
        });
        draft.insight(
            id.clone(),
            InsightDraft {
                name: "isThirdParty".to_owned(),
                value: Value::Bool(true),
                confidence: Confidence::Medium,
                evidence: crate::graph::Evidence {
                    object: account.to_owned(),
                    field: String::new(),
                    text: "a policy names this account, of which nothing was collected".to_owned(),
                },
            },
        );
    }
    id
}

/// Anybody, where a condition lists who may: then only those are meant.
fn narrowed(principals: &Principals, statement: &Statement) -> Principals {
    let mut narrowed = principals.clone();
    let Some(conditions) = statement.conditions.as_ref().filter(|_| principals.anybody) else {
        return narrowed;
    };
    let wanted = ["StringEquals", "StringLike", "ArnEquals", "ArnLike"];
    let listed = conditions
        .iter()
        .filter(|(operator, _)| wanted.contains(&operator.as_str()))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"))
        .filter_map(|(_, value)| texts(value))
        .flatten()
        .filter(|arn| !arn.contains(['*', '?']));
    let listed: Vec<String> = listed.collect();
    if !listed.is_empty() {
        narrowed.anybody = false;
        narrowed.aws = listed;
    }
    narrowed
}

/// Whether a condition keeps out strangers.
pub(super) fn is_narrow(statement: &Statement) -> bool {
    let conditions = statement.conditions.iter().flatten();
    let mut keys = conditions
        .filter(|(operator, _)| !operator.starts_with("StringNot") && !operator.starts_with("Not"))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten();
    keys.any(|(key, _)| {
        let key = key.to_lowercase();
        let key = key.split('/').next().unwrap_or_default();
        NARROW.contains(&key)
    })
}

fn blocks(resource: &Resource, names: &[&str]) -> bool {
    let block = resource.properties().get("PublicAccessBlockConfiguration");
    block.is_some_and(|block| {
        let mut names = names.iter();
        names.any(|name| block.get(*name) == Some(&Value::Bool(true)))
    })
}

fn is_public_stopped(resource: &Resource) -> bool {
    blocks(resource, &["BlockPublicPolicy", "RestrictPublicBuckets"])
}

/// Access control lists of buckets, the older way to open them.
fn lists_of_bucket(estate: &Estate<'_>, resource: &Resource, draft: &mut GraphDraft) {
    if resource.resource_type != "aws::s3::bucket"
        || blocks(resource, &["IgnorePublicAcls", "BlockPublicAcls"])
    {
        return;
    }
    let list = resource.properties().get("AccessControl");
    let list = list.and_then(Value::as_str).unwrap_or_default();
    let wanted: &[&str] = match list {
        "PublicRead" | "AuthenticatedRead" => &["read data"],
        "PublicReadWrite" => &["read data", "write data"],
        _ => return,
    };
    let mut capabilities = CapabilitySet::EMPTY;
    for pair in &estate.pairs {
        if pair.label == resource.resource_type && wanted.contains(&pair.capability.as_str()) {
            capabilities.insert(pair.number);
        }
    }
    let text = format!("the access control list is {list}");
    let insight = fact("allowsPublicAccess", resource, "AccessControl", &text);
    let source = everyone(draft);
    draft.edge(EdgeDraft {
        label: labels::HAS_PERMISSIONS_TO.to_owned(),
        source,
        target: resource.id.key(),
        maker: MAKER.to_owned(),
        evidence: insight.evidence.clone(),
        // Objects have lists of their own, which were not collected.
        confidence: Confidence::Medium,
        capabilities,
        properties: Map::new(),
    });
    draft.insight(resource.id.key(), insight);
}
