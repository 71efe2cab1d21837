//! What a declared resource is called before the cloud has made it: its ARN, its id, its name.

use std::rc::Rc;

use crate::aws::arn::{Arn, last_segment};
use crate::aws::types::{self, Reference};
use crate::json::Node;

use super::evaluate::{Declared, Evaluator};
use super::nested;
use super::parameters::{exact, pseudo};
use super::serverless;
use super::text::for_id;
use super::value::{Text, Value};

/// See the module.
#[derive(Debug)]
pub(super) struct Identity {
    /// The ARN, with `${AWS::Region}` and the like where the template does not say.
    pub(super) arn: Rc<str>,
    /// What stands last in it: the declared name, or the logical one.
    pub(super) short: Rc<str>,
    /// The name that people know it by.
    pub(super) name: String,
    /// The declared name, where a part of it is not known.
    short_value: Option<Value>,
}

/// The identity of a resource.
pub(super) fn of(evaluator: &Evaluator<'_>, logical: &str, declared: &Declared) -> Rc<Identity> {
    if let Some(known) = evaluator.identities.borrow().get(logical) {
        return Rc::clone(known);
    }
    // Names that need each other: the logical name stands in.
    let stand_in = Rc::new(make(evaluator, logical, declared, None));
    let mut identities = evaluator.identities.borrow_mut();
    identities.insert(logical.to_owned(), stand_in);
    drop(identities);
    let properties = exact(&declared.node, "Properties");
    let made = Rc::new(make(evaluator, logical, declared, properties));
    let mut identities = evaluator.identities.borrow_mut();
    identities.insert(logical.to_owned(), Rc::clone(&made));
    made
}

fn make(
    evaluator: &Evaluator<'_>,
    logical: &str,
    declared: &Declared,
    properties: Option<&Node>,
) -> Identity {
    let kind = serverless::kind_of(&declared.kind);
    let logical = format!("{}{logical}", evaluator.prefix);
    let pattern = types::arn_pattern(kind);
    let last = types::placeholders(&pattern).last().unwrap_or("Name");
    let property = |name: &str| exact(properties?, name).map(|node| evaluator.evaluate(node).value);
    let mut short: Rc<str> = logical.as_str().into();
    let mut short_value = None;
    let arn = types::fill(&pattern, &mut |placeholder| match placeholder {
        "partition" => shown(evaluator, "AWS::Partition"),
        "region" => shown(evaluator, "AWS::Region"),
        "account" => shown(evaluator, "AWS::AccountId"),
        "Path" => property("Path")
            .and_then(|path| for_id(&path))
            .map_or_else(|| "/".to_owned(), |path| path.to_string()),
        name if name == last => {
            let declared = property(name);
            if let Some(text) = declared.as_ref().and_then(for_id) {
                short = last_segment(&text).into();
                short_value = declared.filter(Value::is_unknown);
            }
            short.to_string()
        }
        name => other_part(name, &property).unwrap_or_else(|| "-".to_owned()),
    });
    let name = name_of(kind, &pattern, &property).unwrap_or(logical);
    Identity {
        arn: arn.into(),
        short,
        name,
        short_value,
    }
}

/// A part of an ARN that names another resource: `DomainId`, or `FlowArn` where `FlowId` is wanted.
fn other_part(name: &str, property: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let stem = name.strip_suffix("Id").unwrap_or(name);
    let value = property(name)
        .or_else(|| property(&format!("{stem}Arn")))
        .or_else(|| property(&format!("{stem}Identifier")))?;
    for_id(&value).map(|text| last_segment(&text).to_owned())
}

/// The declared name.
fn name_of(kind: &str, pattern: &str, property: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let in_pattern = types::placeholders(pattern).filter(|name| name.ends_with("Name"));
    let last = kind.rsplit("::").next().unwrap_or_default();
    let usual = ["Name", "DisplayName"];
    let own = own_name(last);
    in_pattern
        .chain(own)
        .chain(usual)
        .find_map(|name| property(name).and_then(|value| for_id(&value)))
        .map(|name| name.to_string())
}

