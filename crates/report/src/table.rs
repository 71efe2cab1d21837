//! The report of a terminal: worst first; what, where, why, how to mend.

use std::io::Write;

use stance_base::safe_text::{one_line, truncate_width};
use stance_model::Severity;

use crate::groups::WORST_FIRST;
use crate::{ReportError, ScanReport, show};

mod findings;
mod gaps;
mod inventory;
pub(crate) mod layout;

use layout::{Lines, Style};

/// How the report is to look. Whether colours are wanted is decided by the caller
/// (`NO_COLOR`, `CLICOLOR_FORCE`, whether the output is a terminal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOptions {
    /// Columns of the terminal; kept between 40 and 200.
    pub width: usize,
    /// Colours.
    pub color: bool,
    /// No caps.
    pub all: bool,
    /// Most resources listed under all recommendations together.
    pub max_findings: usize,
    /// Most resources listed under one recommendation.
    pub max_per_recommendation: usize,
    /// Most messages about inputs.
    pub max_diagnostics: usize,
    /// Said on the last line, such as why the exit code is 1.
    pub exit_hint: Option<String>,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            all: false,
            max_findings: 60,
            max_per_recommendation: 6,
            max_diagnostics: 8,
            exit_hint: None,
        }
    }
}

/// Longest text taken over from a resource or rule, in columns.
const LONGEST_NAME: usize = 90;
const LONGEST_TEXT: usize = 600;

/// Writes the report.
pub fn write(
    out: impl Write,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let mut lines = Lines::new(out, options.width.clamp(40, 200), options.color);
    write_head(&mut lines, report)?;
    inventory::write_inventory(&mut lines, report)?;
    findings::write_findings(&mut lines, report, options)?;
    gaps::write_unknown(&mut lines, report, options)?;
    gaps::write_coverage(&mut lines, report, options)?;
    gaps::write_diagnostics(&mut lines, report, options)?;
    write_last(&mut lines, report, options)?;
    lines.flush()
}

fn short(text: &str) -> String {
    truncate_width(&one_line(text), LONGEST_NAME).into_owned()
}

fn sentence(text: &str) -> String {
    truncate_width(&one_line(text), LONGEST_TEXT).into_owned()
}

fn write_head(lines: &mut Lines<impl Write>, report: &ScanReport) -> Result<(), ReportError> {
    let summary = &report.summary;
    let name = format!("Stance {}", one_line(&summary.tool_version));
    let read = format!(
        "{} and {} in {}",
        show::count(summary.files_read, "file", "files"),
        show::count(summary.resources, "resource", "resources"),
        show::duration(summary.duration_ms),
    );
    let inputs: Vec<String> = summary.inputs.iter().map(|input| short(input)).collect();
    let from = match inputs.len() {
        0 => String::new(),
        1..=3 => format!("from {}", inputs.join(", ")),
        more => format!("from {} and {} more", inputs[..2].join(", "), more - 2),
    };
    lines.wrapped(
        0,
        &[
            (&name, Style::Bold),
            ("read", Style::Plain),
            (&read, Style::Plain),
            (&from, Style::Dim),
        ],
    )?;
    let Some(changes) = &summary.changes else {
        return Ok(());
    };
    let since = changes.since.map_or_else(
        || "Since the last scan:".to_owned(),
        |time| format!("Since {}:", time.format("%Y-%m-%d %H:%M UTC")),
    );
    let text = format!(
        "{} new, {} resolved, {} changed findings; {} added, {} changed, {} gone resources",
        changes.new,
        changes.resolved,
        changes.changed,
        changes.resources_added,
        changes.resources_changed,
        changes.resources_gone,
    );
    lines.wrapped(0, &[(&since, Style::Dim), (&text, Style::Plain)])
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::CriticalText,
        Severity::High => Style::High,
        Severity::Medium => Style::Medium,
        Severity::Low => Style::Low,
    }
}

/// How many attack paths there are, and where to see them.
fn write_paths(lines: &mut Lines<impl Write>, report: &ScanReport) -> Result<(), ReportError> {
    let Some(paths) = &report.summary.attack_paths else {
        return Ok(());
    };
    if let Some(told) = paths.sentence() {
        lines.wrapped(
            0,
            &[
                (&told, Style::Bold),
                ("`stance paths` shows them.", Style::Dim),
            ],
        )?;
    }
    for bound in &paths.bounded {
        lines.wrapped(0, &[(&one_line(bound), Style::Dim)])?;
    }
    Ok(())
}

fn write_last(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let counts = &report.summary.findings;
    lines.blank()?;
    write_paths(lines, report)?;
    let hint = options
        .exit_hint
        .as_deref()
        .map(sentence)
        .unwrap_or_default();
    let judged = format!(
        "{} healthy, {} unknown.",
        show::thousands(counts.by_state.healthy),
        show::thousands(counts.by_state.unknown),
    );
    if counts.by_state.unhealthy == 0 {
        if counts.total == 0 {
            return lines.wrapped(
                0,
                &[("Nothing was judged.", Style::Plain), (&hint, Style::Dim)],
            );
        }
        return lines.wrapped(
            0,
            &[
                ("No findings:", Style::Good),
                (&judged, Style::Plain),
                (&hint, Style::Dim),
            ],
        );
    }
    let head = format!(
        "{}:",
        show::count(counts.by_state.unhealthy, "finding", "findings")
    );
    let severities = WORST_FIRST
        .iter()
        .filter(|severity| counts.unhealthy_by_severity.get(**severity) > 0);
    let mut parts: Vec<(String, Style)> = severities
        .map(|severity| {
            let number = show::thousands(counts.unhealthy_by_severity.get(*severity));
            (
                format!("{number}\u{a0}{},", severity.as_str().to_lowercase()),
                severity_style(*severity),
            )
        })
        .collect();
    if let Some((last, _)) = parts.last_mut() {
        *last = last.replace(',', ";");
    }
    let mut spans = vec![(head.as_str(), Style::Bold)];
    spans.extend(parts.iter().map(|(text, style)| (text.as_str(), *style)));
    spans.extend([(judged.as_str(), Style::Plain), (hint.as_str(), Style::Dim)]);
    lines.wrapped(0, &spans)
}
