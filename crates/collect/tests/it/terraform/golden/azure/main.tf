# A Foundry account with what belongs to it.
provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_resource_group" "ai" {
  name     = "rg-${var.workload}"
  location = "Sweden Central"
}

resource "azurerm_cognitive_account" "main" {
  name                          = "aoai-${var.workload}"
  resource_group_name           = azurerm_resource_group.ai.name
  location                      = azurerm_resource_group.ai.location
  kind                          = "AIServices"
  sku_name                      = "S0"
  custom_subdomain_name         = "aoai-${var.workload}"
  local_auth_enabled            = false
  public_network_access_enabled = var.public

  network_acls {
    default_action = "Deny"
    ip_rules       = var.allowed
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.ai.id]
  }
}

resource "azurerm_user_assigned_identity" "ai" {
  name                = "id-ai"
  resource_group_name = azurerm_resource_group.ai.name
  location            = azurerm_resource_group.ai.location
}

resource "azurerm_cognitive_account_customer_managed_key" "main" {
  cognitive_account_id = azurerm_cognitive_account.main.id
  key_vault_key_id     = "https://kv-ai.vault.azure.net/keys/ai/0123456789abcdef"
}

resource "azurerm_cognitive_account_rai_policy" "strict" {
  name                 = "strict"
  cognitive_account_id = azurerm_cognitive_account.main.id
  base_policy_name     = "Microsoft.Default"

  dynamic "content_filter" {
    for_each = toset(["Violence", "Hate"])
    content {
      name               = content_filter.value
      filter_enabled     = true
      block_enabled      = content_filter.value != "Hate"
      severity_threshold = "Medium"
      source             = "Prompt"
    }
  }
}

resource "azurerm_cognitive_deployment" "gpt" {
  for_each             = { chat = "gpt-4o", small = "gpt-4o-mini" }
  name                 = each.key
  cognitive_account_id = azurerm_cognitive_account.main.id
  rai_policy_name      = azurerm_cognitive_account_rai_policy.strict.name

  model {
    format = "OpenAI"
    name   = each.value
  }

  sku {
    name     = "Standard"
    capacity = 10
  }
}

resource "azurerm_private_endpoint" "main" {
  name                = "pe-ai"
  resource_group_name = azurerm_resource_group.ai.name
  location            = azurerm_resource_group.ai.location
  subnet_id           = data.azurerm_subnet.pe.id

  private_service_connection {
    name                           = "ai"
    private_connection_resource_id = azurerm_cognitive_account.main.id
    subresource_names              = ["account"]
    is_manual_connection           = false
  }
}

data "azurerm_subnet" "pe" {
  name                 = "pe"
  virtual_network_name = "vnet"
  resource_group_name  = "rg-net"
}

resource "azurerm_monitor_diagnostic_setting" "main" {
  name                       = "audit"
  target_resource_id         = azurerm_cognitive_account.main.id
  log_analytics_workspace_id = var.workspace_id

  enabled_log {
    category_group = "allLogs"
  }
}

resource "azapi_resource" "connection" {
  type      = "Microsoft.CognitiveServices/accounts/connections@2025-06-01"
  name      = "search"
  parent_id = azurerm_cognitive_account.main.id
  body = {
    properties = {
      category = "CognitiveSearch"
      authType = "AAD"
      target   = "https://${var.workload}.search.windows.net"
    }
  }
}

resource "azapi_update_resource" "main" {
  type        = "Microsoft.CognitiveServices/accounts@2025-06-01"
  resource_id = azurerm_cognitive_account.main.id
  body        = jsonencode({ properties = { allowProjectManagement = true } })
}

resource "azurerm_role_assignment" "user" {
  scope                = azurerm_cognitive_account.main.id
  role_definition_name = "Cognitive Services OpenAI User"
  principal_id         = azurerm_user_assigned_identity.ai.principal_id
}

resource "azurerm_security_center_subscription_pricing" "ai" {
  tier          = "Standard"
  resource_type = "AI"

  extension {
    name = "AIPromptEvidence"
  }
}

resource "azurerm_traffic_manager_profile" "t" {
  name = "not mapped"
}

resource "random_id" "helper" {
  byte_length = 4
}
