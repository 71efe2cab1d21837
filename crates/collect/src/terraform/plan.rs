//! `terraform show -json` of a plan.
//!
//! Source: developer.hashicorp.com/terraform/internals/json-format.

mod references;
mod tree;

use std::ops::ControlFlow;
use std::rc::Rc;

use serde_json::{Map, Value as Json};
use stance_model::{Coverage, CoverageStatus, Origin};

use super::assemble::assemble;
use super::evaluate::Surroundings;
use super::mapping::Declared;
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::Basis;

pub(super) use tree::{declared, planned, secret_at};

use tree::redacted;

use references::Joiner;

/// `planned_values` beside the version of Terraform or of the format.
pub(crate) fn recognises(body: &Map<String, Json>) -> bool {
    body.contains_key("planned_values")
        && (body.contains_key("terraform_version") || body.contains_key("format_version"))
}

pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let body = found.body;
    let mut declared = planned(
        body.get("planned_values"),
        context.file,
        found.place,
        Origin::Template,
    );
    let around = Rc::new(surroundings(&body, context));
    mark_unknown(&body, &mut declared);
    Joiner::new(&body, &mut declared, &around).join();
    let pairs: Vec<(Declared, Rc<Surroundings>)> = declared
        .into_iter()
        .map(|one| (one, Rc::clone(&around)))
        .collect();
    let assembled = assemble(context.file, &pairs);
    for said in assembled.diagnostics {
        context.send_diagnostic(said);
    }
    // A plan says everything about what it deploys.
    let row = Coverage {
        scope: context.file.to_owned(),
        what: "*".to_owned(),
        status: CoverageStatus::Complete,
        reason: String::new(),
        source: context.file.to_owned(),
        count: assembled.resources.len() as u64,
    };
    context.cover(Basis::Listed, row);
    assembled
        .resources
        .into_iter()
        .try_for_each(|resource| super::read::send(context, resource))
}

/// What only the cloud knows, from `resource_changes`.
fn mark_unknown(body: &Map<String, Json>, declared: &mut [Declared]) {
    let changes = body.get("resource_changes").and_then(Json::as_array);
    let by_address: std::collections::HashMap<&str, &Json> = changes
        .into_iter()
        .flatten()
        .filter_map(|change| Some((change.get("address")?.as_str()?, change.get("change")?)))
        .collect();
    for one in declared {
        let Some(change) = by_address.get(one.address.as_str()) else {
            continue;
        };
        if let Some(unknown) = change.get("after_unknown") {
            tree::mark(unknown, one, &mut |_| "known after apply".to_owned());
        }
        if let Some(sensitive) = change.get("after_sensitive") {
            redacted(sensitive, one);
        }
    }
}

/// Where the plan lands: arguments of the providers that are constant or a variable's value.
fn surroundings(body: &Map<String, Json>, context: &FileContext<'_>) -> Surroundings {
    let mut found = Surroundings::of_target(&context.options.target);
    let providers = body
        .get("configuration")
        .and_then(|configuration| configuration.get("provider_config"));
    let argument = |provider: &str, name: &str| -> Option<String> {
        let expression = providers?.get(provider)?.get("expressions")?.get(name)?;
        if let Some(text) = expression.get("constant_value") {
            return text.as_str().map(str::to_owned);
        }
        let reference = expression.pointer("/references/0")?.as_str()?;
        let variable = reference.strip_prefix("var.")?;
        let value = body.get("variables")?.get(variable)?.get("value")?;
        value.as_str().map(str::to_owned)
    };
    found.subscription = argument("azurerm", "subscription_id").or(found.subscription);
    found.region = argument("aws", "region").or_else(|| argument("google", "region"));
    found.project = argument("google", "project");
    found
}
