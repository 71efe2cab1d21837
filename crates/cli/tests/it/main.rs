//! What the command promises, through the command.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub
)]

mod bom;
mod data_folder;
mod demo;
mod demo_paths;
mod doctor;
mod ground_truth;
mod history;
mod hostile;
mod index;
mod ingest;
mod kql;
mod policy;
mod query;
mod scan;
mod shared_inputs;
mod support;
