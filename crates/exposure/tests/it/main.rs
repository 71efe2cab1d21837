//! What the exposure graph promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc
)]

mod google_estate;
mod google_identities;
mod google_network;
mod google_permissions;
mod google_properties;
