//! Completion and layout.

use stance_kql_syntax::{CompletionKind, completions_at, format, parse};

use crate::seeds::catalog;

fn labels(text: &str) -> Vec<String> {
    let offset = text.find('^').unwrap_or(text.len());
    let text = text.replace('^', "");
    completions_at(&text, offset, &catalog())
        .into_iter()
        .map(|completion| completion.label)
        .collect()
}

fn offers(text: &str, wanted: &str) -> bool {
    labels(text).iter().any(|label| label == wanted)
}

#[test]
fn operators_after_a_pipe() {
    assert!(offers("SecurityAlert | ", "where"));
    assert!(offers("SecurityAlert | project-aw", "project-away"));
    assert!(offers("SecurityAlert | su", "summarize"));
    assert!(!offers("SecurityAlert | su", "where"));
}

#[test]
fn tables_at_the_start() {
    assert!(offers("Secu", "SecurityAlert"));
    assert!(offers("let x = 5;\nSign", "SigninLogs"));
    assert!(offers(
        "SecurityAlert | join kind=inner (Sign",
        "SigninLogs"
    ));
    assert!(offers("union Az", "AzureDiagnostics"));
}

#[test]
fn columns_in_scope() {
    assert!(offers("SecurityAlert | where Alert", "AlertName"));
    assert!(offers(
        "SecurityAlert | summarize n = count() by Tactics | where ",
        "n"
    ));
    assert!(!offers(
        "SecurityAlert | summarize n = count() by Tactics | where ",
        "AlertName"
    ));
    assert!(offers(
        "SecurityAlert | where isempty(Alert^) | take 5",
        "AlertName"
    ));
    assert!(offers(
        "SecurityAlert | join (SigninLogs | where IPA^) on TimeGenerated",
        "IPAddress"
    ));
    assert!(offers(
        "let T = SecurityAlert | project a = 1; T | where ",
        "a"
    ));
    assert!(offers("let T = SecurityAlert | where Prod", "ProductName"));
}

#[test]
fn other_words() {
    assert!(offers("SecurityAlert | evaluate bag", "bag_unpack"));
    assert!(offers("SecurityAlert | join kind=left", "leftouter"));
    assert!(offers("SecurityAlert | extend x = tostr", "tostring"));
    assert!(offers(
        "let limit_of_alerts = 5; SecurityAlert | take lim",
        "limit_of_alerts"
    ));
    assert!(labels("SecurityAlert | where AlertName == \"Se").is_empty());
    let offered = completions_at("SecurityAlert | where AlertNa", 29, &catalog());
    assert_eq!(offered[0].kind, CompletionKind::Column);
    assert_eq!(offered[0].detail, "string");
}

#[test]
fn layout() {
    let text = "let  x=5 ;  SecurityAlert|where AlertName  has \"a  |  b\" // why\n|   summarize count() by Tactics,\nTechniques | join (SigninLogs | take 5) on TimeGenerated";
    let wanted = "let x = 5;\nSecurityAlert\n| where AlertName has \"a  |  b\" // why\n| summarize count() by Tactics, Techniques\n| join (SigninLogs | take 5) on TimeGenerated\n";
    assert_eq!(format(text), wanted);
    assert_eq!(format(wanted), wanted);
}

#[test]
fn layout_of_real_queries_is_stable_and_says_the_same() {
    let Some(records) = crate::shared::json_lines("kql/real-queries.jsonl.gz") else {
        return;
    };
    let mut unstable = 0;
    for record in records.iter().step_by(7) {
        let text = record["query"].as_str().unwrap();
        let once = format(text);
        assert_eq!(
            parse(&once).diagnostics().is_empty(),
            parse(text).diagnostics().is_empty(),
            "{text}"
        );
        unstable += usize::from(format(&once) != once);
    }
    assert_eq!(unstable, 0, "layouts that change when laid out again");
}
