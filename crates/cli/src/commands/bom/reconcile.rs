//! `stance bom reconcile`.

use std::process::ExitCode;

use stance_operations::bom::reconcile::{Reconciliation, reconcile};
use stance_operations::register::Register;

use super::{estate, open};
use crate::arguments::bom::{BomReconcileArguments, ListFormat};
use crate::commands::register::say_none;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;

const HEADER: &[&str] = &["State", "Kind", "Name", "Entry", "Owner"];
/// The exit code for an estate that is not what the register says.
const DIFFERENT: u8 = 1;

/// Shows what is known, unknown and gone.
pub(super) async fn run(arguments: &BomReconcileArguments) -> Result<ExitCode, Failure> {
    let (lake, clock) = open(&arguments.data)?;
    let register = match &arguments.register {
        Some(path) => Some(Register::read(path)?),
        None => Register::read_if_there(&Register::place(lake.path()))?,
    };
    if register.is_none() {
        say_none();
    }
    let bom = estate(&lake, &clock, None).await?;
    let today = clock.now().date_naive();
    let outcome = reconcile(&bom, &register.unwrap_or_default(), today);
    let listing = Listing {
        header: HEADER,
        rows: rows(&outcome),
    };
    let bytes = listing.bytes(arguments.format, "line", &outcome)?;
    let mut bytes = bytes;
    if arguments.format == ListFormat::Table {
        let counts = format!(
            "{} known, {} unknown, {} gone\n",
            outcome.known.len(),
            outcome.unknown.len(),
            outcome.gone.len()
        );
        bytes.extend_from_slice(counts.as_bytes());
    }
    Output::open(None).write(&bytes)?;
    let lapsed = outcome.known.iter().any(|known| known.lapsed);
    if arguments.fail && (lapsed || !outcome.unknown.is_empty() || !outcome.gone.is_empty()) {
        return Ok(ExitCode::from(DIFFERENT));
    }
    Ok(ExitCode::SUCCESS)
}

fn rows(outcome: &Reconciliation) -> Vec<Vec<String>> {
    let known = outcome.known.iter().map(|known| {
        let state = if known.lapsed { "lapsed" } else { "known" };
        vec![
            state.to_owned(),
            known.kind.clone(),
            known.name.clone(),
            known.entry.clone(),
            known.owner.clone(),
        ]
    });
    let unknown = outcome.unknown.iter().map(|unknown| {
        vec![
            "unknown".to_owned(),
            unknown.kind.clone(),
            unknown.name.clone(),
            String::new(),
            String::new(),
        ]
    });
    let gone = outcome.gone.iter().map(|entry| {
        vec![
            "gone".to_owned(),
            entry.kind.to_string(),
            entry.name.clone().unwrap_or_else(|| entry.value.clone()),
            format!("{} {}", entry.kind, entry.value),
            entry.owner.clone().unwrap_or_default(),
        ]
    });
    known.chain(unknown).chain(gone).collect()
}
