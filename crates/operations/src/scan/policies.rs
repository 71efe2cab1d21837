//! The policies of a scan: the baseline, and what the user names.

use std::path::{Path, PathBuf};

use stance_model::Diagnostic;
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet};

use crate::OperationsError;

/// Which policies judge.
#[derive(Debug, Clone, Default)]
pub struct PolicyChoice {
    /// Folders or files of definitions and initiatives.
    pub folders: Vec<PathBuf>,
    /// Folders or files of checks in KQL.
    pub checks: Vec<PathBuf>,
    /// Leave the baseline and the shipped checks out.
    pub without_baseline: bool,
    /// Azure's answer about aliases.
    pub aliases: Option<PathBuf>,
}

/// Loads and compiles them. `cache` keeps what is dear to read again.
pub(crate) fn load(
    choice: &PolicyChoice,
    cache: &Path,
) -> Result<(PolicySet, Vec<Diagnostic>), OperationsError> {
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
    let mut aliases = AliasSources::embedded().with_cache(cache);
    if let Some(file) = &choice.aliases {
        aliases.add_file(file)?;
    }
    let (policies, problems) = PolicySet::build(&library, &aliases, &BuildOptions::default())?;
    let mut diagnostics = library.diagnostics;
    diagnostics.extend(problems);
    Ok((policies, diagnostics))
}
