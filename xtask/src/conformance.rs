//! Figures against corpora that the caller names.

use std::env::current_dir;

use anyhow::Result;

use crate::process::{cargo, run_in, target_folder};

/// Builds the tool and runs it where the caller stands, so that paths mean what they say.
pub(crate) fn run_conformance(release: bool, arguments: &[String]) -> Result<()> {
    let mut build = vec![
        "build",
        "--quiet",
        "--workspace",
        "--bin",
        "stance-conformance",
    ];
    if release {
        build.push("--release");
    }
    cargo(&build)?;
    let profile = if release { "release" } else { "debug" };
    let tool = target_folder().join(profile).join("stance-conformance");
    run_in(&current_dir()?, &tool.display().to_string(), arguments)
}
