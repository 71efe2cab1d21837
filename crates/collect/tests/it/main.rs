//! Integration tests, one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod agents;
mod answers;
mod any_bytes;
mod arm_template;
mod arrays;
mod aws;
mod cloudformation;
mod codes;
mod coverage;
mod encodings;
mod exports;
mod facts;
mod folders;
mod golden;
mod google;
mod limits;
mod lines;
mod resources;
mod rows;
mod shared_inputs;
mod support;
mod templates;
mod terraform;
