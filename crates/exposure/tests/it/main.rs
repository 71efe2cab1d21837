//! What the exposure graph promises.

mod choke;
mod rules;
mod search;
