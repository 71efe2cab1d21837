//! Which document is a deployment template or its parameter file, and which two belong together.

use std::path::{Path, PathBuf};

use crate::documents::Header;

/// A template of any scope: its schema says so, or its members do.
pub(crate) fn is_template(header: &Header) -> bool {
    let schema = header
        .text("$schema")
        .unwrap_or_default()
        .to_ascii_lowercase();
    // deploymentTemplate.json, subscriptionDeploymentTemplate.json, tenantDeploymentTemplate.json, …
    if schema.contains("deploymenttemplate.json") {
        return true;
    }
    header.has("resources") && header.has("contentVersion")
}

/// A parameter file.
pub(crate) fn is_parameters(header: &Header) -> bool {
    let schema = header
        .text("$schema")
        .unwrap_or_default()
        .to_ascii_lowercase();
    schema.contains("deploymentparameters.json")
        || (header.has("parameters") && header.has("contentVersion"))
}

/// The parameter file for a template: named by the user, else beside it under one of the usual names.
pub(crate) fn parameters_for(template: &Path, named: &[PathBuf]) -> Option<PathBuf> {
    let stem = template.file_stem()?.to_str()?.to_lowercase();
    let starts_alike = |path: &&PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.to_lowercase().starts_with(&format!("{stem}.")))
    };
    // Values for Terraform are none for a template.
    let foreign = |path: &&PathBuf| path.to_string_lossy().contains(".tfvars");
    let first = || named.iter().find(|path| !foreign(path));
    if let Some(found) = named.iter().find(starts_alike).or_else(first) {
        return Some(found.clone());
    }
    let folder = template.parent()?;
    let mut names = vec![
        format!("{stem}.parameters.json"),
        format!("{stem}.params.json"),
        format!("{stem}.param.json"),
        format!("{stem}.bicepparam.json"),
        format!("{stem}-parameters.json"),
        format!("{stem}.parameters.jsonc"),
    ];
    if stem == "template" || stem == "azuredeploy" || stem == "main" {
        names.push("parameters.json".to_owned());
    }
    beside(folder, &names)
}

/// The first of the names that an ordinary file in the folder has, whatever its case. Links do not count.
fn beside(folder: &Path, names: &[String]) -> Option<PathBuf> {
    let mut files: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| Some((entry.file_name().to_str()?.to_lowercase(), entry.path())))
        .collect();
    files.sort();
    names.iter().find_map(|wanted| {
        files
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, path)| path.clone())
    })
}
