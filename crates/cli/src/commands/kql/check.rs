//! `stance kql check`.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use stance_base::safe_text;
use stance_kql_syntax::{
    BindOptions, Bound, Diagnostic, Severity, bind, line_column, parse, render_diagnostics,
};

use super::sources::{self, Source};
use super::tables::Tables;
use crate::arguments::{KqlCheckArguments, KqlCheckFormat};
use crate::failure::Failure;
use crate::output::Output;

/// The version of the JSON form. Fields are only ever added under one version.
const SCHEMA_VERSION: &str = "1";

/// A text and what binding made of it.
struct Checked<'sources> {
    source: &'sources Source,
    bound: Bound,
}

/// Parses and binds queries and says what is wrong. Nothing runs and no data folder is opened.
pub(crate) fn run(arguments: &KqlCheckArguments) -> Result<ExitCode, Failure> {
    let sources = sources::read(&arguments.paths)?;
    let (tables, origin) = match &arguments.schema {
        Some(path) => {
            let name = path.display().to_string();
            (Tables::read(path)?, safe_text::terminal(&name).into_owned())
        }
        None => (Tables::built_in(), "built-in".to_owned()),
    };
    let checked: Vec<_> = sources
        .iter()
        .map(|source| Checked {
            source,
            bound: bind(&parse(&source.text), &tables, &BindOptions::default()),
        })
        .collect();
    let (errors, warnings) = (
        count(&checked, Severity::Error),
        count(&checked, Severity::Warning),
    );
    match arguments.format {
        KqlCheckFormat::Text => {
            let text: String = checked.iter().map(as_text).collect();
            Output::open(None).write(text.as_bytes())?;
            let against = if arguments.schema.is_some() {
                format!("the tables of {origin}")
            } else {
                "the built-in tables (--schema names others)".to_owned()
            };
            // A closed standard error is no reason to fail.
            let _ = writeln!(
                std::io::stderr(),
                "{} checked against {against}: {}, {}",
                counted(checked.len(), "text"),
                counted(errors, "error"),
                counted(warnings, "warning"),
            );
        }
        KqlCheckFormat::Json => {
            let report = json!({
                "schemaVersion": SCHEMA_VERSION,
                "tables": origin,
                "errors": errors,
                "warnings": warnings,
                "files": checked.iter().map(as_json).collect::<Vec<_>>(),
            });
            let mut text = stance_report::json::to_safe_json(&report)?;
            text.push('\n');
            Output::open(None).write(text.as_bytes())?;
        }
    }
    Ok(super::exit_code(errors == 0))
}

fn count(checked: &[Checked<'_>], severity: Severity) -> usize {
    let all = checked
        .iter()
        .flat_map(|checked| &checked.bound.diagnostics);
    all.filter(|found| found.severity == severity).count()
}

fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

fn as_text(checked: &Checked<'_>) -> String {
    if checked.bound.diagnostics.is_empty() {
        return String::new();
    }
    let report = render_diagnostics(&checked.source.text, &checked.bound.diagnostics);
    format!("{}\n{report}", checked.source.name())
}

fn as_json(checked: &Checked<'_>) -> Value {
    let text = &checked.source.text;
    let diagnostics = checked.bound.diagnostics.iter();
    let columns = checked.bound.schema.columns().iter();
    json!({
        "file": checked.source.name(),
        "columns": columns
            .map(|column| json!({"name": &*column.name, "type": column.scalar_type.as_str()}))
            .collect::<Vec<_>>(),
        "diagnostics": diagnostics.map(|found| diagnostic(text, found)).collect::<Vec<_>>(),
    })
}

fn diagnostic(text: &str, found: &Diagnostic) -> Value {
    let severity = match found.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "code": found.code.to_string(),
        "severity": severity,
        "message": found.message,
        "help": found.help,
        "start": place(text, found.span.start),
        "end": place(text, found.span.end),
    })
}

fn place(text: &str, offset: u32) -> Value {
    let place = line_column(text, offset as usize);
    json!({"offset": offset, "line": place.line, "column": place.column})
}
