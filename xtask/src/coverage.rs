//! `docs/coverage.md`: what the product knows and judges, told from the content itself.

mod page;
mod peers;
mod rules;

use anyhow::{Context, Result, bail};

use crate::process::root;

/// The page.
const PAGE: &str = "docs/coverage.md";

/// Writes the page; with `check` only says whether it is as it should be, and whether every check of another product
/// has a counterpart or a reason.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = root();
    let rules = rules::read(&root)?;
    let products = peers::read(&root)?;
    let page = page::write(&rules, &products);
    let path = root.join(PAGE);
    if !check {
        std::fs::write(&path, page).with_context(|| format!("{PAGE} cannot be written"))?;
        eprintln!("{PAGE} is written");
        return Ok(());
    }
    let open = peers::without_answer(&rules, &products);
    if !open.is_empty() {
        bail!(
            "neither a counterpart nor a reason: {}. Name the id under `peers` of a definition or check, or say why there \
             is none in content/peers",
            open.join(", ")
        );
    }
    let strangers = peers::strangers(&rules, &products);
    if !strangers.is_empty() {
        bail!(
            "`peers` name ids that content/peers does not know: {}",
            strangers.join(", ")
        );
    }
    if std::fs::read_to_string(&path).unwrap_or_default() != page {
        bail!("{PAGE} is stale; run `cargo xtask coverage`");
    }
    Ok(())
}
