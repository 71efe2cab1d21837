//! The policies of a scan: the baseline, and what the user names.

use std::path::{Path, PathBuf};

use serde_json::Value;
use stance_model::Diagnostic;
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet};

use crate::OperationsError;

/// Which policies judge.
#[derive(Debug, Clone, Default)]
pub struct PolicyChoice {
    /// Folders or files of definitions and initiatives.
    pub folders: Vec<PathBuf>,
    /// The folder of initiatives, assignments and exemptions that the user made; need not exist.
    pub own: Option<PathBuf>,
    /// Leave the baseline out.
    pub without_baseline: bool,
    /// Azure's answer about aliases.
    pub aliases: Option<PathBuf>,
}

/// The policies of a scan.
#[derive(Debug)]
pub(crate) struct Policies {
    /// What the files hold, and what was collected.
    pub library: Library,
    /// The same, compiled.
    pub set: PolicySet,
    /// What is wrong with them, or not evaluated.
    pub diagnostics: Vec<Diagnostic>,
    aliases: AliasSources,
}

impl Policies {
    /// Adds what was collected from Azure, and compiles anew where there is any.
    pub(crate) fn add_collected(
        &mut self,
        objects: &[(String, Value)],
    ) -> Result<(), OperationsError> {
        if objects.is_empty() {
            return Ok(());
        }
        for (file, body) in objects {
            self.library
                .add_collected(file, body.to_string().as_bytes());
        }
        let (set, problems) =
            PolicySet::build(&self.library, &self.aliases, &BuildOptions::default())?;
        self.set = set;
        self.diagnostics.clone_from(&self.library.diagnostics);
        self.diagnostics.extend(problems);
        Ok(())
    }
}

/// The library that a choice names, not yet compiled.
pub fn library(choice: &PolicyChoice) -> Result<Library, OperationsError> {
    let mut library = if choice.without_baseline {
        Library::default()
    } else {
        Library::embedded()
    };
    for folder in &choice.folders {
        // Judging without the rules the user named would look like a pass.
        std::fs::metadata(folder).map_err(|source| OperationsError::Input {
            path: folder.clone(),
            source,
        })?;
        library.add_path(folder);
    }
    if let Some(folder) = &choice.own
        && folder.is_dir()
    {
        library.add_path(folder);
    }
    Ok(library)
}

/// Loads and compiles them. `cache` keeps what is dear to read again.
pub(crate) fn load(choice: &PolicyChoice, cache: &Path) -> Result<Policies, OperationsError> {
    let library = library(choice)?;
    let mut aliases = AliasSources::embedded().with_cache(cache);
    if let Some(file) = &choice.aliases {
        aliases.add_file(file)?;
    }
    let (set, problems) = PolicySet::build(&library, &aliases, &BuildOptions::default())?;
    let mut diagnostics = library.diagnostics.clone();
    diagnostics.extend(problems);
    Ok(Policies {
        library,
        set,
        diagnostics,
        aliases,
    })
}

/// Whether a type is one of those that put policies to work: definitions, initiatives, assignments, exemptions,
/// attestations; in lower case.
pub(crate) fn is_machinery(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "microsoft.authorization/policydefinitions"
            | "microsoft.authorization/policydefinitions/versions"
            | "microsoft.authorization/policysetdefinitions"
            | "microsoft.authorization/policyassignments"
            | "microsoft.authorization/policyexemptions"
            | "microsoft.policyinsights/attestations"
    )
}
