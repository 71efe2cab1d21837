//! Policies that hang on resources: of buckets, functions, secrets, search domains, and the data access rules of its
//! collections.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};
use stance_model::Resource;

use super::data_rules::DataRules;
use super::estate::Estate;
use super::identity::last_of;
use super::policy::{Kind, Policy, Statement, texts};
use crate::graph::Evidence;

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

/// The policies of all resources.
#[derive(Debug, Default)]
pub(super) struct Shared {
    by_resource: BTreeMap<usize, Vec<Said>>,
    /// Resources with statements that deny, by account and type.
    guarded: HashMap<(String, String), Vec<usize>>,
    /// Who gets into search collections.
    pub(super) rules: DataRules,
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
}

/// Reads them all.
pub(super) fn read(estate: &mut Estate<'_>) -> Shared {
    let mut reader = Reader {
        shared: Shared {
            rules: DataRules::read(estate),
            ..Shared::default()
        },
        by_key: HashMap::new(),
        by_name: HashMap::new(),
        labels: estate.pairs.iter().map(|one| one.label.clone()).collect(),
    };
    for (number, resource) in estate.resources.iter().enumerate() {
        reader.by_key.insert(resource.id.key(), number);
        let name = last_of(resource.id.as_str()).to_lowercase();
        let key = (resource.resource_type.clone(), name);
        reader.by_name.insert(key, number);
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
                text: statement.text.clone(),
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
            text: statement.text.clone(),
        });
    }
}
