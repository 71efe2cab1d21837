//! What was found, in a few lines.

use std::io::Write;

use stance_base::safe_text::{display_width, one_line};

use super::layout::{Lines, Style};
use crate::summary::WorkloadCount;
use crate::{ReportError, ScanReport, show};

pub(super) fn write_inventory(
    lines: &mut Lines<impl Write>,
    report: &ScanReport,
) -> Result<(), ReportError> {
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
    lines.wrapped(
        0,
        &[
            ("Inventory", Style::Bold),
            ("·", Style::Dim),
            (&note, Style::Dim),
        ],
    )?;
    let (ai, other): (Vec<_>, Vec<_>) = summary.workloads.iter().partition(|count| count.is_ai);
    let mut rows = by_category(&ai);
    if !other.is_empty() {
        rows.push(("Supporting", totals(&other)));
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
