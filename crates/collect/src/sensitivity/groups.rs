//! Sensitivity labels that Microsoft Entra keeps on groups and teams.
//!
//! Shape: learn.microsoft.com/graph/api/resources/assignedlabel.

use serde_json::Value;
use stance_model::Resource;

use super::{Label, text};
use crate::facts::Subject;

/// The labels of a group; none for anything else.
pub(crate) fn rows(resource: &Resource) -> Vec<Resource> {
    if resource.resource_type != "microsoft.graph/groups" {
        return Vec::new();
    }
    let listed = resource
        .properties()
        .get("assignedLabels")
        .and_then(Value::as_array);
    let subject = Subject {
        resource_id: Some(resource.id.as_str().to_owned()),
        ..Subject::default()
    };
    let rows = listed.into_iter().flatten().filter_map(|assigned| {
        let label = Label {
            name: text(assigned, "/displayName").or_else(|| text(assigned, "/labelId"))?,
            kind: "label",
            source: "Microsoft Purview",
            confidence: "High",
            finding: text(assigned, "/labelId"),
            ..Label::default()
        };
        Some(label.row(&subject, resource.source.clone()))
    });
    rows.collect()
}
