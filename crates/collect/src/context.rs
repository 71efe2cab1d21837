//! What a reader knows about the file it reads: where to send things and what to say about them.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value};
use stance_base::redact;
use stance_model::{Diagnostic, DiagnosticLevel, Resource};

use crate::answer::Answer;
use crate::aws;
use crate::codes::{self, DiagnosticCode};
use crate::formats;
use crate::google::projects::Projects;
use crate::homes::Homes;
use crate::ledger::Ledger;
use crate::normalise::{self, NotAResource};
use crate::power_platform::PowerPlatform;
use crate::sink::{CollectOptions, Input, Progress, Sink};
use crate::stream::decode::Notes;
use crate::stream::{Fault, FaultKind, Place};
use crate::template::read::Evaluated;

/// The longest message; names from outside may be of any length.
const MESSAGE_CHARACTERS: usize = 500;
/// Files of unknown formats that are named one by one in each input.
pub(crate) const PASSED_OVER_NAMED: u64 = 10;
/// Subjects of one input that something is said about.
const SUBJECTS: usize = 100;
/// Resources between two calls of `Sink::progress`.
const PROGRESS_EVERY: u64 = 512;

/// Counters that live as long as the run.
#[derive(Debug, Default)]
pub(crate) struct RunState {
    pub(crate) bytes_done: Rc<Cell<u64>>,
    pub(crate) bytes_total: u64,
    pub(crate) errors: u64,
    pub(crate) redacted: u64,
    pub(crate) stopped: bool,
}

/// What lives as long as one input.
#[derive(Debug, Default)]
pub(crate) struct InputState {
    pub(crate) ledger: Ledger,
    /// Answers of AWS, which are put together when all are read.
    pub(crate) aws: aws::store::Store,
    pub(crate) resources: u64,
    /// Something was not read.
    pub(crate) incomplete: bool,
    /// Files of unknown formats that were met on the way.
    pub(crate) passed_over: u64,
    /// Templates that were evaluated; one that another links is not sent on its own.
    pub(crate) templates: Vec<Evaluated>,
    /// Which template links which file.
    pub(crate) links: Vec<(PathBuf, PathBuf)>,
    /// Parameter files met on the way: path and the name to show.
    pub(crate) parameter_files: Vec<(PathBuf, String)>,
    /// Parameter files that a template used.
    pub(crate) parameters_used: Vec<PathBuf>,
    /// Projects of Google Cloud: which number is which id.
    pub(crate) projects: Projects,
    /// Places that other files tell, and resources that wait for them.
    pub(crate) homes: Homes,
    /// Agents of Copilot Studio, put together from several answers.
    pub(crate) power_platform: PowerPlatform,
    /// What was said once and is not said again in this input.
    pub(crate) said_once: Vec<String>,
    /// The Entra tenant that an `organization` answer named.
    pub(crate) tenant: Option<String>,
}

/// What lives as long as one file.
pub(crate) struct FileContext<'a> {
    pub(crate) options: &'a CollectOptions,
    pub(crate) sink: &'a mut dyn Sink,
    pub(crate) run: &'a mut RunState,
    pub(crate) input: &'a mut InputState,
    /// The path as the user would write it.
    pub(crate) file: &'a str,
    /// The path on disk; `None` for a stream.
    pub(crate) path: Option<&'a Path>,
    /// The input it lies in; `None` for a stream.
    pub(crate) root: Option<&'a Input>,
    /// Resources sent so far.
    pub(crate) resources: u64,
    /// Coverage rows learnt so far.
    pub(crate) coverage_rows: u64,
    /// The answer that is being read.
    pub(crate) answer: Answer,
    /// What was said once a file and is not said again.
    pub(crate) said_once: Vec<&'static str>,
    listed: usize,
    unlisted: u64,
    left_out: u64,
    first_left_out: Option<(NotAResource, Place)>,
    flattened: u64,
    truncated: bool,
    /// The file was passed over and is counted for the input.
    silent: bool,
}

impl<'a> FileContext<'a> {
    pub(crate) fn new(
        options: &'a CollectOptions,
        sink: &'a mut dyn Sink,
        run: &'a mut RunState,
        input: &'a mut InputState,
        file: &'a str,
        on_disk: Option<(&'a Path, &'a Input)>,
    ) -> Self {
        Self {
            options,
            sink,
            run,
            input,
            file,
            path: on_disk.map(|(path, _)| path),
            root: on_disk.map(|(_, root)| root),
            resources: 0,
            coverage_rows: 0,
            answer: Answer::default(),
            said_once: Vec::new(),
            listed: 0,
            unlisted: 0,
            left_out: 0,
            first_left_out: None,
            flattened: 0,
            truncated: false,
            silent: false,
        }
    }

