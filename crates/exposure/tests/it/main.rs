//! What the exposure graph promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc
)]

mod aws_model;
mod aws_permissions;
mod aws_sharing;
mod aws_support;
