//! One rule per recommendation, and what a severity is called in SARIF.

use std::collections::HashMap;

use serde_json::{Value, json};
use stance_base::safe_text::{markdown, markdown_code, one_line};
use stance_model::{Finding, Severity};

use super::{plain, without_placeholders};
use crate::show;

/// One rule per recommendation, in order of first use, and where each one stands.
pub(super) fn rules<'a>(
    findings: impl Iterator<Item = &'a Finding>,
) -> (Vec<Value>, HashMap<&'a str, usize>) {
    let (mut rules, mut index) = (Vec::new(), HashMap::new());
    for finding in findings {
        index
            .entry(finding.recommendation.as_str())
            .or_insert_with(|| {
                rules.push(rule(finding));
                rules.len() - 1
            });
    }
    (rules, index)
}

fn rule(finding: &Finding) -> Value {
    let title = plain(&finding.title);
    let description = if finding.description.trim().is_empty() {
        title.clone()
    } else {
        plain(&finding.description)
    };
    let mut tags = vec!["security".to_owned(), "ai".to_owned()];
    for control in &finding.frameworks {
        let tag = one_line(&format!("{}/{}", control.framework, control.control)).into_owned();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    json!({
        "id": one_line(&finding.recommendation),
        "name": rule_name(&finding.title),
        "shortDescription": {"text": title},
        "fullDescription": {"text": description},
        "help": {"text": help_text(finding), "markdown": help_markdown(finding)},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {
            "tags": tags,
            "precision": "very-high",
            "problem.severity": problem_severity(finding.severity),
            "security-severity": security_severity(finding.severity),
            "severity": finding.severity.as_str(),
        },
    })
}

/// A title in Pascal case, as the standard asks of rule names.
fn rule_name(title: &str) -> String {
    let words = title.split(|character: char| !character.is_ascii_alphanumeric());
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    if name.is_empty() {
        "Recommendation".to_owned()
    } else {
        name
    }
}

fn help_text(finding: &Finding) -> String {
    let mut text = finding.remediation.text.trim().to_owned();
    if text.is_empty() {
        text = format!("See the evidence of each result: {}", finding.title);
    }
    for command in &finding.remediation.commands {
        // Commands are filled in for one resource; each result carries its own.
        text.push_str("\n\n");
        text.push_str(show::tool_name(&command.tool));
        text.push_str(", for ");
        text.push_str(show::resource_name(finding));
        text.push_str(":\n");
        text.push_str(&command.text);
    }
    plain(&text)
}

fn help_markdown(finding: &Finding) -> String {
    let mut text = format!(
        "**How to mend it.** {}",
        markdown(&finding.remediation.text)
    );
    for command in &finding.remediation.commands {
        let tool = markdown(show::tool_name(&command.tool)).into_owned();
        text.push_str("\n\n");
        text.push_str(&tool);
        text.push_str(", for ");
        text.push_str(&markdown_code(show::resource_name(finding)));
        text.push(':');
        text.push_str(&crate::markdown::code_block(&command.tool, &command.text));
    }
    if !finding.frameworks.is_empty() {
        text.push_str("\n\nControls: ");
        text.push_str(&markdown(&show::frameworks(finding)));
    }
    without_placeholders(text)
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "recommendation",
    }
}

/// The number code scanning sorts by: over 9.0 is critical, 7.0 high, 4.0 medium, below low.
pub(super) fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
