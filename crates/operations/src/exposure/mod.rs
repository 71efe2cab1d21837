//! The exposure graph out of the inventory: what needs queries is done here, the rest in `stance_exposure`.

pub mod edge_rules;
