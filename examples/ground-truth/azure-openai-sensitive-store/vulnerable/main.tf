# Translation service of Finch Legal (invented).
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "20c0ffee-0000-4000-8000-00000000b004"
}

resource "azurerm_resource_group" "finch" {
  name     = "rg-finch"
  location = "westeurope"
}

resource "azurerm_storage_account" "briefs" {
  name                            = "stfinchbriefs"
  resource_group_name             = azurerm_resource_group.finch.name
  location                        = azurerm_resource_group.finch.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = false
  tags                            = { dataClassification = "confidential" }
}

resource "azurerm_cognitive_account" "translate" {
  name                          = "oai-finch"
  resource_group_name           = azurerm_resource_group.finch.name
  location                      = azurerm_resource_group.finch.location
  kind                          = "OpenAI"
  sku_name                      = "S0"
  custom_subdomain_name         = "oai-finch"
  local_auth_enabled            = true
  public_network_access_enabled = true

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_role_assignment" "briefs" {
  scope                = azurerm_storage_account.briefs.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_cognitive_account.translate.identity[0].principal_id
}
