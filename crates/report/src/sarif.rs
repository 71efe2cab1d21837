//! SARIF 2.1.0 for pull requests and code scanning.
//!
//! Unhealthy is a result of kind `fail`; Unknown is of kind `open` ("insufficient information to decide",
//! section 3.27.9 of the standard), whose level must be `none`. Healthy and `NotApplicable` are left out, because
//! consumers show every result as a problem.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use stance_base::safe_text::{markdown, markdown_code, one_line, terminal_block};
use stance_model::{
    Diagnostic, DiagnosticLevel, Evidence, Finding, FindingState, Severity, SourceLocation,
};

use crate::json::to_safe_json;
use crate::{ReportError, ScanReport, show};

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
    let notifications: BTreeSet<&str> = report
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect();
    let driver = json!({
        "name": "Stance",
        "version": report.summary.tool_version,
        "organization": "Stance",
        "shortDescription": {"text": "AI security posture management"},
        "rules": rules,
        "notifications": notifications.iter().map(|code| json!({"id": one_line(code)})).collect::<Vec<_>>(),
    });
    let roots = json!({SOURCE_ROOT: {"description": {"text": "The folder in which the scan was started."}}});
    write!(
        out,
        "{{\n\"$schema\": \"{SCHEMA}\",\n\"version\": \"2.1.0\",\n\"runs\": [{{\n"
    )?;
    write!(
        out,
        "\"tool\": {},\n",
        to_safe_json(&json!({"driver": driver}))?
    )?;
    write!(
        out,
        "\"invocations\": [{}],\n",
        to_safe_json(&invocation(report))?
    )?;
    write!(out, "\"originalUriBaseIds\": {},\n", to_safe_json(&roots)?)?;
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

/// One rule per recommendation, in order of first use, and where each one stands.
fn rules<'a>(findings: impl Iterator<Item = &'a Finding>) -> (Vec<Value>, HashMap<&'a str, usize>) {
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
        text.push_str("\n\n");
        text.push_str(show::tool_name(&command.tool));
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
        text.push_str(&crate::markdown::code_block(&command.tool, &command.text));
    }
    if !finding.frameworks.is_empty() {
        text.push_str("\n\nControls: ");
        text.push_str(&markdown(&show::frameworks(finding)));
    }
    without_placeholders(text)
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

fn location(place: &SourceLocation, finding: Option<&Finding>) -> Value {
    let mut location = Map::new();
    if !place.file.is_empty() {
        let mut physical = json!({"artifactLocation": artifact(&place.file)});
        if let (true, Some(object)) = (place.line > 0, physical.as_object_mut()) {
            object.insert("region".to_owned(), region(place));
        }
        location.insert("physicalLocation".to_owned(), physical);
    }
    if let Some(finding) = finding {
        let logical = json!({
            "name": one_line(show::resource_name(finding)),
            "fullyQualifiedName": one_line(&finding.resource_id),
            "kind": "resource",
        });
        location.insert("logicalLocations".to_owned(), json!([logical]));
    }
    Value::Object(location)
}

fn region(place: &SourceLocation) -> Value {
    match place.column {
        0 => json!({"startLine": place.line}),
        column => json!({"startLine": place.line, "startColumn": column}),
    }
}

/// A relative path below the source root, or an absolute `file:` address.
fn artifact(file: &str) -> Value {
    let file = file.replace('\\', "/");
    let file = file.strip_prefix("./").unwrap_or(&file);
    let has_drive =
        file.as_bytes().get(1) == Some(&b':') && file.as_bytes()[0].is_ascii_alphabetic();
    if has_drive {
        return json!({"uri": format!("file:///{}:{}", &file[..1], percent_encode(&file[2..]))});
    }
    if file.starts_with('/') {
        return json!({"uri": format!("file:///{}", percent_encode(file.trim_start_matches('/')))});
    }
    json!({"uri": percent_encode(file), "uriBaseId": SOURCE_ROOT})
}

/// A path as RFC 3986 has it: unreserved characters and `/` stay, every other byte is `%XX`.
fn percent_encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
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

fn level(severity: Severity) -> &'static str {
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
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
