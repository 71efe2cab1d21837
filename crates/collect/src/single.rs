//! One JSON value that was read as a whole: a row, an answer, a template, or something else.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::answer;
use crate::arm_response;
use crate::cloudformation;
use crate::codes;
use crate::context::FileContext;
use crate::documents::Header;
use crate::formats::{self, Found};
use crate::ledger::{Asked, Tally};
use crate::normalise::NotAResource;
use crate::resource_graph;
use crate::stream::{Place, array};
use crate::template;

/// Envelopes within envelopes that are opened.
const WRAPPERS: usize = 4;

/// Counts rows whose request is not known.
pub(crate) fn unknown_request() -> Tally {
    Tally::new(Asked::Unknown)
}

/// An element of a list, export, array or line.
pub(crate) fn element(
    context: &mut FileContext<'_>,
    value: Value,
    place: Place,
    tally: &mut Tally,
) -> ControlFlow<()> {
    nested(context, value, place, tally, WRAPPERS)
}

fn nested(
    context: &mut FileContext<'_>,
    value: Value,
    place: Place,
    tally: &mut Tally,
    depth: usize,
) -> ControlFlow<()> {
    let mut body = match value {
        Value::Object(body) => body,
        Value::Array(items) if depth > 0 => {
            // Pages collected into an array of arrays.
            return items
                .into_iter()
                .try_for_each(|item| nested(context, item, place, tally, depth - 1));
        }
        _ => {
            context.leave_out(NotAResource::Other("no JSON object"), place);
            return ControlFlow::Continue(());
        }
    };
    let lent = context.answer.lend(&mut body);
    if let Some(format) = formats::of(&body) {
        return (format.read)(context, Found { body, place, tally });
    }
    if lent {
        body.shift_remove(answer::CONTEXT);
    }
    if arm_response::detect::is_list_body(&body) {
        return arm_response::read::list(context, body, place);
    }
    if resource_graph::detect::is_export_body(&body) {
        return export(context, body, place);
    }
    if let Some((code, message)) = arm_response::detect::error_of(&body)
        && !body.contains_key("id")
    {
        arm_response::read::refusal(context, code, message, place);
        return ControlFlow::Continue(());
    }
    if depth > 0
        && let Some(inner) = unwrapped(&mut body)
    {
        let outer = context.answer.open(&body);
        let flow = inner
            .into_iter()
            .try_for_each(|item| nested(context, item, place, tally, depth - 1));
        context.answer.url = outer;
        return flow;
    }
    resource_graph::read::unpack_json_texts(&mut body);
    match context.resource_from(body, place) {
        Some(resource) => {
            tally.see(&resource);
            context.send(resource)
        }
        None => ControlFlow::Continue(()),
    }
}

/// A Resource Graph page among others.
fn export(
    context: &mut FileContext<'_>,
    mut body: Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    let Some(Value::Array(rows)) = body.remove("data") else {
        return ControlFlow::Continue(());
    };
    let more = arm_response::detect::more_pages(&body);
    if rows.is_empty() {
        context.nothing_listed(more.as_deref());
    }
    let mut tally = Tally::new(Asked::Query);
    let flow = rows
        .into_iter()
        .try_for_each(|row| nested(context, row, place, &mut tally, 0));
    context.close(tally, more.as_deref());
    flow
}

/// What an envelope holds: the answers of an ARM batch, or the body of a recorded answer.
fn unwrapped(body: &mut Map<String, Value>) -> Option<Vec<Value>> {
    if body.contains_key("id") && body.contains_key("type") {
        return None;
    }
    match body.remove("responses") {
        Some(Value::Array(mut answers)) => {
            answer::address_answers(body.get("requests"), &mut answers);
            return Some(answers);
        }
        // The examples of the API specifications: the same answer under several statuses.
        Some(Value::Object(answers)) => {
            let good = answers
                .into_iter()
                .find(|(status, answer)| status.starts_with('2') && answer.get("body").is_some());
            return Some(good.map(|(_, answer)| answer).into_iter().collect());
        }
        Some(other) => {
            body.insert("responses".to_owned(), other);
        }
        None => {}
    }
    // Recorded traffic: `{"interactions": [{"request", "response": {"body": {"data"}}}]}`.
    if let Some(Value::Array(recorded)) = body.get_mut("interactions") {
        return Some(std::mem::take(recorded));
    }
    let answered = |value: &Value| value.is_object() || value.is_array();
    let key = ["body", "content", "response", "data"]
        .into_iter()
        .find(|key| body.get(*key).is_some_and(answered))?;
    body.remove(key).map(|inner| vec![inner])
}

/// A document that is no stream of rows.
pub(crate) fn document(
    context: &mut FileContext<'_>,
    text: Vec<u8>,
    start: Place,
    header: &Header,
) -> ControlFlow<()> {
    if cloudformation::detect::is_template(header, &text) {
        return cloudformation::read::json_template(context, text, start);
    }
    if template::detect::is_template(header) {
        return template::read::template(context, text, start);
    }
    if template::detect::is_parameters(header) {
        template::read::parameters(context);
        return ControlFlow::Continue(());
    }
    let Some(Value::Object(mut body)) = array::parse_captured(&text, start, context) else {
        return ControlFlow::Continue(());
    };
    if let Some(format) = formats::of(&body) {
        let mut tally = Tally::new(Asked::Unknown);
        let found = Found {
            body,
            place: start,
            tally: &mut tally,
        };
        let flow = (format.read)(context, found);
        context.close(tally, None);
        return flow;
    }
    if let Some((code, message)) = arm_response::detect::error_of(&body)
        && !body.contains_key("id")
    {
        arm_response::read::refusal(context, code, message, start);
        return ControlFlow::Continue(());
    }
    if let Some(inner) = unwrapped(&mut body) {
        let mut tally = Tally::new(Asked::Unknown);
        let outer = context.answer.open(&body);
        let flow = inner
            .into_iter()
            .try_for_each(|item| nested(context, item, start, &mut tally, WRAPPERS));
        context.answer.url = outer;
        context.close(tally, None);
        return flow;
    }
    if body.contains_key("id") {
        resource_graph::read::unpack_json_texts(&mut body);
        return arm_response::read::resource(context, body, start);
    }
    let (what, help) = arm_response::detect::describe(&body);
    let message = format!("the file holds no resource: it is {what}");
    let code = codes::NO_RESOURCE;
    context.report_as(code, code.level, start, &message, help.unwrap_or(code.help));
    ControlFlow::Continue(())
}
