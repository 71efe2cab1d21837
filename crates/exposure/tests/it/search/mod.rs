//! The search, held against one that tries everything.

mod agrees;
mod changes;
mod costs;
mod naive;
mod scenes;
