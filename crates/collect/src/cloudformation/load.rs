//! A document to an evaluator: sections, parameters, loops.

use std::cell::RefCell;
use std::collections::HashMap;

use indexmap::IndexMap;

use crate::codes;
use crate::json::{Member, Node, NodeValue};

use super::evaluate::{Declared, Evaluator};
use super::for_each;
use super::parameters::{Parameter, Values, exact};
use super::serverless;
use super::shared::Shared;

/// Transforms that change nothing which is looked at here, or that are understood.
const UNDERSTOOD: &[&str] = &[
    "AWS::LanguageExtensions",
    "AWS::Serverless-2016-10-31",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
];

/// Where a template stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Names of the stacks around it, each followed by `-`.
    pub(super) prefix: String,
    /// Templates around it.
    pub(super) level: usize,
}

/// Makes an evaluator of a template.
pub(super) fn open<'s>(
    shared: &'s Shared<'s>,
    file: &str,
    root: Node,
    given: &Values,
    standing: Standing,
) -> Evaluator<'s> {
    let mut evaluator = Evaluator {
        shared,
        file: file.to_owned(),
        prefix: standing.prefix,
        level: standing.level,
        parameters: parameters(&root, given),
        mappings: exact(&root, "Mappings").cloned(),
        conditions: IndexMap::new(),
        resources: IndexMap::new(),
        outputs: Vec::new(),
        globals: exact(&root, "Globals").cloned(),
        settled: RefCell::default(),
        identities: RefCell::default(),
        stacks: RefCell::default(),
    };
    macros(&evaluator, &root);
    let loops = for_each::has_loops(&root);
    let mut sections: HashMap<String, Node> = HashMap::new();
    if let NodeValue::Object(members) = root.value {
        for member in members {
            if !matches!(member.key.as_str(), "Conditions" | "Resources" | "Outputs") {
                continue;
            }
            let section = if loops {
                for_each::unrolled(&evaluator, &member.value)
            } else {
                member.value
            };
            sections.insert(member.key, section);
        }
    }
    let mut members = |name: &str| match sections.remove(name).map(|section| section.value) {
        Some(NodeValue::Object(members)) => members,
        _ => Vec::new(),
    };
    evaluator.conditions = members("Conditions")
        .into_iter()
        .map(|member| (member.key, member.value))
        .collect();
    evaluator.outputs = members("Outputs");
    let declared = members("Resources");
    evaluator.resources = resources(&evaluator, declared);
    serverless::complete(&mut evaluator);
    evaluator
}

fn parameters(root: &Node, given: &Values) -> IndexMap<String, Parameter> {
    let mut parameters = IndexMap::new();
    // Pseudo parameters are never declared, but a parameter file may say what they are.
    for (name, value) in given.iter().filter(|(name, _)| name.starts_with("AWS::")) {
        parameters.insert(name.clone(), Parameter::given(value.clone()));
    }
    let declared = exact(root, "Parameters").and_then(Node::members);
    for member in declared.unwrap_or_default() {
        let parameter = Parameter::declared(&member.value, given.get(&member.key));
        parameters.insert(member.key.clone(), parameter);
    }
    parameters
}

/// Macros over the whole template.
fn macros(evaluator: &Evaluator<'_>, root: &Node) {
    let Some(transform) = exact(root, "Transform") else {
        return;
    };
    let names = match &transform.value {
        NodeValue::Array(items) => items.iter().collect(),
        _ => vec![transform],
    };
    for node in names {
        let name = node.text().or_else(|| exact(node, "Name")?.text());
        let Some(name) = name.filter(|name| !UNDERSTOOD.contains(name)) else {
            continue;
        };
        evaluator.shared.partial.set(true);
        evaluator.shared.say(
            codes::CLOUDFORMATION_MACRO,
            &evaluator.file,
            (node.line, node.column),
            format!("`{name}` may change any resource of the template; they are taken as written"),
        );
    }
}

fn resources(evaluator: &Evaluator<'_>, members: Vec<Member>) -> IndexMap<String, Declared> {
    let mut resources = IndexMap::with_capacity(members.len());
    for member in members {
        let spelt = exact(&member.value, "Type").and_then(Node::text);
        let Some(spelt) = spelt.map(str::trim).filter(|spelt| !spelt.is_empty()) else {
            evaluator.shared.partial.set(true);
            evaluator.shared.say(
                codes::CLOUDFORMATION,
                &evaluator.file,
                (member.line, member.column),
                format!("the resource `{}` has no `Type`", member.key),
            );
            continue;
        };
        let declared = Declared {
            kind: spelt.to_lowercase(),
            line: member.line,
            column: member.column,
            node: member.value,
        };
        resources.insert(member.key, declared);
    }
    resources
}
