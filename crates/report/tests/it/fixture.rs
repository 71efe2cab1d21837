//! One small report that every golden file shows, and one that strangers filled.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use stance_model::{
    Coverage, CoverageStatus, Diagnostic, DiagnosticLevel, Evidence, Finding, FindingState,
    FrameworkControl, Remediation, RemediationCommand, Resource, ResourceId, Severity,
    SourceLocation,
};
use stance_report::{Changes, ResourceRow, ScanReport, Summary};

const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-0000000000c0/resourceGroups/rg-fraud/providers";
const ACCOUNT: &str = "microsoft.cognitiveservices/accounts";

pub(crate) fn place(file: &str, line: u32, column: u32) -> SourceLocation {
    SourceLocation {
        file: file.to_owned(),
        line,
        column,
    }
}

pub(crate) fn resource(
    resource_type: &str,
    path: &str,
    kind: Option<&str>,
    source: SourceLocation,
) -> ResourceRow {
    let id = format!("{GROUP}/{path}");
    let mut body = json!({"id": id, "type": resource_type, "location": "westeurope"});
    if let Some(kind) = kind {
        body["kind"] = json!(kind);
    }
    ResourceRow::from(&Resource {
        id: ResourceId::new(id),
        resource_type: resource_type.to_lowercase(),
        cloud: stance_model::Cloud::Azure,
        origin: stance_model::Origin::Live,
        source,
        observed_at: None,
        api_version: None,
        unknowns: Vec::new(),
        positions: Vec::new(),
        body,
    })
}

pub(crate) fn evidence(field: &str, value: Value, condition: &str, at: SourceLocation) -> Evidence {
    Evidence {
        field: field.to_owned(),
        value,
        source: format!("{}:{}:{}", at.file, at.line, at.column),
        condition: condition.to_owned(),
        location: Some(at),
    }
}

fn key_access(account: &str, line: u32) -> Finding {
    let file = "estate/accounts.json";
    Finding {
        id: format!("f-key-{account}"),
        resource_id: format!("{GROUP}/Microsoft.CognitiveServices/accounts/{account}"),
        resource_name: account.to_owned(),
        resource_type: ACCOUNT.to_owned(),
        recommendation: "ai-key-access-disabled".to_owned(),
        title: "Azure AI Services resources should have key access disabled".to_owned(),
        description: "Whoever holds a key may call every model of the account, and no log says who it was.".to_owned(),
        state: FindingState::Unhealthy,
        cause: "Key access is on.".to_owned(),
        severity: Severity::High,
        evidence: vec![evidence(
            "Microsoft.CognitiveServices/accounts/disableLocalAuth",
            json!(false),
            "notEquals true",
            place(file, line, 7),
        )],
        remediation: Remediation {
            text: "Turn off key access and give callers an Entra ID role such as Cognitive Services OpenAI User.".to_owned(),
            commands: vec![
                RemediationCommand {
                    tool: "azure-cli".to_owned(),
                    text: format!(
                        "az resource update --ids {GROUP}/Microsoft.CognitiveServices/accounts/{account} \\\n  --set properties.disableLocalAuth=true"
                    ),
                },
                RemediationCommand {
                    tool: "terraform".to_owned(),
                    text: "resource \"azurerm_cognitive_account\" \"this\" {\n  local_auth_enabled = false\n}".to_owned(),
                },
            ],
        },
        frameworks: vec![
            FrameworkControl { framework: "MCSB v2".to_owned(), control: "IM-1".to_owned() },
            FrameworkControl { framework: "OWASP LLM 2025".to_owned(), control: "LLM02".to_owned() },
        ],
        source: place(file, line, 1),
    }
}

fn public_network(state: FindingState) -> Finding {
    let file = "templates/main.json";
    let mut finding = Finding {
        id: "f-net-aoai-chat".to_owned(),
        resource_id: format!("{GROUP}/Microsoft.CognitiveServices/accounts/aoai-chat"),
        resource_name: "aoai-chat".to_owned(),
        resource_type: ACCOUNT.to_owned(),
        recommendation: "ai-network-restricted".to_owned(),
        title: "Azure AI Services resources should restrict network access".to_owned(),
        description: "An endpoint open to the internet can be tried by anybody.".to_owned(),
        state,
        cause: "The endpoint answers every network.".to_owned(),
        severity: Severity::Critical,
        evidence: vec![
            evidence("Microsoft.CognitiveServices/accounts/publicNetworkAccess", json!("Enabled"), "notEquals Disabled", place(file, 31, 9)),
            evidence("Microsoft.CognitiveServices/accounts/networkAcls.defaultAction", Value::Null, "notEquals Deny", place(file, 28, 7)),
        ],
        remediation: Remediation {
            text: "Deny by default and let in the networks that need the account.".to_owned(),
            commands: vec![RemediationCommand {
                tool: "azure-cli".to_owned(),
                text: "az cognitiveservices account update --name aoai-chat --resource-group rg-fraud --public-network-access Disabled".to_owned(),
            }],
        },
        frameworks: vec![FrameworkControl { framework: "MCSB v2".to_owned(), control: "NS-2".to_owned() }],
        source: place(file, 22, 5),
    };
    if state == FindingState::Unknown {
        finding.id = "f-cmk-aoai-chat".to_owned();
        finding.recommendation = "ai-customer-managed-key".to_owned();
        finding.title =
            "Azure AI Services resources should encrypt data at rest with a customer-managed key"
                .to_owned();
        finding.severity = Severity::Low;
        finding.cause = "The value is known only after deployment.".to_owned();
        finding.evidence = vec![evidence(
            "properties.encryption.keySource",
            json!("[reference('vault').key]"),
            "equals",
            place(file, 40, 11),
        )];
    }
    finding
}

