//! Templates read with a clock that stands still.

use std::path::PathBuf;

use stance_collect::arm_template::{
    self, Limits, LinkedFile, LinkedFiles, Options, Target, TemplateResources,
};
use stance_collect::json::{self, Document};

/// Folder of the written templates.
pub(super) fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/arm_template/cases")
}

/// Linked files of the case folder.
pub(super) struct CaseFolder;

impl LinkedFiles for CaseFolder {
    fn read(&self, from: &str, path: &str) -> Result<LinkedFile, String> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = if folder.is_empty() {
            path.to_owned()
        } else {
            format!("{folder}/{path}")
        };
        let text =
            std::fs::read_to_string(cases().join(&file)).map_err(|error| error.to_string())?;
        Ok(LinkedFile { file, text })
    }
}

pub(super) fn document(file: &str, text: &str) -> Document {
    let parsed = json::parse(file, text, &json::Limits::default());
    parsed
        .document
        .unwrap_or_else(|| panic!("{file}: {:?}", parsed.diagnostics))
}

/// Evaluates with the given target; the clock stands at 2026-02-02T02:40:00Z.
pub(super) fn evaluate(
    template: &Document,
    parameters: Option<&Document>,
    target: &Target,
) -> TemplateResources {
    evaluate_within(template, parameters, target, Limits::default())
}

pub(super) fn evaluate_within(
    template: &Document,
    parameters: Option<&Document>,
    target: &Target,
    limits: Limits,
) -> TemplateResources {
    let options = Options {
        now: chrono::DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        target,
        links: Some(&CaseFolder),
        limits,
    };
    arm_template::read(template, parameters, &options)
}

/// A target of which everything is known.
pub(super) fn known_target() -> Target {
    Target {
        subscription_id: Some("11111111-2222-3333-4444-555555555555".to_owned()),
        resource_group: Some("rg-test".to_owned()),
        location: Some("westeurope".to_owned()),
        management_group: Some("mg-test".to_owned()),
        tenant_id: Some("99999999-8888-7777-6666-555555555555".to_owned()),
        deployment_name: Some("main".to_owned()),
        ..Target::default()
    }
}

/// A template of one resource whose properties are given as JSON.
pub(super) fn with_properties(properties: &str) -> Document {
    document(
        "test.json",
        &format!(
            r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {{"open": {{"type": "string"}}, "list": {{"type": "array"}}}},
            "resources": [{{"type": "Test.Provider/things", "apiVersion": "1", "name": "t", "properties": {properties}}}]}}"#
        ),
    )
}
