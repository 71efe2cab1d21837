//! Answers of the REST APIs and what `gcloud … --format json` prints of them: lists, single resources, errors, and
//! recordings that keep headers beside the body.

use std::ops::ControlFlow;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};
use stance_model::{Coverage, CoverageStatus};

use super::address::{self, Address};
use super::asset::{self, Asset};
use super::{catalogue, containers, refusal, serving, storage_listing};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::Basis;
use crate::normalise::NotAResource;
use crate::stream::Place;

const ASKED_UNKNOWN: &str = "the request behind the rows is not known";
const ONE_PLACE: &str = "one location was listed";
const NARROWED: &str = "the request was narrowed by a filter or a page";
const MORE_PAGES: &str = "the answer has further pages: it still carries `nextPageToken`";
const UNREACHABLE: &str = "some locations could not be reached";

/// Where an answer came from and when.
#[derive(Debug, Default)]
struct Origin {
    address: Option<Address>,
    observed_at: Option<String>,
}

impl Origin {
    fn service(&self) -> Option<&str> {
        self.address.as_ref()?.service.as_deref()
    }
}

/// A resource, a list of resources, an error, a policy, or a recording of one of these.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    is_resource(body, None)
        || refusal::is_error(body)
        || listed(body, None).is_some()
        || is_aggregate(body)
        || is_policy(body)
        || address::of_recording(body).is_some()
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let mut body = found.body;
    let mut origin = Origin::default();
    if let Some(recorded) = address::of_recording(&body) {
        origin.address = Some(recorded);
        let date = body.get("headers").and_then(|headers| headers.get("date"));
        origin.observed_at = date.and_then(Value::as_str).and_then(http_date);
        let Some(Value::Object(inner)) = body.remove("body") else {
            return ControlFlow::Continue(());
        };
        body = inner;
    }
    answer(context, body, &origin, found.place)
}

