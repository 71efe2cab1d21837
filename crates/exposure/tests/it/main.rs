//! What the exposure graph promises.

mod network_applications;
mod network_aws;
mod network_machines;
mod network_rules;
mod network_services;
mod network_support;
