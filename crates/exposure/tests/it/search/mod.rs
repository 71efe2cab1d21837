//! The search, held against one that tries everything.

mod agrees;
mod changes;
mod naive;
mod scenes;
