//! Rows of `ResourceChanges`: every version of every resource, and its end.

use serde_json::json;
use stance_model::{Resource, ResourceId};

use crate::rows::resources::source_text;
use crate::rows::table_batch::Cell;

/// What happened to a resource between two scans, in Resource Graph's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeType {
    /// Seen for the first time.
    Create,
    /// Its content changed.
    Update,
    /// It is gone from an input that was read whole.
    Delete,
}

impl ChangeType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
        }
    }
}

/// What all changes of one scan share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanStamp<'a> {
    /// The scan.
    pub scan_id: &'a str,
    /// When it ran, in microseconds.
    pub now: i64,
}

/// The row of a resource that is new or differs from what was stored.
pub(crate) fn version<'a>(
    resource: &'a Resource,
    change: ChangeType,
    hash: &'a str,
    input: &'a str,
    stamp: ScanStamp<'a>,
) -> [Cell<'a>; 20] {
    let id = resource.id.as_str();
    [
        Cell::Owned(format!("{id}/providers/Microsoft.Resources/changes/{hash}")),
        Cell::Text(hash),
        Cell::Text("microsoft.resources/changes"),
        Cell::Null,
        resource.text("location").map_or(Cell::Null, Cell::Text),
        resource.id.resource_group().map_or(Cell::Null, Cell::Text),
        resource.id.subscription_id().map_or(Cell::Null, Cell::Text),
        Cell::OwnedJson(json!({
            "targetResourceId": id,
            "targetResourceType": resource.resource_type,
            "changeType": change.as_str(),
            "changeAttributes": {"newResourceSnapshotId": hash, "correlationId": stamp.scan_id},
        })),
        Cell::Text(change.as_str()),
        Cell::Text(id),
        Cell::Text(&resource.resource_type),
        Cell::DateTime(stamp.now),
        Cell::Text(hash),
        Cell::Bool(false),
        Cell::Json(&resource.body),
        Cell::Text(resource.cloud.as_str()),
        Cell::Text(resource.origin.as_str()),
        Cell::Owned(source_text(resource)),
        Cell::Text(input),
        Cell::Text(stamp.scan_id),
    ]
}

/// The tombstone of a resource that is gone.
pub(crate) fn tombstone<'a>(
    id: &'a str,
    resource_type: &'a str,
    origin: &'a str,
    input: &'a str,
    stamp: ScanStamp<'a>,
) -> [Cell<'a>; 20] {
    let parsed = ResourceId::new(id);
    let owned = |text: Option<&str>| text.map_or(Cell::Null, |text| Cell::Owned(text.to_owned()));
    [
        Cell::Owned(format!(
            "{id}/providers/Microsoft.Resources/changes/{}",
            stamp.scan_id
        )),
        Cell::Text(stamp.scan_id),
        Cell::Text("microsoft.resources/changes"),
        Cell::Null,
        Cell::Null,
        owned(parsed.resource_group()),
        owned(parsed.subscription_id()),
        Cell::OwnedJson(json!({
            "targetResourceId": id,
            "targetResourceType": resource_type,
            "changeType": ChangeType::Delete.as_str(),
            "changeAttributes": {"correlationId": stamp.scan_id},
        })),
        Cell::Text(ChangeType::Delete.as_str()),
        Cell::Text(id),
        Cell::Text(resource_type),
        Cell::DateTime(stamp.now),
        Cell::Null,
        Cell::Bool(true),
        Cell::Null,
        Cell::Null,
        Cell::Text(origin),
        Cell::Null,
        Cell::Text(input),
        Cell::Text(stamp.scan_id),
    ]
}
