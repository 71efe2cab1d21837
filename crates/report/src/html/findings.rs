//! Findings with their evidence and what mends them.

use std::io::Write;

use stance_model::{Finding, FindingState, ResourceId};

use super::page::{badge, block, class, more, prose, text};
use super::{HtmlOptions, MEND_FIRST};
use crate::groups::{Group, WORST_FIRST, groups};
use crate::{ReportError, ScanReport, show};

pub(super) fn write(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    let unhealthy = groups(&report.findings, FindingState::Unhealthy);
    writeln!(
        out,
        "<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">Findings</h2>"
    )?;
    if unhealthy.is_empty() {
        writeln!(out, "<p>No findings.</p>")?;
    } else {
        filter(out, report)?;
    }
    for severity in WORST_FIRST {
        let number = unhealthy
            .iter()
            .filter(|group| group.severity == severity)
            .count();
        if number == 0 {
            continue;
        }
        writeln!(
            out,
            "<div class=\"of-{}\">\n<h3>{}</h3>",
            class(severity),
            badge(severity)
        )?;
        for (at, group) in unhealthy
            .iter()
            .enumerate()
            .filter(|(_, group)| group.severity == severity)
        {
            write_group(out, group, at + 1, options)?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</section>")?;
    write_unknown(out, report, options)
}

/// Check boxes that style rules look at; nothing is sent or run.
fn filter(out: &mut dyn Write, report: &ScanReport) -> Result<(), ReportError> {
    write!(out, "<fieldset class=\"filter\"><legend>Show</legend>")?;
    for severity in WORST_FIRST {
        let number = report.summary.findings.unhealthy_by_severity.get(severity);
        if number == 0 {
            continue;
        }
        let name = class(severity);
        write!(
            out,
            "<label><input type=\"checkbox\" id=\"show-{name}\" checked> {severity} ({})</label>",
            show::thousands(number),
        )?;
    }
    writeln!(out, "</fieldset>")?;
    Ok(())
}

fn write_group(
    out: &mut dyn Write,
    group: &Group<'_>,
    number: usize,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    let first = group.first;
    // Those that the summary links to stand open.
    let open = if number <= MEND_FIRST { " open" } else { "" };
    writeln!(
        out,
        "<details id=\"finding-{number}\" class=\"finding {}\"{open}>\n<summary><h4>{}</h4> <span class=\"quiet\">{}</span></summary>",
        class(group.severity),
        text(&first.title),
        show::count(group.findings.len() as u64, "resource", "resources"),
    )?;
    if !first.description.is_empty() {
        writeln!(out, "<p>{}</p>", prose(&first.description))?;
    }
    table(
        out,
        group,
        options,
        "Resources that fail, and the values they fail with",
    )?;
    remedy(out, first, group.findings.len())?;
    let controls = show::frameworks(first);
    let controls = if controls.is_empty() {
        controls
    } else {
        format!(" · Controls: {}", text(&controls))
    };
    writeln!(
        out,
        "<p class=\"quiet\">Recommendation <code>{}</code>{controls}</p>\n</details>",
        text(&first.recommendation),
    )?;
    Ok(())
}

fn table(
    out: &mut dyn Write,
    group: &Group<'_>,
    options: &HtmlOptions,
    caption: &str,
) -> Result<(), ReportError> {
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table>\n<caption>{caption}</caption>\n\
         <thead><tr><th scope=\"col\">Resource</th><th scope=\"col\">Evidence</th><th scope=\"col\">Source</th></tr></thead>\n<tbody>"
    )?;
    for finding in group.findings.iter().take(options.max_per_recommendation) {
        row(out, finding)?;
    }
    writeln!(out, "</tbody></table></div>")?;
    more(
        out,
        group
            .findings
            .len()
            .saturating_sub(options.max_per_recommendation),
        "resources",
    )
}

fn row(out: &mut dyn Write, finding: &Finding) -> Result<(), ReportError> {
    let id = ResourceId::new(finding.resource_id.as_str());
    let place = id
        .resource_group()
        .map(|group| format!("<br><span class=\"quiet\">in {}</span>", text(group)));
    write!(
        out,
        "<tr><th scope=\"row\"><span title=\"{}\">{}</span>{}</th><td>",
        text(&finding.resource_id),
        text(show::resource_name(finding)),
        place.unwrap_or_default(),
    )?;
    if !finding.cause.is_empty() {
        write!(out, "<p>{}</p>", prose(&finding.cause))?;
    }
    let mut sources: Vec<String> = Vec::new();
    for item in finding.evidence.iter().take(10) {
        let rule = match item.condition.as_str() {
            "" => String::new(),
            condition => format!(" <span class=\"quiet\">({})</span>", text(condition)),
        };
        write!(
            out,
            "<p><code>{}</code>{rule}</p>",
            text(&show::evidence(item, &finding.resource_type))
        )?;
        let source = show::evidence_source(item);
        if source != finding.resource_id && !sources.contains(&source) {
            sources.push(source);
        }
    }
    if sources.is_empty() {
        sources.push(show::location(&finding.source));
    }
    let sources: Vec<String> = sources
        .iter()
        .map(|source| format!("<code>{}</code>", text(source)))
        .collect();
    writeln!(out, "</td><td>{}</td></tr>", sources.join("<br>"))?;
    Ok(())
}

fn remedy(out: &mut dyn Write, finding: &Finding, resources: usize) -> Result<(), ReportError> {
    let remedy = &finding.remediation;
    if remedy.text.is_empty() && remedy.commands.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div class=\"remedy\"><h5>How to mend it</h5>")?;
    if !remedy.text.is_empty() {
        writeln!(out, "<p>{}</p>", prose(&remedy.text))?;
    }
    for command in &remedy.commands {
        let tool = text(show::tool_name(&command.tool));
        let note = if resources > 1 {
            " <span class=\"quiet\">for the first resource</span>"
        } else {
            ""
        };
        writeln!(
            out,
            "<figure><figcaption>{tool}{note}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>",
            block(&command.text),
        )?;
    }
    writeln!(out, "</div>")?;
    Ok(())
}

fn write_unknown(
    out: &mut dyn Write,
    report: &ScanReport,
    options: &HtmlOptions,
) -> Result<(), ReportError> {
    let unknown = groups(&report.findings, FindingState::Unknown);
    writeln!(
        out,
        "<section id=\"unknown\" aria-labelledby=\"unknown-title\">\n<h2 id=\"unknown-title\">Could not be judged</h2>"
    )?;
    if unknown.is_empty() {
        writeln!(
            out,
            "<p>Everything that concerns these resources could be judged.</p>"
        )?;
    } else {
        writeln!(
            out,
            "<p>What these checks need was not in the inputs or is known only after deployment.</p>"
        )?;
    }
    for group in &unknown {
        writeln!(
            out,
            "<details class=\"finding\">\n<summary><h3>{}</h3> <span class=\"quiet\">{}, {} if it fails</span></summary>",
            text(&group.first.title),
            show::count(group.findings.len() as u64, "resource", "resources"),
            group.severity.as_str().to_lowercase(),
        )?;
        table(
            out,
            group,
            options,
            "Resources that could not be judged, and why",
        )?;
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")?;
    Ok(())
}
