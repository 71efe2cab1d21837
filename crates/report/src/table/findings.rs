//! Findings by severity: what, where, why, how to mend.

use std::collections::HashMap;
use std::io::Write;

use stance_base::safe_text::{one_line, terminal_block};
use stance_model::{Finding, FindingState, ResourceId, Severity, workload};

use super::layout::{Lines, Style};
use super::{TableOptions, sentence, severity_style, short};
use crate::groups::{Group, WORST_FIRST, groups};
use crate::{ReportError, ScanReport, show};

/// Pieces of evidence shown for one resource.
const EVIDENCE: usize = 3;

/// What each resource of the inventory is called.
struct Kinds<'a>(HashMap<String, &'a str>);

impl<'a> Kinds<'a> {
    fn of(report: &'a ScanReport) -> Self {
        let named = report
            .resources
            .iter()
            .filter(|row| !row.category.is_empty());
        Self(
            named
                .map(|row| (row.id.to_lowercase(), row.category.as_str()))
                .collect(),
        )
    }

    /// From the inventory, else from the type alone, else the type.
    fn get<'b>(&self, finding: &'b Finding) -> &'b str
    where
        'a: 'b,
    {
        if let Some(kind) = self.0.get(&finding.resource_id.to_lowercase()) {
            return kind;
        }
        workload::classify(&finding.resource_type, None)
            .map_or(finding.resource_type.as_str(), |named| named.label)
    }
}

pub(super) fn write_findings(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
    options: &TableOptions,
) -> Result<(), ReportError> {
    let groups = groups(&report.findings, FindingState::Unhealthy);
    let kinds = Kinds::of(report);
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
        let style = match severity {
            Severity::Critical => Style::Critical,
            other => severity_style(other),
        };
        lines.rule(&severity.as_str().to_uppercase(), style, &note)?;
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
            write_group(lines, group, &kinds, cap)?;
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
    kinds: &Kinds<'_>,
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
            ("·", Style::Dim),
            (&resources, Style::Dim),
        ],
    )?;
    for finding in group.findings.iter().take(cap) {
        write_finding(lines, finding, kinds)?;
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
fn write_finding(
    lines: &mut Lines<impl Write>,
    finding: &Finding,
    kinds: &Kinds<'_>,
) -> Result<(), ReportError> {
    let id = ResourceId::new(finding.resource_id.as_str());
    let kind = short(kinds.get(finding));
    let place = match id.resource_group() {
        Some(group) => format!("{kind} in {}", short(group)),
        None => kind,
    };
    let name = short(show::resource_name(finding));
    lines.hanging(
        3,
        6,
        &[
            (&name, Style::Plain),
            ("·", Style::Dim),
            (&place, Style::Dim),
        ],
    )?;
    if finding.evidence.is_empty() && !finding.cause.is_empty() {
        lines.wrapped(5, &[(&sentence(&finding.cause), Style::Plain)])?;
    }
    for evidence in finding.evidence.iter().take(EVIDENCE) {
        let why = sentence(&show::evidence(evidence, &finding.resource_type));
        let rule = match evidence.condition.as_str() {
            "" => String::new(),
            condition => format!("(rule: {})", short(condition)),
        };
        let at = match show::evidence_source(evidence) {
            source if source == finding.resource_id => show::location(&finding.source),
            source => source,
        };
        let at = if at.is_empty() {
            at
        } else {
            format!("at\u{a0}{}", sentence(&at))
        };
        lines.wrapped(
            5,
            &[(&why, Style::Plain), (&rule, Style::Dim), (&at, Style::Dim)],
        )?;
    }
    if finding.evidence.len() > EVIDENCE {
        let text = format!(
            "… and {} more values; see --format json",
            finding.evidence.len() - EVIDENCE
        );
        lines.wrapped(5, &[(&text, Style::Dim)])?;
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
