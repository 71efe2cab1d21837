//! What `az rest` prints: lists, single resources, refusals, and answers that hold no resource.

use crate::support::{account, covered, names, read, said};

#[test]
fn one_resource() {
    let found = read(account("a"));
    assert_eq!(names(&found), ["a"]);
    assert_eq!(said(&found), "");
}

#[test]
fn children_get_their_type_from_the_id() {
    let parent =
        "/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a";
    let found = read(format!(
        r#"{{"value":[{{"id":"{parent}/deployments/gpt","properties":{{}}}},
        {{"id":"{parent}/providers/microsoft.insights/diagnosticSettings/d","type":null,"properties":{{}}}}]}}"#
    ));
    assert_eq!(
        found.resources[0].resource_type,
        "microsoft.cognitiveservices/accounts/deployments"
    );
    assert_eq!(
        found.resources[0].body["type"],
        "Microsoft.CognitiveServices/accounts/deployments"
    );
    assert_eq!(found.resources[0].body["name"], "gpt");
    assert_eq!(
        found.resources[1].resource_type,
        "microsoft.insights/diagnosticsettings"
    );
    assert_eq!(said(&found), "");
}

#[test]
fn a_refusal_is_coverage_and_a_diagnostic() {
    let found = read(
        r#"{"error":{"code":"AuthorizationFailed","message":"The client 'x' does not have authorization to perform action 'Microsoft.CognitiveServices/accounts/deployments/read' over scope '/subscriptions/S/resourceGroups/G' or the scope is invalid."}}"#,
    );
    assert!(said(&found).starts_with("COL0019 1:1 the answer is an error, AuthorizationFailed:"));
    assert_eq!(
        covered(&found),
        "/subscriptions/s/resourcegroups/g | microsoft.cognitiveservices/accounts/deployments | Denied 0 | the cloud refused: AuthorizationFailed\n"
    );
}

#[test]
fn answers_without_a_resource_are_named() {
    for (text, what) in [
        (
            r#"{"id":"/subscriptions/S/providers/Microsoft.X","namespace":"Microsoft.X","resourceTypes":[]}"#,
            "provider",
        ),
        (r#"{"accessToken":"x","expiresOn":"2030"}"#, "access token"),
        (
            r#"{"id":"/subscriptions/S/providers/Microsoft.X/locations/e/operationStatuses/1","status":"Succeeded"}"#,
            "operation",
        ),
        (
            r#"{"name":"op","status":"Succeeded","startTime":"2024"}"#,
            "operation",
        ),
        (
            r#"{"properties":{"policyRule":{},"mode":"All"}}"#,
            "policy definition",
        ),
        (
            r#"{"name":"my-package","version":"1.0.0"}"#,
            "without a resource `id`",
        ),
        (
            r#"{"object":"list","data":[{"id":"file_1","object":"file"}]}"#,
            "no resource",
        ),
        (
            r#"{"value":[{"name":"westeurope","id":"/subscriptions/S/locations/westeurope","type":"Region"}]}"#,
            "regions",
        ),
        ("[1,2,3]", "no JSON object"),
    ] {
        let found = read(text);
        assert_eq!(found.resources.len(), 0, "{text}");
        assert_eq!(found.diagnostics.len(), 1, "{text}: {}", said(&found));
        assert!(
            found.diagnostics[0].message.contains(what),
            "{text}: {}",
            said(&found)
        );
        assert!(!found.diagnostics[0].help.is_empty());
    }
}

#[test]
fn answers_in_their_envelope() {
    let batch = format!(
        r#"{{"responses":[{{"httpStatusCode":200,"content":{{"value":[{}]}}}},{{"httpStatusCode":200,"content":{}}}]}}"#,
        account("a"),
        account("b")
    );
    let recorded = format!(
        r#"{{"response":{{"body":{{"value":[{},{}]}}}}}}"#,
        account("a"),
        account("b")
    );
    let example = format!(
        r#"{{"parameters":{{"api-version":"1"}},"responses":{{"200":{{"body":{{"value":[{},{}]}}}},"201":{{"body":{{}}}},"204":{{}}}}}}"#,
        account("a"),
        account("b")
    );
    for text in [batch, recorded, example] {
        let found = read(&text);
        assert_eq!(names(&found), ["a", "b"], "{}", said(&found));
        assert_eq!(said(&found), "");
    }
}
