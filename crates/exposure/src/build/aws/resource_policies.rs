//! Policies that hang on resources: of buckets, functions, secrets, search domains, and the data access rules of its
//! collections.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};
use stance_model::Resource;

use super::estate::Estate;
use super::glob::meets;
use super::identity::{Identity, last_of};
use super::policy::{Kind, Policy, Statement, texts};
use crate::graph::{Confidence, Evidence};

/// Most data access rules of an account; more are left out.
const MOST_RULES: usize = 10_000;
const COLLECTION: &str = "aws::opensearchserverless::collection";

/// Types that hold the policy of another resource: the properties that name it, and those that hold the document.
const APART: &[(&str, &[&str], &[&str])] = &[
    ("aws::s3::bucketpolicy", &["Bucket"], &["PolicyDocument"]),
    (
        "aws::secretsmanager::resourcepolicy",
        &["SecretId"],
        &["ResourcePolicy"],
    ),
    (
        "aws::bedrock::resourcepolicy",
        &["ResourceArn"],
        &["PolicyDocument", "Policy"],
    ),
    (
        "aws::bedrockagentcore::resourcepolicy",
        &["ResourceArn"],
        &["Policy", "PolicyDocument"],
    ),
    (
        "aws::s3vectors::vectorbucketpolicy",
        &["VectorBucketArn", "VectorBucketName"],
        &["Policy"],
    ),
];
/// Properties of a resource that hold its policy.
const OWN: &[&str] = &[
    "AccessPolicies",
    "BucketPolicy",
    "ModelPackageGroupPolicy",
    "Policy",
    "ResourcePolicy",
];

/// A statement of a resource's policy.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) statement: Statement,
    /// What it means for the pairs: see `Document::meanings`.
    pub(super) meaning: Vec<(usize, Vec<usize>)>,
    pub(super) evidence: Evidence,
}

/// A data access rule of search collections.
#[derive(Debug)]
struct Rule {
    principals: Vec<String>,
    /// Patterns of collections' names.
    collections: Vec<String>,
    reads: bool,
    writes: bool,
}

/// The policies of all resources.
#[derive(Debug, Default)]
pub(super) struct Shared {
    by_resource: BTreeMap<usize, Vec<Said>>,
    /// Resources with statements that deny, by account and type.
    guarded: HashMap<(String, String), Vec<usize>>,
    /// Data access rules by account.
    rules: HashMap<String, Vec<Rule>>,
    /// Names and accounts of collections.
    collections: HashMap<usize, (String, String)>,
}

