//! Sensitive Data Protection (DLP) of Google Cloud: results of inspection jobs, profiles of data, and rows of both as
//! `BigQuery` keeps them.
//!
//! Shape: cloud.google.com/sensitive-data-protection/docs/reference/rest/v2 (`DlpJob`, `TableDataProfile`,
//! `FileStoreDataProfile`, `ColumnDataProfile`, `Finding`).

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_model::Cloud;

use super::Label;
use crate::context::FileContext;
use crate::facts::{Subject, resource_id};
use crate::formats::Found;
use crate::google::{field, list, object, text, whole};
use crate::stream::Place;

const SOURCE: &str = "Google Sensitive Data Protection";
const PARTIAL: &str = "what one inspection or profile found; what else was looked at is not known";

/// Lists of the API.
const LISTS: &[&str] = &[
    "jobs",
    "tableDataProfiles",
    "fileStoreDataProfiles",
    "columnDataProfiles",
];
/// Columns of the tables that profiles are exported to.
const WRAPPERS: &[&str] = &["tableProfile", "fileStoreProfile", "columnProfile"];

/// Members one of which every shape has, looked for first: this is asked for every row of every export.
const SIGNS: &[&str] = &[
    "inspectDetails",
    "inspect_details",
    "infoType",
    "info_type",
    "fullResource",
    "full_resource",
    "tableFullResource",
    "table_full_resource",
    "jobs",
    "tableDataProfiles",
    "fileStoreDataProfiles",
    "columnDataProfiles",
    "tableProfile",
    "table_profile",
    "fileStoreProfile",
    "file_store_profile",
    "columnProfile",
    "column_profile",
];

/// A job, a profile, a finding, or a list of these.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    SIGNS.iter().any(|sign| body.contains_key(*sign)) && is_known(body)
}

fn is_known(body: &Map<String, Value>) -> bool {
    is_one(body) || listed(body).is_some() || wrapped(body).is_some()
}

fn is_one(body: &Map<String, Value>) -> bool {
    is_job(body) || is_profile(body) || is_finding(body)
}

fn is_job(body: &Map<String, Value>) -> bool {
    object(body, "inspectDetails").is_some()
        && text(body, "name").is_some_and(|name| name.contains("/dlpJobs/"))
}

fn is_profile(body: &Map<String, Value>) -> bool {
    text(body, "name").is_some_and(|name| name.contains("DataProfiles/"))
        && (text(body, "fullResource").is_some() || text(body, "tableFullResource").is_some())
}

fn is_finding(body: &Map<String, Value>) -> bool {
    object(body, "infoType").is_some()
        && text(body, "likelihood").is_some()
        && object(body, "location").is_some()
}

fn listed(body: &Map<String, Value>) -> Option<&'static str> {
    LISTS.iter().copied().find(|key| {
        let first = list(body, key).first().and_then(Value::as_object);
        first.is_some_and(is_one)
    })
}

fn wrapped(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    WRAPPERS
        .iter()
        .filter_map(|key| object(body, key))
        .find(|inner| is_profile(inner))
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let Found { body, place, .. } = found;
    if is_one(&body) {
        return one(context, &body, place);
    }
    if let Some(inner) = wrapped(&body) {
        return one(context, inner, place);
    }
    let rows = listed(&body).map_or(&[][..], |key| list(&body, key));
    rows.iter()
        .filter_map(Value::as_object)
        .filter(|row| is_one(row))
        .try_for_each(|row| one(context, row, place))
}

fn one(context: &mut FileContext<'_>, body: &Map<String, Value>, place: Place) -> ControlFlow<()> {
    if is_job(body) {
        return job(context, body, place);
    }
    if is_profile(body) {
        return profile(context, body, place);
    }
    finding(context, body, place)
}

fn subject(id: Option<&str>, account: Option<&str>) -> Subject {
    Subject {
        resource_id: id.and_then(resource_id),
        account: account.map(str::to_owned),
        cloud: Some(Cloud::Gcp),
        ..Subject::default()
    }
}

/// `projects/P/…` names the project.
fn project(body: &Map<String, Value>) -> Option<&str> {
    crate::google::name::project(text(body, "name")?)
}

fn info_type(value: &Value) -> Option<&str> {
    let info = object(value.as_object()?, "infoType")?;
    text(info, "name")
}

fn job(context: &mut FileContext<'_>, body: &Map<String, Value>, place: Place) -> ControlFlow<()> {
    let Some(details) = object(body, "inspectDetails") else {
        return ControlFlow::Continue(());
    };
    let storage = object(details, "requestedOptions")
        .and_then(|options| object(options, "jobConfig"))
        .and_then(|config| object(config, "storageConfig"));
    let container = storage.and_then(container);
    let subject = subject(container.as_deref(), project(body));
    let result = object(details, "result");
    let statistics = result.map_or(&[][..], |result| list(result, "infoTypeStats"));
    for entry in statistics {
        let Some(found) = info_type(entry) else {
            continue;
        };
        let label = Label {
            name: found,
            kind: "classification",
            source: SOURCE,
            count: entry.get("count").and_then(whole),
            finding: text(body, "name"),
            ..Label::default()
        };
        let mut row = label.row(&subject, context.source_at(place));
        row.observed_at = text(body, "endTime").map(str::to_owned);
        context.send_fact(row)?;
    }
    context.cover_facts(
        "sensitivitylabels",
        &subject,
        statistics.len() as u64,
        Some(PARTIAL),
    );
    ControlFlow::Continue(())
}

