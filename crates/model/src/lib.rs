//! Plain types that every floor shares. No storage, no HTTP, no engine.

pub mod bom;
pub mod coverage;
pub mod diagnostic;
pub mod finding;
pub mod resource;
pub mod resource_id;
pub mod tables;
pub mod workload;

pub use bom::{Bom, BomComponent, BomDependency};
pub use coverage::{Coverage, CoverageStatus};
pub use diagnostic::{Diagnostic, DiagnosticLevel};
pub use finding::{
    Evidence, Finding, FindingState, FrameworkControl, Remediation, RemediationCommand, Severity,
};
pub use resource::{Cloud, Origin, Position, Resource, SourceLocation, Unknown};
pub use resource_id::ResourceId;
