//! SARIF 2.1.0 for pull requests and code scanning.
//!
//! Unhealthy is a result of kind `fail`; Unknown is of kind `open` ("insufficient information to decide",
//! section 3.27.9 of the standard), whose level must be `none`. Healthy and `NotApplicable` are left out, because
//! consumers show every result as a problem.

use std::io::Write;

use chrono::SecondsFormat;
use serde_json::{Value, json};
use stance_base::safe_text::{markdown, markdown_code, one_line, terminal_block};
use stance_model::{Diagnostic, DiagnosticLevel, Evidence, Finding, FindingState, SourceLocation};

use crate::json::to_safe_json;
use crate::{ReportError, ScanReport, show};

mod place;
mod rules;

use place::location;
use rules::{level, rules, security_severity};

/// The schema that the output keeps to.
pub const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The key of the fingerprint: the finding's id, which stays the same over scans.
pub const FINGERPRINT: &str = "stance/v1";

const SOURCE_ROOT: &str = "%SRCROOT%";

/// Writes one run. Results are written one by one; only the rules are held in memory.
pub fn write(mut out: impl Write, report: &ScanReport) -> Result<(), ReportError> {
    let shown = || report.findings.iter().filter(|finding| is_shown(finding));
    let (rules, rule_index) = rules(shown());
    let driver = json!({
        "name": "Stance",
        "version": report.summary.tool_version,
        "organization": "Stance",
        "shortDescription": {"text": "AI security posture management"},
        "rules": rules,
    });
    let roots = json!({SOURCE_ROOT: {"description": {"text": "The folder in which the scan was started."}}});
    writeln!(
        out,
        "{{\n\"$schema\": \"{SCHEMA}\",\n\"version\": \"2.1.0\",\n\"runs\": [{{"
    )?;
    writeln!(
        out,
        "\"tool\": {},",
        to_safe_json(&json!({"driver": driver}))?
    )?;
    writeln!(
        out,
        "\"invocations\": [{}],",
        to_safe_json(&invocation(report))?
    )?;
    writeln!(out, "\"originalUriBaseIds\": {},", to_safe_json(&roots)?)?;
    write!(
        out,
        "\"columnKind\": \"unicodeCodePoints\",\n\"results\": ["
    )?;
    for (at, finding) in shown().enumerate() {
        let index = rule_index
            .get(finding.recommendation.as_str())
            .copied()
            .unwrap_or_default();
        let separator = if at == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{}", to_safe_json(&result(finding, index))?)?;
    }
    writeln!(out, "\n]\n}}]\n}}")?;
    out.flush()?;
    Ok(())
}

fn is_shown(finding: &Finding) -> bool {
    matches!(
        finding.state,
        FindingState::Unhealthy | FindingState::Unknown
    )
}

fn result(finding: &Finding, rule_index: usize) -> Value {
    let (kind, level) = match finding.state {
        FindingState::Unhealthy => ("fail", level(finding.severity)),
        _ => ("open", "none"),
    };
    let mut result = json!({
        "ruleId": one_line(&finding.recommendation),
        "ruleIndex": rule_index,
        "kind": kind,
        "level": level,
        "message": {"text": message(finding), "markdown": message_markdown(finding)},
        "locations": [location(show::finding_location(finding), Some(finding))],
        "fingerprints": {FINGERPRINT: finding.id},
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": {
            "severity": finding.severity.as_str(),
            "security-severity": security_severity(finding.severity),
            "state": finding.state.as_str(),
            "resourceId": finding.resource_id,
            "resourceType": finding.resource_type,
        },
    });
    if let Some(command) = finding.remediation.commands.first() {
        result["properties"]["remediationCommand"] = json!(command.text);
    }
    let related: Vec<Value> = finding
        .evidence
        .iter()
        .filter_map(|item| related(finding, item))
        .collect();
    if let (false, Some(object)) = (related.is_empty(), result.as_object_mut()) {
        object.insert(
            "relatedLocations".to_owned(),
            Value::Array(numbered(related)),
        );
    }
    result
}