/// Properties that hold the name where the ARN does not: `AgentName`, `GroupName`.
fn own_name(last: &str) -> Option<&'static str> {
    Some(match last {
        "agent" => "AgentName",
        "agentalias" => "AgentAliasName",
        "applicationinferenceprofile" => "InferenceProfileName",
        "runtime" => "AgentRuntimeName",
        "domain" => "DomainName",
        "cluster" => "ClusterName",
        "securitygroup" => "GroupName",
        "userpool" => "UserPoolName",
        _ => return None,
    })
}

fn shown(evaluator: &Evaluator<'_>, name: &str) -> String {
    pseudo(&evaluator.parameters, name)
        .and_then(|value| for_id(&value))
        .map_or_else(String::new, |text| text.to_string())
}

fn text(shown: &Rc<str>, within: Option<&Rc<str>>) -> Value {
    Value::Text(Text {
        shown: Rc::clone(shown),
        unknown: None,
        within: within.map(Rc::clone),
    })
}

/// What `Ref` gives for a resource.
pub(super) fn reference(evaluator: &Evaluator<'_>, logical: &str, declared: &Declared) -> Value {
    let identity = of(evaluator, logical, declared);
    match types::reference(serverless::kind_of(&declared.kind)) {
        Reference::Arn => text(&identity.arn, None),
        Reference::Id => text(&identity.arn, Some(&identity.short)),
        Reference::Name => identity
            .short_value
            .clone()
            .unwrap_or_else(|| text(&identity.short, None)),
    }
}

/// What `Fn::GetAtt` gives for a resource.
pub(super) fn attribute(
    evaluator: &Evaluator<'_>,
    logical: &str,
    declared: &Declared,
    attribute: &str,
    node: &Node,
) -> Value {
    let kind = serverless::kind_of(&declared.kind);
    let unknown = || Value::unknown(format!("!GetAtt {logical}.{attribute}"));
    if let Some(output) = attribute.strip_prefix("Outputs.") {
        return nested::output(evaluator, logical, declared, output, node).unwrap_or_else(unknown);
    }
    let identity = of(evaluator, logical, declared);
    let last = kind.rsplit("::").next().unwrap_or_default();
    let about_itself = |stem: &str| {
        let stem = stem.to_lowercase();
        stem.is_empty() || last.contains(&stem)
    };
    if attribute.strip_suffix("Arn").is_some_and(about_itself) {
        // Documented to end in `:*`.
        if kind == "aws::logs::loggroup" {
            return Value::text(&format!("{}:*", identity.arn));
        }
        return text(&identity.arn, None);
    }
    let as_id = attribute
        .strip_suffix("Id")
        .or_else(|| attribute.strip_suffix("Identifier"));
    if as_id.is_some_and(about_itself) && kind != "aws::cloudformation::stack" {
        return text(&identity.arn, Some(&identity.short));
    }
    let pattern = types::arn_pattern(kind);
    if attribute.ends_with("Name") && types::placeholders(&pattern).last() == Some(attribute) {
        return reference(evaluator, logical, declared);
    }
    match exact(&declared.node, "Properties").and_then(|node| exact(node, attribute)) {
        Some(declared) => evaluator.evaluate(declared).value,
        None => unknown(),
    }
}

/// The resource that this one is a part of.
pub(super) fn parent(evaluator: &Evaluator<'_>, declared: &Declared, own: &str) -> Option<String> {
    let (kind, property) = types::parent(serverless::kind_of(&declared.kind))?;
    let properties = exact(&declared.node, "Properties")?;
    let value = evaluator.evaluate(exact(properties, property)?).value;
    let named = match &value {
        Value::Text(text) => text.shown.to_string(),
        _ => return None,
    };
    let arn = Arn::parse(own)?;
    let partition = arn.partition;
    let region = shown(evaluator, "AWS::Region");
    let account = shown(evaluator, "AWS::AccountId");
    Some(types::parent_arn(
        kind, &named, partition, &region, &account,
    ))
}
