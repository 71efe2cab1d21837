//! Markdown for a pull-request comment or a job summary: short, worst first, the rest folded away.

use std::io::Write;

use stance_base::safe_text::{is_unsafe, markdown, markdown_code, terminal_block};
use stance_model::FindingState;

use crate::groups::{Group, WORST_FIRST, groups};
use crate::{ReportError, ScanReport, show};

/// Resources listed per recommendation; comments have a length limit.
const LISTED: usize = 10;
/// Recommendations listed.
const LISTED_GROUPS: usize = 40;
/// Diagnostics listed.
const LISTED_DIAGNOSTICS: usize = 20;

/// Writes the comment.
pub fn write(mut out: impl Write, report: &ScanReport) -> Result<(), ReportError> {
    let summary = &report.summary;
    let counts = &summary.findings;
    let unhealthy = counts.by_state.unhealthy;
    writeln!(
        out,
        "## Stance: {}\n",
        show::count(unhealthy, "finding", "findings")
    )?;
    writeln!(
        out,
        "| Critical | High | Medium | Low | Unknown | Healthy |\n|---:|---:|---:|---:|---:|---:|"
    )?;
    for severity in WORST_FIRST {
        write!(
            out,
            "| {} ",
            show::thousands(counts.unhealthy_by_severity.get(severity))
        )?;
    }
    let (unknown, healthy) = (counts.by_state.unknown, counts.by_state.healthy);
    writeln!(
        out,
        "| {} | {} |\n",
        show::thousands(unknown),
        show::thousands(healthy)
    )?;
    writeln!(
        out,
        "{} read, {} of them AI workloads and their parts.\n",
        show::count(summary.resources, "resource", "resources"),
        show::thousands(summary.ai_resources),
    )?;
    let groups = groups(&report.findings, FindingState::Unhealthy);
    for group in groups.iter().take(LISTED_GROUPS) {
        write_group(&mut out, group)?;
    }
    if groups.len() > LISTED_GROUPS {
        writeln!(
            out,
            "\n… and {} more recommendations.\n",
            groups.len() - LISTED_GROUPS
        )?;
    }
    write_diagnostics(&mut out, report)?;
    out.flush()?;
    Ok(())
}

fn write_group(out: &mut impl Write, group: &Group<'_>) -> Result<(), ReportError> {
    let resources = show::count(group.findings.len() as u64, "resource", "resources");
    writeln!(
        out,
        "**{}**: {} ({resources})\n",
        group.severity,
        markdown(&group.first.title)
    )?;
    writeln!(out, "<details><summary>Evidence and remedy</summary>\n")?;
    writeln!(out, "| Resource | Evidence | Source |\n|---|---|---|")?;
    for finding in group.findings.iter().take(LISTED) {
        let evidence: Vec<String> = finding
            .evidence
            .iter()
            .map(|item| markdown_code(&show::evidence(item, &finding.resource_type)))
            .collect();
        writeln!(
            out,
            "| {} | {} | {} |",
            markdown_code(show::resource_name(finding)),
            evidence.join("<br>"),
            markdown_code(&show::location(show::finding_location(finding))),
        )?;
    }
    if group.findings.len() > LISTED {
        writeln!(out, "\n… and {} more.", group.findings.len() - LISTED)?;
    }
    if !group.first.remediation.text.is_empty() {
        writeln!(
            out,
            "\n**How to mend it.** {}",
            markdown(&group.first.remediation.text)
        )?;
    }
    if let Some(command) = group.first.remediation.commands.first() {
        writeln!(out, "{}", code_block(&command.tool, &command.text))?;
    }
    writeln!(out, "\n</details>\n")?;
    Ok(())
}

fn write_diagnostics(out: &mut impl Write, report: &ScanReport) -> Result<(), ReportError> {
    if report.diagnostics.is_empty() {
        return Ok(());
    }
    let messages = show::count(report.diagnostics.len() as u64, "message", "messages");
    writeln!(
        out,
        "<details><summary>{messages} about the inputs</summary>\n"
    )?;
    let mut diagnostics: Vec<_> = report.diagnostics.iter().collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.level);
    for diagnostic in diagnostics.iter().take(LISTED_DIAGNOSTICS) {
        writeln!(
            out,
            "- {} {}: {} {}",
            markdown(&diagnostic.code),
            markdown_code(&diagnostic.file),
            markdown(&diagnostic.message),
            markdown(&diagnostic.help),
        )?;
    }
    if diagnostics.len() > LISTED_DIAGNOSTICS {
        writeln!(
            out,
            "\n… and {} more.",
            diagnostics.len() - LISTED_DIAGNOSTICS
        )?;
    }
    writeln!(out, "\n</details>")?;
    Ok(())
}

/// A fenced block that its own text cannot close.
pub(crate) fn code_block(tool: &str, text: &str) -> String {
    let text = terminal_block(text.trim_end());
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    let language = match tool {
        "azure-cli" | "aws-cli" | "gcloud" => "sh",
        "terraform" => "hcl",
        "arm" => "json",
        "cloudformation" => "yaml",
        _ => "",
    };
    debug_assert!(
        !text
            .chars()
            .any(|character| character != '\n' && is_unsafe(character))
    );
    format!("\n\n{fence}{language}\n{text}\n{fence}")
}
