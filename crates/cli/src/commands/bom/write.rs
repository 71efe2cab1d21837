//! `stance bom` itself.

use std::process::ExitCode;

use stance_base::ErrorCode;
use stance_model::{Bom, BomComponent};
use stance_operations::bom::diff::{group, sentence};
use stance_report::cyclonedx::{self, Subject};

use super::instant::instant;
use super::{estate, open};
use crate::arguments::bom::{BomFormat, BomWriteArguments};
use crate::failure::Failure;
use crate::listing::{Listing, json_text};
use crate::output::Output;

const HEADER: &[&str] = &[
    "Group",
    "Kind",
    "Name",
    "Version",
    "Supplier",
    "Location",
    "Identity",
    "Authority",
];
const CSV_HEADER: &[&str] = &[
    "Group",
    "Kind",
    "Name",
    "Version",
    "Supplier",
    "Location",
    "Identity",
    "Authority",
    "Type",
    "Cloud",
    "SubscriptionId",
    "ResourceGroup",
    "ResourceId",
    "BomRef",
];

/// Writes the bill of the estate, or of one account or agent.
pub(super) async fn run(arguments: &BomWriteArguments) -> Result<ExitCode, Failure> {
    let (lake, clock) = open(&arguments.data)?;
    let at = match &arguments.at {
        Some(text) => {
            instant(text).map_err(|message| Failure::new(ErrorCode::InvalidInput, message))?
        }
        None => None,
    };
    let whole = estate(&lake, &clock, at).await?;
    let (bom, name) = wanted(whole, arguments)?;
    let place = Output::open(arguments.output.as_deref());
    match arguments.format {
        BomFormat::Cyclonedx => {
            let subject = Subject {
                name,
                at: at.unwrap_or_else(|| clock.now()),
                tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            place.fill(|out| cyclonedx::write(out, &bom, &subject))?;
        }
        BomFormat::Table => {
            let rows = bom.components.iter().map(|one| row(one, false));
            let listing = Listing {
                header: HEADER,
                rows: rows.collect(),
            };
            place.write(listing.table("component").as_bytes())?;
        }
        BomFormat::Csv => {
            let rows = bom.components.iter().map(|one| row(one, true));
            let listing = Listing {
                header: CSV_HEADER,
                rows: rows.collect(),
            };
            place.write(&listing.csv()?)?;
        }
        BomFormat::Json => place.write(json_text(&bom)?.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The part of the bill that was asked for, and what it is called.
fn wanted(whole: Bom, arguments: &BomWriteArguments) -> Result<(Bom, String), Failure> {
    let (text, is_agent) = match (&arguments.account, &arguments.agent) {
        (Some(text), _) => (text, false),
        (None, Some(text)) => (text, true),
        (None, None) => return Ok((whole, "AI estate".to_owned())),
    };
    let is_kind = |component: &BomComponent| {
        if is_agent {
            group(component) == "agent"
        } else {
            component.component_type == "service"
        }
    };
    let named = whole.named(text);
    let found: Vec<&BomComponent> = named.into_iter().filter(|one| is_kind(one)).collect();
    let what = if is_agent { "agent" } else { "account" };
    match found.as_slice() {
        [] => {
            let known: Vec<&str> = whole
                .components
                .iter()
                .filter(|component| is_kind(component))
                .map(|component| component.name.as_str())
                .take(10)
                .collect();
            let known = match known.as_slice() {
                [] => "the estate has none".to_owned(),
                names => format!("the estate has {}", names.join(", ")),
            };
            Err(Failure::new(
                ErrorCode::NotFound,
                format!("there is no {what} `{text}`; {known}"),
            ))
        }
        [one] => {
            let name = one.name.clone();
            Ok((whole.below([one.bom_ref.as_str()]), name))
        }
        many => {
            let ids: Vec<&str> = many.iter().map(|one| one.resource_id.as_str()).collect();
            Err(Failure::new(
                ErrorCode::InvalidInput,
                format!(
                    "`{text}` names {} of them; write one of the ids:\n{}",
                    many.len(),
                    ids.join("\n")
                ),
            ))
        }
    }
}

fn row(component: &BomComponent, whole: bool) -> Vec<String> {
    let sentences = |values: &[serde_json::Value]| {
        let mut told: Vec<String> = values.iter().map(sentence).collect();
        told.dedup();
        told.join("; ")
    };
    let mut cells = vec![
        group(component).to_owned(),
        component.kind.clone(),
        component.name.clone(),
        component.version.clone(),
        component.supplier.clone(),
        component.location.clone(),
        sentences(&component.identity),
        sentences(&component.authority),
    ];
    if whole {
        cells.extend([
            component.component_type.clone(),
            component.cloud.clone(),
            component.subscription_id.clone(),
            component.resource_group.clone(),
            component.resource_id.clone(),
            component.bom_ref.clone(),
        ]);
    }
    cells
}
