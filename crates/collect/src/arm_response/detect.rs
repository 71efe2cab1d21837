//! Which JSON is an answer of Azure Resource Manager.

use serde_json::{Map, Value};

use crate::aws;
use crate::documents::Header;

/// Keys under which answers name their next page.
const NEXT_PAGE: &[&str] = &["nextLink", "@nextLink", "@odata.nextLink", "odata.nextLink"];
/// The same in Resource Graph.
const SKIP_TOKEN: &[&str] = &["skip_token", "skipToken", "$skipToken"];

/// `"value": [` of an object that is no resource itself, and the items of AWS Config.
pub(crate) fn is_list(header: &Header, key: &str, next: u8) -> bool {
    let answer = key == "value" && !header.has("id") && !header.has("$schema");
    next == b'[' && (answer || aws::config::ITEM_LISTS.contains(&key))
}

/// The same for an object that was read as a whole.
pub(crate) fn is_list_body(body: &Map<String, Value>) -> bool {
    body.get("value").is_some_and(Value::is_array) && !body.contains_key("id")
}

/// `{"error": {"code": …, "message": …}}`.
pub(crate) fn error_of(body: &Map<String, Value>) -> Option<(&str, &str)> {
    let error = body.get("error")?;
    let code = error.get("code").and_then(Value::as_str)?;
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some((code, message))
}

/// Why the answer is not whole: it names a next page or says that it was cut.
pub(crate) fn more_pages(members: &Map<String, Value>) -> Option<String> {
    let named = |keys: &[&'static str]| {
        keys.iter().copied().find(|key| {
            members
                .get(*key)
                .and_then(Value::as_str)
                .is_some_and(|link| !link.is_empty())
        })
    };
    if let Some(key) = named(NEXT_PAGE) {
        return Some(format!(
            "the answer has further pages: it still carries `{key}`"
        ));
    }
    if let Some(key) = named(SKIP_TOKEN) {
        return Some(format!(
            "the export has further pages: it still carries `{key}`"
        ));
    }
    if members.get("has_more").and_then(Value::as_bool) == Some(true) {
        return Some("the answer has further pages: `has_more` is true".to_owned());
    }
    let truncated = match members
        .get("resultTruncated")
        .or_else(|| members.get("result_truncated"))
    {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Bool(flag)) => *flag,
        // The inventory of Power Platform counts: 0 says cut, 1 says whole.
        Some(Value::Number(number)) => number.as_u64() == Some(0),
        _ => false,
    };
    truncated.then(|| "the export was cut by the service (`resultTruncated`)".to_owned())
}

/// What a document is that holds no resource, in words, with a help of its own where there is one.
pub(crate) fn describe(body: &Map<String, Value>) -> (&'static str, Option<&'static str>) {
    let has = |key: &str| body.contains_key(key);
    let schema = body
        .get("$schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match () {
        () if has("namespace") && has("resourceTypes") => {
            ("a resource provider's description", None)
        }
        () if has("accessToken") || has("access_token") => ("an access token", None),
        () if has("token") && (has("expires") || has("expiresOn")) => ("an access token", None),
        () if has("keys") || has("primaryKey") || has("key1") => ("a list of keys", None),
        () if has("policyRule")
            || body
                .get("properties")
                .is_some_and(|p| p.get("policyRule").is_some()) =>
        {
            (
                "a policy definition",
                Some("Policy definitions are loaded with --policy DIR."),
            )
        }
        () if has("AWSTemplateFormatVersion") => {
            ("a CloudFormation template without `Resources`", None)
        }
        () if schema.contains("createUIDefinition") || schema.contains("uiFormDefinition") => {
            ("a portal form definition", None)
        }
        () if has("status") && (has("startTime") || has("percentComplete") || has("endTime")) => {
            ("the result of an operation", None)
        }
        () if body.get("object").is_some() => (
            "an answer of a data plane, not of Azure Resource Manager",
            None,
        ),
        () if has("tables") => (
            "the result of a log query",
            Some("Log rows are loaded with `stance ingest`."),
        ),
        () => ("a JSON object without a resource `id`", None),
    }
}
