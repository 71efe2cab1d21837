//! What the exposure graph promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc
)]

mod aws_model;
mod aws_permissions;
mod aws_sharing;
mod aws_support;
mod azure_containers;
mod azure_identities;
mod azure_permissions;
mod azure_property;
mod azure_support;
mod choke;
mod google_estate;
mod google_identities;
mod google_network;
mod google_permissions;
mod google_properties;
mod graph_rows;
mod network_applications;
mod network_aws;
mod network_machines;
mod network_rules;
mod network_services;
mod network_support;
mod node_names;
mod rule_rows;
mod rules;
mod search;
