//! The exposure graph out of the inventory: what needs queries or the user's files is done here, the rest in
//! `stance_exposure`.

pub mod edge_rules;
mod pattern;
pub mod user_lists;

pub use pattern::Match;
