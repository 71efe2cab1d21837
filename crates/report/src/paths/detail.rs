//! One path at length, for a terminal.

use std::io::Write;

use stance_base::safe_text::{display_width, one_line, truncate_width};

use crate::ReportError;
use crate::paths::text::fact;
use crate::paths::view::{Confidence, NodeView, PathView};
use crate::table::TableOptions;
use crate::table::layout::{Lines, Style};

/// Cells of the bar that shows a share; the largest share fills it.
const BAR: usize = 20;

/// Writes story, steps with their evidence, what the risk is made of, findings and ways to close it.
pub fn write(
    out: impl Write,
    path: &PathView,
    bounded: &[String],
    options: &TableOptions,
) -> Result<(), ReportError> {
    let mut lines = Lines::new(out, options.width.clamp(40, 200), options.color);
    head(&mut lines, path)?;
    steps(&mut lines, path)?;
    shares(&mut lines, path)?;
    findings(&mut lines, path)?;
    remediation(&mut lines, path)?;
    last(&mut lines, path, bounded)?;
    lines.flush()
}

fn level(text: &str) -> Style {
    match text {
        "Critical" => Style::Critical,
        "High" => Style::High,
        "Medium" => Style::Medium,
        "Low" => Style::Low,
        _ => Style::Plain,
    }
}

fn head(lines: &mut Lines<impl Write>, path: &PathView) -> Result<(), ReportError> {
    let score = format!("{} of 100", points(path.risk_score));
    lines.rule(&one_line(&path.risk_level), level(&path.risk_level), &score)?;
    lines.heading(&one_line(&path.name))?;
    for text in [&path.story, &path.impact] {
        if !text.is_empty() {
            lines.blank()?;
            lines.hanging(0, 0, &[(&one_line(text), Style::Plain)])?;
        }
    }
    lines.blank()?;
    end(lines, "Entry", &path.entry)?;
    end(lines, "Target", &path.target)
}

