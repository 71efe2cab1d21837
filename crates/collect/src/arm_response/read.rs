//! Lists, single answers and refusals of Azure Resource Manager.

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_model::{Coverage, CoverageStatus};

use crate::codes;
use crate::context::FileContext;
use crate::documents::Header;
use crate::ledger::{Asked, Basis, Tally};
use crate::single;
use crate::stream::{JsonStream, Place, array};

use super::detect;

/// The rows behind `"value": `, streamed.
pub(crate) fn rows(
    stream: &mut JsonStream<'_>,
    context: &mut FileContext<'_>,
    header: &mut Header,
    key: &str,
) -> ControlFlow<()> {
    let mut tally = header
        .tally
        .take()
        .unwrap_or_else(|| Tally::new(asked(header, key)));
    let flow = array::for_each_element(stream, context, &mut |context, element, place| {
        header.rows += 1;
        single::element(context, element, place, &mut tally)
    });
    if flow.is_break() {
        // Cut off: what was read is no whole list.
        header
            .scalars
            .insert("resultTruncated".to_owned(), Value::Bool(true));
    }
    header.tally = Some(tally);
    flow
}

/// What was asked for: a list, everything that AWS Config records, or some of its items.
fn asked(header: &Header, key: &str) -> Asked {
    match key {
        "value" => Asked::List,
        _ if header.has("configSnapshotId") => Asked::Snapshot,
        _ => Asked::Unknown,
    }
}

/// A list that was read as a whole, such as one of several in an array.
pub(crate) fn list(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    let mut tally = Tally::new(Asked::List);
    let Some(Value::Array(items)) = body.remove("value") else {
        return ControlFlow::Continue(());
    };
    let more = detect::more_pages(&body);
    let outer = context.answer.enter(&body);
    if items.is_empty() {
        context.nothing_listed(more.as_deref());
    }
    let flow = items
        .into_iter()
        .try_for_each(|item| single::element(context, item, place, &mut tally));
    context.answer.context = outer;
    context.close(tally, more.as_deref());
    flow
}

/// One resource that was asked for by its id.
pub(crate) fn resource(
    context: &mut FileContext<'_>,
    body: Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    let Some(resource) = context.resource_from(body, place) else {
        return ControlFlow::Continue(());
    };
    context.cover(
        Basis::Listed,
        Coverage {
            scope: resource.id.key(),
            what: resource.resource_type.clone(),
            status: CoverageStatus::Complete,
            reason: String::new(),
            source: context.file.to_owned(),
            count: 1,
        },
    );
    context.send(resource)
}

/// An error instead of an answer. A refusal says which scope and type stay unknown.
pub(crate) fn refusal(context: &mut FileContext<'_>, code: &str, message: &str, place: Place) {
    let (mut scope, mut what) = refused(message);
    if scope.is_none()
        && what.is_none()
        && let Some(list) = context.listed_elsewhere()
    {
        scope = Some(list.0);
        what = Some(list.1);
    }
    let text = format!("the answer is an error, {code}: {message}");
    context.report(codes::ACCESS_DENIED, place, &text);
    context.input.incomplete = true;
    if !is_refusal(code) {
        return;
    }
    context.cover(
        Basis::Refused,
        Coverage {
            scope: scope.unwrap_or_else(|| context.file.to_owned()),
            what: what.unwrap_or_else(|| "*".to_owned()),
            status: CoverageStatus::Denied,
            reason: format!("the cloud refused: {code}"),
            source: context.file.to_owned(),
            count: 0,
        },
    );
}

fn is_refusal(code: &str) -> bool {
    [
        "AuthorizationFailed",
        "Forbidden",
        "AccessDenied",
        "LinkedAuthorizationFailed",
        "Unauthorized",
        // Microsoft Graph, the data plane of Foundry, Dataverse (a privilege is missing).
        "Authorization_RequestDenied",
        "PermissionDenied",
        "0x80040220",
    ]
    .iter()
    .any(|known| code.eq_ignore_ascii_case(known))
}

/// Scope and type out of "…to perform action 'Microsoft.X/y/read' over scope '/subscriptions/…'…".
fn refused(message: &str) -> (Option<String>, Option<String>) {
    let quoted = |before: &str| {
        let rest = message.split_once(before)?.1;
        rest.split_once('\'')
            .map(|(inside, _)| inside.to_lowercase())
    };
    let what = quoted("action '").map(|action| {
        let end = action.rfind('/').unwrap_or(action.len());
        action[..end].to_owned()
    });
    (
        quoted("scope '").filter(|scope| scope.starts_with('/')),
        what,
    )
}
