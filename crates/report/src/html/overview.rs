//! The first screen: what a person with one minute needs.

use std::io::Write;

use stance_model::FindingState;

use super::MEND_FIRST;
use super::page::{badge, class, text};
use crate::groups::{WORST_FIRST, groups};
use crate::{ReportError, ScanReport, Summary, show};

pub(super) fn write(out: &mut dyn Write, report: &ScanReport) -> Result<(), ReportError> {
    writeln!(
        out,
        "<section id=\"summary\" aria-labelledby=\"summary-title\">\n<h2 id=\"summary-title\">Summary</h2>"
    )?;
    writeln!(out, "<p class=\"lead\">{}</p>", verdict(&report.summary))?;
    cards(out, &report.summary)?;
    severity_bar(out, &report.summary)?;
    changes(out, &report.summary)?;
    attack_paths(out, &report.summary)?;
    mend_first(out, report)?;
    writeln!(out, "</section>")?;
    Ok(())
}

fn verdict(summary: &Summary) -> String {
    let counts = &summary.findings;
    let severities = &counts.unhealthy_by_severity;
    if counts.total == 0 {
        return "Nothing was judged.".to_owned();
    }
    if counts.by_state.unhealthy == 0 {
        return "No findings: everything that could be judged is healthy.".to_owned();
    }
    let urgent = severities.critical + severities.high;
    let findings = show::count(counts.by_state.unhealthy, "finding", "findings");
    if urgent == 0 {
        return format!("{findings}, none of them critical or high.");
    }
    format!(
        "{findings}, {} of them critical or high.",
        show::thousands(urgent)
    )
}

fn cards(out: &mut dyn Write, summary: &Summary) -> Result<(), ReportError> {
    writeln!(out, "<dl class=\"cards\">")?;
    for severity in WORST_FIRST {
        let number = show::thousands(summary.findings.unhealthy_by_severity.get(severity));
        writeln!(
            out,
            "<div class=\"card {}\"><dt>{}</dt><dd>{number}</dd></div>",
            class(severity),
            badge(severity)
        )?;
    }
    let states = &summary.findings.by_state;
    let plain = [
        ("Not judged", states.unknown),
        ("Healthy", states.healthy),
        ("AI resources", summary.ai_resources),
        (
            "Other resources",
            summary.resources.saturating_sub(summary.ai_resources),
        ),
    ];
    for (label, number) in plain {
        writeln!(
            out,
            "<div class=\"card\"><dt>{label}</dt><dd>{}</dd></div>",
            show::thousands(number)
        )?;
    }
    writeln!(out, "</dl>")?;
    Ok(())
}

/// Shares of the severities as one bar; the numbers stand in the cards, so it is hidden from screen readers.
fn severity_bar(out: &mut dyn Write, summary: &Summary) -> Result<(), ReportError> {
    let total = summary.findings.by_state.unhealthy;
    if total == 0 {
        return Ok(());
    }
    write!(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    )?;
    let mut before = 0;
    for severity in WORST_FIRST {
        let number = summary.findings.unhealthy_by_severity.get(severity);
        if number == 0 {
            continue;
        }
        let (start, end) = (before * 1000 / total, (before + number) * 1000 / total);
        before += number;
        let width = (end - start).saturating_sub(2).max(2);
        write!(
            out,
            "<rect class=\"{}\" x=\"{start}\" y=\"0\" width=\"{width}\" height=\"12\"/>",
            class(severity)
        )?;
    }
    writeln!(out, "</svg>")?;
    Ok(())
}

fn changes(out: &mut dyn Write, summary: &Summary) -> Result<(), ReportError> {
    let Some(changes) = &summary.changes else {
        return Ok(());
    };
    let since = changes.since.map_or_else(
        || "the last scan".to_owned(),
        |time| time.format("%-d %B %Y, %H:%M UTC").to_string(),
    );
    writeln!(
        out,
        "<p>Since {since}: <strong>{} new</strong>, <strong>{} resolved</strong> and {} changed findings; \
         {} added, {} changed and {} gone resources.</p>",
        show::thousands(changes.new),
        show::thousands(changes.resolved),
        show::thousands(changes.changed),
        show::thousands(changes.resources_added),
        show::thousands(changes.resources_changed),
        show::thousands(changes.resources_gone),
    )?;
    Ok(())
}

fn attack_paths(out: &mut dyn Write, summary: &Summary) -> Result<(), ReportError> {
    let Some(paths) = &summary.attack_paths else {
        return Ok(());
    };
    if let Some(told) = paths.sentence() {
        writeln!(
            out,
            "<p><strong>{}</strong> <code>stance paths</code> shows them.</p>",
            text(&told)
        )?;
    }
    for bound in &paths.bounded {
        writeln!(out, "<p>{}</p>", text(bound))?;
    }
    Ok(())
}

fn mend_first(out: &mut dyn Write, report: &ScanReport) -> Result<(), ReportError> {
    let groups = groups(&report.findings, FindingState::Unhealthy);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Mend first</h3>\n<ol class=\"first\">")?;
    for (at, group) in groups.iter().take(MEND_FIRST).enumerate() {
        writeln!(
            out,
            "<li>{} <a href=\"#finding-{}\">{}</a> <span class=\"quiet\">{}</span></li>",
            badge(group.severity),
            at + 1,
            text(&group.first.title),
            show::count(group.findings.len() as u64, "resource", "resources"),
        )?;
    }
    writeln!(out, "</ol>")?;
    Ok(())
}
