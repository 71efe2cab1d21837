//! Wordings that several formats share. Nothing here is safe yet: each format escapes for itself.

use serde_json::Value;
use stance_base::safe_text::truncate_width;
use stance_model::{Evidence, Finding, SourceLocation};

/// Longest value shown, in columns; the whole of it is in the JSON.
const LONGEST_VALUE: usize = 160;

/// A field without the resource type that an alias begins with.
pub(crate) fn field<'a>(evidence: &'a Evidence, resource_type: &str) -> &'a str {
    let field = evidence.field.as_str();
    match (
        field.get(..resource_type.len()),
        field.get(resource_type.len()..),
    ) {
        (Some(start), Some(rest))
            if !resource_type.is_empty() && start.eq_ignore_ascii_case(resource_type) =>
        {
            rest.strip_prefix('/').unwrap_or(field)
        }
        _ => field,
    }
}

/// A value in one line: text in quotes, nothing as `not set`.
pub(crate) fn value(value: &Value) -> String {
    let text = match value {
        Value::Null => return "not set".to_owned(),
        other => other.to_string(),
    };
    truncate_width(&text, LONGEST_VALUE).into_owned()
}

/// `publicNetworkAccess = "Enabled"`, `disableLocalAuth is not set`, `Microsoft.Insights/diagnosticSettings is missing`.
pub(crate) fn evidence(evidence: &Evidence, resource_type: &str) -> String {
    let field = field(evidence, resource_type);
    match &evidence.value {
        // A field with a slash is a type: nothing of that type is there.
        Value::Null if field.contains('/') => format!("{field} is missing"),
        Value::Null => format!("{field} is not set"),
        other => format!("{field} = {}", value(other)),
    }
}

/// `file:line:column`, as editors and terminals open it.
pub(crate) fn location(location: &SourceLocation) -> String {
    match (location.line, location.column) {
        (0, _) => location.file.clone(),
        (line, 0) => format!("{}:{line}", location.file),
        (line, column) => format!("{}:{line}:{column}", location.file),
    }
}

/// Where a piece of evidence was read.
pub(crate) fn evidence_source(evidence: &Evidence) -> String {
    evidence
        .location
        .as_ref()
        .map_or_else(|| evidence.source.clone(), location)
}

/// Where a finding was read: its first evidence with a position, else the resource.
pub(crate) fn finding_location(finding: &Finding) -> &SourceLocation {
    let from_evidence = finding
        .evidence
        .iter()
        .find_map(|evidence| evidence.location.as_ref());
    from_evidence.unwrap_or(&finding.source)
}

/// The name of a resource, or its id where it has none.
pub(crate) fn resource_name(finding: &Finding) -> &str {
    if finding.resource_name.is_empty() {
        &finding.resource_id
    } else {
        &finding.resource_name
    }
}

/// `MCSB v2 IM-1, OWASP LLM 2025 LLM02`.
pub(crate) fn frameworks(finding: &Finding) -> String {
    let controls = finding
        .frameworks
        .iter()
        .map(|control| format!("{} {}", control.framework, control.control));
    controls.collect::<Vec<_>>().join(", ")
}

/// `1 finding`, `2 findings`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `340 ms`, `1.2 s`, `3 min 5 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!(
            "{} min {} s",
            milliseconds / 60_000,
            milliseconds % 60_000 / 1_000
        ),
    }
}

/// What a tool of [`stance_model::RemediationCommand`] is called.
pub(crate) fn tool_name(tool: &str) -> &str {
    match tool {
        "azure-cli" => "Azure CLI",
        "terraform" => "Terraform",
        "arm" => "ARM template",
        "bicep" => "Bicep",
        "aws-cli" => "AWS CLI",
        "cloudformation" => "CloudFormation",
        "gcloud" => "gcloud",
        "powershell" => "PowerShell",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(duration(340), "340 ms");
        assert_eq!(duration(1_250), "1.2 s");
        assert_eq!(duration(185_000), "3 min 5 s");
    }

    #[test]
    fn an_alias_loses_its_type() {
        let evidence = Evidence {
            field: "Microsoft.CognitiveServices/accounts/disableLocalAuth".to_owned(),
            value: Value::Null,
            source: String::new(),
            condition: String::new(),
            location: None,
        };
        assert_eq!(
            field(&evidence, "microsoft.cognitiveservices/accounts"),
            "disableLocalAuth"
        );
        assert_eq!(
            field(&evidence, "microsoft.search/searchservices"),
            evidence.field
        );
        assert_eq!(field(&evidence, ""), evidence.field);
    }
}
