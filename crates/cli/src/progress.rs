//! A bar on standard error while a scan works; nothing where that is no terminal.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use stance_base::safe_text;

use crate::terminal::Stream;

const READING: &str = "reading {bar:30} {bytes:>10} of {total_bytes:<10} {msg}";
const JUDGING: &str = "judging {bar:30} {human_pos:>10} of {human_len:<10} resources";

const EVALUATING: &str = "searching for attack paths {spinner}";

/// Shows how far a scan is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    judging: std::cell::Cell<bool>,
    quiet: bool,
}

impl Progress {
    /// A bar, or a silent one.
    pub(crate) fn new(quiet: bool) -> Self {
        let shown = !quiet && Stream::Error.is_terminal();
        let bar = if shown {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let progress = Self {
            bar,
            judging: false.into(),
            quiet,
        };
        progress.style(READING);
        progress
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    /// So many bytes of so many are read, this file is next.
    pub(crate) fn reading(&self, done: u64, total: u64, file: &str) {
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
        self.bar
            .set_message(safe_text::truncate_width(file, 40).into_owned());
    }

    /// So many resources of so many are judged.
    pub(crate) fn judging(&self, done: u64, total: u64) {
        if !self.judging.replace(true) {
            self.style(JUDGING);
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    /// The exposure graph is built and searched.
    pub(crate) fn evaluating(&self) {
        self.style(EVALUATING);
        self.bar
            .enable_steady_tick(std::time::Duration::from_millis(100));
    }

    /// Says something that a waiting user wants to know.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| {
                // A closed standard error is no reason to stop.
                let _ = writeln!(std::io::stderr(), "{}", safe_text::terminal(text));
            });
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
