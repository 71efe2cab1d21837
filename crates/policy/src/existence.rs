//! Related resources of one evaluation: where to look, what counts as a candidate.

use std::sync::Arc;

use serde_json::Value;
use stance_model::{Position, Resource, ResourceId, Unknown};

use crate::compile::Existence;
use crate::evidence::{Datum, Evaluator, Operand, Subject, Unsupported};
use crate::related::{RelatedRequest, RelatedResources, RelatedScope, is_extension};

/// What a rule looks for, expressions worked out.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// As the rule writes it.
    pub resource_type: String,
    pub name: Option<Datum<'static>>,
    kind: Option<String>,
    group: Option<Datum<'static>>,
    subscription_wide: bool,
}

/// Candidates, and whether there can be others.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub candidates: Vec<Candidate>,
    pub complete: bool,
    /// The expression that keeps the set from being known.
    pub unknown: Option<String>,
}

/// One candidate.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub resource: Arc<Resource>,
    /// Where in the evaluated resource it is embedded.
    pub embedded_at: Option<String>,
    /// The expression that keeps its being there, or its being the one, from being known.
    pub doubt: Option<String>,
}

/// Works out the details of an existence rule for one resource.
pub(crate) fn wanted<'a>(
    existence: &'a Existence,
    evaluator: &mut Evaluator<'a>,
) -> Result<Wanted, Unsupported> {
    let mut value = |operand: &'a Operand| -> Result<Datum<'static>, Unsupported> {
        Ok(match evaluator.operand(operand)? {
            Datum::Known(value) => Datum::of(value.into_owned()),
            Datum::Absent => Datum::Absent,
            Datum::Partial(_, expression) | Datum::Unknown(expression) => {
                Datum::Unknown(expression)
            }
        })
    };
    let text = |datum: &Datum<'_>| datum.known().and_then(Value::as_str).map(str::to_owned);
    let resource_type = text(&value(&existence.resource_type)?)
        .ok_or_else(|| Unsupported("a related type that is no text".to_owned()))?;
    let mut optional = |operand: &'a Option<Operand>| operand.as_ref().map(&mut value).transpose();
    let scope = optional(&existence.scope)?;
    Ok(Wanted {
        resource_type,
        name: optional(&existence.name)?.filter(|name| *name != Datum::Absent),
        kind: optional(&existence.kind)?.as_ref().and_then(text),
        group: optional(&existence.group)?.filter(|group| *group != Datum::Absent),
        subscription_wide: scope
            .as_ref()
            .and_then(text)
            .is_some_and(|scope| scope.eq_ignore_ascii_case("subscription")),
    })
}

/// Every resource that may be the one the rule wants.
pub(crate) fn find(
    wanted: &Wanted,
    subject: &Subject<'_>,
    related: &dyn RelatedResources,
) -> Found {
    let resource = subject.resource;
    let lower = wanted.resource_type.to_ascii_lowercase();
    let itself = lower == resource.resource_type;
    let own_name = wanted
        .name
        .as_ref()
        .and_then(Datum::known)
        .and_then(Value::as_str);
    if itself && own_name.is_some_and(|name| name.eq_ignore_ascii_case(&subject.name)) {
        return Found {
            candidates: vec![Candidate {
                resource: Arc::new(resource.clone()),
                embedded_at: Some(String::new()),
                doubt: None,
            }],
            complete: true,
            unknown: None,
        };
    }
    let mut found = Found::default();
    if let Some(Datum::Unknown(expression)) = &wanted.group {
        found.unknown = Some(expression.clone());
        return found;
    }
    let within = lower
        .strip_prefix(resource.resource_type.as_str())
        .is_some_and(|rest| rest.starts_with('/'));
    if within {
        embedded(subject, &lower, &mut found);
    }
    if itself {
        found.candidates.push(Candidate {
            resource: Arc::new(resource.clone()),
            embedded_at: Some(String::new()),
            doubt: None,
        });
    }
    let mut by_group = false;
    if let Some(scope) = scope(wanted, resource, within || is_extension(&lower)) {
        by_group = matches!(scope, RelatedScope::ResourceGroup(_));
        let direct = matches!(&scope, RelatedScope::Within(id) if id.provider_parts().is_none());
        let answer = related.find(&RelatedRequest {
            resource,
            resource_type: &lower,
            scope,
        });
        found.complete |= answer.collected;
        for candidate in answer.candidates {
            // An extension of a subscription or group is not one of the resources in it.
            let inside = direct
                && (candidate.id.parent().is_some()
                    || candidate.id.resource_group().is_some()
                        != resource.id.resource_group().is_some());
            let known = found
                .candidates
                .iter()
                .position(|other| other.resource.id == candidate.id);
            if inside {
                continue;
            }
            if let Some(at) = known {
                found.candidates.remove(at);
            }
            found.candidates.push(Candidate {
                resource: candidate,
                embedded_at: None,
                doubt: None,
            });
        }
    }
    keep_named(wanted, &mut found);
    found.complete |= by_group && is_the_named_one(wanted, &lower, &found);
    found
}

