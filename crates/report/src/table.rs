//! The report of a terminal: worst first; what, where, why, how to mend.

use std::io::Write;

use stance_base::safe_text::{display_width, one_line, terminal_block, truncate_width};
use stance_model::{CoverageStatus, DiagnosticLevel, Finding, FindingState, ResourceId, Severity};

use crate::groups::{Group, WORST_FIRST, groups};
use crate::summary::WorkloadCount;
use crate::{ReportError, ScanReport, show};

mod layout;

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
/// Recommendations listed among those that could not be judged, and scopes among those not collected.
const LISTED: usize = 8;

/// Writes the report.
pub fn write(
    out: impl Write,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let mut lines = Lines::new(out, options.width.clamp(40, 200), options.color);
    write_head(&mut lines, report)?;
    write_inventory(&mut lines, report)?;
    write_findings(&mut lines, report, options)?;
    write_unknown(&mut lines, report, options)?;
    write_coverage(&mut lines, report, options)?;
    write_diagnostics(&mut lines, report, options)?;
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

fn write_inventory(lines: &mut Lines<impl Write>, report: &ScanReport) -> Result<(), ReportError> {
    let summary = &report.summary;
    if summary.resources == 0 {
        return Ok(());
    }
    lines.blank()?;
    let note = format!(
        "{} AI, {} other",
        show::thousands(summary.ai_resources),
        show::thousands(summary.resources.saturating_sub(summary.ai_resources)),
    );
    lines.wrapped(0, &[("Inventory", Style::Bold), (&note, Style::Dim)])?;
    let (ai, other): (Vec<_>, Vec<_>) = summary.workloads.iter().partition(|count| count.is_ai);
    let mut rows = by_category(&ai);
    if !other.is_empty() {
        rows.push(("Leans on", totals(&other)));
    }
    let column = rows
        .iter()
        .map(|(name, _)| display_width(name))
        .max()
        .unwrap_or_default()
        + 4;
    for (name, text) in rows {
        let padded = format!(
            "{name}{}",
            "\u{a0}".repeat(column.saturating_sub(display_width(name) + 3))
        );
        lines.hanging(
            2,
            column,
            &[
                (&padded.replace(' ', "\u{a0}"), Style::Plain),
                (&text, Style::Plain),
            ],
        )?;
    }
    if summary.ai_resources == 0 {
        lines.wrapped(
            2,
            &[("No AI workloads were found in what was read.", Style::Dim)],
        )?;
    }
    Ok(())
}

/// `AI models` beside `4 × Azure OpenAI account, 9 × Model deployment`.
fn by_category<'a>(counts: &[&'a WorkloadCount]) -> Vec<(&'a str, String)> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for count in counts {
        let text = format!(
            "{}\u{a0}×\u{a0}{}",
            show::thousands(count.count),
            one_line(&count.label)
        );
        match rows
            .iter_mut()
            .find(|(category, _)| *category == count.category)
        {
            Some((_, line)) => {
                line.push_str(", ");
                line.push_str(&text);
            }
            None => rows.push((&count.category, text)),
        }
    }
    rows
}

/// `12 × Network, 3 × Storage`.
fn totals(counts: &[&WorkloadCount]) -> String {
    let mut totals: Vec<(&str, u64)> = Vec::new();
    for count in counts {
        match totals
            .iter_mut()
            .find(|(category, _)| *category == count.category)
        {
            Some((_, total)) => *total += count.count,
            None => totals.push((&count.category, count.count)),
        }
    }
    totals.sort_by(|left, right| (right.1, left.0).cmp(&(left.1, right.0)));
    let texts = totals
        .iter()
        .map(|(name, total)| format!("{}\u{a0}×\u{a0}{name}", show::thousands(*total)));
    texts.collect::<Vec<_>>().join(", ")
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::Critical,
        Severity::High => Style::High,
        Severity::Medium => Style::Medium,
        Severity::Low => Style::Low,
    }
}