    /// Says something about this file.
    pub(crate) fn report(&mut self, code: DiagnosticCode, place: Place, message: &str) {
        self.report_as(code, code.level, place, message, code.help);
    }

    /// Says something once a file.
    pub(crate) fn report_once(&mut self, code: DiagnosticCode, place: Place, message: &str) {
        if !self.said_once.contains(&code.code) {
            self.said_once.push(code.code);
            self.report(code, place, message);
        }
    }

    /// Says something about `subject` once an input.
    pub(crate) fn report_of(
        &mut self,
        code: DiagnosticCode,
        subject: &str,
        place: Place,
        message: &str,
    ) {
        let said = format!("{} {subject}", code.code);
        let known = &mut self.input.said_once;
        if known.len() < SUBJECTS && !known.contains(&said) {
            known.push(said);
            self.report(code, place, message);
        }
    }

    /// Says something with a level or help of its own.
    pub(crate) fn report_as(
        &mut self,
        code: DiagnosticCode,
        level: DiagnosticLevel,
        place: Place,
        message: &str,
        help: &str,
    ) {
        self.send_diagnostic(Diagnostic {
            level,
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            code: code.code.to_owned(),
            message: clean(message),
            help: clean(help),
        });
    }

    /// Passes on a diagnostic that a reader made itself.
    pub(crate) fn send_diagnostic(&mut self, diagnostic: Diagnostic) {
        if diagnostic.level == DiagnosticLevel::Error {
            self.run.errors += 1;
            self.input.incomplete = true;
        }
        if self.listed >= self.options.limits.diagnostics_per_file {
            self.unlisted += 1;
            return;
        }
        self.listed += 1;
        self.sink.diagnostic(diagnostic);
    }

    /// What the decoder noticed, once the text is read.
    pub(crate) fn notes(&mut self, notes: &Notes) {
        if let Some(line) = notes.invalid_line.get() {
            let place = Place { line, column: 0 };
            let message = "bytes that are no text were replaced by \u{FFFD}";
            self.report(codes::INVALID_TEXT, place, message);
        }
        if let Some(reason) = notes.compressed_fault.take() {
            self.report(codes::COMPRESSED, Place::NONE, &reason);
        }
    }

    /// A part of the text is not JSON.
    pub(crate) fn syntax(&mut self, place: Place, what: &str) {
        self.report(codes::SYNTAX, place, &format!("not valid JSON: {what}"));
    }

    /// The text ended too early; said once a file.
    pub(crate) fn truncated(&mut self, place: Place) {
        if !self.truncated {
            self.truncated = true;
            self.report(
                codes::TRUNCATED,
                place,
                "the file ends in the middle of what begins here",
            );
        }
    }

    /// A key stands twice in one object.
    pub(crate) fn duplicate_key(&mut self, found: Option<(String, Place)>, element: Place) {
        let (key, place) = found.unwrap_or_else(|| ("?".to_owned(), element));
        let message = format!("the key `{key}` stands twice in one object; the last one counts");
        self.report(codes::DUPLICATE_KEY, place, &message);
    }

    /// A value could not be handed out.
    pub(crate) fn fault(&mut self, fault: &Fault) {
        let limits = self.options.limits;
        match &fault.kind {
            FaultKind::Truncated => self.truncated(fault.place),
            FaultKind::Reported => {}
            FaultKind::GaveUp => {
                let message = "too many faults; the rest of the file is left out";
                self.report(codes::GAVE_UP, fault.place, message);
            }
            FaultKind::TooLarge(limit) => {
                let message = format!("the value that begins here is over {limit} bytes");
                self.report(codes::TOO_LARGE, fault.place, &message);
            }
            FaultKind::TooDeep => {
                let message = format!(
                    "the value that begins here is nested deeper than {} levels",
                    limits.depth
                );
                self.report(codes::TOO_DEEP, fault.place, &message);
            }
            FaultKind::Syntax(expected) if fault.ended => {
                let what = format!("expected {expected}; nothing behind it could be read");
                self.syntax(fault.place, &what);
            }
            FaultKind::Syntax(expected) => {
                self.syntax(fault.place, &format!("expected {expected}"));
            }
            FaultKind::Read(error) => {
                self.report(
                    codes::CANNOT_READ,
                    fault.place,
                    &format!("reading stopped: {error}"),
                );
            }
        }
        if fault.ended {
            self.truncated = true;
        }
    }

