//! The table of answers: `content/mappings/aws/answers.json`, and the kinds that ARNs name, `arns.json`.

use std::collections::HashMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aws::arn::Arn;

/// How much an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tells {
    /// A list tells all there is, anything else all about one thing.
    #[default]
    All,
    /// Things that were asked for by name.
    Named,
    /// The parts of one thing.
    Parts,
    /// All there is, but less of each than other lists of the type.
    Summary,
    /// One setting of something that other answers are about.
    Setting,
}

/// How the things under one member of an answer, or an answer itself, are recognised and called.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The type, unless the ARN or the operation says it.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    /// The member that holds the thing's own ARN.
    pub(crate) arn: Option<String>,
    /// A pattern for the id where there is no ARN and the type's own pattern does not fit.
    pub(crate) id: Option<String>,
    /// Some of these must be there: the name of the list alone says too little.
    #[serde(default)]
    pub(crate) only_with: Vec<String>,
    /// The type by a member that only it has.
    #[serde(default)]
    pub(crate) by_member: IndexMap<String, String>,
    /// The type by the operation in the file's name, lower case without hyphens: for lists that are empty.
    #[serde(default)]
    pub(crate) operations: HashMap<String, String>,
    /// How much the answer tells.
    #[serde(default)]
    pub(crate) tells: Tells,
    /// For answers without a list: members that must all be there.
    #[serde(default)]
    pub(crate) with: Vec<String>,
}

/// How the members of a type are called in CloudFormation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeRules {
    /// New names by path, in order.
    #[serde(default)]
    pub(crate) rename: IndexMap<String, String>,
    /// Members that are left out.
    #[serde(default)]
    pub(crate) drop: Vec<String>,
    /// Objects of which one member stands for all.
    #[serde(default)]
    pub(crate) flatten: IndexMap<String, String>,
    /// The same for the elements of lists.
    #[serde(default)]
    pub(crate) list: IndexMap<String, String>,
    /// Objects that CloudFormation takes as JSON text.
    #[serde(default)]
    pub(crate) text: Vec<String>,
    /// Objects whose keys are data.
    #[serde(default)]
    pub(crate) opaque: Vec<String>,
    /// Lists tell as much as details do; with other types what a list leaves out is unknown.
    #[serde(default)]
    pub(crate) full_list: bool,
    /// Properties that answers of their own tell, and that are unknown without them. `A|B`: either is told.
    #[serde(default)]
    pub(crate) asked_apart: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Answers {
    lists: HashMap<String, Rule>,
    objects: HashMap<String, Rule>,
    tops: Vec<Rule>,
    types: HashMap<String, TypeRules>,
}

#[derive(Debug, Default, Deserialize)]
struct Arns {
    services: HashMap<String, String>,
    kinds: HashMap<String, HashMap<String, String>>,
    whole: HashMap<String, String>,
}

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| {
    let text = include_str!("../../../../../content/mappings/aws/answers.json");
    // A test reads the same text, so a fault cannot pass unseen.
    serde_json::from_str(text).unwrap_or_default()
});

static ARNS: LazyLock<Arns> = LazyLock::new(|| {
    let text = include_str!("../../../../../content/mappings/aws/arns.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// The rules of a type, given in lower case.
pub(crate) fn rules(resource_type: &str) -> Option<&'static TypeRules> {
    ANSWERS.types.get(resource_type)
}

/// The rule for a list under a member.
pub(crate) fn list(member: &str) -> Option<&'static Rule> {
    ANSWERS.lists.get(member)
}

/// The rule for an object under a member.
pub(crate) fn object(member: &str) -> Option<&'static Rule> {
    ANSWERS.objects.get(member)
}

/// The rule for an answer that is the thing itself.
pub(crate) fn top(body: &Map<String, Value>) -> Option<&'static Rule> {
    ANSWERS
        .tops
        .iter()
        .find(|rule| rule.with.iter().all(|member| body.contains_key(member)))
}

/// CloudFormation's name, in lower case, for what an ARN names.
pub(crate) fn type_of(text: &str) -> Option<String> {
    let arn = Arn::parse(text)?;
    let service = ARNS
        .services
        .get(arn.service)
        .map_or(arn.service, String::as_str);
    let kind = match ARNS.whole.get(arn.service) {
        Some(kind) => kind.clone(),
        None => kind_of(&arn)?,
    };
    Some(format!("aws::{service}::{kind}"))
}

/// `agent/A` is an agent, `knowledge-base/K/data-source/D` a data source, `function:f` a function.
fn kind_of(arn: &Arn<'_>) -> Option<String> {
    let first = arn.resource.split(['/', ':']).next()?;
    let segments: Vec<&str> = arn.resource.split('/').collect();
    let kind = match segments.len() {
        // The path of a role may have any length.
        _ if arn.service == "iam" => first,
        2 | 4 | 6 => segments[segments.len() - 2],
        _ => first,
    };
    let plausible = !kind.is_empty()
        && kind.len() < 64
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let named = ARNS
        .kinds
        .get(arn.service)
        .and_then(|kinds| kinds.get(kind));
    match named {
        Some(name) => Some(name.clone()),
        None => plausible.then(|| kind.replace('-', "").to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read() {
        assert!(ANSWERS.lists.len() > 60 && ANSWERS.tops.len() > 20 && !ARNS.kinds.is_empty());
        let lower = |kind: &String| *kind == kind.to_lowercase();
        for rule in ANSWERS
            .lists
            .values()
            .chain(ANSWERS.objects.values())
            .chain(&ANSWERS.tops)
        {
            assert!(rule.kind.iter().all(lower), "{rule:?}");
        }
    }

    #[test]
    fn arns_name_their_type() {
        for (arn, kind) in [
            (
                "arn:aws:bedrock:eu-west-1:123456789012:agent/A",
                "aws::bedrock::agent",
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:agent-alias/A/B",
                "aws::bedrock::agentalias",
            ),
            (
                "arn:aws:bedrock:eu-west-1::foundation-model/x.y-v1:0",
                "aws::bedrock::foundationmodel",
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:custom-model/amazon.x-v1:0:8k/abc",
                "aws::bedrock::custommodel",
            ),
            (
                "arn:aws:bedrock-agentcore:eu-west-1:123456789012:token-vault/default/apikeycredentialprovider/p",
                "aws::bedrockagentcore::apikeycredentialprovider",
            ),
            (
                "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/c",
                "aws::sagemaker::endpointconfig",
            ),
            (
                "arn:aws:lambda:eu-west-1:123456789012:function:f",
                "aws::lambda::function",
            ),
            ("arn:aws:iam::123456789012:role/a/b/c/d", "aws::iam::role"),
            (
                "arn:aws:iam::aws:policy/service-role/p",
                "aws::iam::managedpolicy",
            ),
            ("arn:aws:s3:::bucket", "aws::s3::bucket"),
        ] {
            assert_eq!(type_of(arn).as_deref(), Some(kind), "{arn}");
        }
    }
}
