//! Templates among the inputs: text to document, document to resources.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Map, Value as Json};
use stance_model::Diagnostic;

use crate::arm_template::LinkedFiles;
use crate::codes::{self, DiagnosticCode};
use crate::context::FileContext;
use crate::formats::Found;
use crate::json::{self, Member, Node, NodeValue};
use crate::stream::{JsonStream, Place};
use crate::template::detect::parameters_for;
use crate::template::links::Links;
use crate::template::read::{Evaluated, in_place, parameter_text, receive, send_diagnostics};
use crate::yaml;

use super::emit;
use super::load::{Standing, open};
use super::parameters::{Values, exact, from_file};
use super::shared::{Limits, Shared};

/// Longest YAML text; CloudFormation takes 1 MB.
const YAML_BYTES: usize = 8 << 20;
/// Deepest nesting.
const DEPTH: usize = 120;
/// What a YAML text may expand to: 16 for a value, and the bytes of its text.
const YAML_WEIGHT: usize = 32 << 20;
/// Documents of one YAML text.
const YAML_DOCUMENTS: usize = 50;

/// A JSON text that is a template.
pub(crate) fn json_template(
    context: &mut FileContext<'_>,
    text: Vec<u8>,
    start: Place,
) -> ControlFlow<()> {
    let Ok(text) = String::from_utf8(text) else {
        context.report(codes::CLOUDFORMATION, start, "the template is no text");
        return ControlFlow::Continue(());
    };
    let text = in_place(text, start);
    document(context, &text)
}

/// A YAML text that is a template, from where the stream stands to its end.
pub(crate) fn yaml_template(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>) {
    let limit = YAML_BYTES.min(context.options.limits.document_bytes);
    let mut text = Vec::new();
    let start = stream.place();
    let read = stream
        .as_reader()
        .take(limit as u64 + 1)
        .read_to_end(&mut text);
    if let Err(error) = read {
        let message = format!("reading stopped: {error}");
        return context.report(codes::CANNOT_READ, start, &message);
    }
    if text.len() > limit {
        let message = format!("the text is over {limit} bytes");
        return context.report(codes::YAML_LIMIT, start, &message);
    }
    let text = in_place(String::from_utf8_lossy(&text).into_owned(), start);
    // A stop is remembered in the run.
    let _ = document(context, &text);
}

fn document(context: &mut FileContext<'_>, text: &str) -> ControlFlow<()> {
    let mut problems = Vec::new();
    let root = document_root(context.file, text, &mut problems);
    send_diagnostics(context, problems);
    match root {
        Some(root) => template(context, root),
        None => ControlFlow::Continue(()),
    }
}

/// A template, or the answer that holds one, among other objects.
pub(crate) fn found(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let place = found.place;
    let mut body = found.body;
    match body.remove("TemplateBody") {
        None => template(context, node_of(&Json::Object(body), place)),
        Some(Json::String(text)) => {
            // Lines of the text inside are not lines of the file.
            let mut problems = Vec::new();
            let root = document_root(context.file, &text, &mut problems);
            send_diagnostics(context, problems);
            root.map_or(ControlFlow::Continue(()), |mut root| {
                settle(&mut root, place);
                template(context, root)
            })
        }
        Some(body) => template(context, node_of(&body, place)),
    }
}

/// A parameter file.
pub(crate) fn parameters(context: &mut FileContext<'_>, _found: Found<'_>) -> ControlFlow<()> {
    let known = |(path, _): &(std::path::PathBuf, String)| Some(path.as_path()) == context.path;
    if context.input.parameter_files.iter().any(known) {
        context.coverage_rows += 1;
    } else {
        crate::template::read::parameters(context);
    }
    ControlFlow::Continue(())
}

fn template(context: &mut FileContext<'_>, root: Node) -> ControlFlow<()> {
    if exact(&root, "Resources").and_then(Node::members).is_none() {
        let place = Place::START;
        context.report(
            codes::CLOUDFORMATION,
            place,
            "the template has no `Resources`",
        );
        return ControlFlow::Continue(());
    }
    let given = values(context);
    let links = context
        .root
        .map(|root| Links::new(root, context.options.limits));
    let shared = Shared::new(
        links.as_ref().map(|links| links as &dyn LinkedFiles),
        Limits::default(),
    );
    let resources = {
        let evaluator = open(&shared, context.file, root, &given, Standing::default());
        emit::resources(&evaluator)
    };
    let evaluated = Evaluated {
        file: context.file.to_owned(),
        path: context.path.map(Path::to_owned),
        partial: shared.partial.get(),
        diagnostics: shared.said.into_inner(),
        resources,
    };
    receive(context, evaluated, links)
}

