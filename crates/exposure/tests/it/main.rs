//! What the exposure graph promises.

mod rules;
mod search;