fn write_findings(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let groups = groups(&report.findings, FindingState::Unhealthy);
    let mut left = if options.all {
        usize::MAX
    } else {
        options.max_findings
    };
    let mut hidden = 0;
    for severity in WORST_FIRST {
        let of_severity = || {
            groups
                .iter()
                .filter(move |group| group.severity == severity)
        };
        let total: usize = of_severity().map(|group| group.findings.len()).sum();
        if total == 0 {
            continue;
        }
        lines.blank()?;
        let note = show::count(total as u64, "finding", "findings");
        lines.rule(
            &severity.as_str().to_uppercase(),
            severity_style(severity),
            &note,
        )?;
        for group in of_severity() {
            if left == 0 {
                hidden += group.findings.len();
                continue;
            }
            let cap = if options.all {
                usize::MAX
            } else {
                options.max_per_recommendation.max(1).min(left)
            };
            lines.blank()?;
            write_group(lines, group, cap)?;
            left -= cap.min(group.findings.len());
        }
    }
    if hidden > 0 {
        lines.blank()?;
        let text = format!(
            "… {} more not listed; --all lists them.",
            show::thousands(hidden as u64)
        );
        lines.wrapped(2, &[(&text, Style::Dim)])?;
    }
    Ok(())
}

fn write_group(
    lines: &mut Lines<impl Write>,
    group: &Group<'_>,
    cap: usize,
) -> Result<(), ReportError> {
    let resources = show::count(group.findings.len() as u64, "resource", "resources");
    let title = sentence(&group.first.title);
    lines.hanging(
        1,
        3,
        &[
            ("●", severity_style(group.severity)),
            (&title, Style::Bold),
            (&resources, Style::Dim),
        ],
    )?;
    for finding in group.findings.iter().take(cap) {
        write_finding(lines, finding)?;
    }
    if group.findings.len() > cap {
        let text = format!(
            "… and {} more; --all lists them",
            show::thousands((group.findings.len() - cap) as u64)
        );
        lines.wrapped(3, &[(&text, Style::Dim)])?;
    }
    write_remedy(lines, group)
}

/// Where and why: the resource on a line, each piece of evidence on another.
fn write_finding(lines: &mut Lines<impl Write>, finding: &Finding) -> Result<(), ReportError> {
    let id = ResourceId::new(finding.resource_id.as_str());
    let place = id
        .resource_group()
        .map(|group| format!("in {}", short(group)))
        .unwrap_or_default();
    let name = short(show::resource_name(finding));
    let kind = stance_model::workload::classify(&finding.resource_type, None).map_or_else(
        || short(&finding.resource_type),
        |named| named.label.to_owned(),
    );
    lines.hanging(
        3,
        6,
        &[
            (&name, Style::Plain),
            (&place, Style::Dim),
            (&format!("({kind})"), Style::Dim),
        ],
    )?;
    if finding.evidence.is_empty() && !finding.cause.is_empty() {
        lines.wrapped(6, &[(&sentence(&finding.cause), Style::Plain)])?;
    }
    for evidence in finding.evidence.iter().take(3) {
        let why = sentence(&show::evidence(evidence, &finding.resource_type));
        let at = match show::evidence_source(evidence) {
            source if source == finding.resource_id => show::location(&finding.source),
            source => source,
        };
        let at = if at.is_empty() {
            String::new()
        } else {
            format!("at {}", sentence(&at))
        };
        lines.wrapped(6, &[(&why, Style::Plain), (&at, Style::Dim)])?;
    }
    if finding.evidence.len() > 3 {
        let text = format!(
            "… and {} more values; see --format json",
            finding.evidence.len() - 3
        );
        lines.wrapped(6, &[(&text, Style::Dim)])?;
    }
    Ok(())
}

fn write_remedy(lines: &mut Lines<impl Write>, group: &Group<'_>) -> Result<(), ReportError> {
    let remedy = &group.first.remediation;
    if !remedy.text.is_empty() {
        lines.hanging(
            3,
            8,
            &[
                ("Fix:", Style::Good),
                (&sentence(&remedy.text), Style::Plain),
            ],
        )?;
    }
    let Some(command) = remedy.commands.first() else {
        return Ok(());
    };
    let text = terminal_block(command.text.trim_end());
    lines.verbatim(8, &text, Style::Command)?;
    if group.findings.len() > 1 {
        let note = format!(
            "({}, shown for the first; --format json has it for each)",
            show::tool_name(&command.tool)
        );
        lines.wrapped(8, &[(&one_line(&note), Style::Dim)])?;
    }
    Ok(())
}

