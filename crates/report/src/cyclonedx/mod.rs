//! CycloneDX 1.6 JSON (cyclonedx.org/docs/1.6/json): a bill of materials of AI written and read.
//!
//! Models are `machine-learning-model` components with a model card as far as one is known, data and guardrails are `data`
//! components, accounts, tools and MCP servers are services. What CycloneDX has no place for stands in properties
//! `stance:*`, so that a file that was written here reads back whole.

mod component;
mod data;
mod document;
mod model_card;
mod read;
mod service;

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use stance_model::Bom;
use uuid::Uuid;

use crate::ReportError;
use crate::json::to_safe_json_pretty;
use document::{Dependency, Document, Metadata, Property};

pub use read::{LONGEST_FILE, ReadError, read};

/// The reference of what a file is about.
const SUBJECT: &str = "stance:subject";

/// What a file is about, and when.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name: `AI estate`, or of an account or agent.
    pub name: String,
    /// The instant of the estate.
    pub at: DateTime<Utc>,
    /// The version of the program.
    pub tool_version: String,
}

/// Writes one bill of materials. The same bill, subject and instant give the same bytes.
///
/// # Errors
/// An output that refuses the bytes.
pub fn write(mut out: impl Write, bom: &Bom, subject: &Subject) -> Result<(), ReportError> {
    let document = document(bom, subject)?;
    writeln!(out, "{}", to_safe_json_pretty(&document)?)?;
    Ok(())
}

fn document(bom: &Bom, subject: &Subject) -> Result<Document, ReportError> {
    let is_service = |kind: &str| kind == "service";
    let (services, components): (Vec<_>, Vec<_>) = bom
        .components
        .iter()
        .partition(|component| is_service(&component.component_type));
    let mut dependencies = vec![Dependency {
        bom_ref: SUBJECT.to_owned(),
        depends_on: bom.roots().into_iter().map(str::to_owned).collect(),
    }];
    for dependency in &bom.dependencies {
        match dependencies.last_mut() {
            Some(last) if last.bom_ref == dependency.from => {
                // Sorted by reference and target: one target of two kinds stands side by side.
                if last.depends_on.last() != Some(&dependency.to) {
                    last.depends_on.push(dependency.to.clone());
                }
            }
            _ => dependencies.push(Dependency {
                bom_ref: dependency.from.clone(),
                depends_on: vec![dependency.to.clone()],
            }),
        }
    }
    Ok(Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(bom, subject)?,
        version: 1,
        metadata: Metadata::new(
            subject.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            &subject.tool_version,
            SUBJECT,
            &subject.name,
        ),
        components: components
            .into_iter()
            .map(|one| component::component(one, needs(bom, &one.bom_ref)))
            .collect(),
        services: services
            .into_iter()
            .map(|one| service::service(one, needs(bom, &one.bom_ref)))
            .collect(),
        dependencies,
    })
}

/// The kinds of a component's dependencies, which CycloneDX has no place for.
fn needs(bom: &Bom, bom_ref: &str) -> Vec<Property> {
    let start = bom
        .dependencies
        .partition_point(|dependency| dependency.from.as_str() < bom_ref);
    let own = bom.dependencies[start..]
        .iter()
        .take_while(|dependency| dependency.from == bom_ref);
    own.map(|dependency| {
        Property::new(
            format!("stance:dependency:{}", dependency.kind.replace(' ', "-")),
            dependency.to.clone(),
        )
    })
    .collect()
}

/// The same for the same content, subject and instant.
fn serial_number(bom: &Bom, subject: &Subject) -> Result<String, ReportError> {
    let mut hasher = Sha256::new();
    hasher.update(subject.at.to_rfc3339());
    hasher.update([0]);
    hasher.update(&subject.name);
    hasher.update([0]);
    hasher.update(serde_json::to_vec(bom)?);
    let number = Uuid::new_v5(&Uuid::NAMESPACE_URL, &hasher.finalize());
    Ok(format!("urn:uuid:{number}"))
}
