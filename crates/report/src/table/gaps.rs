//! What could not be judged, was not collected, or could not be read.

use std::collections::HashMap;
use std::io::Write;

use stance_model::{
    Coverage, CoverageStatus, Diagnostic, DiagnosticLevel, FindingState, SourceLocation,
};

use super::layout::{Lines, Style};
use super::{TableOptions, sentence, short};
use crate::groups::groups;
use crate::{ReportError, ScanReport, show};

/// Recommendations listed among those that could not be judged, and scopes among those not collected.
const LISTED: usize = 8;
/// Messages of one code.
const OF_ONE_CODE: usize = 3;

pub(super) fn write_unknown(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let groups = groups(&report.findings, FindingState::Unknown);
    if groups.is_empty() {
        return Ok(());
    }
    lines.blank()?;
    let number = show::thousands(report.summary.findings.by_state.unknown);
    lines.wrapped(
        0,
        &[
            ("Could not be judged", Style::Bold),
            ("·", Style::Dim),
            (&number, Style::Dim),
        ],
    )?;
    let cap = if options.all { usize::MAX } else { LISTED };
    for group in groups.iter().take(cap) {
        let resources = show::count(group.findings.len() as u64, "resource", "resources");
        lines.hanging(
            1,
            3,
            &[
                ("?", Style::Medium),
                (&sentence(&group.first.title), Style::Plain),
                ("·", Style::Dim),
                (&resources, Style::Dim),
            ],
        )?;
        let why = match (group.first.cause.as_str(), group.first.evidence.first()) {
            ("", Some(evidence)) => show::evidence(evidence, &group.first.resource_type),
            (cause, _) => cause.to_owned(),
        };
        let text = format!(
            "{}: {}",
            short(show::resource_name(group.first)),
            sentence(&why)
        );
        let at = show::location(show::finding_location(group.first));
        let at = if at.is_empty() {
            at
        } else {
            format!("at\u{a0}{}", sentence(&at))
        };
        lines.wrapped(
            3,
            &[(text.trim_end_matches('.'), Style::Dim), (&at, Style::Dim)],
        )?;
    }
    more(lines, groups.len().saturating_sub(cap), "--all lists them")
}

pub(super) fn write_coverage(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let gaps: Vec<_> = report
        .coverage
        .iter()
        .filter(|row| row.status != CoverageStatus::Complete)
        .collect();
    if gaps.is_empty() {
        return Ok(());
    }
    let gaps = alike(gaps);
    lines.blank()?;
    lines.heading("Not collected")?;
    let cap = if options.all { usize::MAX } else { LISTED };
    for (gap, scopes) in gaps.iter().take(cap) {
        let status = match gap.status {
            CoverageStatus::Denied => ("denied:", Style::High),
            CoverageStatus::NotConfigured => ("not asked for:", Style::Dim),
            _ => ("in part:", Style::Medium),
        };
        let what = if gap.what == "*" {
            "everything".to_owned()
        } else {
            short(&gap.what)
        };
        let place = match scopes {
            1 => format!("{what} in {}", sentence(&gap.scope)),
            more => format!(
                "{what} in {} scopes, such as {}",
                show::thousands(*more),
                sentence(&gap.scope)
            ),
        };
        let reason = if gap.reason.is_empty() {
            String::new()
        } else {
            format!("({})", sentence(&gap.reason))
        };
        let spans = [
            ("-", Style::Dim),
            status,
            (place.as_str(), Style::Plain),
            (reason.as_str(), Style::Dim),
        ];
        lines.wrapped(1, &spans)?;
    }
    more(lines, gaps.len().saturating_sub(cap), "see --format json")
}

/// Gaps that differ in their scope alone, as one with the number of scopes; the widest first.
fn alike(gaps: Vec<&Coverage>) -> Vec<(&Coverage, u64)> {
    let mut places: HashMap<(CoverageStatus, &str, &str), usize> = HashMap::new();
    let mut groups: Vec<(&Coverage, u64)> = Vec::new();
    for gap in gaps {
        let place = places
            .entry((gap.status, gap.what.as_str(), gap.reason.as_str()))
            .or_insert_with(|| {
                groups.push((gap, 0));
                groups.len() - 1
            });
        groups[*place].1 += 1;
    }
    groups.sort_by_key(|(_, scopes)| std::cmp::Reverse(*scopes));
    groups
}

/// The first messages of each code, so that a thousand of one kind do not hide the others.
fn few_of_each<'a>(diagnostics: &[&'a Diagnostic]) -> Vec<&'a Diagnostic> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let few = diagnostics.iter().filter(|diagnostic| {
        let number = seen.entry(diagnostic.code.as_str()).or_default();
        *number += 1;
        *number <= OF_ONE_CODE
    });
    few.copied().collect()
}

pub(super) fn write_diagnostics(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    if report.diagnostics.is_empty() {
        return Ok(());
    }
    let mut diagnostics: Vec<_> = report.diagnostics.iter().collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.level);
    lines.blank()?;
    let counts = &report.summary.diagnostics;
    let note = [
        show::count(counts.error, "error", "errors"),
        show::count(counts.warning, "warning", "warnings"),
        show::count(counts.note, "note", "notes"),
    ]
    .join(", ");
    lines.wrapped(
        0,
        &[
            ("Messages about the inputs", Style::Bold),
            ("·", Style::Dim),
            (&note, Style::Dim),
        ],
    )?;
    let cap = if options.all {
        usize::MAX
    } else {
        options.max_diagnostics
    };
    let shown = if options.all {
        diagnostics.clone()
    } else {
        few_of_each(&diagnostics)
    };
    for diagnostic in shown.iter().take(cap) {
        let (level, style) = match diagnostic.level {
            DiagnosticLevel::Error => ("error", Style::High),
            DiagnosticLevel::Warning => ("warning", Style::Medium),
            DiagnosticLevel::Note => ("note", Style::Low),
        };
        let place = SourceLocation {
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
        };
        let place = sentence(&show::location(&place));
        lines.wrapped(
            1,
            &[
                (level, style),
                (&short(&diagnostic.code), style),
                (&place, Style::Plain),
            ],
        )?;
        lines.hanging(4, 4, &[(&sentence(&diagnostic.message), Style::Plain)])?;
        if !diagnostic.help.is_empty() {
            lines.hanging(
                4,
                10,
                &[
                    ("help:", Style::Good),
                    (&sentence(&diagnostic.help), Style::Plain),
                ],
            )?;
        }
    }
    more(
        lines,
        diagnostics.len().saturating_sub(shown.len().min(cap)),
        "see --format json",
    )
}

fn more(lines: &mut Lines<impl Write>, hidden: usize, hint: &str) -> Result<(), ReportError> {
    if hidden == 0 {
        return Ok(());
    }
    let text = format!("… and {} more; {hint}", show::thousands(hidden as u64));
    lines.wrapped(1, &[(&text, Style::Dim)])
}
