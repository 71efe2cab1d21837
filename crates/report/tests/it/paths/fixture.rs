//! Paths to write: a short one, an estate of thirty nodes, and one whose names were chosen by an attacker.

use chrono::{TimeZone, Utc};
use stance_report::paths::{
    Confidence, FindingView, NodeView, PathView, PathsReport, ShareView, StepView,
};

pub(crate) fn node(id: &str, name: &str, label: &str, cloud: &str, category: &str) -> NodeView {
    NodeView {
        id: id.to_owned(),
        name: name.to_owned(),
        label: label.to_owned(),
        cloud: cloud.to_owned(),
        category: category.to_owned(),
        insights: Vec::new(),
    }
}

fn with(mut node: NodeView, insights: &[&str]) -> NodeView {
    node.insights = insights.iter().map(|&text| text.to_owned()).collect();
    node
}

fn step(from: usize, to: usize, label: &str, text: &str, source: &str) -> StepView {
    StepView {
        from,
        to,
        label: label.to_owned(),
        evidence_text: text.to_owned(),
        evidence_source: source.to_owned(),
        confidence: Confidence::High,
        remediation: format!("Take away what lets the step be: {label}."),
    }
}

pub(crate) fn report(paths: Vec<PathView>) -> PathsReport {
    PathsReport {
        bounded: Vec::new(),
        generated_at: Utc.with_ymd_and_hms(2026, 11, 30, 12, 0, 0).unwrap(),
        paths,
    }
}

/// Internet, chat bot, storage.
pub(crate) fn short() -> PathsReport {
    let nodes = vec![
        node("internet", "Internet", "internet", "", "internet"),
        with(
            node(
                "/subscriptions/0a1b/resourcegroups/rg-chat/providers/microsoft.cognitiveservices/accounts/oai-chatbot-prod",
                "oai-chatbot-prod",
                "microsoft.cognitiveservices/accounts",
                "Azure",
                "ai_account",
            ),
            &["exposedToInternet", "allowsBasicAuthentication"],
        ),
        with(
            node(
                "/subscriptions/0a1b/resourcegroups/rg-data/providers/microsoft.storage/storageaccounts/stcustomerdocs",
                "stcustomerdocs",
                "microsoft.storage/storageaccounts",
                "Azure",
                "object_store",
            ),
            &["containsSensitiveData"],
        ),
    ];
    let account = "/subscriptions/0a1b/resourceGroups/rg-chat/providers/Microsoft.CognitiveServices/accounts/oai-chatbot-prod";
    let mut routes = step(
        0,
        1,
        "routes traffic to",
        "publicNetworkAccess is Enabled",
        account,
    );
    routes.remediation =
        "Set publicNetworkAccess to Disabled and reach the account over a private endpoint."
            .to_owned();
    let mut reads = step(
        1,
        2,
        "has permissions to",
        "Storage Blob Data Contributor for its system-assigned identity",
        "/subscriptions/0a1b/providers/Microsoft.Authorization/roleAssignments/7f3c",
    );
    reads.confidence = Confidence::Medium;
    report(vec![PathView {
        id: "path-1".to_owned(),
        rule: String::new(),
        name: "Internet-exposed Azure OpenAI account reaches a store with sensitive data".to_owned(),
        description: "An account that anybody on the internet reaches may read sensitive data."
            .to_owned(),
        story: "Anybody on the internet reaches oai-chatbot-prod, whose identity may read and write stcustomerdocs, where customers' documents lie.".to_owned(),
        impact: "Customers' documents are read or changed.".to_owned(),
        risk_level: "Critical".to_owned(),
        risk_score: 91.5,
        shares: vec![
            ShareView {
                factor: "Exposure".to_owned(),
                text: "the internet reaches the entry".to_owned(),
                points: 30.0,
            },
            ShareView {
                factor: "Data sensitivity".to_owned(),
                text: "a label says Highly Confidential".to_owned(),
                points: 25.5,
            },
            ShareView {
                factor: "Severity".to_owned(),
                text: "two findings of high severity lie on the way".to_owned(),
                points: 36.0,
            },
        ],
        risk_factors: vec!["Internet exposure".to_owned(), "Sensitive data".to_owned()],
        attack: vec!["T1190".to_owned()],
        atlas: vec!["AML.T0049".to_owned()],
        entry: nodes[0].clone(),
        target: nodes[2].clone(),
        steps: vec![routes, reads],
        nodes,
        alternatives: 1,
        findings: vec![FindingView {
            id: "finding-17".to_owned(),
            title: "Azure AI Services resources should restrict network access".to_owned(),
            severity: "High".to_owned(),
            resource_name: "oai-chatbot-prod".to_owned(),
            contribution: "It is the way in.".to_owned(),
            breaks_path: true,
        }],
        opened: Some("2026-11-28".to_owned()),
    }])
}

