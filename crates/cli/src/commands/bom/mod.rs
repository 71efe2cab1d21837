//! `stance bom`: the AI bill of materials.

mod diff;
mod instant;
mod reconcile;
mod write;

use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use stance_base::Clock;
use stance_lake::Lake;
use stance_model::Bom;
use stance_operations::bom;
use stance_operations::catalog::CatalogOptions;

use crate::arguments::DataArguments;
use crate::arguments::bom::{BomArguments, BomCommand};
use crate::data_folder;
use crate::failure::Failure;

/// Runs the command.
pub(crate) async fn run(arguments: &BomArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        None => write::run(&arguments.write).await,
        Some(BomCommand::Diff(diff)) => diff::run(diff).await,
        Some(BomCommand::Reconcile(reconcile)) => reconcile::run(reconcile).await,
    }
}

/// The data folder and the clock that the arguments name.
pub(crate) fn open(data: &DataArguments) -> Result<(Lake, Arc<dyn Clock>), Failure> {
    let clock = data_folder::clock(data);
    let lake = data_folder::lake(data)?;
    Ok((lake, clock))
}

/// The bill of the estate, now or as it was.
async fn estate(
    lake: &Lake,
    clock: &Arc<dyn Clock>,
    at: Option<DateTime<Utc>>,
) -> Result<Bom, Failure> {
    let options = CatalogOptions {
        as_of: at,
        ..CatalogOptions::default()
    };
    let engine = bom::engine(lake, clock.clone(), &options).await?;
    Ok(bom::read(&engine).await?)
}
