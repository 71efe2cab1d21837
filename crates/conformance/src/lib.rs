//! Holds KQL in Stance against what Microsoft's own parser, binder and documentation say.
//!
//! The corpora are files that the caller names; none is part of this repository. What is counted:
//!
//! | figure | of | meaning |
//! |---|---|---|
//! | parsed | corpus | the parser finds no error |
//! | bound schemas equal | bound | names and types of the result's columns are the official ones |
//! | bound run | bound | runs over empty tables without an error |
//! | pair schemas equal | pairs | as for bound, over no tables |
//! | pair results equal | pairs | the rows are the printed ones, see [`compare`] |

mod bound;
pub mod cell;
pub mod compare;
mod figure;
mod pairs;
mod records;
mod schema;
mod tables;

pub use bound::{bound_queries_run, bound_schemas};
pub use figure::{Figure, Miss};
pub use pairs::{pair_results, pair_schemas};
pub use records::{Pair, Query, read_pairs, read_queries};
pub use schema::parsed;
pub use tables::Tables;
