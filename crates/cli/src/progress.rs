//! A bar on standard error while files are read; nothing where that is no terminal.

use indicatif::{ProgressBar, ProgressStyle};
use stance_base::safe_text;

use crate::terminal::Stream;

/// Shows how far the reading is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar, or a silent one.
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet || !Stream::Error.is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes:>10} of {total_bytes:<10} {msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// So many bytes of so many, now in this file or at this step.
    pub(crate) fn update(&self, done: u64, total: u64, what: &str) {
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
        self.bar.set_message(safe_text::truncate_width(&safe_text::terminal(what), 40).into_owned());
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
