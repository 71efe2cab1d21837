//! What was found, what was not collected, and what could not be read.

use std::io::Write;

use stance_model::{CoverageStatus, DiagnosticLevel, SourceLocation};

use super::HtmlOptions;
use super::page::{more, prose, text};
use crate::{ReportError, ResourceRow, ScanReport, show};

pub(super) fn write(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    writeln!(
        out,
        "<section id=\"inventory\" aria-labelledby=\"inventory-title\">\n<h2 id=\"inventory-title\">Inventory</h2>"
    )?;
    by_kind(out, report)?;
    let (ai, other): (Vec<_>, Vec<_>) = report.resources.iter().partition(|row| row.is_ai);
    list(out, "AI resources", &ai, options)?;
    list(out, "Other resources", &other, options)?;
    writeln!(out, "</section>")?;
    Ok(())
}

fn by_kind(out: &mut dyn Write, report: &ScanReport) -> Result<(), ReportError> {
    let workloads = &report.summary.workloads;
    if workloads.is_empty() {
        writeln!(out, "<p>No resources of a kind that is known here.</p>")?;
        return Ok(());
    }
    writeln!(
        out,
        "<table class=\"narrow\">\n<caption>Resources by kind</caption>\n<thead><tr><th scope=\"col\">Group</th>\
         <th scope=\"col\">Kind</th><th scope=\"col\" class=\"number\">Number</th></tr></thead>\n<tbody>"
    )?;
    let mut last = "";
    for workload in workloads {
        let group = if workload.category == last {
            ""
        } else {
            &workload.category
        };
        last = &workload.category;
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td></tr>",
            text(group),
            text(&workload.label),
            show::thousands(workload.count),
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    Ok(())
}

fn list(
    out: &mut dyn Write,
    title: &str,
    rows: &[&ResourceRow],
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details>\n<summary><h3>{title}</h3> <span class=\"quiet\">{}</span></summary>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\"><table>\n<caption>{title}</caption>\n\
         <thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Kind</th><th scope=\"col\">Resource group</th>\
         <th scope=\"col\">Location</th><th scope=\"col\">Source</th></tr></thead>\n<tbody>",
        show::thousands(rows.len() as u64),
    )?;
    for row in rows.iter().take(options.max_resources) {
        let kind = if row.category.is_empty() {
            &row.resource_type
        } else {
            &row.category
        };
        writeln!(
            out,
            "<tr><th scope=\"row\"><span title=\"{}\">{}</span></th><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            text(&row.id),
            text(&row.name),
            text(kind),
            text(row.resource_group.as_deref().unwrap_or_default()),
            text(&row.location),
            text(&show::location(&row.source)),
        )?;
    }
    writeln!(out, "</tbody></table></div>")?;
    more(
        out,
        rows.len().saturating_sub(options.max_resources),
        "resources",
    )?;
    writeln!(out, "</details>")?;
    Ok(())
}

pub(super) fn write_gaps(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    coverage(out, report, options)?;
    messages(out, report, options)
}

fn coverage(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    writeln!(
        out,
        "<section id=\"coverage\" aria-labelledby=\"coverage-title\">\n<h2 id=\"coverage-title\">Coverage</h2>"
    )?;
    let gaps: Vec<_> = report
        .coverage
        .iter()
        .filter(|row| row.status != CoverageStatus::Complete)
        .collect();
    let complete = report.coverage.len() - gaps.len();
    writeln!(
        out,
        "<p>{} collected completely, {} not.</p>",
        show::count(complete as u64, "scope was", "scopes were"),
        show::thousands(gaps.len() as u64),
    )?;
    if !gaps.is_empty() {
        writeln!(
            out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Not collected\"><table>\n<caption>Not collected</caption>\n\
             <thead><tr><th scope=\"col\">What</th><th scope=\"col\">Scope</th><th scope=\"col\">Status</th>\
             <th scope=\"col\">Reason</th></tr></thead>\n<tbody>"
        )?;
        for gap in gaps.iter().take(options.max_messages) {
            let what = if gap.what == "*" {
                "everything"
            } else {
                gap.what.as_str()
            };
            writeln!(
                out,
                "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                text(what),
                text(&gap.scope),
                gap.status.as_str(),
                text(&gap.reason),
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
        more(
            out,
            gaps.len().saturating_sub(options.max_messages),
            "scopes",
        )?;
    }
    writeln!(out, "</section>")?;
    Ok(())
}

fn messages(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    writeln!(
        out,
        "<section id=\"messages\" aria-labelledby=\"messages-title\">\n<h2 id=\"messages-title\">Messages about the inputs</h2>"
    )?;
    if report.diagnostics.is_empty() {
        writeln!(out, "<p>Everything was read.</p>\n</section>")?;
        return Ok(());
    }
    let mut diagnostics: Vec<_> = report.diagnostics.iter().collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.level);
    writeln!(out, "<ul class=\"messages\">")?;
    for diagnostic in diagnostics.iter().take(options.max_messages) {
        let (level, class) = match diagnostic.level {
            DiagnosticLevel::Error => ("✕ error", "high"),
            DiagnosticLevel::Warning => ("◆ warning", "medium"),
            DiagnosticLevel::Note => ("· note", "low"),
        };
        let place = SourceLocation {
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
        };
        writeln!(
            out,
            "<li><p><span class=\"badge {class}\">{level}</span> <code>{}</code> <code>{}</code></p><p>{}</p>",
            text(&show::location(&place)),
            text(&diagnostic.code),
            prose(&diagnostic.message),
        )?;
        if !diagnostic.help.is_empty() {
            writeln!(out, "<p class=\"quiet\">{}</p>", prose(&diagnostic.help))?;
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ul>")?;
    more(
        out,
        diagnostics.len().saturating_sub(options.max_messages),
        "messages",
    )?;
    writeln!(out, "</section>")?;
    Ok(())
}
