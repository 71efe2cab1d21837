//! Answers of Azure Resource Manager as `az rest` prints them: lists, single resources, refusals.

pub(crate) mod detect;
pub(crate) mod read;
