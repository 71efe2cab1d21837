//! A template met among the inputs.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;
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
    let evaluated = Evaluated {
        file: context.file.to_owned(),
        path: context.path.map(Path::to_owned),
        partial: false,
        diagnostics: found.diagnostics,
        resources: found.resources,
    };
    receive(context, evaluated, links)
}

/// Takes what a template declares: hands it on, or keeps it until it shows whether another template links this one.
pub(crate) fn receive(
    context: &mut FileContext<'_>,
    evaluated: Evaluated,
    links: Option<Links>,
) -> ControlFlow<()> {
    remember_links(context, links);
    let waiting: usize = context
        .input
        .templates
        .iter()
        .map(|waits| waits.resources.len())
        .sum();
    let folder = context
        .root
        .is_some_and(|root| Path::new(&root.key).is_dir());
    if !folder || waiting > MOST_WAITING {
        return deliver(context, evaluated);
    }
    // Whether another template links this one shows when all are read.
    context.coverage_rows += 1;
    context.input.templates.push(evaluated);
    ControlFlow::Continue(())
}

fn remember_links(context: &mut FileContext<'_>, links: Option<Links>) {
    let (Some(links), Some(path)) = (links, context.path) else {
        return;
    };
    for linked in links.into_read() {
        // A parameter file that is linked has found its template.
        context.input.parameters_used.push(linked.clone());
        context.input.links.push((path.to_owned(), linked));
    }
}

/// Files that are read as part of a template which nothing else links. Templates that link each other
/// in a circle stand for themselves.
pub(crate) fn read_as_part(links: &[(PathBuf, PathBuf)]) -> HashSet<PathBuf> {
    let others = || links.iter().filter(|(from, to)| from != to);
    let mut waiting: Vec<&PathBuf> = others()
        .map(|(from, _)| from)
        .filter(|from| !others().any(|(_, to)| to == *from))
        .collect();
    let mut parts = HashSet::new();
    while let Some(template) = waiting.pop() {
        for (_, to) in others().filter(|(from, _)| from == template) {
            if parts.insert(to.clone()) {
                waiting.push(to);
            }
        }
    }
    parts
}

/// Resources of templates that wait for the end of their input, at most.
const MOST_WAITING: usize = 50_000;

/// A template with what it declares.
#[derive(Debug)]
pub(crate) struct Evaluated {
    /// The path as the user would write it.
    pub(crate) file: String,
    pub(crate) path: Option<PathBuf>,
    /// Something is missing though no diagnostic is an error.
    pub(crate) partial: bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) resources: Vec<Resource>,
}

/// Hands on a template that nothing links.
pub(crate) fn deliver(context: &mut FileContext<'_>, evaluated: Evaluated) -> ControlFlow<()> {
    let faulty = evaluated.partial
        || evaluated
            .diagnostics
            .iter()
            .any(|said| said.level == DiagnosticLevel::Error);
    send_diagnostics(context, evaluated.diagnostics);
    cover(context, &evaluated.resources, faulty);
    evaluated
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
pub(crate) fn in_place(text: String, start: Place) -> String {
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
    let (shown, text) = parameter_text(context, path)?;
    parse(context, &shown, &text)
}

/// The text of a parameter file, and the name to show for it.
pub(crate) fn parameter_text(
    context: &mut FileContext<'_>,
    path: PathBuf,
) -> Option<(String, String)> {
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
    let text = match read_text(&path, &context.options.limits) {
        Ok(text) => Some((shown, text)),
        Err(problem) => {
            let message = format!("the parameter file {shown} cannot be read: {problem}");
            context.report(codes::CANNOT_READ, Place::NONE, &message);
            None
        }
    };
    context.input.parameters_used.push(path);
    text
}

pub(crate) fn send_diagnostics(context: &mut FileContext<'_>, diagnostics: Vec<Diagnostic>) {
    for mut said in diagnostics {
        said.message = redact::redact_text(&said.message).into_owned();
        said.help = redact::redact_text(&said.help).into_owned();
        context.send_diagnostic(said);
    }
}

/// A template says everything about what it deploys, as far as it could be evaluated: for itself, and for the
/// files it links, of which it is the source.
fn cover(context: &mut FileContext<'_>, resources: &[Resource], faulty: bool) {
    let (status, reason) = if faulty {
        let reason = "parts of the template could not be evaluated";
        (CoverageStatus::Partial, reason)
    } else {
        (CoverageStatus::Complete, "")
    };
    let mut counts = BTreeMap::from([(context.file, 0)]);
    for resource in resources {
        *counts.entry(resource.source.file.as_str()).or_default() += 1;
    }
    for (file, count) in counts {
        context.cover(
            Basis::Listed,
            Coverage {
                scope: file.to_owned(),
                what: "*".to_owned(),
                status,
                reason: reason.to_owned(),
                source: context.file.to_owned(),
                count,
            },
        );
    }
}

fn send(context: &mut FileContext<'_>, mut resource: Resource) -> ControlFlow<()> {
    context.run.redacted += redact::redact(&mut resource.body) as u64;
    for unknown in &mut resource.unknowns {
        // What is too secret to be a value is too secret to be an expression.
        if let Some(value) = resource
            .body
            .pointer(&unknown.pointer)
            .and_then(Value::as_str)
            && value.starts_with("***redacted")
            && !unknown.expression.starts_with("!Ref ")
        {
            value.clone_into(&mut unknown.expression);
        }
        if let std::borrow::Cow::Owned(text) = redact::redact_text(&unknown.expression) {
            unknown.expression = text;
        }
    }
    context.send(resource)
}