fn write_unknown(
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
        &[("Could not be judged", Style::Bold), (&number, Style::Dim)],
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
                (&resources, Style::Dim),
            ],
        )?;
        let why = match (group.first.cause.as_str(), group.first.evidence.first()) {
            ("", Some(evidence)) => show::evidence(evidence, &group.first.resource_type),
            (cause, _) => cause.to_owned(),
        };
        let name = format!("{}:", short(show::resource_name(group.first)));
        let at = show::location(show::finding_location(group.first));
        let at = if at.is_empty() {
            at
        } else {
            format!("at {}", sentence(&at))
        };
        lines.wrapped(
            3,
            &[
                (&name, Style::Dim),
                (&sentence(&why), Style::Dim),
                (&at, Style::Dim),
            ],
        )?;
    }
    more(lines, groups.len().saturating_sub(cap), "--all lists them")
}

fn write_coverage(
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
    lines.blank()?;
    lines.heading("Not collected")?;
    let cap = if options.all { usize::MAX } else { LISTED };
    for gap in gaps.iter().take(cap) {
        let status = match gap.status {
            CoverageStatus::Denied => ("denied", Style::High),
            CoverageStatus::NotConfigured => ("not asked for", Style::Dim),
            _ => ("in part", Style::Medium),
        };
        let what = if gap.what == "*" {
            "everything".to_owned()
        } else {
            short(&gap.what)
        };
        let scope = format!("in {}", sentence(&gap.scope));
        lines.wrapped(
            1,
            &[
                ("-", Style::Dim),
                (&what, Style::Plain),
                (&scope, Style::Plain),
                status,
                (&sentence(&gap.reason), Style::Dim),
            ],
        )?;
    }
    more(lines, gaps.len().saturating_sub(cap), "see --format json")
}

fn write_diagnostics(
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
    let note = format!(
        "{} errors, {} warnings, {} notes",
        counts.error, counts.warning, counts.note
    );
    lines.wrapped(
        0,
        &[
            ("Messages about the inputs", Style::Bold),
            (&note, Style::Dim),
        ],
    )?;
    let cap = if options.all {
        usize::MAX
    } else {
        options.max_diagnostics
    };
    for diagnostic in diagnostics.iter().take(cap) {
        let (level, style) = match diagnostic.level {
            DiagnosticLevel::Error => ("error", Style::High),
            DiagnosticLevel::Warning => ("warning", Style::Medium),
            DiagnosticLevel::Note => ("note", Style::Low),
        };
        let place = stance_model::SourceLocation {
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
        diagnostics.len().saturating_sub(cap),
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

fn write_last(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let counts = &report.summary.findings;
    lines.blank()?;
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
        let text = if counts.total == 0 {
            "Nothing was judged."
        } else {
            "No findings."
        };
        return lines.wrapped(
            0,
            &[
                (text, Style::Good),
                (&judged, Style::Plain),
                (&hint, Style::Dim),
            ],
        );
    }
    let head = format!(
        "{}:",
        show::count(counts.by_state.unhealthy, "finding", "findings")
    );
    let by_severity: Vec<(String, Style)> = WORST_FIRST
        .iter()
        .map(|severity| (*severity, counts.unhealthy_by_severity.get(*severity)))
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| {
            (
                format!(
                    "{} {}",
                    show::thousands(number),
                    severity.as_str().to_lowercase()
                ),
                severity_style(severity),
            )
        })
        .collect();
    let mut spans = vec![(head.as_str(), Style::Bold)];
    spans.extend(
        by_severity
            .iter()
            .map(|(text, style)| (text.as_str(), *style)),
    );
    spans.extend([
        ("—", Style::Dim),
        (judged.as_str(), Style::Plain),
        (hint.as_str(), Style::Dim),
    ]);
    debug_assert!(lines.width() >= 40);
    lines.wrapped(0, &spans)
}
