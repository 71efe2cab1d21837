//! A template met among the inputs.

use std::ops::ControlFlow;
use std::path::PathBuf;

use stance_base::redact;
use stance_model::{Coverage, CoverageStatus, Diagnostic, DiagnosticLevel, Resource};

use crate::arm_template::{self, LinkedFiles, Options};
use crate::codes;
use crate::context::FileContext;
use crate::json::{self, Document};
use crate::ledger::Basis;
use crate::stream::Place;

use super::detect::parameters_for;
use super::links::{Links, read_text};

/// Evaluates a template with the parameter file that belongs to it.
pub(crate) fn template(
    context: &mut FileContext<'_>,
    text: Vec<u8>,
    start: Place,
) -> ControlFlow<()> {
    let Ok(text) = String::from_utf8(text) else {
        context.report(codes::TEMPLATE_UNREAD, start, "the template is no text");
        return ControlFlow::Continue(());
    };
    let Some(document) = parse(context, context.file, &in_place(text, start)) else {
        return ControlFlow::Continue(());
    };
    let parameters = context
        .path
        .and_then(|path| parameters_for(path, &context.options.parameter_files))
        .and_then(|path| parameter_document(context, path));
    let links = context
        .root
        .map(|root| Links::new(root, context.options.limits));
    let options = Options {
        now: context.options.now,
        target: &context.options.target,
        links: links.as_ref().map(|links| links as &dyn LinkedFiles),
        limits: arm_template::Limits::default(),
    };
    let found = arm_template::read(&document, parameters.as_ref(), &options);
    let faulty = found
        .diagnostics
        .iter()
        .any(|said| said.level == DiagnosticLevel::Error);
    send_diagnostics(context, found.diagnostics);
    cover(context, found.resources.len(), faulty);
    found
        .resources
        .into_iter()
        .try_for_each(|resource| send(context, resource))
}

/// A parameter file is read with its template; one that has none is named at the end of the input.
pub(crate) fn parameters(context: &mut FileContext<'_>) {
    context.coverage_rows += 1;
    if let Some(path) = context.path {
        let shown = context.file.to_owned();
        context.input.parameter_files.push((path.to_owned(), shown));
    }
}

/// Lines are counted from the start of the file, also for a document further down.
fn in_place(text: String, start: Place) -> String {
    if start == Place::START {
        return text;
    }
    let lines = start.line.saturating_sub(1) as usize;
    let columns = start.column.saturating_sub(1) as usize;
    format!("{}{}{text}", "\n".repeat(lines), " ".repeat(columns))
}

fn parse(context: &mut FileContext<'_>, file: &str, text: &str) -> Option<Document> {
    let limits = json::Limits {
        bytes: text.len().max(context.options.limits.document_bytes),
        ..json::Limits::default()
    };
    let parsed = json::parse(file, text, &limits);
    send_diagnostics(context, parsed.diagnostics);
    parsed.document
}

fn parameter_document(context: &mut FileContext<'_>, path: PathBuf) -> Option<Document> {
    let beside = context.path.and_then(|template| {
        let name = path.file_name()?.to_string_lossy();
        let same_folder = path.parent() == template.parent();
        let (folder, _) = context.file.rsplit_once('/').unwrap_or((".", ""));
        same_folder.then(|| match folder {
            "." => name.into_owned(),
            _ => format!("{folder}/{name}"),
        })
    });
    let shown = beside.unwrap_or_else(|| path.to_string_lossy().into_owned());
    let document = match read_text(&path, &context.options.limits) {
        Ok(text) => parse(context, &shown, &text),
        Err(problem) => {
            let message = format!("the parameter file {shown} cannot be read: {problem}");
            context.report(codes::CANNOT_READ, Place::NONE, &message);
            None
        }
    };
    context.input.parameters_used.push(path);
    document
}

fn send_diagnostics(context: &mut FileContext<'_>, diagnostics: Vec<Diagnostic>) {
    for mut said in diagnostics {
        said.message = redact::redact_text(&said.message).into_owned();
        said.help = redact::redact_text(&said.help).into_owned();
        context.send_diagnostic(said);
    }
}

/// A template says everything about what it deploys, as far as it could be evaluated.
fn cover(context: &mut FileContext<'_>, count: usize, faulty: bool) {
    let (status, reason) = if faulty {
        let reason = "parts of the template could not be evaluated";
        (CoverageStatus::Partial, reason)
    } else {
        (CoverageStatus::Complete, "")
    };
    context.cover(
        Basis::Listed,
        Coverage {
            scope: context.file.to_owned(),
            what: "*".to_owned(),
            status,
            reason: reason.to_owned(),
            source: context.file.to_owned(),
            count: count as u64,
        },
    );
}

fn send(context: &mut FileContext<'_>, mut resource: Resource) -> ControlFlow<()> {
    context.run.redacted += redact::redact(&mut resource.body) as u64;
    for unknown in &mut resource.unknowns {
        if let std::borrow::Cow::Owned(text) = redact::redact_text(&unknown.expression) {
            unknown.expression = text;
        }
    }
    context.send(resource)
}
