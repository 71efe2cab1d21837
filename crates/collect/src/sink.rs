//! What a caller hands in and gets back.

use std::ops::ControlFlow;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use stance_model::{Coverage, Diagnostic, DiagnosticLevel, Resource};

use crate::arm_template::Target;

/// Receives everything that is read, in a deterministic order.
pub trait Sink {
    /// A new input begins; what follows up to the next call was read from it.
    fn begin_input(&mut self, _input: &Input) {}
    /// One resource, secrets already removed. `Break` stops the whole run.
    fn resource(&mut self, resource: Resource) -> ControlFlow<()>;
    /// How far a scope was collected. Rows arrive at the end of each input.
    fn coverage(&mut self, coverage: Coverage);
    /// A message about an input.
    fn diagnostic(&mut self, diagnostic: Diagnostic);
    /// Called every now and then, at least once a file.
    fn progress(&mut self, _progress: &Progress<'_>) {}
}

/// How far the run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Bytes read from disk, over all inputs.
    pub bytes_done: u64,
    /// Bytes to read, over all inputs.
    pub bytes_total: u64,
    /// The file being read, as the user would write it.
    pub file: &'a str,
}

/// One path the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The canonical path: the same folder has the same key however it is spelt.
    pub key: String,
    /// The path as it was given.
    pub path: String,
}

/// What became of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputReport {
    /// Which one.
    pub input: Input,
    /// Everything in it was read: no error, no refusal, not stopped.
    /// A resource of an earlier run that is missing now is gone only where this is true.
    pub complete: bool,
    /// Files that were opened.
    pub files: u64,
    /// Resources handed to the sink.
    pub resources: u64,
}

/// What became of the whole run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CollectSummary {
    /// One report for each input, in the order given.
    pub inputs: Vec<InputReport>,
    /// Files that were opened.
    pub files: u64,
    /// Files that gave at least one resource or said what was collected.
    pub files_understood: u64,
    /// Resources handed to the sink.
    pub resources: u64,
    /// Bytes read from disk.
    pub bytes: u64,
    /// Diagnostics of level error.
    pub errors: u64,
    /// Secrets that were replaced.
    pub redacted: u64,
    /// The sink asked to stop.
    pub stopped: bool,
}

/// Bounds on what is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one element of a list or export, one line, or one CSV row.
    pub element_bytes: usize,
    /// Bytes of one document that is read as a whole, such as a template.
    pub document_bytes: usize,
    /// Levels of nesting. The JSON parser underneath allows 127.
    pub depth: usize,
    /// Diagnostics listed for one file; the rest is summed up in one line.
    pub diagnostics_per_file: usize,
    /// Bytes that compressed data may expand to.
    pub expanded_bytes: u64,
    /// How many times its size compressed data may expand, once past 64 MiB.
    pub expansion_ratio: u64,
    /// Files in one input.
    pub files: usize,
    /// Levels of folders.
    pub folder_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            element_bytes: 16 << 20,
            document_bytes: 64 << 20,
            depth: 120,
            diagnostics_per_file: 20,
            expanded_bytes: 64 << 30,
            expansion_ratio: 200,
            files: 1_000_000,
            folder_depth: 64,
        }
    }
}

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct CollectOptions {
    /// Bounds on what is read.
    pub limits: Limits,
    /// Parameter files named by the user: one whose name starts like the template's is used for it,
    /// else the first one.
    pub parameter_files: Vec<PathBuf>,
    /// The instant that `utcNow()` gives in templates.
    pub now: DateTime<Utc>,
    /// Where templates will land, as far as it is known.
    pub target: Target,
}

/// A sink that keeps everything, for tests and small inputs.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In order of reading.
    pub resources: Vec<Resource>,
    /// Sorted by scope and type.
    pub coverage: Vec<Coverage>,
    /// In order of reading.
    pub diagnostics: Vec<Diagnostic>,
}

impl Gathered {
    /// The diagnostics of level error.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.level == DiagnosticLevel::Error)
    }
}

impl Sink for Gathered {
    fn resource(&mut self, resource: Resource) -> ControlFlow<()> {
        self.resources.push(resource);
        ControlFlow::Continue(())
    }

    fn coverage(&mut self, coverage: Coverage) {
        self.coverage.push(coverage);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
