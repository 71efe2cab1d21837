//! Recommendations and findings: what a verdict means, how bad it is and what mends it.
//!
//! Knows no policy engine and no storage: a verdict comes in as plain data ([`Judgement`]), a
//! [`stance_model::Finding`] goes out.

mod catalogue;
mod finding;
mod remediation;

pub use catalogue::{Catalogue, CatalogueError, Recommendation};
pub use finding::{Judgement, finding_id};
