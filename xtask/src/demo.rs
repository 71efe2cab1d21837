//! The main job on the demo estate.

use anyhow::Result;

/// Builds the command, scans Contoso Financial and asks the questions of the README.
pub(crate) fn run() -> Result<()> {
    Ok(())
}