/// The values of the parameter file that belongs to the template.
fn values(context: &mut FileContext<'_>) -> Values {
    let path = context
        .path
        .and_then(|path| parameters_for(path, &context.options.parameter_files));
    let Some((shown, text)) = path.and_then(|path| parameter_text(context, path)) else {
        return Values::new();
    };
    let mut problems = Vec::new();
    let root = document_root(&shown, &text, &mut problems);
    send_diagnostics(context, problems);
    root.map(|root| from_file(&root)).unwrap_or_default()
}

/// JSON or YAML to a document; of several the first that has resources.
pub(super) fn document_root(
    file: &str,
    text: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let begin = text.trim_start_matches('\u{FEFF}').trim_start();
    if begin.starts_with(['{', '[']) {
        let limits = json::Limits {
            bytes: text.len(),
            depth: DEPTH,
            ..json::Limits::default()
        };
        let parsed = json::parse(file, text, &limits);
        problems.extend(parsed.diagnostics);
        return parsed.document.map(|document| document.root);
    }
    if text.len() > YAML_BYTES {
        problems.push(diagnostic(
            codes::YAML_LIMIT,
            file,
            (1, 1),
            &format!("the text is over {YAML_BYTES} bytes"),
        ));
        return None;
    }
    let limits = yaml::Limits {
        depth: DEPTH,
        weight: YAML_WEIGHT,
        documents: YAML_DOCUMENTS,
    };
    let stream = yaml::read(text, &limits);
    for problem in &stream.problems {
        let code = match problem.kind {
            yaml::ProblemKind::Syntax => codes::YAML,
            yaml::ProblemKind::TooLarge | yaml::ProblemKind::TooDeep => codes::YAML_LIMIT,
            yaml::ProblemKind::DuplicateKey => codes::DUPLICATE_KEY,
        };
        let at = (problem.line, problem.column);
        problems.push(diagnostic(code, file, at, &problem.message));
    }
    let mut documents = stream.documents.into_iter();
    let first = documents.next()?;
    if exact(&first, "Resources").is_some() {
        return Some(first);
    }
    let other = documents.find(|root| exact(root, "Resources").is_some());
    Some(other.unwrap_or(first))
}

fn diagnostic(code: DiagnosticCode, file: &str, at: (u32, u32), message: &str) -> Diagnostic {
    Diagnostic {
        level: code.level,
        file: file.to_owned(),
        line: at.0,
        column: at.1,
        code: code.code.to_owned(),
        message: message.to_owned(),
        help: code.help.to_owned(),
    }
}

/// A value that was read without positions; everything stands where it begins.
fn node_of(value: &Json, place: Place) -> Node {
    let value = match value {
        Json::Null => NodeValue::Null,
        Json::Bool(value) => NodeValue::Bool(*value),
        Json::Number(number) => NodeValue::Number(number.to_string()),
        Json::String(text) => NodeValue::String(text.clone()),
        Json::Array(items) => {
            NodeValue::Array(items.iter().map(|item| node_of(item, place)).collect())
        }
        Json::Object(members) => NodeValue::Object(members_of(members, place)),
    };
    Node {
        value,
        line: place.line,
        column: place.column,
    }
}

fn members_of(members: &Map<String, Json>, place: Place) -> Vec<Member> {
    members
        .iter()
        .map(|(key, value)| Member {
            key: key.clone(),
            line: place.line,
            column: place.column,
            value: node_of(value, place),
        })
        .collect()
}

/// Puts every part of a document at one place.
fn settle(node: &mut Node, place: Place) {
    (node.line, node.column) = (place.line, place.column);
    match &mut node.value {
        NodeValue::Array(items) => items.iter_mut().for_each(|item| settle(item, place)),
        NodeValue::Object(members) => {
            for member in members {
                (member.line, member.column) = (place.line, place.column);
                settle(&mut member.value, place);
            }
        }
        _ => {}
    }
}