impl Shared {
    /// Resources with a policy, and its statements.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &[Said])> {
        let all = self.by_resource.iter();
        all.map(|(number, said)| (*number, said.as_slice()))
    }

    /// Statements that deny whatever the circumstances.
    pub(super) fn denies(&self, number: usize) -> impl Iterator<Item = &Statement> {
        let said = self.by_resource.get(&number).into_iter().flatten();
        let statements = said.map(|one| &one.statement);
        statements.filter(|one| one.denies && one.conditions.is_none() && !one.has_variables)
    }

    /// Resources of a type with statements that deny.
    pub(super) fn guarded(&self, account: &str, label: &str) -> &[usize] {
        let key = (account.to_owned(), label.to_owned());
        self.guarded.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Whether data access rules say who gets into the resources of a type.
    pub(super) fn has_rules(&self, account: &str, label: &str) -> bool {
        label == COLLECTION && self.rules.contains_key(account)
    }

    /// How sure a grant on a type is whose data access rules were not collected.
    pub(super) fn without_rules(&self, label: &str) -> Confidence {
        if label == COLLECTION && !self.collections.is_empty() {
            return Confidence::Medium;
        }
        Confidence::High
    }

    /// How sure data access rules let an identity in; resources without such rules let in who may ask.
    pub(super) fn rule(
        &self,
        number: usize,
        capability: &str,
        identity: &Identity<'_>,
    ) -> Option<Confidence> {
        let Some((name, account)) = self.collections.get(&number) else {
            return Some(Confidence::High);
        };
        let Some(rules) = self.rules.get(account) else {
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

/// Reads them all.
pub(super) fn read(estate: &mut Estate<'_>) -> Shared {
    let mut reader = Reader {
        shared: Shared::default(),
        by_key: HashMap::new(),
        by_name: HashMap::new(),
        labels: estate.pairs.iter().map(|one| one.label.clone()).collect(),
    };
    for (number, resource) in estate.resources.iter().enumerate() {
        reader.by_key.insert(resource.id.key(), number);
        let name = last_of(resource.id.as_str()).to_lowercase();
        let key = (resource.resource_type.clone(), name);
        reader.by_name.insert(key, number);
        if resource.resource_type == COLLECTION {
            let name = resource.properties().get("Name").and_then(Value::as_str);
            let name = name.unwrap_or_else(|| resource.name()).to_owned();
            let account = estate.account_of[number].clone();
            reader.shared.collections.insert(number, (name, account));
        }
    }
    for number in 0..estate.resources.len() {
        reader.resource(estate, number);
    }
    reader.shared
}

struct Reader {
    shared: Shared,
    by_key: HashMap<String, usize>,
    by_name: HashMap<(String, String), usize>,
    labels: HashSet<String>,
}

impl Reader {
    fn resource(&mut self, estate: &mut Estate<'_>, number: usize) {
        let resource = estate.resources[number];
        let kind = resource.resource_type.as_str();
        if kind == "aws::lambda::permission" {
            self.permission(estate, resource);
            return;
        }
        if kind == "aws::opensearchserverless::accesspolicy" {
            self.rules(estate, number);
            return;
        }
        if let Some((_, names, documents)) = APART.iter().find(|(one, _, _)| *one == kind) {
            if let Some(target) = self.target(resource, kind, names) {
                self.document(estate, target, resource, documents);
            }
            return;
        }
        if self.labels.contains(kind) && !kind.starts_with("aws::iam::") {
            self.document(estate, number, resource, OWN);
        }
    }

    /// The resource that a policy is for.
    fn target(&self, resource: &Resource, kind: &str, names: &[&str]) -> Option<usize> {
        let parent = resource.parent().map(|parent| parent.key());
        if let Some(number) = parent.and_then(|parent| self.by_key.get(&parent)) {
            return Some(*number);
        }
        let properties = resource.properties();
        let named = names
            .iter()
            .find_map(|name| properties.get(*name)?.as_str())?;
        let named = named.to_lowercase();
        if let Some(number) = self.by_key.get(&named) {
            return Some(*number);
        }
        let wanted = match kind {
            "aws::s3::bucketpolicy" => "aws::s3::bucket",
            "aws::secretsmanager::resourcepolicy" => "aws::secretsmanager::secret",
            "aws::lambda::permission" => "aws::lambda::function",
            _ => "aws::s3vectors::vectorbucket",
        };
        let key = (wanted.to_owned(), last_of(&named).to_owned());
        self.by_name.get(&key).copied()
    }

    fn document(
        &mut self,
        estate: &mut Estate<'_>,
        target: usize,
        stated_by: &Resource,
        members: &[&str],
    ) {
        for member in members {
            let Some(value) = stated_by.properties().get(*member) else {
                continue;
            };
            let (field, document) = match value.get("PolicyDocument") {
                Some(inner) => (format!("{member}.PolicyDocument"), inner),
                None => ((*member).to_owned(), value),
            };
            self.statements(estate, target, document, |statement| Evidence {
                object: stated_by.id.as_str().to_owned(),
                field: format!("{field}.Statement[{}]", statement.position),
                text: statement.text(),
            });
        }
    }

    fn statements(
        &mut self,
        estate: &mut Estate<'_>,
        target: usize,
        document: &Value,
        evidence: impl Fn(&Statement) -> Evidence,
    ) {
        let policy = Policy::read(document, Kind::Resource);
        estate.ignored += policy.ignored;
        let label = &estate.resources[target].resource_type;
        let denies = policy.denies().next().is_some();
        let said = policy.statements.into_iter().map(|statement| {
            let mut meaning = estate.meaning(&statement);
            meaning.retain(|(pair, _)| estate.pairs[*pair].label == *label);
            Said {
                evidence: evidence(&statement),
                statement,
                meaning,
            }
        });
        self.shared
            .by_resource
            .entry(target)
            .or_default()
            .extend(said);
        if denies {
            let key = (estate.account_of[target].clone(), label.clone());
            self.shared.guarded.entry(key).or_default().push(target);
        }
    }

    /// CloudFormation keeps each statement of a function's policy as a resource of its own.
    fn permission(&mut self, estate: &mut Estate<'_>, resource: &Resource) {
        let properties = resource.properties();
        let names = ["FunctionName"];
        let Some(target) = self.target(resource, "aws::lambda::permission", &names) else {
            return;
        };
        let (Some(action), Some(principal)) =
            (properties.get("Action"), properties.get("Principal"))
        else {
            return;
        };
        let named = texts(principal).unwrap_or_default();
        let is_service =
            |one: &String| one.contains(".amazonaws.") || one.contains(".aws.internal");
        let kind = if named.iter().any(is_service) {
            "Service"
        } else {
            "AWS"
        };
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": {kind: principal},
            "Action": action,
            "Resource": estate.resources[target].id.as_str(),
        });
        let limits = [
            "SourceArn",
            "SourceAccount",
            "PrincipalOrgID",
            "EventSourceToken",
        ];
        let mut conditions = Map::new();
        for limit in limits {
            if let Some(value) = properties.get(limit).filter(|value| !value.is_null()) {
                conditions.insert(format!("aws:{limit}"), value.clone());
            }
        }
        if !conditions.is_empty() {
            statement["Condition"] = json!({"StringLike": conditions});
        }
        let document = json!({"Statement": [statement]});
        self.statements(estate, target, &document, |statement| Evidence {
            object: resource.id.as_str().to_owned(),
            field: String::new(),
            text: statement.text(),
        });
    }

    fn rules(&mut self, estate: &mut Estate<'_>, number: usize) {
        let properties = estate.resources[number].properties();
        let kind = properties.get("Type").and_then(Value::as_str);
        if kind.is_some_and(|kind| kind != "data") {
            return;
        }
        let parsed = match properties.get("Policy") {
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            Some(value) => Some(value.clone()),
            None => None,
        };
        let Some(Value::Array(blocks)) = parsed else {
            estate.ignored += 1;
            return;
        };
        let account = estate.account_of[number].clone();
        let known = self.shared.rules.entry(account).or_default();
        for block in &blocks {
            let principals = block.get("Principal").and_then(texts).unwrap_or_default();
            let rules = block.get("Rules").and_then(Value::as_array);
            for rule in rules.into_iter().flatten() {
                if known.len() < MOST_RULES {
                    known.extend(read_rule(rule, &principals));
                }
            }
        }
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
