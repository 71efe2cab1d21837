//! States: `terraform show -json`, and `terraform.tfstate` as Terraform keeps it.
//!
//! Source: developer.hashicorp.com/terraform/internals/json-format; the file's version 4 as Terraform writes it.
//! A state was observed: its resources are live, and what it does not hold may exist all the same.

use std::ops::ControlFlow;
use std::rc::Rc;

use serde_json::{Map, Value as Json};
use stance_model::Origin;

use super::assemble::assemble;
use super::evaluate::Surroundings;
use super::mapping::Declared;
use super::plan::planned;
use crate::context::FileContext;
use crate::formats::Found;
use crate::json::escape_pointer;
use crate::stream::Place;

/// `values.root_module`, or `resources` with instances.
pub(crate) fn recognises(body: &Map<String, Json>) -> bool {
    let shown = body
        .get("values")
        .is_some_and(|values| values.get("root_module").is_some());
    let raw = body.get("version").is_some_and(Json::is_number)
        && body.get("resources").is_some_and(Json::is_array)
        && (body.contains_key("lineage") || body.contains_key("serial"));
    // A state without resources says nothing but its version.
    let empty = body.contains_key("format_version") && body.len() <= 3;
    body.contains_key("terraform_version") && (shown || raw || empty)
}

pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let Found { body, place, tally } = found;
    let declared = match body.get("resources") {
        Some(Json::Array(resources)) => raw(resources, context.file, place),
        _ => planned(body.get("values"), context.file, place, Origin::Live),
    };
    let around = Rc::new(Surroundings::of_target(&context.options.target));
    let pairs: Vec<(Declared, Rc<Surroundings>)> = declared
        .into_iter()
        .map(|one| (one, Rc::clone(&around)))
        .collect();
    let assembled = assemble(context.file, &pairs);
    for said in assembled.diagnostics {
        context.send_diagnostic(said);
    }
    assembled
        .resources
        .into_iter()
        .try_for_each(|resource| context.send_made(resource, tally))
}

/// Version 4: one entry for each resource block, its instances inside.
fn raw(resources: &[Json], file: &str, place: Place) -> Vec<Declared> {
    let mut found = Vec::new();
    for resource in resources {
        let text = |name: &str| resource.get(name).and_then(Json::as_str);
        let (Some(kind), Some(name)) = (text("type"), text("name")) else {
            continue;
        };
        if text("mode") == Some("data") {
            continue;
        }
        let module = text("module")
            .map(|module| format!("{module}."))
            .unwrap_or_default();
        let instances = resource.get("instances").and_then(Json::as_array);
        for instance in instances.into_iter().flatten() {
            let Some(Json::Object(values)) = instance.get("attributes") else {
                continue;
            };
            // What was replaced and waits for its end.
            if instance.get("deposed").is_some() {
                continue;
            }
            let key = match instance.get("index_key") {
                Some(Json::String(key)) => format!("[\"{key}\"]"),
                Some(Json::Number(index)) => format!("[{index}]"),
                _ => String::new(),
            };
            let address = format!("{module}{kind}.{name}{key}");
            let mut one =
                super::plan::declared(&address, kind, values.clone(), file, place, Origin::Live);
            let sensitive = instance
                .get("sensitive_attributes")
                .and_then(Json::as_array);
            for path in sensitive.into_iter().flatten().filter_map(pointer) {
                super::plan::secret_at(&mut one, path);
            }
            found.push(one);
        }
    }
    found
}

/// `[{"type": "get_attr", "value": "a"}, {"type": "index", "value": {"value": 0}}]` as a pointer.
fn pointer(path: &Json) -> Option<String> {
    let mut out = String::new();
    for step in path.as_array()? {
        let value = step.get("value")?;
        let value = value.get("value").unwrap_or(value);
        out.push('/');
        match value {
            Json::String(name) => out.push_str(&escape_pointer(name)),
            Json::Number(index) => out.push_str(&index.to_string()),
            _ => return None,
        }
    }
    Some(out)
}
