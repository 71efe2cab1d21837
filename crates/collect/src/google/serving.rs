//! Cloud Run in the shape of Knative, as `gcloud run services list --format json` prints it.

use serde_json::{Map, Value};

use super::asset::Asset;

/// `{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata", "spec", "status"}`.
pub(super) fn is_serving(body: &Map<String, Value>) -> bool {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let api = text("apiVersion").unwrap_or_default();
    (api.starts_with("serving.knative.dev/") || api.starts_with("run.googleapis.com/"))
        && matches!(text("kind"), Some("Service" | "Job" | "WorkerPool"))
        && body.get("metadata").is_some_and(Value::is_object)
}

/// The service or job as an asset.
pub(super) fn serving(body: Map<String, Value>) -> Option<Asset> {
    let kind = body.get("kind").and_then(Value::as_str)?.to_owned();
    let metadata = body.get("metadata").and_then(Value::as_object)?;
    let text = |key: &str| metadata.get(key).and_then(Value::as_str);
    let labels = metadata.get("labels");
    let location = labels
        .and_then(|labels| labels.get("cloud.googleapis.com/location"))
        .and_then(Value::as_str)?;
    let (project, short) = (text("namespace")?, text("name")?);
    let collection = match kind.as_str() {
        "Service" => "services",
        "Job" => "jobs",
        _ => "workerPools",
    };
    Some(Asset {
        name: format!(
            "//run.googleapis.com/projects/{project}/locations/{location}/{collection}/{short}"
        ),
        kind: format!("run.googleapis.com/{kind}"),
        data: Some(body),
        ..Asset::default()
    })
}
