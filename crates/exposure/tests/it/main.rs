//! What the exposure graph promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod aws_model;
mod aws_permissions;
mod aws_sharing;
mod aws_support;