/// A path's name, its risk, and its steps as from, to, label.
type Way = (
    &'static str,
    &'static str,
    &'static [(usize, usize, &'static str)],
);

/// Eleven paths through thirty nodes of three clouds.
pub(crate) fn estate() -> PathsReport {
    let nodes = estate_nodes();
    let ways: [Way; 11] = [
        (
            "Internet-exposed Azure OpenAI account reaches a store with sensitive data",
            "Critical",
            &[(0, 3, ROUTES), (3, 8, AUTH), (8, 17, PERMISSIONS)],
        ),
        (
            "Foundry project opens a key vault with customers' secrets",
            "Critical",
            &[
                (0, 3, ROUTES),
                (3, 4, "contains"),
                (4, 9, AUTH),
                (9, 18, PERMISSIONS),
            ],
        ),
        (
            "Secrets of the vault open the database",
            "High",
            &[
                (0, 3, ROUTES),
                (3, 4, "contains"),
                (4, 9, AUTH),
                (9, 18, PERMISSIONS),
                (18, 19, "has credentials of"),
            ],
        ),
        (
            "Hidden instructions in mail make an agent act",
            "Critical",
            &[
                (1, 5, "reads untrusted"),
                (5, 10, "uses"),
                (10, 11, "has role on"),
                (11, 20, PERMISSIONS),
            ],
        ),
        (
            "Copilot Studio agent with a public trigger reaches Dataverse",
            "High",
            &[
                (0, 2, ROUTES),
                (2, 5, "triggers"),
                (5, 11, AUTH),
                (11, 20, PERMISSIONS),
            ],
        ),
        (
            "Bedrock agent is hijacked through the role of its action group",
            "High",
            &[
                (0, 6, ROUTES),
                (6, 12, "uses"),
                (12, 13, AUTH),
                (13, 21, PERMISSIONS),
            ],
        ),
        (
            "Agents share an execution role",
            "Medium",
            &[
                (0, 6, ROUTES),
                (6, 14, AUTH),
                (14, 22, PERMISSIONS),
                (14, 21, PERMISSIONS),
            ],
        ),
        (
            "Passed role into a notebook",
            "High",
            &[
                (23, 14, IMPERSONATE),
                (14, 24, PERMISSIONS),
                (24, 25, AUTH),
                (25, 22, PERMISSIONS),
            ],
        ),
        (
            "From Azure into Google by workload federation",
            "Critical",
            &[
                (0, 3, ROUTES),
                (3, 8, AUTH),
                (8, 15, IMPERSONATE),
                (15, 26, PERMISSIONS),
            ],
        ),
        (
            "Poisoned tool of an MCP server",
            "Medium",
            &[
                (27, 16, "uses"),
                (16, 7, "uses"),
                (7, 15, AUTH),
                (15, 28, PERMISSIONS),
            ],
        ),
        (
            "A leaked key opens the model registry",
            "Low",
            &[
                (29, 15, "has credentials of"),
                (15, 26, PERMISSIONS),
                (26, 7, "grounds on"),
                (7, 28, "uses"),
            ],
        ),
    ];
    let mut paths = Vec::new();
    for (index, (name, risk, steps)) in ways.into_iter().enumerate() {
        paths.push(way(&nodes, index, name, risk, steps));
    }
    let mut report = report(paths);
    report.bounded = vec![
        "The search stopped at 8 steps; longer paths are not listed.".to_owned(),
        "Rule aws-pass-role stopped after 1000 paths.".to_owned(),
    ];
    report
}

const ROUTES: &str = "routes traffic to";
const AUTH: &str = "can authenticate as";
const PERMISSIONS: &str = "has permissions to";
const IMPERSONATE: &str = "can impersonate as";

fn way(
    nodes: &[NodeView],
    index: usize,
    name: &str,
    risk: &str,
    steps: &[(usize, usize, &str)],
) -> PathView {
    let steps: Vec<StepView> = steps
        .iter()
        .map(|&(from, to, label)| {
            let mut made = step(from, to, label, "as collected", &nodes[from].id);
            made.confidence = match (from + to) % 7 {
                0 => Confidence::Low,
                1 | 2 => Confidence::Medium,
                _ => Confidence::High,
            };
            made
        })
        .collect();
    PathView {
        id: format!("path-{}", index + 1),
        name: name.to_owned(),
        description: "What the rule looks for.".to_owned(),
        risk_level: risk.to_owned(),
        risk_score: 50.0,
        entry: nodes[steps[0].from].clone(),
        target: nodes[steps[steps.len() - 1].to].clone(),
        steps,
        nodes: nodes.to_vec(),
        ..PathView::default()
    }
}