/// One sentence: resource, title, and what it was seen from.
fn message(finding: &Finding) -> String {
    let mut text = format!(
        "{}: {}.",
        show::resource_name(finding),
        finding.title.trim_end_matches('.')
    );
    if !finding.cause.is_empty() {
        text.push(' ');
        text.push_str(&finding.cause);
    }
    let evidence: Vec<String> = finding
        .evidence
        .iter()
        .map(|item| show::evidence(item, &finding.resource_type))
        .collect();
    if !evidence.is_empty() {
        text.push_str(" Evidence: ");
        text.push_str(&evidence.join("; "));
        text.push('.');
    }
    plain(&one_line(&text))
}

fn message_markdown(finding: &Finding) -> String {
    let mut text = format!(
        "{}: **{}**",
        markdown_code(show::resource_name(finding)),
        markdown(&finding.title)
    );
    if !finding.cause.is_empty() {
        text.push_str(". ");
        text.push_str(&markdown(&finding.cause));
    }
    for item in &finding.evidence {
        text.push_str("\n- ");
        text.push_str(&markdown_code(&show::evidence(
            item,
            &finding.resource_type,
        )));
    }
    without_placeholders(text)
}

/// Plain text of SARIF still knows links, `[text](target)`, and placeholders, `{0}`
/// (sections 3.11.6 and 3.11.5); neither may come out of what a stranger wrote.
fn plain(text: &str) -> String {
    let mut text = terminal_block(text.trim()).into_owned();
    if text.contains("](") {
        text = text
            .replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]");
    }
    text = without_placeholders(text);
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

/// `{0}` would be filled with an argument; doubled braces stand for themselves.
fn without_placeholders(text: String) -> String {
    let is_placeholder = text.match_indices('{').any(|(at, _)| {
        let inside = &text[at + 1..];
        let rest = inside.trim_start_matches(|character: char| character.is_ascii_digit());
        rest.len() < inside.len() && rest.starts_with('}')
    });
    if is_placeholder {
        text.replace('{', "{{").replace('}', "}}")
    } else {
        text
    }
}

fn related(finding: &Finding, evidence: &Evidence) -> Option<Value> {
    let place = evidence
        .location
        .as_ref()
        .filter(|place| !place.file.is_empty())?;
    let mut location = location(place, None);
    let text = plain(&one_line(&show::evidence(evidence, &finding.resource_type)));
    location
        .as_object_mut()?
        .insert("message".to_owned(), json!({"text": text}));
    Some(location)
}

fn numbered(mut locations: Vec<Value>) -> Vec<Value> {
    for (at, location) in locations.iter_mut().enumerate() {
        if let Some(object) = location.as_object_mut() {
            object.insert("id".to_owned(), json!(at + 1));
        }
    }
    locations
}

fn invocation(report: &ScanReport) -> Value {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({
        "executionSuccessful": true,
        "startTimeUtc": time(report.summary.started_at),
        "endTimeUtc": time(report.summary.finished_at),
        "toolExecutionNotifications": report.diagnostics.iter().map(notification).collect::<Vec<_>>(),
    })
}

fn notification(diagnostic: &Diagnostic) -> Value {
    let level = match diagnostic.level {
        DiagnosticLevel::Error => "error",
        DiagnosticLevel::Warning => "warning",
        DiagnosticLevel::Note => "note",
    };
    let text = match diagnostic.help.as_str() {
        "" => diagnostic.message.clone(),
        help => format!("{}\n{help}", diagnostic.message),
    };
    let mut notification = json!({
        "descriptor": {"id": one_line(&diagnostic.code)},
        "level": level,
        "message": {"text": plain(&text)},
    });
    if let (false, Some(object)) = (diagnostic.file.is_empty(), notification.as_object_mut()) {
        let place = SourceLocation {
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
        };
        object.insert("locations".to_owned(), json!([location(&place, None)]));
    }
    notification
}
