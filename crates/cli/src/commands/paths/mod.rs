//! `stance paths`: attack paths, choke points, what-if.

mod choke_points;
mod evaluate;
mod history;
mod rules;
mod show;
pub(crate) mod view;
mod wanted;

use std::process::ExitCode;

use stance_base::ErrorCode;
use stance_operations::bom;
use stance_operations::catalog::CatalogOptions;
use stance_operations::exposure::{StoredPaths, stored_paths};

use crate::arguments::DataArguments;
use crate::arguments::paths::{PathsArguments, PathsCommand};
use crate::commands::bom::open;
use crate::failure::Failure;

/// Runs the command.
pub(crate) async fn run(arguments: &PathsArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        None => show::run(&arguments.show).await,
        Some(PathsCommand::ChokePoints(choke)) => choke_points::run(choke).await,
        Some(PathsCommand::History(history)) => history::run(history).await,
        Some(PathsCommand::Rules(rules)) => rules::run(rules),
        Some(PathsCommand::Evaluate(evaluate)) => evaluate::run(evaluate).await,
    }
}

/// An engine over the data folder.
pub(crate) async fn engine(data: &DataArguments) -> Result<stance_kql::Engine, Failure> {
    let (lake, clock) = open(data)?;
    Ok(bom::engine(&lake, clock, &CatalogOptions::default()).await?)
}

/// What the last evaluation found; an error where there was none.
async fn stored(data: &DataArguments) -> Result<StoredPaths, Failure> {
    let engine = engine(data).await?;
    let stored = stored_paths(&engine).await?;
    if stored.evaluated_at.is_none() {
        return Err(Failure::new(
            ErrorCode::NotFound,
            "the exposure graph was never evaluated here; scan first (stance scan PATH...), or name another folder with --data DIR",
        ));
    }
    Ok(stored)
}
