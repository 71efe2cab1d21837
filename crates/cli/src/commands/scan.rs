//! `stance scan`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use chrono::{DateTime, Utc};
use stance_base::ErrorCode;
use stance_collect::CollectOptions;
use stance_model::{Diagnostic, DiagnosticLevel};
use stance_operations::scan::{PolicyChoice, ScanOutcome, ScanRequest, scan};
use stance_report::{
    Changes, PathCounts, ReportError, ScanReport, TableOptions, csv_findings, html, json, sarif,
    table,
};

use crate::arguments::{ScanArguments, ScanFormat};
use crate::audience::{Listener, Spool};
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;
use crate::terminal::{self, Stream};

/// Scans, shows the result, and says by the exit code how it went.
pub(crate) async fn run(arguments: &ScanArguments) -> Result<ExitCode, Failure> {
    let begun = Instant::now();
    let clock = data_folder::clock(&arguments.data);
    let started = clock.now();
    let output = Output::open(arguments.output.as_deref());
    let lake = data_folder::lake(&arguments.data)?;
    let progress = Progress::new(arguments.quiet);
    lake.warnings()
        .iter()
        .for_each(|warning| progress.say(&format!("warning: {warning}")));
    let mut listener =
        Listener::new(arguments.format, &progress).map_err(|error| Failure::output(&error))?;
    let own_policies = data_folder::policies(arguments.policy_dir.as_deref(), lake.path());
    let outcome = scan(
        &lake,
        clock.as_ref(),
        &request(arguments, started, own_policies),
        &mut listener,
    )
    .await;
    progress.finish();
    let mut outcome = outcome?;
    if let Some(error) = listener.failure.take() {
        return Err(Failure::output(&error));
    }
    listener.summary.started_at = started;
    listener.summary.finished_at = clock.now();
    listener.summary.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    summarise(&mut listener, &mut outcome, arguments);
    let code = exit_code(arguments, &outcome, &listener);
    let show = !arguments.quiet || output.is_file() || arguments.format != ScanFormat::Table;
    if show {
        let hint = hint(arguments, &outcome, &listener);
        let spool = listener.spool.take();
        let report = report(listener, outcome);
        output.fill(|out| write(out, arguments, &report, spool, hint))?;
    }
    Ok(ExitCode::from(code))
}

fn request(arguments: &ScanArguments, now: DateTime<Utc>, own_policies: PathBuf) -> ScanRequest {
    ScanRequest {
        paths: arguments.paths.clone(),
        policies: PolicyChoice {
            folders: arguments.policy.clone(),
            checks: arguments.checks.clone(),
            own: Some(own_policies),
            without_baseline: arguments.no_baseline,
            aliases: arguments.aliases.clone(),
        },
        reading: CollectOptions {
            now,
            parameter_files: arguments.parameters.iter().cloned().collect(),
            ..CollectOptions::default()
        },
    }
}

/// Fills what is known only at the end.
fn summarise(listener: &mut Listener<'_>, outcome: &mut ScanOutcome, arguments: &ScanArguments) {
    if listener.unkept > 0 {
        outcome.diagnostics.push(Diagnostic {
            level: DiagnosticLevel::Note,
            file: String::new(),
            line: 0,
            column: 0,
            code: "OPS0004".to_owned(),
            message: format!(
                "{} findings are not in this report, only in its counts",
                listener.unkept
            ),
            help: "write all with --format json or csv, or ask for them with stance query"
                .to_owned(),
        });
    }
    let summary = &mut listener.summary;
    env!("CARGO_PKG_VERSION").clone_into(&mut summary.tool_version);
    summary.inputs = arguments
        .paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    summary.files_read = outcome.collected.files_understood;
    outcome
        .diagnostics
        .iter()
        .for_each(|diagnostic| summary.count_diagnostic(diagnostic));
    summary.sort();
    summary.attack_paths = Some(PathCounts {
        open: outcome.paths.open,
        opened: outcome.paths.opened,
        closed: outcome.paths.closed,
        bounded: outcome.bounded.clone(),
    });
    summary.changes = outcome.since.map(|since| Changes {
        since: Some(since),
        new: outcome.newly_unhealthy,
        resolved: outcome.no_longer_unhealthy,
        changed: outcome.findings.state_changed,
        resources_added: outcome.resources.added,
        resources_changed: outcome.resources.changed,
        resources_gone: outcome.resources.gone,
    });
}

/// 0 done, 1 findings at the bar, 2 nothing could be read or, with `--strict`, something could not.
fn exit_code(arguments: &ScanArguments, outcome: &ScanOutcome, listener: &Listener<'_>) -> u8 {
    if at_the_bar(arguments, listener) {
        return 1;
    }
    let nothing = nothing_read(outcome);
    let something_failed = outcome
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == DiagnosticLevel::Error);
    if nothing || (arguments.strict && something_failed) {
        return ErrorCode::InvalidInput.exit_code();
    }
    0
}

/// No file was understood, or all that was found of them is that they are broken.
fn nothing_read(outcome: &ScanOutcome) -> bool {
    let collected = &outcome.collected;
    collected.files_understood == 0 || (collected.resources == 0 && collected.errors > 0)
}

fn at_the_bar(arguments: &ScanArguments, listener: &Listener<'_>) -> bool {
    arguments
        .fail_on
        .is_some_and(|bar| listener.worst.is_some_and(|worst| worst >= bar))
}

fn hint(
    arguments: &ScanArguments,
    outcome: &ScanOutcome,
    listener: &Listener<'_>,
) -> Option<String> {
    match exit_code(arguments, outcome, listener) {
        1 => arguments
            .fail_on
            .map(|bar| format!("exit code 1: findings of severity {bar} or worse (--fail-on)")),
        2 if nothing_read(outcome) => Some("exit code 2: no input could be read".to_owned()),
        2 => Some("exit code 2: something could not be read (--strict)".to_owned()),
        _ => None,
    }
}

fn report(mut listener: Listener<'_>, outcome: ScanOutcome) -> ScanReport {
    let findings = listener.take_findings();
    ScanReport {
        summary: listener.summary,
        resources: listener.resources,
        findings,
        coverage: outcome.coverage,
        diagnostics: outcome.diagnostics,
    }
}

fn write(
    out: &mut dyn Write,
    arguments: &ScanArguments,
    report: &ScanReport,
    spool: Option<Spool>,
    hint: Option<String>,
) -> Result<(), ReportError> {
    match (arguments.format, spool) {
        (ScanFormat::Json, Some(spool)) => {
            let mut writer = json::JsonWriter::begin(out, &report.summary)?;
            spool.resources.for_each(|row| writer.resource(&row))?;
            spool
                .findings
                .for_each(|finding| writer.finding(&finding))?;
            writer.finish(&report.coverage, &report.diagnostics)?;
            Ok(())
        }
        (ScanFormat::Csv, Some(spool)) => {
            let mut writer = csv_findings::CsvWriter::begin(out)?;
            spool
                .findings
                .for_each(|finding| writer.finding(&finding))?;
            writer.finish()
        }
        (ScanFormat::Sarif, _) => sarif::write(out, report),
        (ScanFormat::Html, _) => html::write(out, report, &html::HtmlOptions::default()),
        (ScanFormat::Table | ScanFormat::Json | ScanFormat::Csv, _) => {
            let options = TableOptions {
                width: terminal::width(),
                color: arguments.output.is_none() && terminal::colour(Stream::Output),
                all: arguments.all,
                exit_hint: hint,
                ..TableOptions::default()
            };
            table::write(out, report, &options)
        }
    }
}