    /// A file of an unknown format among others: the first few are named, the rest is counted.
    pub(crate) fn pass_over(&mut self) {
        self.input.passed_over += 1;
        if self.input.passed_over > PASSED_OVER_NAMED {
            self.silent = true;
            return;
        }
        let code = codes::NOT_UNDERSTOOD;
        let message = "passed over: the format is not known";
        self.report_as(
            code,
            DiagnosticLevel::Note,
            Place::START,
            message,
            code.help,
        );
    }

    /// Makes a resource of a JSON object and remembers what is odd about it.
    /// `None`: it is none, which is counted and summed up at the end of the file.
    pub(crate) fn resource_from(
        &mut self,
        object: Map<String, Value>,
        place: Place,
    ) -> Option<Resource> {
        let (mut resource, oddities) = match normalise::resource(object, self.file, place) {
            Ok(found) => found,
            Err(reason) => {
                self.leave_out(reason, place);
                return None;
            }
        };
        self.run.redacted += redact::redact(&mut resource.body) as u64;
        self.flattened += u64::from(oddities.flattened);
        if let Some(message) = oddities.type_mismatch {
            self.report(codes::TYPE_MISMATCH, place, &message);
        }
        if let Some(message) = oddities.own_parent {
            self.report(codes::OWN_PARENT, place, &message);
        }
        Some(resource)
    }

    /// Something stood where a resource was expected.
    pub(crate) fn leave_out(&mut self, reason: NotAResource, place: Place) {
        self.left_out += 1;
        if self.first_left_out.is_none() {
            self.first_left_out = Some((reason, place));
        }
    }

    /// Diagnostics so far, the unlisted ones too.
    pub(crate) fn diagnostics_so_far(&self) -> u64 {
        self.listed as u64 + self.unlisted
    }

    /// Hands a resource to the sink, and the facts that it carries.
    pub(crate) fn send(&mut self, resource: Resource) -> ControlFlow<()> {
        let facts = formats::facts_of(&resource);
        self.hand_over(resource)?;
        facts.into_iter().try_for_each(|fact| self.hand_over(fact))
    }

    fn hand_over(&mut self, resource: Resource) -> ControlFlow<()> {
        self.resources += 1;
        self.input.resources += 1;
        if self.resources.is_multiple_of(PROGRESS_EVERY) {
            self.progress();
        }
        self.input.homes.learn(&resource);
        let flow = self.sink.resource(resource);
        if flow.is_break() {
            self.run.stopped = true;
        }
        flow
    }

    /// Tells how far the run is.
    pub(crate) fn progress(&mut self) {
        self.sink.progress(&Progress {
            bytes_done: self.run.bytes_done.get(),
            bytes_total: self.run.bytes_total,
            file: self.file,
        });
    }

    /// The file is read: says what was left out and what was not listed.
    pub(crate) fn finish(&mut self) {
        if self.flattened > 0 {
            let message = format!(
                "{} of {} resources have no `properties` but other fields instead",
                self.flattened, self.resources
            );
            self.report(codes::FLATTENED, Place::NONE, &message);
        }
        if let Some((reason, place)) = self.first_left_out.take() {
            self.report_left_out(&reason, place);
        }
        let understood = self.resources > 0 || self.coverage_rows > 0 || self.silent;
        if !understood && self.listed == 0 && !self.run.stopped {
            self.report(
                codes::NO_RESOURCE,
                Place::NONE,
                "the file holds no resource",
            );
        }
        self.close_rows();
        self.progress();
    }

    /// The rows of a file are read: says what was not listed.
    pub(crate) fn close_rows(&mut self) {
        if self.unlisted > 0 {
            let message = format!("{} more problems in this file", self.unlisted);
            // The cap has been reached; this one line goes past it.
            self.listed = 0;
            self.report(codes::FURTHER_PROBLEMS, Place::NONE, &message);
        }
    }

    fn report_left_out(&mut self, reason: &NotAResource, place: Place) {
        let no_rows = self.left_out == 1 || *reason != NotAResource::NoId;
        let reason = reason.as_str();
        if self.resources == 0 && no_rows {
            let message = format!("the file holds no resource: {reason}");
            self.report(codes::NO_RESOURCE, place, &message);
            return;
        }
        let message = match self.resources {
            0 => format!(
                "the file holds no resource: {} rows, the first is {reason}",
                self.left_out
            ),
            read => format!(
                "{} of {} rows were left out; the first is {reason}",
                self.left_out,
                self.left_out + read
            ),
        };
        self.report(codes::ROWS_WITHOUT_ID, place, &message);
    }
}

/// Text for a message: no secret, bounded length.
fn clean(text: &str) -> String {
    let text = redact::redact_text(text);
    match text.char_indices().nth(MESSAGE_CHARACTERS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.into_owned(),
    }
}
