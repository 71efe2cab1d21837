//! Projects as `gcloud projects list` and the Resource Manager API print them.

use serde_json::{Map, Value};

use super::asset::Asset;
use super::name::CONTAINERS;

/// A project: it alone has both an id and a number.
pub(super) fn is_project(body: &Map<String, Value>) -> bool {
    let text = |key: &str| body.get(key).is_some_and(Value::is_string);
    text("projectId")
        && (text("lifecycleState") || text("state"))
        && (text("projectNumber") || name_of(body).is_some())
}

/// `projects/123`, as version 3 of the API names a project.
fn name_of(body: &Map<String, Value>) -> Option<&str> {
    let name = body.get("name").and_then(Value::as_str)?;
    let number = name.strip_prefix("projects/")?;
    super::name::is_number(number).then_some(number)
}

/// The project as an asset.
pub(super) fn project(body: Map<String, Value>) -> Asset {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let id = text("projectId").unwrap_or_default();
    let number = text("projectNumber").or_else(|| name_of(&body));
    let parent = match body.get("parent") {
        Some(Value::String(parent)) => Some(parent.clone()),
        Some(Value::Object(parent)) => {
            let part = |key: &str| parent.get(key).and_then(Value::as_str);
            part("type")
                .zip(part("id"))
                .map(|(kind, id)| format!("{kind}s/{id}"))
        }
        _ => None,
    };
    Asset {
        name: format!("{CONTAINERS}/projects/{id}"),
        kind: "cloudresourcemanager.googleapis.com/Project".to_owned(),
        project: number.map(str::to_owned),
        parent,
        data: Some(body),
        ..Asset::default()
    }
}
