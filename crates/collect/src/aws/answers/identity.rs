//! Which ARN of an answer is its own, and what to make an id of where there is none.

use serde_json::{Map, Value};

use crate::aws::arn::{Arn, last_segment};
use crate::aws::place::Hints;
use crate::aws::shape::capital;
use crate::aws::store::{ACCOUNT, PARTITION, REGION};
use crate::aws::types;

/// The member with the answer's own ARN: `EndpointArn` of an endpoint, beside `EndpointName`.
pub(super) fn own_arn(body: &Map<String, Value>) -> Option<&str> {
    body.iter().find_map(|(key, value)| {
        let text = value.as_str()?;
        let stem = key
            .strip_suffix("Arn")
            .or_else(|| key.strip_suffix("ARN"))?;
        let arn = Arn::parse(text)?;
        let kind = arn.resource.split(['/', ':']).next()?;
        let kind = kind.replace('-', "").to_ascii_lowercase();
        let named = body.contains_key(&format!("{stem}Name"));
        (named && kind == stem.to_ascii_lowercase()).then_some(text)
    })
}

/// An id in the manner of the type, from properties in CloudFormation's names. Partition, region and account
/// stay as placeholders. `None`: the answer does not say of what it is a part.
pub(super) fn made(
    pattern: &str,
    properties: &Map<String, Value>,
    hints: &Hints,
) -> Option<String> {
    let mut whole = true;
    let id = types::fill(pattern, &mut |name| match name {
        "partition" => PARTITION.to_owned(),
        "region" => REGION.to_owned(),
        "account" => ACCOUNT.to_owned(),
        name => part(name, properties, hints).unwrap_or_else(|| {
            whole = false;
            String::new()
        }),
    });
    whole.then_some(id)
}

fn part(name: &str, properties: &Map<String, Value>, hints: &Hints) -> Option<String> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    if let Some(found) = text(name) {
        // A whole ARN at the start of a pattern stays whole.
        return Some(if name.ends_with("Arn") {
            found.to_owned()
        } else {
            last_segment(found).to_owned()
        });
    }
    if name == "Path" {
        return Some("/".to_owned());
    }
    let stem = name
        .strip_suffix("Identifier")
        .or_else(|| name.strip_suffix("Id"))
        .unwrap_or(name);
    text(&format!("{stem}Arn"))
        .or_else(|| text(&format!("{stem}Id")))
        .map(|found| last_segment(found).to_owned())
        .or_else(|| in_path(name, hints))
}

/// An answer about the parts of an agent or gateway may stand in a folder named by it.
fn in_path(name: &str, hints: &Hints) -> Option<String> {
    let folder = hints.folders.first()?;
    let chosen = |text: &str| {
        text.len() == 10
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let fits = match name {
        "AgentId" | "KnowledgeBaseId" | "FlowId" => chosen(folder),
        "GatewayIdentifier" | "AgentRuntimeId" => folder
            .rsplit_once('-')
            .is_some_and(|(_, end)| end.len() == 10),
        _ => false,
    };
    fits.then(|| folder.clone())
}

/// The name that people know a thing by.
pub(crate) fn name_of(kind: &str, id: &str, properties: &Map<String, Value>) -> String {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    let last = kind.rsplit("::").next().unwrap_or_default();
    let pattern = types::arn_pattern(kind);
    let in_pattern = types::placeholders(&pattern)
        .filter(|name| name.ends_with("Name"))
        .last();
    let own = properties
        .iter()
        .find(|(key, _)| {
            key.strip_suffix("Name")
                .is_some_and(|stem| !stem.is_empty() && last.ends_with(&stem.to_ascii_lowercase()))
        })
        .and_then(|(_, value)| value.as_str());
    in_pattern
        .and_then(text)
        .or_else(|| text("Name"))
        .or(own)
        .unwrap_or_else(|| last_segment(id))
        .to_owned()
}

/// The thing that this one is a part of.
pub(crate) fn parent_of(kind: &str, id: &str, properties: &Map<String, Value>) -> Option<String> {
    let (parent, property) = types::parent(kind)?;
    let named = properties.get(property).and_then(Value::as_str);
    // `GatewayArn` beside the `GatewayIdentifier` that CloudFormation asks for.
    let stem = capital(property.strip_suffix("Identifier").unwrap_or(property));
    let named = named.or_else(|| {
        properties
            .get(&format!("{stem}Arn"))
            .and_then(Value::as_str)
    })?;
    let holes = Arn {
        partition: PARTITION,
        service: "",
        region: REGION,
        account: ACCOUNT,
        resource: "",
    };
    let place = Arn::parse(id).unwrap_or(holes);
    Some(types::parent_arn(
        parent,
        named,
        place.partition,
        place.region,
        place.account,
    ))
}
