//! Cloud Asset Inventory: exports to a bucket or `BigQuery`, `gcloud asset list`, searches, feeds and histories.
//!
//! Shapes: cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/exportAssets (`Asset`, `TemporalAsset`),
//! `searchAllResources` and `searchAllIamPolicies`. REST answers spell members in camel case, exports in snake case.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::asset::{self, Asset};
use super::{field, list, object, take, text};
use crate::codes;
use crate::context::FileContext;
use crate::documents::Header;
use crate::formats::Found;
use crate::normalise::NotAResource;
use crate::single;
use crate::stream::{Fault, JsonStream, Place, array};

const EXPORTED: &str =
    "an export may be limited to some asset types; name what it holds in stance-coverage.json";
const SEARCHED: &str = "a search may be limited by its query and asset types";

/// Bytes behind `"assets": ` looked at to tell assets from other rows of that name.
const SIGN_BYTES: usize = 16 << 10;

/// Kinds of content that are not read, and the member that shows them.
const PASSED_OVER: &[(&str, &str)] = &[
    ("orgPolicy", "ORG_POLICY"),
    ("v2OrgPolicies", "ORG_POLICY"),
    ("accessPolicy", "ACCESS_POLICY"),
    ("accessLevel", "ACCESS_POLICY"),
    ("servicePerimeter", "ACCESS_POLICY"),
    ("relatedAssets", "RELATIONSHIP"),
    ("relatedAsset", "RELATIONSHIP"),
    ("osInventory", "OS_INVENTORY"),
];

/// An asset, an asset at a time, a search result, or a list of these.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    is_row(body) || listed(body).is_some()
}

fn is_row(body: &Map<String, Value>) -> bool {
    is_asset(body)
        || body
            .get("asset")
            .and_then(Value::as_object)
            .is_some_and(is_asset)
}

fn is_asset(body: &Map<String, Value>) -> bool {
    let full = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .is_some_and(|name| name.starts_with("//"))
    };
    (body.contains_key("assetType") || body.contains_key("asset_type"))
        && (full("name") || full("resource"))
}

/// The member that lists assets.
fn listed(body: &Map<String, Value>) -> Option<&'static str> {
    ["assets", "results"].into_iter().find(|key| {
        let rows = body.get(*key).and_then(Value::as_array);
        rows.and_then(|rows| rows.first())
            .and_then(Value::as_object)
            .is_some_and(is_row)
    })
}

/// `"assets": [` or `"results": [` with assets behind it, which are streamed.
pub(crate) fn is_list(
    stream: &mut JsonStream<'_>,
    header: &Header,
    key: &str,
    next: u8,
) -> Result<bool, Fault> {
    if !matches!(key, "assets" | "results")
        || next != b'['
        || header.has("id")
        || header.has("$schema")
    {
        return Ok(false);
    }
    let head = stream.look_ahead(SIGN_BYTES)?;
    let holds = |sign: &[u8]| memchr::memmem::find(head, sign).is_some();
    Ok((holds(b"\"assetType\"") || holds(b"\"asset_type\"")) && holds(b"\"//"))
}

/// The rows behind `"assets": `, streamed.
pub(crate) fn rows(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
) -> ControlFlow<()> {
    let read_at = header.text("readTime").map(str::to_owned);
    let mut tally = header.tally.take().unwrap_or_else(single::unknown_request);
    let flow = array::for_each_element(stream, context, &mut |context, element, place| {
        header.rows += 1;
        match element {
            Value::Object(body) if is_row(&body) => row(context, body, place, read_at.as_deref()),
            other => single::element(context, other, place, &mut tally),
        }
    });
    header.tally = Some(tally);
    flow
}

/// Reads an asset or a list of assets.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let mut body = found.body;
    let Some(key) = listed(&body).filter(|_| !is_row(&body)) else {
        return row(context, body, found.place, None);
    };
    let Some(Value::Array(rows)) = body.remove(key) else {
        return ControlFlow::Continue(());
    };
    let read_at = text(&body, "readTime");
    rows.into_iter().try_for_each(|element| match element {
        Value::Object(asset) if is_row(&asset) => row(context, asset, found.place, read_at),
        _ => {
            context.leave_out(NotAResource::Other("no asset"), found.place);
            ControlFlow::Continue(())
        }
    })
}

/// One row: unpacks an asset at a time, leaves out what was deleted.
fn row(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    place: Place,
    read_at: Option<&str>,
) -> ControlFlow<()> {
    let deleted = body.get("deleted") == Some(&Value::Bool(true));
    if deleted {
        context.leave_out(NotAResource::Other("an asset that was deleted"), place);
        return ControlFlow::Continue(());
    }
    let observed = text(&body, "readTime").or(read_at).map(str::to_owned);
    let since = object(&body, "window").and_then(|window| text(window, "startTime"));
    let observed = since.map(str::to_owned).or(observed);
    if let Some(Value::Object(asset)) = body.remove("asset") {
        body = asset;
    }
    contents(context, body, place, observed)
}