/// Bucket or table that a job looked at.
fn container(storage: &Map<String, Value>) -> Option<String> {
    if let Some(options) = object(storage, "cloudStorageOptions") {
        let files = object(options, "fileSet")?;
        let regex = || object(files, "regexFileSet").and_then(|set| text(set, "bucketName"));
        let bucket = text(files, "url").and_then(bucket_of).or_else(regex)?;
        return Some(format!("//storage.googleapis.com/{bucket}"));
    }
    let table = object(object(storage, "bigQueryOptions")?, "tableReference")?;
    Some(format!(
        "//bigquery.googleapis.com/projects/{}/datasets/{}/tables/{}",
        text(table, "projectId")?,
        text(table, "datasetId")?,
        text(table, "tableId")?
    ))
}

fn bucket_of(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("gs://")?;
    rest.split('/').next().filter(|bucket| !bucket.is_empty())
}

fn profile(
    context: &mut FileContext<'_>,
    body: &Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    let container = text(body, "fullResource").or_else(|| text(body, "tableFullResource"));
    let subject = subject(container, project(body));
    let score = object(body, "sensitivityScore").and_then(|score| text(score, "score"));
    let seen = text(body, "profileLastGenerated");
    let column = text(body, "column");
    let mut found: Vec<(&str, &str)> = Vec::new();
    let lists = [
        "predictedInfoTypes",
        "fileStoreInfoTypeSummaries",
        "otherInfoTypes",
        "otherMatches",
    ];
    for key in lists {
        let likely = matches!(key, "predictedInfoTypes" | "fileStoreInfoTypeSummaries");
        let confidence = if likely { "High" } else { "Low" };
        let named = list(body, key).iter().filter_map(info_type);
        found.extend(named.map(|label| (label, confidence)));
    }
    let of_column = field(body, "columnInfoType").and_then(info_type);
    found.extend(of_column.map(|label| (label, "High")));
    let mut rows: Vec<Label<'_>> = found
        .iter()
        .map(|(label, confidence)| Label {
            name: label,
            kind: "classification",
            source: SOURCE,
            confidence,
            severity: score,
            path: column,
            ..Label::default()
        })
        .collect();
    if score == Some("SENSITIVITY_HIGH") && rows.is_empty() {
        rows.push(Label {
            name: "SENSITIVITY_HIGH",
            kind: "score",
            source: SOURCE,
            severity: score,
            path: column,
            ..Label::default()
        });
    }
    for label in &rows {
        let mut row = label.row(&subject, context.source_at(place));
        row.observed_at = seen.map(str::to_owned);
        context.send_fact(row)?;
    }
    context.cover_facts(
        "sensitivitylabels",
        &subject,
        rows.len() as u64,
        Some(PARTIAL),
    );
    ControlFlow::Continue(())
}

/// One finding of an inspection. Its quote is not looked at.
fn finding(
    context: &mut FileContext<'_>,
    body: &Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    let location = object(body, "location");
    let content = location.map_or(&[][..], |location| list(location, "contentLocations"));
    let content = content.first().and_then(Value::as_object);
    let named = content
        .and_then(|content| text(content, "containerName"))
        .or_else(|| text(body, "resourceName"))
        .unwrap_or_default();
    let container = container_named(named);
    let job = text(body, "jobName").or_else(|| text(body, "name"));
    let project = job.and_then(crate::google::name::project);
    let subject = subject(container.as_deref(), project);
    let likelihood = match text(body, "likelihood") {
        Some("VERY_LIKELY" | "LIKELY") => "High",
        Some("POSSIBLE") => "Medium",
        _ => "Low",
    };
    let Some(label) = info_type(&Value::Object(body.clone())).map(str::to_owned) else {
        return ControlFlow::Continue(());
    };
    let label = Label {
        name: &label,
        kind: "classification",
        source: SOURCE,
        count: Some(1),
        confidence: likelihood,
        path: container.is_some().then_some(named),
        finding: job,
        container: container.is_none().then_some(named),
        ..Label::default()
    };
    let mut row = label.row(&subject, context.source_at(place));
    row.observed_at = text(body, "createTime").map(str::to_owned);
    context.cover_facts("sensitivitylabels", &subject, 1, Some(PARTIAL));
    context.send_fact(row)
}

/// `gs://bucket/object` or `project:dataset.table`.
fn container_named(named: &str) -> Option<String> {
    if let Some(bucket) = bucket_of(named) {
        return Some(format!("//storage.googleapis.com/{bucket}"));
    }
    let (project, rest) = named.split_once(':')?;
    let (dataset, table) = rest.split_once('.')?;
    Some(format!(
        "//bigquery.googleapis.com/projects/{project}/datasets/{dataset}/tables/{table}"
    ))
}