fn end(lines: &mut Lines<impl Write>, what: &str, node: &NodeView) -> Result<(), ReportError> {
    let label = format!("{what}:");
    let mut spans = vec![
        (label, Style::Dim),
        (one_line(&node.name).into_owned(), Style::Bold),
    ];
    let kind: Vec<&str> = [node.label.as_str(), node.cloud.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    if !kind.is_empty() {
        spans.push((format!("({})", one_line(&kind.join(", "))), Style::Dim));
    }
    let spans: Vec<(&str, Style)> = spans
        .iter()
        .map(|(text, style)| (text.as_str(), *style))
        .collect();
    lines.hanging(0, 8, &spans)
}

fn steps(lines: &mut Lines<impl Write>, path: &PathView) -> Result<(), ReportError> {
    lines.blank()?;
    lines.heading("Steps")?;
    for (index, step) in path.steps.iter().enumerate() {
        let Some((from, to)) = path.ends(step) else {
            continue;
        };
        let number = format!("{}.", index + 1);
        let sure = match step.confidence {
            Confidence::High => String::new(),
            other => format!("({} confidence)", other.as_str().to_lowercase()),
        };
        lines.hanging(
            0,
            4,
            &[
                (&number, Style::Dim),
                (&one_line(&from.name), Style::Bold),
                ("→", Style::Plain),
                (&format!("{}:", one_line(&to.name)), Style::Bold),
                (&one_line(&step.label), Style::Plain),
                (&sure, Style::Medium),
            ],
        )?;
        let fact = fact(&step.evidence_text, &step.evidence_source);
        if !fact.is_empty() {
            lines.hanging(4, 4, &[(&fact, Style::Dim)])?;
        }
    }
    Ok(())
}

fn shares(lines: &mut Lines<impl Write>, path: &PathView) -> Result<(), ReportError> {
    if path.shares.is_empty() {
        return Ok(());
    }
    lines.blank()?;
    lines.heading("What the risk is made of")?;
    let name = |text: &str| truncate_width(&one_line(text), 24).into_owned();
    let widest = path
        .shares
        .iter()
        .map(|share| display_width(&name(&share.factor)))
        .max()
        .unwrap_or(0);
    let points_of = path.shares.iter().map(|share| share.points);
    let most = points_of.fold(1.0, f64::max);
    for share in &path.shares {
        let factor = name(&share.factor);
        // Spaces that no line is broken at.
        let pad = "\u{a0}".repeat(widest - display_width(&factor));
        let factor = format!("\u{a0}\u{a0}{}{pad}", factor.replace(' ', "\u{a0}"));
        let full = ((share.points / most * BAR as f64).round().max(0.0) as usize).min(BAR);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
        let number = format!("{:>4}", points(share.points)).replace(' ', "\u{a0}");
        lines.hanging(
            0,
            widest + BAR + 9,
            &[
                (&factor, Style::Plain),
                (&bar, Style::Dim),
                (&number, Style::Bold),
                (&one_line(&share.text), Style::Plain),
            ],
        )?;
    }
    Ok(())
}

/// At most one digit behind the point.
fn points(value: f64) -> String {
    let value = (value * 10.0).round() / 10.0;
    format!("{value}")
}

fn findings(lines: &mut Lines<impl Write>, path: &PathView) -> Result<(), ReportError> {
    if path.findings.is_empty() {
        return Ok(());
    }
    lines.blank()?;
    lines.heading("Findings on the way")?;
    for finding in &path.findings {
        let resource = format!("on {}", one_line(&finding.resource_name));
        let closes = if finding.breaks_path {
            "— mending it closes the path"
        } else {
            ""
        };
        lines.hanging(
            2,
            4,
            &[
                (&one_line(&finding.severity), level_text(&finding.severity)),
                (&one_line(&finding.title), Style::Bold),
                (&resource, Style::Plain),
                (closes, Style::Good),
            ],
        )?;
        if !finding.contribution.is_empty() {
            lines.hanging(4, 4, &[(&one_line(&finding.contribution), Style::Plain)])?;
        }
        lines.hanging(4, 4, &[(&one_line(&finding.id), Style::Dim)])?;
    }
    Ok(())
}

fn level_text(text: &str) -> Style {
    match level(text) {
        Style::Critical => Style::CriticalText,
        other => other,
    }
}

fn remediation(lines: &mut Lines<impl Write>, path: &PathView) -> Result<(), ReportError> {
    let mut told: Vec<&str> = Vec::new();
    for (index, step) in path.steps.iter().enumerate() {
        if step.remediation.is_empty() || told.contains(&step.remediation.as_str()) {
            continue;
        }
        if told.is_empty() {
            lines.blank()?;
            lines.heading("Each of these closes this path")?;
        }
        told.push(&step.remediation);
        let number = format!("step {}:", index + 1);
        lines.hanging(
            2,
            4,
            &[
                (&number, Style::Dim),
                (&one_line(&step.remediation), Style::Plain),
            ],
        )?;
    }
    Ok(())
}

fn last(
    lines: &mut Lines<impl Write>,
    path: &PathView,
    bounded: &[String],
) -> Result<(), ReportError> {
    lines.blank()?;
    for (what, texts) in [
        ("Risk factors:", &path.risk_factors),
        ("MITRE ATT&CK:", &path.attack),
        ("MITRE ATLAS:", &path.atlas),
    ] {
        if !texts.is_empty() {
            let text = texts.join(", ");
            lines.wrapped(0, &[(what, Style::Dim), (&one_line(&text), Style::Plain)])?;
        }
    }
    if let Some(opened) = &path.opened {
        lines.wrapped(
            0,
            &[
                ("Open since:", Style::Dim),
                (&one_line(opened), Style::Plain),
            ],
        )?;
    }
    if path.alternatives > 0 {
        let text = match path.alternatives {
            1 => "1 other way leads from the same entry to the same target.".to_owned(),
            more => format!("{more} other ways lead from the same entry to the same target."),
        };
        lines.wrapped(0, &[(&text, Style::Plain)])?;
    }
    lines.wrapped(
        0,
        &[("Id:", Style::Dim), (&one_line(&path.id), Style::Plain)],
    )?;
    for note in bounded {
        lines.wrapped(
            0,
            &[
                ("Not everything is shown:", Style::Medium),
                (&one_line(note), Style::Plain),
            ],
        )?;
    }
    Ok(())
}
