//! CSV of paths (RFC 4180), safe to open in a spreadsheet.

use std::io::Write;

use csv::{Terminator, WriterBuilder};
use stance_base::safe_text::csv_cell;

use crate::ReportError;
use crate::paths::text::fact;
use crate::paths::view::{NodeView, PathView, PathsReport};

/// The columns, in order: first those that evidence for audits is collected in, then ours. New ones are added at the end.
pub const COLUMNS: [&str; 12] = [
    "Id",
    "DisplayName",
    "RiskLevel",
    "RiskCategories",
    "EntryPoints",
    "Description",
    "Target",
    "Steps",
    "Confidence",
    "Remediation",
    "Findings",
    "Bounded",
];

/// Writes all paths. Lists are separated by `;`. What was bounded stands in the last column of each row;
/// without any path there is one row that holds nothing else.
pub fn write(out: impl Write, report: &PathsReport) -> Result<(), ReportError> {
    let mut out = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out);
    out.write_record(COLUMNS)?;
    let bounded = list(report.bounded.iter().map(String::as_str));
    for path in &report.paths {
        let cells = row(path);
        let cells = cells.iter().chain([&bounded]);
        out.write_record(cells.map(|cell| csv_cell(cell).into_owned()))?;
    }
    if report.paths.is_empty() && !bounded.is_empty() {
        let empty = std::iter::repeat_n("", COLUMNS.len() - 1);
        let bounded = csv_cell(&bounded);
        out.write_record(empty.chain([bounded.as_ref()]))?;
    }
    out.flush()?;
    Ok(())
}

fn row(path: &PathView) -> [String; 11] {
    let steps = path.steps.iter().enumerate().filter_map(|(index, step)| {
        let (from, to) = path.ends(step)?;
        let mut text = format!("{}. {} → {}: {}", index + 1, from.name, to.name, step.label);
        let fact = fact(&step.evidence_text, &step.evidence_source);
        if !fact.is_empty() {
            text.push_str(" — ");
            text.push_str(&fact);
        }
        Some(text)
    });
    let steps: Vec<String> = steps.collect();
    let findings: Vec<String> = path
        .findings
        .iter()
        .map(|finding| format!("{} ({})", finding.title, finding.resource_name))
        .collect();
    let mut remediations: Vec<&str> = Vec::new();
    for step in &path.steps {
        if !step.remediation.is_empty() && !remediations.contains(&step.remediation.as_str()) {
            remediations.push(&step.remediation);
        }
    }
    [
        path.id.clone(),
        path.name.clone(),
        path.risk_level.clone(),
        list(path.risk_factors.iter().map(String::as_str)),
        id_or_name(&path.entry),
        path.description.clone(),
        id_or_name(&path.target),
        list(steps.iter().map(String::as_str)),
        path.confidence().as_str().to_owned(),
        list(remediations.into_iter()),
        list(findings.iter().map(String::as_str)),
    ]
}

fn id_or_name(node: &NodeView) -> String {
    let id = if node.id.is_empty() {
        &node.name
    } else {
        &node.id
    };
    id.replace(';', ",")
}

/// Items with `;` between them; one within an item would split it.
fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<String> = items.map(|item| item.replace(';', ",")).collect();
    items.join(";")
}
