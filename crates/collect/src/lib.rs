//! Readers: files in, resources and coverage out.
//!
//! One folder for each format, recognised by content, never by file name. Exports of any size
//! stream; a fault costs one diagnostic and nothing else is lost.

pub mod arm_template;
pub mod codes;
pub mod json;
pub mod rows;
pub mod terraform;

mod arm_response;
mod collect;
mod context;
mod covering;
mod documents;
mod formats;
mod json_lines;
mod ledger;
mod manifest;
mod normalise;
mod resource_graph;
mod single;
mod sink;
mod spellings;
mod stream;
mod template;
mod walk;

pub use collect::{collect, collect_reader};
pub use sink::{
    CollectOptions, CollectSummary, Gathered, Input, InputReport, Limits, Progress, Sink,
};
