//! Policy documents of IAM: statements with what they say about actions, resources and principals.
//!
//! Grammar: AWS IAM User Guide, "Grammar of the IAM JSON policy language".

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::glob::{LONGEST, covers, meets};

/// Most statements of one document; more are left out.
const MOST_STATEMENTS: usize = 10_000;
/// Most actions, resources or principals of one statement; more are left out.
const MOST_WORDS: usize = 10_000;
/// Most patterns that a text for people names.
const MOST_TOLD: usize = 3;

/// A list of patterns, or everything but them (`NotAction`, `NotResource`, `NotPrincipal`).
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) but: bool,
    pub(super) patterns: Vec<String>,
}

impl Words {
    /// Whether all that the request stands for is meant.
    pub(super) fn covers(&self, request: &str) -> bool {
        if self.but {
            return !self.patterns.iter().any(|one| meets(one, request));
        }
        self.patterns.iter().any(|one| covers(one, request))
    }

    /// Whether something that the request stands for is meant.
    pub(super) fn meets(&self, request: &str) -> bool {
        if self.but {
            return !self.patterns.iter().any(|one| covers(one, request));
        }
        self.patterns.iter().any(|one| meets(one, request))
    }

    /// Whether a request for many things is only met by chance: `arn:aws:s3:::*sagemaker*` means objects of any bucket whose
    /// name happens to hold the word.
    pub(super) fn meets_by_chance(&self, request: &str) -> bool {
        if self.but || !request.contains(['*', '?']) {
            return false;
        }
        let depth = |text: &str| text.matches('/').count();
        let deep = depth(request);
        let mut met = self.patterns.iter().filter(|one| meets(one, request));
        let mut chance = false;
        let sure = met.any(|one| {
            chance = true;
            depth(one) >= deep || covers(one, request)
        });
        chance && !sure
    }

    /// The parts of the request that are meant.
    pub(super) fn parts<'a>(&'a self, request: &'a str) -> Vec<Cow<'a, str>> {
        if self.but {
            let whole = self.meets(request).then_some(Cow::Borrowed(request));
            return whole.into_iter().collect();
        }
        let met = self.patterns.iter().filter(|one| meets(one, request));
        met.map(|one| {
            let narrower = covers(request, one);
            Cow::Borrowed(if narrower { one.as_str() } else { request })
        })
        .collect()
    }
}

/// Whom a statement of a resource's policy is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Principals {
    /// Everybody but them (`NotPrincipal`).
    pub(super) but: bool,
    /// `*`: anybody.
    pub(super) anybody: bool,
    /// ARNs, account ids and unique ids.
    pub(super) aws: Vec<String>,
    /// Identity providers: ARNs, or the name of a well-known one.
    pub(super) federated: Vec<String>,
    /// `bedrock.amazonaws.com`
    pub(super) services: Vec<String>,
}

/// One statement.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    /// Its place in the document, from 0.
    pub(super) position: usize,
    pub(super) denies: bool,
    /// In lower case.
    pub(super) actions: Words,
    pub(super) resources: Words,
    /// `None` in policies of identities.
    pub(super) principals: Option<Principals>,
    /// `Condition`; `None` where it has none.
    pub(super) conditions: Option<Map<String, Value>>,
    /// A resource holds a variable such as `${aws:username}`, which here stands for anything.
    pub(super) has_variables: bool,
    /// What it says, for people: `allows s3:* on *`.
    pub(super) text: String,
}

impl Statement {
    /// Whether an action in lower case is meant.
    pub(super) fn is_about(&self, action: &str) -> bool {
        self.actions.covers(action)
    }
}

/// The statements of a document, and how many were no statements.
#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    pub(super) statements: Vec<Statement>,
    pub(super) ignored: usize,
}

/// Where a document stands: which members a statement must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Resource,
    /// Without resources: the role itself is meant.
    Trust,
}

