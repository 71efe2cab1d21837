//! What the exposure graph promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc
)]

mod network_applications;
mod network_aws;
mod network_machines;
mod network_rules;
mod network_services;
mod network_support;