fn diagnostic(
    level: DiagnosticLevel,
    code: &str,
    file: &str,
    line: u32,
    message: &str,
    help: &str,
) -> Diagnostic {
    Diagnostic {
        level,
        file: file.to_owned(),
        line,
        column: u32::from(line > 0),
        code: code.to_owned(),
        message: message.to_owned(),
        help: help.to_owned(),
    }
}

/// Counts everything that is in the report.
pub(crate) fn counted(mut report: ScanReport) -> ScanReport {
    for row in &report.resources {
        report.summary.count_resource(row);
    }
    for finding in &report.findings {
        report.summary.count_finding(finding);
    }
    for message in &report.diagnostics {
        report.summary.count_diagnostic(message);
    }
    report.summary.sort();
    report
}

/// The small report of the golden files.
pub(crate) fn small() -> ScanReport {
    let file = "estate/accounts.json";
    let mut healthy = key_access("aoai-docs", 90);
    healthy.id = "f-key-aoai-docs".to_owned();
    healthy.state = FindingState::Healthy;
    healthy.cause = String::new();
    let mut logs = key_access("aoai-fraud", 12);
    logs.id = "f-log-aoai-fraud".to_owned();
    logs.recommendation = "ai-diagnostic-logs".to_owned();
    logs.title = "Diagnostic logs in Azure AI Services resources should be enabled".to_owned();
    logs.severity = Severity::Low;
    logs.cause = "No diagnostic setting sends logs anywhere.".to_owned();
    logs.evidence = vec![Evidence {
        field: "Microsoft.Insights/diagnosticSettings".to_owned(),
        value: Value::Null,
        source: logs.resource_id.clone(),
        condition: "exists".to_owned(),
        location: None,
    }];
    logs.remediation = Remediation {
        text: "Send the logs to a Log Analytics workspace.".to_owned(),
        commands: Vec::new(),
    };
    let report = ScanReport {
        summary: Summary {
            tool_version: "0.1.0".to_owned(),
            started_at: Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap(),
            finished_at: Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 1).unwrap(),
            duration_ms: 1_240,
            inputs: vec!["estate".to_owned(), "templates".to_owned()],
            files_read: 12,
            changes: Some(Changes {
                since: Some(Utc.with_ymd_and_hms(2026, 11, 20, 8, 0, 0).unwrap()),
                new: 3,
                resolved: 1,
                changed: 0,
                resources_added: 2,
                resources_changed: 1,
                resources_gone: 0,
            }),
            ..Summary::default()
        },
        resources: vec![
            resource(
                ACCOUNT,
                "Microsoft.CognitiveServices/accounts/aoai-fraud",
                Some("OpenAI"),
                place(file, 12, 1),
            ),
            resource(
                ACCOUNT,
                "Microsoft.CognitiveServices/accounts/aoai-docs",
                Some("OpenAI"),
                place(file, 90, 1),
            ),
            resource(
                ACCOUNT,
                "Microsoft.CognitiveServices/accounts/aoai-chat",
                Some("AIServices"),
                place("templates/main.json", 22, 5),
            ),
            resource(
                "Microsoft.CognitiveServices/accounts/deployments",
                "Microsoft.CognitiveServices/accounts/aoai-fraud/deployments/gpt-4o",
                None,
                place("estate/deployments.json", 3, 1),
            ),
            resource(
                "Microsoft.Search/searchServices",
                "Microsoft.Search/searchServices/srch-docs",
                None,
                place("estate/search.csv", 2, 0),
            ),
            resource(
                "Microsoft.Storage/storageAccounts",
                "Microsoft.Storage/storageAccounts/stfraud",
                Some("StorageV2"),
                place("estate/all.jsonl", 7, 1),
            ),
            resource(
                "Microsoft.Network/privateEndpoints",
                "Microsoft.Network/privateEndpoints/pe-fraud",
                None,
                place("estate/all.jsonl", 8, 1),
            ),
        ],
        findings: vec![
            key_access("aoai-fraud", 12),
            key_access("aoai-chat", 44),
            public_network(FindingState::Unhealthy),
            public_network(FindingState::Unknown),
            healthy,
            logs,
        ],
        coverage: vec![
            Coverage {
                scope: "estate/accounts.json".to_owned(),
                what: ACCOUNT.to_owned(),
                status: CoverageStatus::Complete,
                reason: String::new(),
                source: "estate/accounts.json".to_owned(),
                count: 2,
            },
            Coverage {
                scope: "/subscriptions/00000000-0000-0000-0000-0000000000c0".to_owned(),
                what: "microsoft.insights/diagnosticsettings".to_owned(),
                status: CoverageStatus::Denied,
                reason: "403 AuthorizationFailed for the reader".to_owned(),
                source: "estate/all.jsonl".to_owned(),
                count: 0,
            },
        ],
        diagnostics: vec![
            diagnostic(
                DiagnosticLevel::Warning,
                "COL0011",
                "templates/main.json",
                40,
                "The expression `[reference('vault').key]` can only be evaluated after deployment.",
                "Scan the deployed resource too.",
            ),
            diagnostic(
                DiagnosticLevel::Error,
                "COL0003",
                "estate/broken.json",
                118,
                "The file ends inside a string; the resources before it were read.",
                "Export it again, it was cut off.",
            ),
        ],
    };
    counted(report)
}

