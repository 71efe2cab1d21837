//! Attack paths as Resource Graph lists them, in both shapes that it uses.
//!
//! The documented shape (Defender CSPM) has risk categories and names the ends by internal ids; the shape of
//! Exposure Management has a risk level and names the ends outright.

use serde_json::{Value, json};

use super::estate::{self, Account};
use super::guid;

/// A path as Exposure Management tells it.
#[derive(Debug, Clone, Copy)]
struct Path {
    name: &'static str,
    story: &'static str,
    risk: &'static str,
    factors: &'static [&'static str],
    entry: (&'static str, &'static str),
    target: End,
    steps: &'static str,
}

/// Where a path starts or ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Account(Account),
    Other(&'static str, &'static str, &'static str),
}

impl End {
    fn id(self) -> String {
        match self {
            Self::Account(account) => account.id(),
            Self::Other(group, kind, name) => estate::id(estate::PROD, group, kind, name),
        }
    }
}

const WEB_APP: (&str, &str) = ("Microsoft.Web/sites", "app-chatbot-prod");
const BOT: (&str, &str) = ("Microsoft.BotService/botServices", "bot-contoso-assist");

const PATHS: [Path; 3] = [
    Path {
        name: "Internet-exposed Azure OpenAI endpoint with access to sensitive data store",
        story: "The chatbot account answers the internet and accepts keys. Whoever holds a key reaches the model and, through the assistant's connection, the storage account with customer documents.",
        risk: "Critical",
        factors: &["Internet exposure", "Sensitive data"],
        entry: WEB_APP,
        target: End::Account(estate::CHATBOT),
        steps: "Switch key access and public network access off on oai-chatbot-prod. Let the assistant's storage connection sign in with Entra ID.",
    },
    Path {
        name: "Indirect prompt injection chain: customer document, agent, privileged action",
        story: "Documents of customers are read by an agent whose project may read the vault with customer secrets.",
        risk: "Medium",
        factors: &["Internet exposure", "Lateral movement"],
        entry: BOT,
        target: End::Account(estate::AGENTS),
        steps: "Switch the shield against indirect attacks on, and ask for human approval of the agent's tool actions.",
    },
    Path {
        name: "Internet-exposed web app with permission to a storage account with sensitive data",
        story: "The web app's identity is Contributor on its resource group; keys of other services lie in its settings.",
        risk: "High",
        factors: &["Internet exposure", "Sensitive data"],
        entry: WEB_APP,
        target: End::Other(
            "rg-documents-prod",
            "Microsoft.Storage/storageAccounts",
            "stcustomerdocsprod",
        ),
        steps: "Close public network access on the storage account and take Contributor away from the web app.",
    },
];

/// The analyst's compute instance, in the group of the fraud workspace.
const INSTANCE: End = End::Other(
    "rg-fraud-prod",
    "Microsoft.MachineLearningServices/workspaces/mlw-fraud-prod/computes",
    "ci-analyst",
);

/// Paths in the documented shape: name, description, entry, target, steps.
const LEGACY: [(&str, &str, End, End, &str); 2] = [
    (
        "AI Foundry project with managed identity granting access to a Key Vault containing customer secrets",
        "An agent of the project can be led to read secrets that its identity is allowed to read.",
        End::Other("rg-chatbot-prod", BOT.0, BOT.1),
        End::Account(estate::AGENTS),
        "Grant the project only the one secret it needs, or take the role away.",
    ),
    (
        "Compute instance with local accounts can reach the fraud models",
        "A compute instance accepts SSH with a local account and runs with the identity of the workspace.",
        INSTANCE,
        End::Other(
            "rg-fraud-prod",
            "Microsoft.MachineLearningServices/workspaces",
            "mlw-fraud-prod",
        ),
        "Create the compute instance anew with local authentication off.",
    ),
];

/// Every path as a row of `securityresources`.
pub(super) fn rows() -> Vec<Value> {
    let newer = PATHS.iter().map(exposure_management);
    let documented = LEGACY
        .iter()
        .map(|(name, description, entry, target, steps)| {
            defender_cspm(name, description, (&entry.id(), &target.id()), steps)
        });
    newer.chain(documented).collect()
}

/// The rows as `az graph query -o json` prints them.
pub(super) fn export(rows: &[Value]) -> Value {
    json!({"count": rows.len(), "data": rows, "skip_token": null, "total_records": rows.len()})
}

fn exposure_management(path: &Path) -> Value {
    let (kind, name) = path.entry;
    let entry = estate::id(estate::PROD, "rg-chatbot-prod", kind, name);
    row(
        path.name,
        &json!({
            "displayName": path.name,
            "description": path.story,
            "attackStory": path.story,
            "attackPathType": guid(path.name),
            "riskLevel": path.risk,
            "riskFactors": path.factors,
            "manualRemediationSteps": path.steps,
            "refreshInterval": "PT24H",
            "entryPoint": entry,
            "target": path.target.id(),
            "isPartialAttackPath": false,
            "mITRETacticsAndTechniques": ["Initial Access", "Exfiltration"],
            "attackPathSteps": [entry, path.target.id()],
            "graphComponent": graph(&entry, &path.target.id()),
        }),
    )
}

fn defender_cspm(
    name: &str,
    description: &str,
    (entry, target): (&str, &str),
    steps: &str,
) -> Value {
    row(
        name,
        &json!({
            "displayName": name,
            "description": description,
            "attackPathType": guid(name),
            "manualRemediationSteps": steps,
            "refreshInterval": "PT24H",
            "potentialImpact": "Customer data and models can be read or changed.",
            "riskCategories": ["Credential exposure", "Data exposure"],
            "entryPointEntityInternalID": guid(entry),
            "targetEntityInternalID": guid(target),
            "assessments": {guid(target): []},
            "graphComponent": graph(entry, target),
        }),
    )
}

/// The type in an id: its namespace and every second part after it, in lower case.
fn kind_of(id: &str) -> String {
    let mut parts = id
        .split("/providers/")
        .nth(1)
        .unwrap_or_default()
        .split('/');
    let namespace = parts.next().unwrap_or_default();
    let types = parts.step_by(2);
    std::iter::once(namespace)
        .chain(types)
        .collect::<Vec<_>>()
        .join("/")
        .to_lowercase()
}

/// Two entities and the edge between them.
fn graph(entry: &str, target: &str) -> Value {
    let entity = |id: &str| {
        json!({
            "entityInternalId": guid(id),
            "entityName": id.rsplit('/').next(),
            "entityType": kind_of(id),
            "entityIdentifiers": {"azureResourceId": id},
        })
    };
    json!({
        "insights": [],
        "entities": [entity(entry), entity(target)],
        "connections": [{
            "connectionId": guid(&format!("{entry} {target}")),
            "sourceEntityInternalId": guid(entry),
            "targetEntityInternalId": guid(target),
            "description": "has permissions to",
        }],
    })
}

fn row(name: &str, properties: &Value) -> Value {
    let path = guid(&format!("path {name}"));
    json!({
        "id": format!("/subscriptions/{}/providers/Microsoft.Security/attackPaths/{path}", estate::PROD),
        "name": path,
        "type": "microsoft.security/attackpaths",
        "tenantId": estate::TENANT,
        "kind": "",
        "location": "",
        "resourceGroup": "",
        "subscriptionId": estate::PROD,
        "managedBy": "",
        "sku": null,
        "plan": null,
        "properties": properties,
        "tags": null,
        "identity": null,
        "zones": null,
        "extendedLocation": null,
    })
}