fn estate_nodes() -> Vec<NodeView> {
    let azure = |name: &str, label: &str, category: &str| {
        node(
            &format!("/subscriptions/0a1b/{name}"),
            name,
            label,
            "Azure",
            category,
        )
    };
    let aws = |name: &str, label: &str, category: &str| {
        node(
            &format!("arn:aws:x:eu-central-1:111122223333:{name}"),
            name,
            label,
            "AWS",
            category,
        )
    };
    let google = |name: &str, label: &str, category: &str| {
        node(
            &format!("//googleapis.com/projects/p/{name}"),
            name,
            label,
            "Google",
            category,
        )
    };
    vec![
        node("internet", "Internet", "internet", "", "internet"),
        node(
            "content:mail",
            "Mail to support@contoso.example",
            "untrusted content",
            "",
            "untrusted_content",
        ),
        node("channel:web", "Direct Line", "channel", "", "channel"),
        with(
            azure(
                "oai-chatbot-prod",
                "microsoft.cognitiveservices/accounts",
                "ai_account",
            ),
            &[
                "exposedToInternet",
                "allowsBasicAuthentication",
                "hasVulnerabilities",
            ],
        ),
        azure(
            "claims-project",
            "microsoft.cognitiveservices/accounts/projects",
            "ai_project",
        ),
        with(
            azure(
                "Support agent",
                "microsoft.copilotstudio/agents",
                "ai_agent",
            ),
            &["isUnauthenticated"],
        ),
        with(
            aws("claims-agent", "aws::bedrock::agent", "ai_agent"),
            &["exposedToInternet"],
        ),
        google(
            "underwriting-engine",
            "aiplatform.googleapis.com/reasoningengine",
            "ai_agent",
        ),
        azure("oai-chatbot-prod identity", "managed identity", "identity"),
        azure("claims-project identity", "managed identity", "identity"),
        azure("Send mail and update case", "tool", "tool"),
        azure(
            "Dataverse application user",
            "microsoft.dataverse/systemusers",
            "identity",
        ),
        aws("claims-actions", "aws::lambda::function", "function"),
        aws("claims-actions-role", "aws::iam::role", "identity"),
        aws(
            "bedrock-shared-execution-role",
            "aws::iam::role",
            "identity",
        ),
        google(
            "underwriting@contoso-ai.iam",
            "iam.googleapis.com/serviceaccount",
            "identity",
        ),
        node(
            "mcp:https://tools.example/mcp",
            "tools.example/mcp",
            "mcp/server",
            "",
            "mcp_server",
        ),
        with(
            azure(
                "stcustomerdocs",
                "microsoft.storage/storageaccounts",
                "object_store",
            ),
            &["containsSensitiveData"],
        ),
        with(
            azure(
                "kv-customer-secrets-prod-weu",
                "microsoft.keyvault/vaults",
                "secret_store",
            ),
            &["containsSensitiveData", "criticalityLevel"],
        ),
        with(
            azure("sql-claims", "microsoft.sql/servers/databases", "data"),
            &["containsSensitiveData"],
        ),
        with(
            azure(
                "account (Dataverse table)",
                "microsoft.dataverse/tables",
                "data",
            ),
            &["containsSensitiveData"],
        ),
        with(
            aws(
                "contoso-claims-documents",
                "aws::s3::bucket",
                "object_store",
            ),
            &["containsSensitiveData"],
        ),
        aws("policyholders", "aws::dynamodb::table", "data"),
        with(
            aws("dana.dev", "aws::iam::user", "user"),
            &["doesNotHaveMfaEnabled"],
        ),
        aws(
            "risk-notebook",
            "aws::sagemaker::notebookinstance",
            "notebook",
        ),
        aws("sagemaker-admin-role", "aws::iam::role", "identity"),
        google(
            "claims_warehouse",
            "bigquery.googleapis.com/dataset",
            "data",
        ),
        node(
            "content:readme",
            "Description of a tool",
            "untrusted content",
            "",
            "untrusted_content",
        ),
        google(
            "underwriting-model",
            "aiplatform.googleapis.com/model",
            "ai_model",
        ),
        google(
            "key 4f2a of underwriting",
            "iam.googleapis.com/serviceaccountkey",
            "credential",
        ),
    ]
}
