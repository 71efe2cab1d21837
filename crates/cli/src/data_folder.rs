//! Where the tables are: `--data`, `STANCE_DATA`, or the platform's place for data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stance_base::{Clock, ErrorCode, FixedClock, SystemClock};
use stance_lake::{Lake, LakeOptions};

use crate::arguments::DataArguments;
use crate::failure::Failure;

/// The folder that the arguments name.
pub(crate) fn path(arguments: &DataArguments) -> Result<PathBuf, Failure> {
    if let Some(given) = &arguments.data {
        return Ok(given.clone());
    }
    dirs::data_local_dir()
        .map(|folder| folder.join("stance"))
        .ok_or_else(|| {
            Failure::new(
                ErrorCode::NotFound,
                "this system has no place for data of programs; name a folder with --data DIR",
            )
        })
}

/// The tables of that folder, with the clock that the arguments name.
pub(crate) fn lake(arguments: &DataArguments) -> Result<Lake, Failure> {
    let options = LakeOptions {
        clock: clock(arguments),
        ..LakeOptions::default()
    };
    Ok(Lake::open(path(arguments)?, options)?)
}

/// The folder of what `stance policy` makes: the one given, else `policy` in the data folder.
pub(crate) fn policies(given: Option<&Path>, data: &Path) -> PathBuf {
    given.map_or_else(|| data.join("policy"), Path::to_owned)
}

/// The clock that the arguments name.
pub(crate) fn clock(arguments: &DataArguments) -> Arc<dyn Clock> {
    match arguments.now {
        Some(now) => Arc::new(FixedClock(now)),
        None => Arc::new(SystemClock),
    }
}
