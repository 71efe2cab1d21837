//! Rows of `SecurityAlert`: what Defender raised in thirty days.

use serde_json::{Value, json};

use super::estate::{self, Account};
use super::{Timeline, guid};

/// One alert on an AI account.
#[derive(Debug, Clone, Copy)]
struct Alert {
    /// What comes after `AI.Azure_` in the alert's type.
    kind: &'static str,
    name: &'static str,
    severity: &'static str,
    description: &'static str,
    tactics: &'static str,
    /// Technique of MITRE ATLAS.
    techniques: &'static str,
    address: &'static str,
    account: Account,
    minutes: i64,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

const JAILBREAK_BLOCKED: Alert = Alert {
    kind: "Jailbreak.ContentFiltering.BlockedAttempt",
    name: "Jailbreak attempt on a model deployment was blocked by Prompt Shields",
    severity: "Medium",
    description: "A prompt tried to make the model drop its instructions. The content filter refused it.",
    tactics: "PrivilegeEscalation",
    techniques: "AML.T0054",
    address: estate::ATTACKER,
    account: estate::CHATBOT,
    minutes: 4 * HOUR + 50,
};

const RECONNAISSANCE: Alert = Alert {
    kind: "LLMReconnaissance",
    name: "Reconnaissance of a model deployment",
    severity: "Low",
    description: "One caller asked the model about its instructions, tools and limits, many times in different words.",
    tactics: "Discovery",
    techniques: "AML.T0069",
    address: estate::PROBER,
    account: estate::AGENTS,
    minutes: 6 * DAY + 3 * HOUR,
};

const AI_ALERTS: [Alert; 13] = [
    Alert {
        kind: "AccessFromAnonymizedIP",
        name: "Access to an AI account from an anonymising network",
        severity: "High",
        description: "A model deployment was called from an address of an anonymising network.",
        tactics: "InitialAccess",
        techniques: "AML.T0012",
        minutes: 5 * HOUR + 20,
        ..JAILBREAK_BLOCKED
    },
    JAILBREAK_BLOCKED,
    Alert {
        kind: "CredentialTheftAttempt",
        name: "Credentials found in answers of a model deployment",
        description: "Answers of the model held what looks like access keys.",
        tactics: "CredentialAccess",
        techniques: "AML.T0055",
        minutes: 4 * HOUR + 30,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        kind: "Jailbreak.ContentFiltering.DetectedAttempt",
        name: "Jailbreak attempt on a model deployment was detected and let through",
        description: "A prompt tried to make the model drop its instructions. The content filter only annotates, so the prompt was answered.",
        address: estate::PROBER,
        account: estate::AGENTS,
        minutes: 3 * DAY + 2 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        kind: "MaliciousUrl.ModelResponse",
        name: "Malicious URL in an answer of a model",
        severity: "High",
        description: "The model gave users a link that is known for phishing.",
        tactics: "Impact",
        techniques: "AML.T0048",
        address: "10.20.2.15",
        minutes: 2 * DAY + 4 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        kind: "DOWVolumeAnomaly",
        name: "Suspicious volume of calls to a model deployment",
        description: "A caller that was never seen before used far more of the model than usual.",
        tactics: "Impact",
        techniques: "AML.T0034",
        address: estate::NEWCOMER,
        account: estate::SUMMARIES,
        minutes: 3 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    RECONNAISSANCE,
    Alert {
        kind: "AnomalousToolInvocation",
        name: "Anomalous use of a tool by a model",
        description: "The model used a tool with arguments that are unlike those of the weeks before.",
        tactics: "Execution",
        techniques: "AML.T0053",
        address: estate::BRANCH,
        minutes: DAY + 6 * HOUR,
        ..RECONNAISSANCE
    },
    Alert {
        kind: "Agentic_Jailbreak",
        name: "Indirect prompt injection through a document an agent read",
        description: "A document of a customer carried instructions for the agent. The agent did not follow them.",
        techniques: "AML.T0051",
        address: estate::CUSTOMER,
        account: estate::AGENTS,
        minutes: 4 * DAY + 3 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        kind: "AccessFromSuspiciousUserAgent",
        name: "Access to an AI account with a suspicious user agent",
        description: "A model deployment was called with the user agent of an attack tool.",
        tactics: "Reconnaissance",
        techniques: "AML.T0040",
        minutes: 10 * DAY + 5 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        kind: "ASCIISmuggling",
        name: "Hidden text in a prompt",
        severity: "High",
        description: "A prompt held characters that people cannot see and models read.",
        tactics: "DefenseEvasion",
        techniques: "AML.T0068",
        address: estate::CUSTOMER,
        minutes: 15 * DAY + 4 * HOUR,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        minutes: 20 * DAY + 15,
        ..JAILBREAK_BLOCKED
    },
    Alert {
        minutes: 26 * DAY + 7 * HOUR,
        ..RECONNAISSANCE
    },
];

/// Alerts of other products, which the queries must leave out: product, name, severity, minutes ago.
const OTHER_ALERTS: [(&str, &str, &str, i64); 2] = [
    (
        "Azure Security Center",
        "Suspicious sign-in to a storage account",
        "High",
        2 * DAY + 3 * HOUR,
    ),
    (
        "Azure Active Directory Identity Protection",
        "Sign-in from an anonymous IP address",
        "Medium",
        5 * HOUR + 50,
    ),
];

/// Every alert, oldest first.
pub(super) fn rows(timeline: Timeline) -> Vec<Value> {
    let mut timed: Vec<(i64, Value)> = AI_ALERTS
        .iter()
        .map(|alert| (alert.minutes, ai_row(timeline, alert)))
        .chain(
            OTHER_ALERTS
                .iter()
                .map(|alert| (alert.3, other_row(timeline, *alert))),
        )
        .collect();
    timed.sort_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    timed.into_iter().map(|(_, row)| row).collect()
}

fn ai_row(timeline: Timeline, alert: &Alert) -> Value {
    // Defender writes these as text that holds JSON.
    let extended = json!({
        "CallerIpAddress": alert.address,
        "resourceType": "Azure AI Services",
        "Azure AI service name": alert.account.name,
    });
    let entities = json!([
        {"$id": "1", "Type": "azure-resource", "ResourceId": alert.account.id()},
        {"$id": "2", "Type": "ip", "Address": alert.address},
    ]);
    let mut row = common(timeline, alert.name, alert.severity, alert.minutes);
    row["AlertType"] = json!(alert_type(alert.kind));
    row["ProductName"] = json!("Azure Defender for AI");
    row["Description"] = json!(alert.description);
    row["ResourceId"] = json!(alert.account.id());
    row["CompromisedEntity"] = json!(alert.account.name);
    row["Tactics"] = json!(alert.tactics);
    row["Techniques"] = json!(json!([alert.techniques]).to_string());
    row["ExtendedProperties"] = json!(extended.to_string());
    row["Entities"] = json!(entities.to_string());
    row["RemediationSteps"] = json!(
        json!([
            "Look at the prompt evidence of the alert and at the calls of the same address.",
            "Revoke the keys or tokens the caller used, and close public network access."
        ])
        .to_string()
    );
    row["_ResourceId"] = json!(alert.account.id().to_lowercase());
    row
}

/// `AI.Azure_…`, as Defender spells it.
fn alert_type(kind: &str) -> String {
    format!("AI.Azure_{kind}")
}

fn other_row(
    timeline: Timeline,
    (product, name, severity, minutes): (&str, &str, &str, i64),
) -> Value {
    let mut row = common(timeline, name, severity, minutes);
    row["ProductName"] = json!(product);
    row["Description"] = json!("Shown to be left out: no alert of an AI workload.");
    row["ExtendedProperties"] = json!(json!({"CallerIpAddress": estate::ATTACKER}).to_string());
    row
}

/// The columns that every alert has.
fn common(timeline: Timeline, name: &str, severity: &str, minutes: i64) -> Value {
    let time = timeline.minutes_ago(minutes);
    json!({
        "TenantId": guid("workspace"),
        "TimeGenerated": time,
        "StartTime": time,
        "EndTime": time,
        "ProcessingEndTime": timeline.minutes_ago(minutes - 3),
        "DisplayName": name,
        "AlertName": name,
        "AlertSeverity": severity,
        "IsIncident": false,
        "ProviderName": "Azure Security Center",
        "VendorName": "Microsoft",
        "Status": "New",
        "SystemAlertId": guid(&format!("alert {name} {minutes}")),
        "WorkspaceSubscriptionId": estate::PROD,
        "WorkspaceResourceGroup": "rg-security-prod",
        "SourceSystem": "Detection",
        "Type": "SecurityAlert",
    })
}
