//! What the exposure graph promises.

// Helpers of tests are tests, which clippy does not see.
#![allow(clippy::unwrap_used, clippy::panic)]

mod rule_rows;
mod rules;
mod search;