/// What a stranger may put into any text field.
pub(crate) const HOSTILE: &str = concat!(
    "=cmd|'/C calc'!A0\u{1b}[2J\u{1b}]8;;http://evil.example\u{7}x\u{9b}31m\u{202e}gpj\u{2066}\u{200b}\u{e0041}\u{2028}",
    "\r\n# H1 <script>alert(1)</script> \"><img src=x onerror=alert(1)> ' ]]> --> ``` ` </style></details>",
    " [click](javascript:alert(1)) ![i](http://evil.example/i.png) @everyone {0} | ~~a~~ **b** &lt; \t{{x}} http://evil.example/a\n=1+1"
);

/// A report full of [`HOSTILE`].
pub(crate) fn hostile() -> ScanReport {
    filled_with(HOSTILE)
}

/// Every text of the small report, replaced.
pub(crate) fn filled_with(text: &str) -> ScanReport {
    let mut report = small();
    let hostile = || text.to_owned();
    report.summary.tool_version = hostile();
    report.summary.inputs = vec![hostile(), hostile()];
    for row in &mut report.resources {
        for place in [
            &mut row.id,
            &mut row.name,
            &mut row.kind,
            &mut row.location,
            &mut row.category,
        ] {
            *place = hostile();
        }
        row.resource_type = hostile();
        row.subscription_id = Some(hostile());
        row.resource_group = Some(hostile());
        row.parent_id = Some(hostile());
        row.source.file = hostile();
    }
    for finding in &mut report.findings {
        let own = finding.id.clone();
        for place in [
            &mut finding.id,
            &mut finding.resource_id,
            &mut finding.resource_name,
            &mut finding.resource_type,
            &mut finding.recommendation,
            &mut finding.title,
            &mut finding.description,
            &mut finding.cause,
            &mut finding.remediation.text,
            &mut finding.source.file,
        ] {
            *place = hostile();
        }
        finding.id.push_str(&own);
        finding.resource_id =
            format!("/subscriptions/{text}/resourceGroups/{text}/providers/{text}");
        for item in &mut finding.evidence {
            item.field = hostile();
            item.value = json!({text: text});
            item.source = hostile();
            item.condition = hostile();
            if let Some(at) = &mut item.location {
                at.file = hostile();
            }
        }
        for command in &mut finding.remediation.commands {
            command.tool = hostile();
            command.text = hostile();
        }
        for control in &mut finding.frameworks {
            control.framework = hostile();
            control.control = hostile();
        }
    }
    for row in &mut report.coverage {
        for place in [
            &mut row.scope,
            &mut row.what,
            &mut row.reason,
            &mut row.source,
        ] {
            *place = hostile();
        }
    }
    for message in &mut report.diagnostics {
        for place in [
            &mut message.file,
            &mut message.code,
            &mut message.message,
            &mut message.help,
        ] {
            *place = hostile();
        }
    }
    let empty = Summary {
        tool_version: hostile(),
        inputs: vec![hostile()],
        changes: report.summary.changes.clone(),
        ..Summary::default()
    };
    report.summary = empty;
    counted(report)
}
