//! One self-contained HTML page: no script, nothing loaded from anywhere, printable, light and dark.
//!
//! The page allows itself nothing but its own style sheet (content security policy with that sheet's hash), so
//! that even a fault in escaping would execute nothing. Filters work through style rules alone.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::{ReportError, ScanReport};

mod findings;
mod inventory;
mod overview;
mod page;

const STYLE: &str = include_str!("html/style.css");

/// Recommendations named on the first screen.
const MEND_FIRST: usize = 5;

/// How much the page lists. What is left out is said, and is in the JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlOptions {
    /// Most resources in the full list.
    pub max_resources: usize,
    /// Most resources listed under one recommendation.
    pub max_per_recommendation: usize,
    /// Most messages about inputs, and most scopes not collected.
    pub max_messages: usize,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self {
            max_resources: 2_000,
            max_per_recommendation: 200,
            max_messages: 500,
        }
    }
}

/// Writes the page.
pub fn write(
    mut out: impl Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    let out: &mut dyn Write = &mut out;
    page::begin(out, report, &content_security_policy())?;
    overview::write(out, report)?;
    findings::write(out, report, options)?;
    inventory::write(out, report, options)?;
    inventory::write_gaps(out, report, options)?;
    page::end(out, report)?;
    out.flush()?;
    Ok(())
}

fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
