//! Errors of the REST APIs: `{"error": {"code": 403, "message": …, "status": "PERMISSION_DENIED", "details": […]}}`.
//!
//! Shape: cloud.google.com/apis/design/errors.

use serde_json::{Map, Value};
use stance_model::{Coverage, CoverageStatus};

use super::address::Address;
use super::catalogue;
use crate::codes;
use crate::context::FileContext;
use crate::ledger::Basis;
use crate::stream::Place;

/// An error that is the whole answer, not the state of a job.
pub(super) fn is_error(body: &Map<String, Value>) -> bool {
    let error = body.get("error");
    let says = |key: &str| error.and_then(|error| error.get(key));
    says("code").is_some_and(Value::is_number)
        && says("status").is_some_and(Value::is_string)
        && !body.contains_key("name")
}

/// Tells it, and which scope and type stay unknown.
pub(super) fn read(
    context: &mut FileContext<'_>,
    body: &Map<String, Value>,
    address: Option<&Address>,
    place: Place,
) {
    let error = body.get("error").unwrap_or(&Value::Null);
    let says = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
    let status = says("status");
    if matches!(
        status,
        "NOT_FOUND" | "INVALID_ARGUMENT" | "FAILED_PRECONDITION"
    ) {
        let message = format!("the answer is an error, {status}: {}", says("message"));
        context.report(codes::NO_RESOURCE, place, &message);
        return;
    }
    let message = format!("the answer is an error, {status}: {}", says("message"));
    context.report(codes::ACCESS_DENIED, place, &message);
    context.input.incomplete = true;
    if !matches!(status, "PERMISSION_DENIED" | "UNAUTHENTICATED") {
        return;
    }
    let details = error.get("details").and_then(Value::as_array);
    let detail = |pointer: &str| {
        details
            .into_iter()
            .flatten()
            .find_map(|detail| detail.pointer(pointer).and_then(Value::as_str))
    };
    let listed = address.and_then(Address::list);
    let consumer =
        detail("/metadata/consumer").and_then(|consumer| consumer.strip_prefix("projects/"));
    let project = listed.as_ref().map(|(project, _)| *project).or(consumer);
    let service = address.and_then(|address| address.service.as_deref());
    let what = listed
        .as_ref()
        .zip(service)
        .and_then(|((_, collections), service)| catalogue::by_list(collections, service));
    let project = project.map(|project| {
        context
            .input
            .projects
            .id_of(project)
            .unwrap_or(project)
            .to_owned()
    });
    let disabled = detail("/reason") == Some("SERVICE_DISABLED");
    context.cover(
        Basis::Refused,
        Coverage {
            scope: project.map_or_else(
                || context.file.to_owned(),
                |project| format!("gcp:{project}").to_lowercase(),
            ),
            what: what.map_or_else(|| "*".to_owned(), |what| what.to_lowercase()),
            status: CoverageStatus::Denied,
            reason: if disabled {
                "the service is not enabled in the project".to_owned()
            } else {
                format!("the cloud refused: {status}")
            },
            source: context.file.to_owned(),
            count: 0,
        },
    );
}