impl Policy {
    /// Reads a document: an object, or text that holds one. What is no statement is counted and left out.
    pub(super) fn read(document: &Value, kind: Kind) -> Self {
        let parsed: Value;
        let document = match document {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(value) => {
                    parsed = value;
                    &parsed
                }
                Err(_) => return Self::broken(),
            },
            other => other,
        };
        let statements = match document.get("Statement") {
            Some(Value::Array(items)) => items.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Self::broken(),
        };
        let mut policy = Self {
            ignored: statements.len().saturating_sub(MOST_STATEMENTS),
            ..Self::default()
        };
        for (position, statement) in statements.iter().enumerate().take(MOST_STATEMENTS) {
            match read_statement(statement, position, kind) {
                Some(statement) => policy.statements.push(statement),
                None => policy.ignored += 1,
            }
        }
        policy
    }

    fn broken() -> Self {
        Self {
            ignored: 1,
            ..Self::default()
        }
    }

    /// Statements that allow.
    pub(super) fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|one| !one.denies)
    }

    /// Statements that deny whatever the circumstances. Those with conditions are left out: a path is rather shown than
    /// hidden.
    pub(super) fn denies(&self) -> impl Iterator<Item = &Statement> {
        let sure = |one: &&Statement| one.denies && one.conditions.is_none() && !one.has_variables;
        self.statements.iter().filter(sure)
    }
}

fn read_statement(statement: &Value, position: usize, kind: Kind) -> Option<Statement> {
    let denies = match statement.get("Effect")?.as_str()? {
        "Allow" => false,
        "Deny" => true,
        _ => return None,
    };
    let mut actions = words(statement, "Action", "NotAction")?;
    let spelt = told(&actions);
    for action in &mut actions.patterns {
        action.make_ascii_lowercase();
    }
    let mut resources = match words(statement, "Resource", "NotResource") {
        Some(resources) => resources,
        None if kind == Kind::Trust => Words {
            but: false,
            patterns: vec!["*".to_owned()],
        },
        None => return None,
    };
    let verb = if denies { "denies" } else { "allows" };
    let text = format!("{verb} {spelt} on {}", told(&resources));
    let mut has_variables = false;
    for resource in &mut resources.patterns {
        if resource.contains("${") {
            *resource = without_variables(resource);
            has_variables = true;
        }
    }
    let principals = match kind {
        Kind::Identity => None,
        Kind::Resource | Kind::Trust => Some(principals(statement)?),
    };
    let conditions = statement.get("Condition").and_then(Value::as_object);
    Some(Statement {
        position,
        denies,
        actions,
        resources,
        principals,
        conditions: conditions.filter(|all| !all.is_empty()).cloned(),
        has_variables,
        text,
    })
}

/// The first few patterns, for people.
fn told(words: &Words) -> String {
    let shown = words.patterns.iter().take(MOST_TOLD).map(String::as_str);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if words.patterns.len() > MOST_TOLD {
        text.push_str(", …");
    }
    if words.but {
        return format!("everything but {text}");
    }
    text
}

fn words(statement: &Value, name: &str, but: &str) -> Option<Words> {
    let (value, but) = match (statement.get(name), statement.get(but)) {
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        _ => return None,
    };
    Some(Words {
        but,
        patterns: texts(value)?,
    })
}

/// One text or a list of them; `None` for anything else, and where one is too long to be compared.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    let items = match value {
        Value::String(_) => std::slice::from_ref(value),
        Value::Array(items) if items.len() <= MOST_WORDS => items.as_slice(),
        _ => return None,
    };
    let text = |item: &Value| {
        let text = item.as_str().filter(|text| text.len() <= LONGEST)?;
        Some(text.to_owned())
    };
    items.iter().map(text).collect()
}

fn principals(statement: &Value) -> Option<Principals> {
    let (value, but) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        _ => return None,
    };
    let mut read = Principals {
        but,
        ..Principals::default()
    };
    match value {
        Value::String(text) => read.aws.push(text.clone()),
        Value::Object(kinds) => {
            for (kind, value) in kinds {
                match kind.as_str() {
                    "AWS" => read.aws.extend(texts(value)?),
                    "Federated" => read.federated.extend(texts(value)?),
                    "Service" => read.services.extend(texts(value)?),
                    // Canonical users are of S3's lists.
                    _ => {}
                }
            }
        }
        _ => return None,
    }
    read.anybody = read.aws.iter().any(|one| one == "*");
    Some(read)
}

/// `${aws:username}` becomes `*`.
fn without_variables(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        made.push_str(before);
        made.push('*');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    made.push_str(rest);
    made
}
