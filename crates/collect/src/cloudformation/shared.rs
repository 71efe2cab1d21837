//! What a template and its nested templates have in common: what was said, and how much work is left.

use std::cell::{Cell, RefCell};

use stance_model::Diagnostic;

use crate::arm_template::LinkedFiles;
use crate::codes::{self, DiagnosticCode};

/// How far evaluation may go. CloudFormation itself takes 500 resources and 1 MB for a template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Values that are evaluated.
    pub(crate) steps: usize,
    /// Bytes of text that functions make.
    pub(crate) text: usize,
    /// Calls inside calls, references to references.
    pub(crate) depth: usize,
    /// Resources, those of nested templates included.
    pub(crate) resources: usize,
    /// Templates inside templates.
    pub(crate) nested: usize,
    /// Values that loops (`Fn::ForEach`) make.
    pub(crate) loop_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 2_000_000,
            text: 32 << 20,
            depth: 150,
            resources: 10_000,
            nested: 5,
            loop_values: 1_000_000,
        }
    }
}

/// Diagnostics that are kept; the file's context lists fewer.
const MOST_SAID: usize = 200;

/// See the module.
pub(crate) struct Shared<'a> {
    pub(crate) links: Option<&'a dyn LinkedFiles>,
    pub(crate) limits: Limits,
    pub(crate) said: RefCell<Vec<Diagnostic>>,
    /// Something could not be evaluated, so that resources or properties may be missing.
    pub(crate) partial: Cell<bool>,
    pub(super) depth: Cell<usize>,
    pub(super) resources: Cell<usize>,
    steps: Cell<usize>,
    text: Cell<usize>,
    loop_values: Cell<usize>,
    exhausted: Cell<bool>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(links: Option<&'a dyn LinkedFiles>, limits: Limits) -> Self {
        Self {
            links,
            limits,
            said: RefCell::default(),
            partial: Cell::new(false),
            depth: Cell::new(0),
            resources: Cell::new(0),
            steps: Cell::new(0),
            text: Cell::new(0),
            loop_values: Cell::new(0),
            exhausted: Cell::new(false),
        }
    }

    /// Says something about a place in a template.
    pub(super) fn say(&self, code: DiagnosticCode, file: &str, at: (u32, u32), message: String) {
        let mut said = self.said.borrow_mut();
        if said.len() >= MOST_SAID {
            return;
        }
        let (line, column) = at;
        let known = said.iter().any(|earlier| {
            (earlier.line, earlier.column) == at
                && earlier.file == file
                && earlier.message == message
        });
        if known {
            return;
        }
        said.push(Diagnostic {
            level: code.level,
            file: file.to_owned(),
            line,
            column,
            code: code.code.to_owned(),
            message,
            help: code.help.to_owned(),
        });
    }

    /// One more value. `false`: the work is used up, which is said once.
    pub(super) fn step(&self, file: &str, at: (u32, u32)) -> bool {
        self.spend(&self.steps, 1, self.limits.steps, file, at)
    }

    /// Text that a function makes.
    pub(super) fn spend_text(&self, bytes: usize, file: &str, at: (u32, u32)) -> bool {
        self.spend(&self.text, bytes, self.limits.text, file, at)
    }

    /// Values that a loop makes.
    pub(super) fn spend_loop(&self, values: usize, file: &str, at: (u32, u32)) -> bool {
        self.spend(&self.loop_values, values, self.limits.loop_values, file, at)
    }

    fn spend(
        &self,
        used: &Cell<usize>,
        more: usize,
        limit: usize,
        file: &str,
        at: (u32, u32),
    ) -> bool {
        if self.exhausted.get() {
            return false;
        }
        let total = used.get().saturating_add(more);
        if total <= limit {
            used.set(total);
            return true;
        }
        self.partial.set(true);
        self.exhausted.set(true);
        let message = "evaluation takes more work than the limit; what is left stays unknown";
        self.say(codes::CLOUDFORMATION_LIMIT, file, at, message.to_owned());
        false
    }
}
