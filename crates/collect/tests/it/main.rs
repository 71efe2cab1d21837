//! Integration tests, one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

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
mod folders;
mod limits;
mod lines;
mod resources;
mod rows;
mod shared_inputs;
mod support;
mod templates;
