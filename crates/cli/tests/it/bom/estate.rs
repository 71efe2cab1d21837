//! A small estate of three clouds: an account with a deployment and an agent, a Bedrock agent, an agent engine.

use serde_json::{Value, json};

use crate::support::export;

/// The subscription of everything in Azure.
pub const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";
/// The id of the account.
pub const ACCOUNT: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai-claims";
/// The ARN of the Bedrock agent.
pub const BEDROCK_AGENT: &str = "arn:aws:bedrock:us-east-1:222222222222:agent/AGENT12345";
/// The object id of the account's identity.
pub const PRINCIPAL: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn azure(path: &str, resource_type: &str, properties: &Value) -> Value {
    let id = format!("{ACCOUNT}{path}");
    json!({
        "id": id,
        "name": id.rsplit('/').next(),
        "type": resource_type,
        "location": "westeurope",
        "resourceGroup": "rg",
        "subscriptionId": SUBSCRIPTION,
        "properties": properties,
    })
}

/// The account, its content filter and its deployment of that model.
pub fn account(model: &str, version: &str) -> Vec<Value> {
    let mut account = azure(
        "",
        "microsoft.cognitiveservices/accounts",
        &json!({"endpoint": "https://ai-claims.openai.azure.com/", "publicNetworkAccess": "Enabled"}),
    );
    account["kind"] = json!("AIServices");
    account["sku"] = json!({"name": "S0"});
    account["identity"] =
        json!({"type": "SystemAssigned", "principalId": PRINCIPAL, "tenantId": "t"});
    let project = azure(
        "/projects/intake",
        "microsoft.cognitiveservices/accounts/projects",
        &json!({"displayName": "Intake"}),
    );
    let filter = azure(
        "/raiPolicies/strict",
        "microsoft.cognitiveservices/accounts/raipolicies",
        &json!({"mode": "Default"}),
    );
    let deployment = azure(
        "/deployments/chat",
        "microsoft.cognitiveservices/accounts/deployments",
        &json!({"model": {"format": "OpenAI", "name": model, "version": version}, "raiPolicyName": "strict"}),
    );
    vec![account, project, filter, deployment]
}

/// The Foundry agent with these tools.
pub fn agent(tools: &Value) -> Value {
    azure(
        "/projects/intake/agents/claims-agent",
        "microsoft.cognitiveservices/accounts/projects/agents",
        &json!({
            "name": "claims-agent", "version": "3", "model": "chat", "isClassic": false,
            "instructions": "Help with claims.", "description": "Claims intake",
            "tools": tools,
            "knowledge": [{"type": "azure_ai_search", "indexName": "policies"}],
            "connectedAgents": [],
        }),
    )
}

/// An MCP server among an agent's tools.
pub fn mcp(label: &str, url: &str) -> Value {
    json!({"type": "mcp", "server_label": label, "server_url": url, "require_approval": "never"})
}

/// A role assignment of the account's identity at its subscription.
pub fn assignment(role: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/{role}"),
        "name": role,
        "type": "microsoft.authorization/roleassignments",
        "subscriptionId": SUBSCRIPTION,
        "properties": {
            "principalId": PRINCIPAL,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
            "scope": format!("/subscriptions/{SUBSCRIPTION}"),
        },
    })
}

/// The role `Cognitive Services OpenAI User`.
pub const OPENAI_USER: &str = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd";
/// The role `Contributor`.
pub const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

/// The estate as an export.
pub fn small() -> String {
    let mut resources = account("gpt-4o", "2024-08-06");
    resources.push(agent(&json!([
        mcp("crm", "https://mcp.contoso.example/sse"),
        {"type": "function", "name": "lookup_claim"},
        {"type": "azure_ai_search"},
    ])));
    resources.push(assignment(OPENAI_USER));
    export(&resources)
}
