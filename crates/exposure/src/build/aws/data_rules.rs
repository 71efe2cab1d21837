//! Data access rules of `OpenSearch` Serverless: beside `aoss:APIAccessAll` a caller needs a rule that names it.
//!
//! Source: developer guide of Amazon `OpenSearch` Service, "Data access control".

use std::collections::HashMap;

use serde_json::Value;

use super::estate::Estate;
use super::glob::meets;
use super::identity::Identity;
use super::policy::texts;
use crate::graph::Confidence;

/// Most rules of an account; more are left out.
const MOST_RULES: usize = 10_000;
const COLLECTION: &str = "aws::opensearchserverless::collection";
const POLICY: &str = "aws::opensearchserverless::accesspolicy";

/// One rule.
#[derive(Debug)]
struct Rule {
    principals: Vec<String>,
    /// Patterns of collections' names.
    collections: Vec<String>,
    reads: bool,
    writes: bool,
}

/// The rules of all accounts.
#[derive(Debug, Default)]
pub(super) struct DataRules {
    by_account: HashMap<String, Vec<Rule>>,
    /// Names and accounts of collections.
    collections: HashMap<usize, (String, String)>,
}

impl DataRules {
    /// Reads them; policies that are none are counted.
    pub(super) fn read(estate: &mut Estate<'_>) -> Self {
        let mut read = Self::default();
        for (number, resource) in estate.resources.iter().enumerate() {
            let account = estate.account_of[number].clone();
            if resource.resource_type == COLLECTION {
                let name = resource.properties().get("Name").and_then(Value::as_str);
                let name = name.unwrap_or_else(|| resource.name()).to_owned();
                read.collections.insert(number, (name, account));
            } else if resource.resource_type == POLICY {
                let known = read.policy(account, resource.properties());
                estate.ignored += usize::from(known.is_none());
            }
        }
        read
    }

    /// `None` where it is no policy.
    fn policy(&mut self, account: String, properties: &Value) -> Option<()> {
        let kind = properties.get("Type").and_then(Value::as_str);
        if kind.is_some_and(|kind| kind != "data") {
            return Some(());
        }
        let parsed = match properties.get("Policy")? {
            Value::String(text) => serde_json::from_str(text).ok()?,
            value => value.clone(),
        };
        let Value::Array(blocks) = parsed else {
            return None;
        };
        let known = self.by_account.entry(account).or_default();
        for block in &blocks {
            let principals = block.get("Principal").and_then(texts).unwrap_or_default();
            let rules = block.get("Rules").and_then(Value::as_array);
            for rule in rules.into_iter().flatten() {
                if known.len() < MOST_RULES {
                    known.extend(read_rule(rule, &principals));
                }
            }
        }
        Some(())
    }

    /// Whether data access rules say who gets into the resources of a type.
    pub(super) fn applies(&self, account: &str, label: &str) -> bool {
        label == COLLECTION && self.by_account.contains_key(account)
    }

    /// How sure a grant on a type is whose data access rules were not collected.
    pub(super) fn without(&self, label: &str) -> Confidence {
        if label == COLLECTION && !self.collections.is_empty() {
            return Confidence::Medium;
        }
        Confidence::High
    }

    /// How sure data access rules let an identity in; resources without such rules let in who may ask.
    pub(super) fn lets(
        &self,
        number: usize,
        capability: &str,
        identity: &Identity<'_>,
    ) -> Option<Confidence> {
        let Some((name, account)) = self.collections.get(&number) else {
            return Some(Confidence::High);
        };
        let Some(rules) = self.by_account.get(account) else {
            return Some(Confidence::Medium);
        };
        let lets_in = rules.iter().any(|rule| {
            let does = match capability {
                "read data" => rule.reads,
                _ => rule.writes,
            };
            let mut names = rule.collections.iter();
            let mut principals = rule.principals.iter();
            does && names.any(|one| meets(one, name))
                && principals.any(|one| one.eq_ignore_ascii_case(identity.arn()))
        });
        lets_in.then_some(Confidence::High)
    }
}

/// `{"ResourceType": "index", "Resource": ["index/NAME/*"], "Permission": ["aoss:ReadDocument"]}`.
fn read_rule(rule: &Value, principals: &[String]) -> Option<Rule> {
    if rule.get("ResourceType").and_then(Value::as_str) != Some("index") {
        return None;
    }
    let resources = rule.get("Resource").and_then(texts)?;
    let permissions = rule.get("Permission").and_then(texts)?;
    let may = |name: &str| {
        let mut permissions = permissions.iter();
        permissions.any(|one| one == "aoss:*" || one == name)
    };
    let collections = resources.iter().filter_map(|one| one.split('/').nth(1));
    Some(Rule {
        principals: principals.to_vec(),
        collections: collections.map(str::to_owned).collect(),
        reads: may("aoss:ReadDocument"),
        writes: may("aoss:WriteDocument"),
    })
}
