//! Readers: files in, resources and coverage out.
//!
//! One folder for each format, recognised by content, never by file name. Exports of any size
//! stream; a fault costs one diagnostic and nothing else is lost.

pub mod arm_template;
pub mod codes;
pub mod json;
pub mod rows;
pub mod terraform;

mod answer;
mod arm_response;
mod aws;
mod cloudformation;
mod collect;
mod context;
mod covering;
mod documents;
mod entra;
mod facts;
mod formats;
mod foundry;
mod google;
mod homes;
mod json_lines;
mod ledger;
mod made;
mod manifest;
mod normalise;
mod power_platform;
mod resource_graph;
mod sbom;
mod search_plane;
mod sensitivity;
mod single;
mod sink;
mod spellings;
mod stream;
mod template;
mod vulnerabilities;
mod walk;
mod yaml;

pub use collect::{collect, collect_reader};
pub use sink::{
    CollectOptions, CollectSummary, Gathered, Input, InputReport, Limits, Progress, Sink,
};
pub use walk::is_left_out;
