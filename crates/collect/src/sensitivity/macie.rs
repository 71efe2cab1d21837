//! Amazon Macie: findings on sensitive data, and what it thinks of whole buckets.
//!
//! Shape: docs.aws.amazon.com/macie/latest/APIReference, `Finding` and `BucketMetadata`.

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_model::Cloud;

use super::{Label, text};
use crate::context::FileContext;
use crate::facts::{Subject, resource_id};
use crate::formats::Found;
use crate::stream::Place;

const SOURCE: &str = "Amazon Macie";
const PARTIAL: &str = "what a scan of samples found; which buckets were scanned is not known";
/// Buckets at or above are sensitive: 51 to 100, by Macie's documentation of sensitivity scores.
const SENSITIVE: u64 = 51;

/// Findings, alone, in a list or in an event, or a list of buckets with their scores.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    is_finding(body) || event(body).is_some_and(is_finding) || listed(body).is_some()
}

fn is_finding(body: &Map<String, Value>) -> bool {
    body.get("resourcesAffected").is_some_and(Value::is_object)
        && body
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.contains(":S3"))
}

fn is_bucket(body: &Map<String, Value>) -> bool {
    body.get("bucketArn").is_some_and(Value::is_string) && body.contains_key("sensitivityScore")
}

fn event(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    body.get("detail-type")?;
    body.get("detail")?.as_object()
}

fn listed(body: &Map<String, Value>) -> Option<&'static str> {
    ["findings", "buckets"].into_iter().find(|key| {
        let first = body
            .get(*key)
            .and_then(Value::as_array)
            .and_then(|rows| rows.first());
        first
            .and_then(Value::as_object)
            .is_some_and(|row| is_finding(row) || is_bucket(row))
    })
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let body = found.body;
    if is_finding(&body) {
        return finding(context, &Value::Object(body), found.place);
    }
    if event(&body).is_some_and(is_finding) {
        let detail = body.get("detail").unwrap_or(&Value::Null);
        return finding(context, detail, found.place);
    }
    let Some(rows) = listed(&body)
        .and_then(|key| body.get(key))
        .and_then(Value::as_array)
    else {
        return ControlFlow::Continue(());
    };
    for row in rows {
        match row.as_object() {
            Some(object) if is_finding(object) => finding(context, row, found.place)?,
            Some(object) if is_bucket(object) => bucket(context, row, found.place)?,
            _ => {}
        }
    }
    ControlFlow::Continue(())
}

fn finding(context: &mut FileContext<'_>, finding: &Value, place: Place) -> ControlFlow<()> {
    let subject = Subject {
        resource_id: text(finding, "/resourcesAffected/s3Bucket/arn").and_then(resource_id),
        account: text(finding, "/accountId").map(str::to_owned),
        cloud: Some(Cloud::Aws),
        name: text(finding, "/resourcesAffected/s3Bucket/name").map(str::to_owned),
        ..Subject::default()
    };
    let result = finding
        .pointer("/classificationDetails/result")
        .unwrap_or(&Value::Null);
    let common = |label, count, category| Label {
        name: label,
        count,
        category,
        kind: "classification",
        source: SOURCE,
        confidence: "High",
        severity: text(finding, "/severity/description"),
        path: text(finding, "/resourcesAffected/s3Object/key"),
        finding: text(finding, "/id"),
        container: text(finding, "/resourcesAffected/s3Bucket/name"),
    };
    let mut count = 0;
    for (label, occurrences, category) in detections(result) {
        let row = common(label, occurrences, category).row(&subject, context.source_at(place));
        count += 1;
        send(context, row, finding)?;
    }
    context.cover_facts("sensitivitylabels", &subject, count, Some(PARTIAL));
    ControlFlow::Continue(())
}

/// Type, count and category of everything that was detected.
fn detections(result: &Value) -> Vec<(&str, Option<u64>, Option<&str>)> {
    let count = |detection: &Value| detection.get("count").and_then(Value::as_u64);
    let managed = items(result, "sensitiveData").iter().flat_map(|sensitive| {
        let category = text(sensitive, "/category");
        let found = items(sensitive, "detections").iter();
        found.filter_map(move |detection| {
            Some((text(detection, "/type")?, count(detection), category))
        })
    });
    let custom = result.get("customDataIdentifiers").unwrap_or(&Value::Null);
    let custom = items(custom, "detections").iter();
    let custom = custom.filter_map(|detection| {
        Some((
            text(detection, "/name")?,
            count(detection),
            Some("CUSTOM_IDENTIFIER"),
        ))
    });
    managed.chain(custom).collect()
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn send(
    context: &mut FileContext<'_>,
    mut row: stance_model::Resource,
    finding: &Value,
) -> ControlFlow<()> {
    let seen = text(finding, "/updatedAt").or_else(|| text(finding, "/createdAt"));
    row.observed_at = seen.map(str::to_owned);
    context.send_fact(row)
}

/// A bucket that Macie holds to be sensitive.
fn bucket(context: &mut FileContext<'_>, bucket: &Value, place: Place) -> ControlFlow<()> {
    let subject = Subject {
        resource_id: text(bucket, "/bucketArn").and_then(resource_id),
        account: text(bucket, "/accountId").map(str::to_owned),
        cloud: Some(Cloud::Aws),
        ..Subject::default()
    };
    let score = bucket.get("sensitivityScore").and_then(Value::as_u64);
    let sensitive = score.is_some_and(|score| score >= SENSITIVE);
    context.cover_facts(
        "sensitivitylabels",
        &subject,
        u64::from(sensitive),
        Some(PARTIAL),
    );
    if !sensitive {
        return ControlFlow::Continue(());
    }
    let spelt = score.map(|score| score.to_string());
    let label = Label {
        name: "SENSITIVE",
        kind: "score",
        source: SOURCE,
        confidence: "Medium",
        severity: spelt.as_deref(),
        container: text(bucket, "/bucketName"),
        ..Label::default()
    };
    context.send_fact(label.row(&subject, context.source_at(place)))
}