/// A top-level resource is told from every other of its type and group by its name: once it is found, no other is meant,
/// whatever else was collected.
fn is_the_named_one(wanted: &Wanted, resource_type: &str, found: &Found) -> bool {
    let name = wanted.name.as_ref().and_then(Datum::known);
    let name = name.and_then(Value::as_str).unwrap_or("*");
    !name.contains(['*', '?', '/'])
        && resource_type.matches('/').count() == 1
        && found
            .candidates
            .iter()
            .any(|candidate| candidate.doubt.is_none())
}

fn scope(wanted: &Wanted, resource: &Resource, within: bool) -> Option<RelatedScope> {
    if within {
        return Some(RelatedScope::Within(resource.id.clone()));
    }
    let subscription = resource.id.subscription_id()?;
    let whole =
        wanted.subscription_wide || resource.resource_type == "microsoft.resources/subscriptions";
    if whole && wanted.group.is_none() {
        return Some(RelatedScope::Subscription(ResourceId::new(format!(
            "/subscriptions/{subscription}"
        ))));
    }
    let named = wanted
        .group
        .as_ref()
        .and_then(Datum::known)
        .and_then(Value::as_str);
    let group = named.or_else(|| resource.id.resource_group())?;
    let id = format!("/subscriptions/{subscription}/resourceGroups/{group}");
    Some(RelatedScope::ResourceGroup(ResourceId::new(id)))
}

/// Drops candidates of another name or kind; one whose name is not known stays, in doubt.
fn keep_named(wanted: &Wanted, found: &mut Found) {
    found.candidates.retain_mut(|candidate| {
        if let Some(unknown) = candidate
            .resource
            .unknowns
            .iter()
            .find(|unknown| unknown.pointer.is_empty())
        {
            candidate.doubt = Some(unknown.expression.clone());
        }
        let kind = candidate.resource.text("kind").unwrap_or_default();
        if wanted
            .kind
            .as_deref()
            .is_some_and(|wanted| !wanted.eq_ignore_ascii_case(kind))
        {
            return false;
        }
        match &wanted.name {
            None => true,
            Some(Datum::Unknown(expression)) => {
                candidate.doubt.get_or_insert_with(|| expression.clone());
                true
            }
            Some(name) => {
                let Some(name) = name.known().and_then(Value::as_str) else {
                    return true;
                };
                let subject = Subject::new(&candidate.resource);
                if let Some(unknown) = candidate
                    .resource
                    .unknown_at("/name")
                    .filter(|unknown| !unknown.pointer.is_empty())
                {
                    candidate
                        .doubt
                        .get_or_insert_with(|| unknown.expression.clone());
                    return true;
                }
                same_name(name, &subject)
            }
        }
    });
}

