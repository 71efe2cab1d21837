//! Whom the policies of resources let in.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_model::Resource;

use super::estate::{ACCOUNT, Estate};
use super::identity::sureness;
use super::policy::Statement;
use super::public::{is_narrow, is_public_stopped, lists_of_bucket, narrowed};
use super::requests::Ask;
use super::resource_policies::{Said, Shared};
use super::who::{Asker, Grantee, grantees};
use super::{MAKER, conditions_of, everyone, node_of_account, principal_of_arn};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, NodeDraft, labels};
use crate::vocabulary::CapabilitySet;

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

    fn lets(&self, said: &Said, grantee: &Grantee<'e, 'a>, ask: &Ask) -> Option<Confidence> {
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
            entity_ids: vec![("AwsAccountId".to_owned(), account.to_owned())],
            ..NodeDraft::default()
        });
        draft.insight(
            id.clone(),
            InsightDraft {
                name: "isThirdParty".to_owned(),
                value: Value::Bool(true),
                confidence: Confidence::Medium,
                evidence: Evidence {
                    object: account.to_owned(),
                    field: String::new(),
                    text: "a policy names this account, of which nothing was collected".to_owned(),
                },
            },
        );
    }
    id
}
