//! Azure Policy outside Azure: built-in and custom definitions, unmodified, judged on collected resources and
//! templates, each verdict with the conditions and values that decided it.
//!
//! The way: [`Library`] loads files, [`AliasSources`] knows the aliases, [`PolicySet::build`] compiles, and
//! [`PolicySet::evaluate`] judges one resource at a time; [`RollUp`] counts what that comes to.

mod aliases;
mod align;
mod applicability;
mod assignment;
mod compile;
mod compliance;
mod component;
mod connections;
mod context;
mod definition;
mod diagnostics;
mod engine;
mod error;
mod evidence;
pub mod examples;
mod existence;
mod hierarchy;
mod judge;
mod mode;
mod policy_set;
mod related;
mod text;
mod verdict;

pub use aliases::AliasSources;
pub use assignment::{Assignment, Attestation, Exemption};
pub use compile::{CompileFailure, CompileReport, compile_report};
pub use compliance::{
    AssignmentCompliance, ComplianceState, PolicyCompliance, RollUp, StateRecord, Tally,
};
pub use connections::PRIVATE_ENDPOINTS;
pub use context::EvaluationContext;
pub use definition::{
    Definition, Effect, Initiative, InitiativeGroup, InitiativeReference, Library, Parameter,
};
pub use error::PolicyError;
pub use policy_set::{BuildOptions, PolicySet};
pub use related::{
    NoRelated, RelatedAnswer, RelatedRequest, RelatedResources, RelatedScope, ResourceIndex,
};
pub use verdict::{AssignmentInfo, DefinitionInfo, Exempted, Membership, Verdict};
