//! Domain types turned into rows of the declared tables.

pub(crate) mod attack_paths;
pub(crate) mod changes;
pub(crate) mod coverage;
pub(crate) mod diagnostics;
pub(crate) mod instant;
pub(crate) mod policies;
pub(crate) mod recommendations;
pub(crate) mod resources;
pub(crate) mod table_batch;
pub(crate) mod table_output;
