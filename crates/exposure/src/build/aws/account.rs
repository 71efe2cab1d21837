//! Accounts, what lies in them, who is in which group, and other names of identities.

use std::collections::HashSet;

use serde_json::{Map, Value};
use stance_model::Resource;

use super::estate::{ACCOUNT, Estate};
use super::identity::{groups_of, last_of, unique_id};
use super::{MAKER, fact, node_of_account};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, NodeDraft, labels};

pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for account in estate.accounts.keys() {
        draft.node(account_node(estate, account));
    }
    let known: HashSet<String> = estate.resources.iter().map(|one| one.id.key()).collect();
    for (number, resource) in estate.resources.iter().enumerate() {
        let account = &estate.account_of[number];
        let has_parent = resource
            .parent()
            .is_some_and(|parent| known.contains(&parent.key()));
        if !account.is_empty() && !has_parent {
            enclose(account, resource, draft);
        }
        match resource.resource_type.as_str() {
            "aws::iam::user" => {
                memberships(estate, number, draft);
                password(resource, draft);
                keys_of_user(resource, draft);
            }
            "aws::iam::role" | "aws::iam::group" => {}
            "aws::iam::accesskey" | "aws::iam::servicespecificcredential" => {
                key_alone(estate, number, draft);
            }
            _ => continue,
        }
        if let Some(unique) = unique_id(resource) {
            draft.alias(unique.to_lowercase(), resource.id.key());
        }
    }
}

fn account_node(estate: &Estate<'_>, account: &str) -> NodeDraft {
    let of_type = |kind: &str| {
        let key = (account.to_owned(), kind.to_owned());
        let numbers = estate.by_type.get(&key).into_iter().flatten();
        numbers.map(|number| estate.resources[*number])
    };
    let named = of_type("aws::organizations::account")
        .find_map(|one| one.properties().get("AccountName")?.as_str());
    let mut properties = Map::new();
    if estate.ignored > 0 {
        properties.insert("policiesIgnored".to_owned(), estate.ignored.into());
    }
    NodeDraft {
        id: node_of_account(account),
        label: ACCOUNT.to_owned(),
        name: named.unwrap_or(account).to_owned(),
        properties,
        entity_ids: vec![("AwsAccountId".to_owned(), account.to_owned())],
    }
}

fn enclose(account: &str, resource: &Resource, draft: &mut GraphDraft) {
    let says_so = resource.subscription().is_some();
    draft.edge(EdgeDraft {
        label: labels::CONTAINS.to_owned(),
        source: node_of_account(account),
        target: resource.id.key(),
        maker: "inventory".to_owned(),
        evidence: Evidence {
            object: resource.id.as_str().to_owned(),
            field: "subscriptionId".to_owned(),
            text: if says_so {
                "it lies in this account".to_owned()
            } else {
                "the only account there is".to_owned()
            },
        },
        confidence: if says_so {
            Confidence::High
        } else {
            Confidence::Medium
        },
        ..EdgeDraft::default()
    });
}

fn memberships(estate: &Estate<'_>, number: usize, draft: &mut GraphDraft) {
    let user = estate.resources[number];
    let groups = groups_of(user);
    if groups.is_empty() {
        return;
    }
    let key = (
        estate.account_of[number].clone(),
        "aws::iam::group".to_owned(),
    );
    for group in estate.by_type.get(&key).into_iter().flatten() {
        let group = estate.resources[*group];
        let name = last_of(group.id.as_str()).to_lowercase();
        if !groups.contains(&name) {
            continue;
        }
        draft.edge(EdgeDraft {
            label: labels::MEMBER_OF.to_owned(),
            source: user.id.key(),
            target: group.id.key(),
            maker: MAKER.to_owned(),
            evidence: Evidence {
                object: user.id.as_str().to_owned(),
                field: format!("Groups[{}]", last_of(group.id.as_str())),
                text: "a member".to_owned(),
            },
            ..EdgeDraft::default()
        });
    }
}

/// Only what is stated counts: a console password and no device.
fn password(user: &Resource, draft: &mut GraphDraft) {
    let properties = user.properties();
    let is = |key: &str, value: &[&str]| {
        properties.get(key).is_some_and(|found| match found {
            Value::Bool(found) => value.contains(&if *found { "true" } else { "false" }),
            Value::String(found) => value.contains(&found.to_lowercase().as_str()),
            _ => false,
        })
    };
    let has_password = properties.get("LoginProfile").is_some_and(Value::is_object)
        || is("PasswordEnabled", &["true"])
        || is("password_enabled", &["true"]);
    let no_device = properties
        .get("MFADevices")
        .and_then(Value::as_array)
        .is_some_and(Vec::is_empty);
    let field = if no_device {
        "MFADevices"
    } else if is("MfaActive", &["false"]) {
        "MfaActive"
    } else if is("mfa_active", &["false"]) {
        "mfa_active"
    } else {
        return;
    };
    if has_password {
        let text = "signs in to the console with a password alone";
        draft.insight(
            user.id.key(),
            fact("doesNotHaveMfaEnabled", user, field, text),
        );
    }
}

/// Access keys that the user itself states.
fn keys_of_user(user: &Resource, draft: &mut GraphDraft) {
    let properties = user.properties();
    let lists = ["AccessKeyMetadata", "AccessKeys"];
    let listed = lists.iter().find(|list| {
        let keys = properties.get(**list).and_then(Value::as_array);
        keys.into_iter().flatten().any(is_active)
    });
    let columns = ["access_key_1_active", "access_key_2_active"];
    let flagged = columns.iter().find(|column| {
        let value = properties.get(**column);
        value.is_some_and(|value| *value == Value::Bool(true) || value.as_str() == Some("true"))
    });
    if let Some(field) = listed.or(flagged) {
        let text = "an access key is active";
        draft.insight(user.id.key(), fact("hasStandingKey", user, field, text));
    }
}

fn is_active(key: &Value) -> bool {
    let status = key.get("Status").and_then(Value::as_str);
    status.is_none_or(|status| status.eq_ignore_ascii_case("active"))
}

/// Keys that are resources of their own, and name their user.
fn key_alone(estate: &Estate<'_>, number: usize, draft: &mut GraphDraft) {
    let key = estate.resources[number];
    let properties = key.properties();
    let Some(user) = properties.get("UserName").and_then(Value::as_str) else {
        return;
    };
    if !is_active(properties) {
        return;
    }
    let users = (
        estate.account_of[number].clone(),
        "aws::iam::user".to_owned(),
    );
    for owner in estate.by_type.get(&users).into_iter().flatten() {
        let owner = estate.resources[*owner];
        if last_of(owner.id.as_str()).eq_ignore_ascii_case(last_of(user)) {
            let text = "a key of this user is active";
            let insight = fact("hasStandingKey", key, "Status", text);
            draft.edge(EdgeDraft {
                label: labels::HAS_CREDENTIALS_OF.to_owned(),
                source: key.id.key(),
                target: owner.id.key(),
                maker: MAKER.to_owned(),
                evidence: insight.evidence.clone(),
                ..EdgeDraft::default()
            });
            draft.insight(owner.id.key(), insight);
        }
    }
}