/// Sends what a row holds of its asset: the resource, its policy, or both.
fn contents(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    place: Place,
    observed_at: Option<String>,
) -> ControlFlow<()> {
    // `searchAllIamPolicies` names the asset by `resource`.
    let searched_policy = body.get("resource").is_some_and(Value::is_string);
    let policy = if searched_policy {
        take(&mut body, "policy")
    } else {
        take(&mut body, "iamPolicy")
    };
    let wrapped = take(&mut body, "resource");
    let name = match &wrapped {
        Some(Value::String(name)) => name.clone(),
        _ => text(&body, "name").unwrap_or_default().to_owned(),
    };
    let wrapped = match wrapped {
        Some(Value::Object(wrapped)) => Some(wrapped),
        _ => None,
    };
    let searched = body.contains_key("project") || body.contains_key("parentFullResourceName");
    let reason = if searched { SEARCHED } else { EXPORTED };
    let found = described(&body, wrapped.as_ref(), name, observed_at);
    if let Some(Value::Object(policy)) = policy {
        let set_on = Asset {
            data: None,
            labels: None,
            name: found.name.clone(),
            kind: found.kind.clone(),
            ancestors: found.ancestors.clone(),
            ..described(
                &body,
                wrapped.as_ref(),
                String::new(),
                found.observed_at.clone(),
            )
        };
        asset::send_policy(context, set_on, policy, place, reason)?;
        if wrapped.is_none() {
            return ControlFlow::Continue(());
        }
    } else if wrapped.is_none() && passed_over(context, &body, place) {
        return ControlFlow::Continue(());
    }
    let data = wrapped
        .and_then(data_of)
        .or_else(|| newest_version(&mut body));
    asset::send(context, Asset { data, ..found }, place, reason)
}

/// Everything about an asset that stands beside its REST resource.
fn described(
    body: &Map<String, Value>,
    wrapped: Option<&Map<String, Value>>,
    name: String,
    observed_at: Option<String>,
) -> Asset {
    let within = |key: &str| wrapped.and_then(|wrapped| text(wrapped, key));
    let location = text(body, "location").or_else(|| within("location"));
    let parent = within("parent")
        .or_else(|| text(body, "parentFullResourceName"))
        .filter(|parent| !parent.is_empty());
    Asset {
        name,
        kind: text(body, "assetType").unwrap_or_default().to_owned(),
        data: None,
        location: location
            .filter(|spelt| !spelt.is_empty())
            .map(str::to_owned),
        labels: body
            .get("labels")
            .filter(|labels| labels.is_object())
            .cloned(),
        parent: parent.map(str::to_owned),
        ancestors: ancestors(body),
        project: text(body, "project").map(str::to_owned),
        observed_at,
    }
}

/// `ancestors`; what a search spreads over `project`, `folders` and `organization`; or the path of older tools.
fn ancestors(body: &Map<String, Value>) -> Vec<Value> {
    let listed = list(body, "ancestors");
    if !listed.is_empty() {
        return listed.to_vec();
    }
    if let Some(path) = text(body, "ancestryPath") {
        let segments: Vec<&str> = path.split('/').collect();
        let pairs = segments.chunks_exact(2).rev();
        return pairs.map(|pair| json!(pair.join("/"))).collect();
    }
    let ends = |key: &str| body.get(key).filter(|value| value.is_string()).cloned();
    let folders = list(body, "folders").iter().cloned();
    ends("project")
        .into_iter()
        .chain(folders)
        .chain(ends("organization"))
        .collect()
}

/// `resource.data`, which `BigQuery` holds as text.
fn data_of(mut wrapped: Map<String, Value>) -> Option<Map<String, Value>> {
    match wrapped.remove("data")? {
        Value::Object(data) => Some(data),
        Value::String(text) => serde_json::from_str(&text).ok(),
        _ => None,
    }
}

/// What a search gives of the REST resource where it was asked for `versionedResources`.
fn newest_version(body: &mut Map<String, Value>) -> Option<Map<String, Value>> {
    let Some(Value::Array(versions)) = take(body, "versionedResources") else {
        return None;
    };
    match versions.into_iter().next_back()? {
        Value::Object(mut version) => match version.remove("resource")? {
            Value::Object(data) => Some(data),
            _ => None,
        },
        _ => None,
    }
}

/// Content that is not read; said once for each kind and input.
fn passed_over(context: &mut FileContext<'_>, body: &Map<String, Value>, place: Place) -> bool {
    let holds = |key: &str| {
        field(body, key).is_some_and(|value| value.as_array().is_none_or(|items| !items.is_empty()))
    };
    let Some((_, kind)) = PASSED_OVER.iter().find(|(key, _)| holds(key)) else {
        return false;
    };
    context.coverage_rows += 1;
    if context.input.projects.pass_over(kind) {
        let message = format!("rows of content type {kind} are passed over");
        context.report(codes::ASSET_CONTENT, place, &message);
    }
    true
}
