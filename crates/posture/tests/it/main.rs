//! What findings and their risk promise.
// Helpers outside of #[test] functions may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod risk;
mod risk_document;
