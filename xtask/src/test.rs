//! Everything that must hold before a change lands.

use anyhow::Result;

use crate::coverage;
use crate::process::{cargo, is_installed};
use crate::tidy;

/// Formatting, lints and tidiness.
pub(crate) fn lint() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    coverage::run(true)?;
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ])
}

/// [`lint`], licences and all tests.
pub(crate) fn run() -> Result<()> {
    lint()?;
    if is_installed("cargo-deny") {
        cargo(&[
            "deny",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ])?;
    } else {
        eprintln!(
            "SKIPPED: licences, bans and sources; `cargo install cargo-deny --locked` to check them"
        );
    }
    cargo(&["test", "--workspace", "--quiet"])
}
