//! What tests and the demo share: the telemetry of the demo estate.

pub mod demo_estate;
