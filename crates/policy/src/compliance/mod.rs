//! Compliance as Azure Policy counts it: states ranked, rolled up over resources, definitions, groups, initiatives
//! and assignments.
//!
//! Source: learn.microsoft.com/azure/governance/policy/concepts/compliance-states.

mod roll_up;
mod tally;

pub use roll_up::{AssignmentCompliance, PolicyCompliance, RollUp, StateRecord};
pub use tally::{ComplianceState, Tally};
