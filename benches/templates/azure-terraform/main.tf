# An AI estate of a small team, with the defaults people forget.

variable "location" {
  type    = string
  default = "westeurope"
}

resource "azurerm_resource_group" "ai" {
  name     = "rg-ai"
  location = var.location
}

resource "azurerm_cognitive_account" "chat" {
  name                = "oai-chat"
  location            = azurerm_resource_group.ai.location
  resource_group_name = azurerm_resource_group.ai.name
  kind                = "OpenAI"
  sku_name            = "S0"
}

resource "azurerm_cognitive_account" "closed" {
  name                               = "oai-closed"
  location                           = azurerm_resource_group.ai.location
  resource_group_name                = azurerm_resource_group.ai.name
  kind                               = "OpenAI"
  sku_name                           = "S0"
  custom_subdomain_name              = "oai-closed"
  local_auth_enabled                 = false
  public_network_access_enabled      = false
  outbound_network_access_restricted = true
  fqdns                              = ["files.contoso.example"]

  identity {
    type = "SystemAssigned"
  }

  network_acls {
    default_action = "Deny"
  }
}

resource "azurerm_cognitive_deployment" "chat" {
  name                 = "chat"
  cognitive_account_id = azurerm_cognitive_account.chat.id

  model {
    format  = "OpenAI"
    name    = "gpt-4o"
    version = "2024-11-20"
  }

  sku {
    name = "Standard"
  }
}

resource "azurerm_search_service" "kb" {
  name                = "srch-kb"
  resource_group_name = azurerm_resource_group.ai.name
  location            = azurerm_resource_group.ai.location
  sku                 = "standard"
  allowed_ips         = ["0.0.0.0/0"]
}

resource "azurerm_application_insights" "ml" {
  name                = "appi-ml"
  location            = azurerm_resource_group.ai.location
  resource_group_name = azurerm_resource_group.ai.name
  application_type    = "web"
}

resource "azurerm_key_vault" "ml" {
  name                = "kv-ml"
  location            = azurerm_resource_group.ai.location
  resource_group_name = azurerm_resource_group.ai.name
  tenant_id           = "00000000-0000-0000-0000-000000000001"
  sku_name            = "standard"
}

resource "azurerm_storage_account" "ml" {
  name                     = "stml"
  location                 = azurerm_resource_group.ai.location
  resource_group_name      = azurerm_resource_group.ai.name
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_machine_learning_workspace" "ml" {
  name                          = "mlw-research"
  location                      = azurerm_resource_group.ai.location
  resource_group_name           = azurerm_resource_group.ai.name
  application_insights_id       = azurerm_application_insights.ml.id
  key_vault_id                  = azurerm_key_vault.ml.id
  storage_account_id            = azurerm_storage_account.ml.id
  public_network_access_enabled = true

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_compute_cluster" "gpu" {
  name                          = "gpu"
  location                      = azurerm_resource_group.ai.location
  machine_learning_workspace_id = azurerm_machine_learning_workspace.ml.id
  vm_priority                   = "Dedicated"
  vm_size                       = "STANDARD_NC6S_V3"
  local_auth_enabled            = true

  scale_settings {
    min_node_count                       = 1
    max_node_count                       = 4
    scale_down_nodes_after_idle_duration = "PT30S"
  }
}

resource "azurerm_databricks_workspace" "features" {
  name                          = "dbw-features"
  resource_group_name           = azurerm_resource_group.ai.name
  location                      = azurerm_resource_group.ai.location
  sku                           = "standard"
  public_network_access_enabled = true
}