fn http_date(text: &str) -> Option<String> {
    let read = DateTime::parse_from_rfc2822(text).ok()?;
    Some(read.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn answer(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    origin: &Origin,
    place: Place,
) -> ControlFlow<()> {
    if is_resource(&body, origin.service()) {
        return resource(context, body, origin, place, ASKED_UNKNOWN);
    }
    if refusal::is_error(&body) {
        refusal::read(context, &body, origin.address.as_ref(), place);
        return ControlFlow::Continue(());
    }
    if is_policy(&body) {
        let message = "the policy does not say which resource it is set on";
        context.report(codes::POLICY_WITHOUT_RESOURCE, place, message);
        return ControlFlow::Continue(());
    }
    if is_aggregate(&body) {
        return aggregate(context, body, origin, place);
    }
    let rows = match listed(&body, origin.service()) {
        Some(key) => match body.remove(&key) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        },
        None => Vec::new(),
    };
    if rows.is_empty() && !is_empty_list(&body, origin) {
        context.leave_out(NotAResource::Other("an answer without a resource"), place);
        return ControlFlow::Continue(());
    }
    let reason = not_whole(&body, origin);
    cover_list(context, origin, reason, rows.len() as u64);
    let reason = reason.unwrap_or(ASKED_UNKNOWN);
    rows.into_iter()
        .try_for_each(|row| self::row(context, row, origin, place, reason))
}

fn row(
    context: &mut FileContext<'_>,
    row: Value,
    origin: &Origin,
    place: Place,
    reason: &'static str,
) -> ControlFlow<()> {
    match row {
        Value::Object(row) if is_resource(&row, origin.service()) => {
            resource(context, row, origin, place, reason)
        }
        _ => {
            context.leave_out(NotAResource::Other("a row whose type is not known"), place);
            ControlFlow::Continue(())
        }
    }
}

fn resource(
    context: &mut FileContext<'_>,
    body: Map<String, Value>,
    origin: &Origin,
    place: Place,
    reason: &'static str,
) -> ControlFlow<()> {
    if is_operation(&body) {
        context.leave_out(NotAResource::Other("the result of an operation"), place);
        return ControlFlow::Continue(());
    }
    let Some(mut found) = asset_of(body, origin.service()) else {
        context.leave_out(NotAResource::Other("a row without a name"), place);
        return ControlFlow::Continue(());
    };
    found.observed_at.clone_from(&origin.observed_at);
    asset::send(context, found, place, reason)
}

fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

/// A name below one of the collections that Google Cloud starts with.
fn relative_name(body: &Map<String, Value>) -> Option<&str> {
    let found = text(body, "name")?;
    let known = ["projects/", "folders/", "organizations/", "publishers/"];
    known
        .iter()
        .any(|start| found.starts_with(start))
        .then_some(found)
}

fn is_operation(body: &Map<String, Value>) -> bool {
    relative_name(body).is_some_and(|spelt| spelt.contains("/operations/"))
}

fn is_resource(body: &Map<String, Value>, service: Option<&str>) -> bool {
    let named = relative_name(body).is_some_and(|spelt| {
        spelt.contains("/operations/") || catalogue::by_name(spelt, body, service).is_some()
    });
    named
        || text(body, "kind").is_some_and(|kind| catalogue::by_kind(kind).is_some())
        || containers::is_project(body)
        || serving::is_serving(body)
        || storage_listing::is_bucket(body)
}

fn asset_of(body: Map<String, Value>, service: Option<&str>) -> Option<Asset> {
    if containers::is_project(&body) {
        return Some(containers::project(body));
    }
    if serving::is_serving(&body) {
        return serving::serving(body);
    }
    if storage_listing::is_bucket(&body) {
        return storage_listing::bucket(body);
    }
    if let Some(asset_type) = text(&body, "kind").and_then(catalogue::by_kind) {
        return of_kind(asset_type, body);
    }
    let spelt = relative_name(&body)?;
    let asset_type = catalogue::by_name(spelt, &body, service)?;
    let host = asset_type.split('/').next()?;
    let parent = text(&body, "parent").filter(|_| spelt.starts_with("folders/"));
    Some(Asset {
        name: format!("//{host}/{spelt}"),
        parent: parent.map(str::to_owned),
        kind: asset_type,
        data: Some(body),
        ..Asset::default()
    })
}

/// Resources of the older APIs, which name themselves by `selfLink` or a reference.
fn of_kind(asset_type: &str, body: Map<String, Value>) -> Option<Asset> {
    let part = |above: &str, key: &str| body.get(above)?.get(key)?.as_str();
    let mut project = None;
    let full = match asset_type {
        "storage.googleapis.com/Bucket" => {
            project = body
                .get("projectNumber")
                .and_then(Value::as_str)
                .map(str::to_owned);
            format!("//storage.googleapis.com/{}", text(&body, "name")?)
        }
        "bigquery.googleapis.com/Dataset" => format!(
            "//bigquery.googleapis.com/projects/{}/datasets/{}",
            part("datasetReference", "projectId")?,
            part("datasetReference", "datasetId")?
        ),
        "bigquery.googleapis.com/Table" => format!(
            "//bigquery.googleapis.com/projects/{}/datasets/{}/tables/{}",
            part("tableReference", "projectId")?,
            part("tableReference", "datasetId")?,
            part("tableReference", "tableId")?
        ),
        "bigquery.googleapis.com/Model" => format!(
            "//bigquery.googleapis.com/projects/{}/datasets/{}/models/{}",
            part("modelReference", "projectId")?,
            part("modelReference", "datasetId")?,
            part("modelReference", "modelId")?
        ),
        "sqladmin.googleapis.com/Instance" => format!(
            "//cloudsql.googleapis.com/projects/{}/instances/{}",
            text(&body, "project")?,
            text(&body, "name")?
        ),
        _ => {
            let link = address::parse(text(&body, "selfLink")?)?;
            format!("//{}/{}", link.service?, link.path)
        }
    };
    Some(Asset {
        name: full,
        kind: asset_type.to_owned(),
        project,
        data: Some(body),
        ..Asset::default()
    })
}

/// The member that lists resources: `endpoints`, `instances`, `items`.
fn listed(body: &Map<String, Value>, service: Option<&str>) -> Option<String> {
    if body.contains_key("id") && body.contains_key("type") {
        return None;
    }
    body.iter()
        .find(|(_, value)| {
            let first = value.as_array().and_then(|rows| rows.first());
            first
                .and_then(Value::as_object)
                .is_some_and(|row| is_resource(row, service))
        })
        .map(|(key, _)| key.clone())
}

/// `{"kind": "compute#instanceAggregatedList", "items": {"zones/z": {"instances": […]}}}`.
fn is_aggregate(body: &Map<String, Value>) -> bool {
    text(body, "kind").is_some_and(|kind| kind.contains('#') && kind.ends_with("AggregatedList"))
        && body.get("items").is_some_and(Value::is_object)
}

fn aggregate(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    origin: &Origin,
    place: Place,
) -> ControlFlow<()> {
    let Some(Value::Object(places)) = body.remove("items") else {
        return ControlFlow::Continue(());
    };
    let reason = not_whole(&body, origin).unwrap_or(ASKED_UNKNOWN);
    for (_, held) in places {
        let Value::Object(held) = held else { continue };
        for (_, rows) in held {
            let Value::Array(rows) = rows else { continue };
            rows.into_iter()
                .try_for_each(|row| self::row(context, row, origin, place, reason))?;
        }
    }
    ControlFlow::Continue(())
}

/// `gcloud … get-iam-policy`: bindings and nothing that says whose.
fn is_policy(body: &Map<String, Value>) -> bool {
    let bindings = body.get("bindings").and_then(Value::as_array);
    let first = bindings.and_then(|bindings| bindings.first());
    first.is_some_and(|first| first.get("role").is_some() && first.get("members").is_some())
        && body.contains_key("etag")
        && !body.contains_key("name")
        && !body.contains_key("id")
}

/// A recorded list without rows: it says that there are none.
fn is_empty_list(body: &Map<String, Value>, origin: &Origin) -> bool {
    let lists = origin
        .address
        .as_ref()
        .is_some_and(|address| address.list().is_some());
    lists
        && body
            .values()
            .all(|value| !value.is_array() || value.as_array().is_some_and(Vec::is_empty))
}

/// Why a list is not all there is.
fn not_whole(body: &Map<String, Value>, origin: &Origin) -> Option<&'static str> {
    let filled = |key: &str| match body.get(key) {
        Some(Value::String(token)) => !token.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    if filled("nextPageToken") {
        return Some(MORE_PAGES);
    }
    if filled("unreachable") || filled("unreachables") {
        return Some(UNREACHABLE);
    }
    match &origin.address {
        Some(address) if address.narrowed => Some(NARROWED),
        Some(address) if address.everywhere() => None,
        Some(_) => Some(ONE_PLACE),
        None => Some(ASKED_UNKNOWN),
    }
}

/// A recorded list call says what was asked for.
fn cover_list(
    context: &mut FileContext<'_>,
    origin: &Origin,
    reason: Option<&'static str>,
    count: u64,
) {
    let Some(address) = &origin.address else {
        return;
    };
    let (Some((project, collections)), Some(service)) = (address.list(), &address.service) else {
        return;
    };
    let Some(what) = catalogue::by_list(&collections, service) else {
        return;
    };
    if count > 0 && reason.is_some() {
        // The rows say it.
        return;
    }
    let project = context.input.projects.id_of(project).unwrap_or(project);
    let (basis, status) = match reason {
        None => (Basis::Listed, CoverageStatus::Complete),
        Some(_) => (Basis::Seen, CoverageStatus::Partial),
    };
    let coverage = Coverage {
        scope: format!("gcp:{project}").to_lowercase(),
        what: what.to_lowercase(),
        status,
        reason: reason.unwrap_or_default().to_owned(),
        source: context.file.to_owned(),
        // Rows count themselves.
        count: 0,
    };
    context.cover(basis, coverage);
}