/// Names match without case; `?` stands for any one segment, `*` for any text.
fn same_name(wanted: &str, candidate: &Subject<'_>) -> bool {
    let full = wanted.contains('/');
    let own = if full {
        &candidate.full_name
    } else {
        &candidate.name
    };
    let (wanted, own) = (wanted.to_lowercase(), own.to_lowercase());
    let (left, right): (Vec<&str>, Vec<&str>) =
        (wanted.split('/').collect(), own.split('/').collect());
    left.len() == right.len()
        && left
            .iter()
            .zip(&right)
            .all(|(pattern, name)| *pattern == "?" || crate::evidence::like(name, pattern))
}

/// Children that stand inside the evaluated resource: `properties.privateEndpointConnections`, or nested in a
/// template's `resources`.
fn embedded(subject: &Subject<'_>, lower_type: &str, found: &mut Found) {
    let resource = subject.resource;
    let Some(segment) = lower_type
        .strip_prefix(resource.resource_type.as_str())
        .map(|rest| rest.trim_start_matches('/'))
    else {
        return;
    };
    let member = |object: Option<&Value>| {
        object
            .and_then(Value::as_object)
            .and_then(|object| {
                object
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(segment))
            })
            .map(|(key, value)| (key.clone(), value.clone()))
    };
    if let Some(unknown) = resource
        .unknown_at("/properties")
        .filter(|unknown| !unknown.pointer.is_empty())
    {
        found.unknown = Some(unknown.expression.clone());
        return;
    }
    if let Some((key, value)) = member(resource.body.get("properties")) {
        let at = format!("/properties/{key}");
        if let Some(unknown) = resource
            .unknown_at(&at)
            .filter(|unknown| !unknown.pointer.is_empty())
        {
            found.unknown = Some(unknown.expression.clone());
            return;
        }
        if let Some(items) = value.as_array() {
            found.complete = true;
            for (index, item) in items
                .iter()
                .enumerate()
                .filter(|(_, item)| item.is_object())
            {
                found.candidates.push(child(
                    resource,
                    item,
                    lower_type,
                    segment,
                    format!("{at}/{index}"),
                ));
            }
        }
    }
    let nested = resource.body.get("resources").and_then(Value::as_array);
    for (index, item) in nested.into_iter().flatten().enumerate() {
        let own = item.get("type").and_then(Value::as_str).unwrap_or_default();
        if own.eq_ignore_ascii_case(segment) || own.eq_ignore_ascii_case(lower_type) {
            found.candidates.push(child(
                resource,
                item,
                lower_type,
                segment,
                format!("/resources/{index}"),
            ));
        }
    }
}

fn child(
    parent: &Resource,
    item: &Value,
    lower_type: &str,
    segment: &str,
    at: String,
) -> Candidate {
    let mut body = item.clone();
    if let Some(object) = body.as_object_mut() {
        object.insert("type".to_owned(), Value::String(lower_type.to_owned()));
    }
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
    let id = item.get("id").and_then(Value::as_str).map_or_else(
        || {
            format!(
                "{}/{segment}/{}",
                parent.id,
                name.rsplit('/').next().unwrap_or(name)
            )
        },
        str::to_owned,
    );
    let inside = |pointer: &str| crate::text::below(pointer, &at).map(str::to_owned);
    let resource = Resource {
        id: ResourceId::new(id),
        resource_type: lower_type.to_owned(),
        source: parent.location_of(&at),
        unknowns: parent
            .unknowns
            .iter()
            .filter_map(|unknown| {
                Some(Unknown {
                    pointer: inside(&unknown.pointer)?,
                    expression: unknown.expression.clone(),
                })
            })
            .collect(),
        positions: parent
            .positions
            .iter()
            .filter_map(|position| {
                Some(Position {
                    pointer: inside(&position.pointer)?,
                    ..position.clone()
                })
            })
            .collect(),
        body,
        ..parent.clone()
    };
    Candidate {
        resource: Arc::new(resource),
        embedded_at: Some(at),
        doubt: None,
    }
}
