//! Readers: files in, resources and coverage out.
//!
//! One folder for each format, recognised by content, never by file name. Exports of any size
//! stream; a fault costs one diagnostic and nothing else is lost.

pub mod codes;
mod sink;

pub use sink::{
    CollectOptions, CollectSummary, Gathered, Input, InputReport, Limits, Progress, Sink,
};
