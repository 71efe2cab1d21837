//! The frame of the page: head, header, navigation, footer, and small pieces that sections share.

use std::io::Write;

use stance_base::safe_text::{html, one_line, terminal, terminal_block, truncate_width};
use stance_model::Severity;

use super::STYLE;
use crate::{ReportError, ScanReport, show};

/// Longest text taken over, in columns; the whole of it is in the JSON.
const LONGEST_TEXT: usize = 2_000;

/// Text of one line, escaped.
pub(super) fn text(text: &str) -> String {
    let line = one_line(text);
    html(&truncate_width(&line, LONGEST_TEXT)).into_owned()
}

/// Text of one line in which `code` stands between back quotes, as in the remediation texts of rules.
pub(super) fn prose(source: &str) -> String {
    let source = truncate_width(source, LONGEST_TEXT);
    let parts: Vec<&str> = source.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(&source);
    }
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        let escaped = html(&terminal(&part.replace(['\n', '\r', '\t'], " "))).into_owned();
        let code = at % 2 == 1;
        out.push_str(if code { "<code>" } else { "" });
        out.push_str(&escaped);
        out.push_str(if code { "</code>" } else { "" });
    }
    out
}

/// Text of several lines, escaped.
pub(super) fn block(text: &str) -> String {
    html(&terminal_block(text.trim_end())).into_owned()
}

/// The sign of a severity: a shape and the word, so that colour is never the only difference.
pub(super) fn badge(severity: Severity) -> String {
    let sign = match severity {
        Severity::Critical => "▲▲",
        Severity::High => "▲",
        Severity::Medium => "◆",
        Severity::Low => "▽",
    };
    let class = class(severity);
    format!(
        "<span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {severity}</span>"
    )
}

/// The style class of a severity.
pub(super) fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// The line under a list that was cut.
pub(super) fn more(out: &mut dyn Write, hidden: usize, what: &str) -> Result<(), ReportError> {
    if hidden > 0 {
        let number = show::thousands(hidden as u64);
        writeln!(
            out,
            "<p class=\"note\">… and {number} more {what}; the JSON report has them all.</p>"
        )?;
    }
    Ok(())
}

pub(super) fn begin(
    out: &mut dyn Write,
    report: &ScanReport,
    policy: &str,
) -> Result<(), ReportError> {
    let summary = &report.summary;
    let time = summary.finished_at;
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>AI security posture, {}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        time.format("%Y-%m-%d %H:%M UTC"),
    )?;
    writeln!(
        out,
        "<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n<header>\n<h1>AI security posture</h1>\n\
         <p><time datetime=\"{}\">{}</time> · {} · {} · Stance {}</p>",
        time.to_rfc3339(),
        time.format("%-d %B %Y, %H:%M UTC"),
        show::count(summary.files_read, "file", "files"),
        show::count(summary.resources, "resource", "resources"),
        text(&summary.tool_version),
    )?;
    if !summary.inputs.is_empty() {
        let inputs: Vec<String> = summary
            .inputs
            .iter()
            .take(10)
            .map(|input| format!("<code>{}</code>", text(input)))
            .collect();
        writeln!(out, "<p>Read from {}</p>", inputs.join(", "))?;
    }
    writeln!(
        out,
        "</header>\n<nav aria-label=\"Sections\"><ul>\
         <li><a href=\"#summary\">Summary</a></li><li><a href=\"#findings\">Findings</a></li>\
         <li><a href=\"#unknown\">Not judged</a></li><li><a href=\"#inventory\">Inventory</a></li>\
         <li><a href=\"#coverage\">Coverage</a></li><li><a href=\"#messages\">Messages</a></li></ul></nav>\n<main>"
    )?;
    Ok(())
}

pub(super) fn end(out: &mut dyn Write, report: &ScanReport) -> Result<(), ReportError> {
    let summary = &report.summary;
    writeln!(
        out,
        "</main>\n<footer><p>Made by Stance {} in {}. Every verdict names the value it stands on and where \
         that was read; what could not be read is listed as not judged, never as passed.</p></footer>\n</body>\n</html>",
        text(&summary.tool_version),
        show::duration(summary.duration_ms),
    )?;
    Ok(())
}
