//! One estate as an ARM template and as Terraform: what the policies read is the same.

use serde_json::{Value, json};
use stance_collect::terraform::Found;
use stance_model::Resource;

use super::support::{read_source, said};
use crate::support::read;

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {"type": "Microsoft.CognitiveServices/accounts", "apiVersion": "2025-06-01", "name": "ai", "location": "westeurope", "kind": "AIServices",
     "sku": {"name": "S0"}, "identity": {"type": "SystemAssigned"},
     "properties": {"disableLocalAuth": true, "publicNetworkAccess": "Enabled",
       "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "20.1.2.3"}]},
       "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "k", "keyVersion": "1", "keyVaultUri": "https://kv.vault.azure.net/"}}}},
    {"type": "Microsoft.CognitiveServices/accounts/raiPolicies", "apiVersion": "2025-06-01", "name": "ai/strict",
     "properties": {"mode": "Blocking", "contentFilters": [{"name": "Hate", "enabled": true, "blocking": true, "severityThreshold": "Medium", "source": "Prompt"}]}},
    {"type": "Microsoft.CognitiveServices/accounts/deployments", "apiVersion": "2025-06-01", "name": "ai/gpt", "sku": {"name": "Standard", "capacity": 1},
     "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}, "raiPolicyName": "strict"}},
    {"type": "Microsoft.Search/searchServices", "apiVersion": "2025-05-01", "name": "srch", "location": "westeurope", "sku": {"name": "basic"},
     "properties": {"disableLocalAuth": false, "publicNetworkAccess": "Disabled"}},
    {"type": "Microsoft.MachineLearningServices/workspaces", "apiVersion": "2024-04-01", "name": "ml", "location": "westeurope", "kind": "Default",
     "sku": {"name": "Basic"}, "identity": {"type": "SystemAssigned"}, "properties": {"publicNetworkAccess": "Disabled"}},
    {"type": "Microsoft.MachineLearningServices/workspaces/computes", "apiVersion": "2024-04-01", "name": "ml/box", "location": "westeurope",
     "properties": {"computeType": "ComputeInstance", "disableLocalAuth": false}},
    {"type": "Microsoft.Insights/diagnosticSettings", "apiVersion": "2021-05-01-preview", "name": "d", "scope": "[resourceId('Microsoft.CognitiveServices/accounts', 'ai')]",
     "properties": {"storageAccountId": "/subscriptions/s/x", "logs": [{"category": "Audit", "enabled": true}]}},
    {"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2024-01-01", "name": "pe", "location": "westeurope",
     "properties": {"privateLinkServiceConnections": [{"name": "c", "properties": {"privateLinkServiceId": "[resourceId('Microsoft.CognitiveServices/accounts', 'ai')]", "groupIds": ["account"]}}]}}
  ]
}"#;

const SOURCE: &str = r#"
resource "azurerm_cognitive_account" "ai" {
  name               = "ai"
  location           = "West Europe"
  kind               = "AIServices"
  sku_name           = "S0"
  local_auth_enabled = false
  identity {
    type = "SystemAssigned"
  }
  network_acls {
    default_action = "Deny"
    ip_rules       = ["20.1.2.3"]
  }
  customer_managed_key {
    key_vault_key_id = "https://kv.vault.azure.net/keys/k/1"
  }
}

resource "azurerm_cognitive_account_rai_policy" "strict" {
  name                 = "strict"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  mode                 = "Blocking"
  content_filter {
    name               = "Hate"
    filter_enabled     = true
    block_enabled      = true
    severity_threshold = "Medium"
    source             = "Prompt"
  }
}

resource "azurerm_cognitive_deployment" "gpt" {
  name                 = "gpt"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  rai_policy_name      = azurerm_cognitive_account_rai_policy.strict.name
  model {
    format = "OpenAI"
    name   = "gpt-4o"
  }
  sku {
    name = "Standard"
  }
}

resource "azurerm_search_service" "srch" {
  name                          = "srch"
  location                      = "westeurope"
  sku                           = "basic"
  public_network_access_enabled = false
}

resource "azurerm_machine_learning_workspace" "ml" {
  name                          = "ml"
  location                      = "westeurope"
  public_network_access_enabled = false
  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_compute_instance" "box" {
  name                          = "box"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.ml.id
  virtual_machine_size          = "STANDARD_DS2_V2"
}

resource "azurerm_monitor_diagnostic_setting" "d" {
  name               = "d"
  target_resource_id = azurerm_cognitive_account.ai.id
  storage_account_id = "/subscriptions/s/x"
  enabled_log {
    category = "Audit"
  }
}

resource "azurerm_private_endpoint" "pe" {
  name     = "pe"
  location = "westeurope"
  private_service_connection {
    name                           = "c"
    private_connection_resource_id = azurerm_cognitive_account.ai.id
    is_manual_connection           = false
    subresource_names              = ["account"]
  }
}
"#;

/// What the policies under `content/policies` read, with what joins resources.
const FIELDS: &[&str] = &[
    "/kind",
    "/location",
    "/identity/type",
    "/sku/name",
    "/properties/disableLocalAuth",
    "/properties/publicNetworkAccess",
    "/properties/networkAcls",
    "/properties/encryption",
    "/properties/mode",
    "/properties/contentFilters",
    "/properties/model",
    "/properties/raiPolicyName",
    "/properties/computeType",
    "/properties/storageAccountId",
    "/properties/workspaceId",
    "/properties/logs",
    "/properties/privateLinkServiceConnections",
];

fn view(resource: &Resource) -> Value {
    let mut view = json!({"id": resource.id.key(), "type": resource.resource_type});
    for field in FIELDS {
        view[*field] = resource.body.pointer(field).cloned().unwrap_or(Value::Null);
    }
    // A child's location is its parent's.
    if resource.resource_type.ends_with("/computes") {
        view["/location"] = Value::Null;
    }
    view
}

fn source() -> Found {
    let found = read_source(SOURCE);
    assert_eq!(said(&found), "");
    found
}

#[test]
fn the_same_estate_reads_the_same() {
    let template = read(TEMPLATE);
    assert_eq!(template.resources.len(), 8, "{:?}", template.diagnostics);
    let source = source();
    assert_eq!(source.resources.len(), 8);
    for declared in &template.resources {
        let twin = source.resources.iter().find(|one| one.id == declared.id);
        let twin = twin.unwrap_or_else(|| panic!("{} has no twin", declared.id));
        assert_eq!(view(twin), view(declared), "{}", declared.id);
        assert_eq!(twin.origin, declared.origin);
        assert_eq!(twin.subscription(), declared.subscription());
    }
}

#[test]
fn children_find_their_parents() {
    let source = source();
    let parent = |name: &str| {
        let child = source
            .resources
            .iter()
            .find(|one| one.name() == name)
            .unwrap();
        child.id.parent().unwrap()
    };
    let account = &source.resources[0].id;
    assert_eq!(parent("strict"), *account);
    assert_eq!(parent("gpt"), *account);
    assert_eq!(parent("d"), *account);
}

/// What a plan and a state say of the account of [`SOURCE`]: unset blocks are empty, defaults are filled in.
fn values() -> Value {
    json!({
        "name": "ai", "location": "westeurope", "kind": "AIServices", "sku_name": "S0", "local_auth_enabled": false,
        "public_network_access_enabled": true, "outbound_network_access_restricted": false, "custom_subdomain_name": null,
        "custom_question_answering_search_service_id": null, "dynamic_throttling_enabled": null, "fqdns": null,
        "identity": [{"type": "SystemAssigned", "identity_ids": null}],
        "network_acls": [{"default_action": "Deny", "bypass": "", "ip_rules": ["20.1.2.3"], "virtual_network_rules": []}],
        "customer_managed_key": [{"key_vault_key_id": "https://kv.vault.azure.net/keys/k/1", "identity_client_id": null}],
        "storage": [], "network_injection": [], "tags": null, "timeouts": null
    })
}

#[test]
fn source_plan_and_state_read_the_same() {
    let account = |values: &Value| {
        json!({"root_module": {"resources": [{"address": "azurerm_cognitive_account.ai", "mode": "managed",
            "type": "azurerm_cognitive_account", "name": "ai", "values": values, "sensitive_values": {}}]}})
    };
    let plan = json!({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": account(&values())});
    let id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{resourceGroup}/providers/Microsoft.CognitiveServices/accounts/ai";
    let mut observed = values();
    observed["id"] = json!(id);
    observed["resource_group_name"] = json!("{resourceGroup}");
    observed["primary_access_key"] = json!("0123456789abcdef0123456789abcdef");
    let state = json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": account(&observed)});
    let (plan, state) = (read(plan.to_string()), read(state.to_string()));
    let source = source();
    let written = &source.resources[0];
    for found in [&plan, &state] {
        let twin = &found.resources[0];
        assert_eq!(view(twin), view(written));
        assert_eq!(twin.properties(), written.properties());
    }
}
