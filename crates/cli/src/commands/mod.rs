//! One file per command.

pub(crate) mod bom;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explore;
pub(crate) mod index;
pub(crate) mod ingest;
pub(crate) mod inventory;
pub(crate) mod kql;
pub(crate) mod paths;
pub(crate) mod policy;
pub(crate) mod prompt;
pub(crate) mod query;
pub(crate) mod register;
pub(crate) mod scan;
pub(crate) mod tables;
