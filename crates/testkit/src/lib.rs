//! What tests and the demo share: the telemetry of the demo estate, pages of KQL examples.

pub mod demo_estate;
pub mod kqlt;
