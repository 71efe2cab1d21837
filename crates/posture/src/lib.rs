//! Recommendations and findings: what a verdict means, how bad it is, how much risk it carries and what mends it.
//!
//! Knows no policy engine and no storage: a verdict comes in as plain data ([`Judgement`]), a
//! [`stance_model::Finding`] goes out.

mod catalogue;
mod check;
mod finding;
mod remediation;
pub mod risk;

pub use catalogue::{Catalogue, CatalogueError, Recommendation};
pub use check::{
    Check, CheckExample, CheckRow, CheckVerdict, embedded_checks, judge, load_checks, read_check,
};
pub use finding::{Judgement, finding_id};
