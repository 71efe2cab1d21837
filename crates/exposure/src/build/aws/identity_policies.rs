//! Which policies roles and users have: their own, those attached, those of their groups, and those that name them.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use stance_model::Resource;

use super::estate::Estate;
use super::identity::{Document, Grant, Identity, groups_of, last_of, lower_name, unique_id};
use super::managed;
use super::policy::texts;
use crate::build::Sources;

/// Most policies of one identity; more are left out.
const MOST_POLICIES: usize = 500;

/// Reads roles and users of an estate.
pub(super) fn read<'a>(sources: Sources<'a>, estate: &mut Estate<'a>) {
    let mut reader = Reader {
        sources,
        managed: HashMap::new(),
    };
    let mut groups: HashMap<(String, String), Vec<Grant>> = HashMap::new();
    for number in 0..estate.resources.len() {
        let resource = estate.resources[number];
        if resource.resource_type == "aws::iam::group" {
            let mut grants = reader.grants(estate, resource);
            let via = resource.id.as_str().to_owned();
            for grant in &mut grants {
                grant.via = Some(via.clone());
            }
            let key = (estate.account_of[number].clone(), lower_name(resource));
            groups.insert(key, grants);
        }
    }
    let mut standalone = Reader::standalone(estate);
    for number in 0..estate.resources.len() {
        let resource = estate.resources[number];
        let is_role = match resource.resource_type.as_str() {
            "aws::iam::role" => true,
            "aws::iam::user" => false,
            _ => continue,
        };
        let account = estate.account_of[number].clone();
        let mut grants = reader.grants(estate, resource);
        grants.extend(
            standalone
                .remove(&(account.clone(), is_role, lower_name(resource)))
                .unwrap_or_default(),
        );
        for group in groups_of(resource) {
            let key = (account.clone(), group);
            grants.extend(groups.get(&key).into_iter().flatten().cloned());
        }
        let boundary_arn = resource
            .properties()
            .get("PermissionsBoundary")
            .and_then(Value::as_str);
        let boundary = boundary_arn.and_then(|arn| reader.managed(estate, arn));
        let identity = Identity {
            resource,
            id: resource.id.key(),
            account,
            is_role,
            assumes: grants.iter().any(assumes),
            grants,
            boundary_is_missing: boundary_arn.is_some() && boundary.is_none(),
            boundary,
        };
        let place = estate.identities.len();
        estate.identity_by.insert(identity.id.clone(), place);
        if let Some(unique) = unique_id(resource) {
            estate.identity_by.insert(unique.to_lowercase(), place);
        }
        estate.identities.push(identity);
    }
}

/// Whether a statement lets its holder take other roles.
fn assumes(grant: &Grant) -> bool {
    let mut allows = grant.document.policy.allows();
    allows.any(|one| one.is_about(super::trust::ASSUME))
}

/// Reads policies of identities; those that many share are read once.
struct Reader<'a> {
    sources: Sources<'a>,
    managed: HashMap<String, Option<Rc<Document>>>,
}

impl<'a> Reader<'a> {
    /// Inline and attached policies of a role, user or group.
    fn grants(&mut self, estate: &mut Estate<'a>, resource: &Resource) -> Vec<Grant> {
        let properties = resource.properties();
        let mut grants = Vec::new();
        let inline = properties.get("Policies").and_then(Value::as_array);
        for policy in inline.into_iter().flatten().take(MOST_POLICIES) {
            let name = policy.get("PolicyName").and_then(Value::as_str);
            let Some(document) = policy.get("PolicyDocument") else {
                continue;
            };
            grants.push(Grant {
                document: estate.document(document),
                object: resource.id.as_str().to_owned(),
                field: format!("Policies[{}]", name.unwrap_or_default()),
                by_statement: true,
                via: None,
            });
        }
        let attached = properties.get("ManagedPolicyArns").and_then(texts);
        for arn in attached.unwrap_or_default().iter().take(MOST_POLICIES) {
            let Some(document) = self.managed(estate, arn) else {
                continue;
            };
            // Nobody changes what AWS wrote: it is detached.
            let is_ours = !arn.contains(":iam::aws:");
            grants.push(Grant {
                document,
                object: if is_ours { arn } else { resource.id.as_str() }.to_owned(),
                field: if is_ours {
                    "PolicyDocument".to_owned()
                } else {
                    format!("ManagedPolicyArns[{arn}]")
                },
                by_statement: is_ours,
                via: None,
            });
        }
        grants
    }

    /// A managed policy: as it was collected, else as AWS documents its own.
    fn managed(&mut self, estate: &mut Estate<'a>, arn: &str) -> Option<Rc<Document>> {
        let key = arn.to_lowercase();
        if let Some(known) = self.managed.get(&key) {
            return known.clone();
        }
        let collected = self.sources.inventory.get(&key);
        let collected = collected.and_then(|one| one.properties().get("PolicyDocument"));
        let value = collected.or_else(|| managed::document(arn));
        let document = value.map(|value| estate.document(value));
        self.managed.insert(key, document.clone());
        document
    }

    /// Policies that are resources of their own in templates and name whom they are for, by account, whether it is a role,
    /// and name.
    fn standalone(estate: &mut Estate<'a>) -> HashMap<(String, bool, String), Vec<Grant>> {
        let mut found: HashMap<(String, bool, String), Vec<Grant>> = HashMap::new();
        for number in 0..estate.resources.len() {
            let resource = estate.resources[number];
            let kinds: &[(&str, bool)] = match resource.resource_type.as_str() {
                "aws::iam::policy" | "aws::iam::managedpolicy" => {
                    &[("Roles", true), ("Users", false)]
                }
                "aws::iam::rolepolicy" => &[("RoleName", true)],
                "aws::iam::userpolicy" => &[("UserName", false)],
                _ => continue,
            };
            let properties = resource.properties();
            let Some(document) = properties.get("PolicyDocument") else {
                continue;
            };
            let document = estate.document(document);
            for (member, is_role) in kinds {
                let named = properties.get(*member).and_then(texts).unwrap_or_default();
                for name in named {
                    let account = estate.account_of[number].clone();
                    let key = (account, *is_role, last_of(&name).to_lowercase());
                    found.entry(key).or_default().push(Grant {
                        document: document.clone(),
                        object: resource.id.as_str().to_owned(),
                        field: "PolicyDocument".to_owned(),
                        by_statement: true,
                        via: None,
                    });
                }
            }
        }
        found
    }
}
