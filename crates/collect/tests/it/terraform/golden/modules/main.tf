module "network" {
  source = "./network"
  name   = "vnet-ai"
}

module "search" {
  for_each = toset(["a", "b"])
  source   = "./search"
  name     = "srch-${each.key}"
  subnet   = module.network.subnet_id
}

module "registry" {
  source  = "Azure/avm-res-cognitiveservices-account/azurerm"
  version = "0.7.0"
}

resource "azurerm_storage_account" "logs" {
  name                = "logs"
  resource_group_name = module.network.group
  location            = module.registry.location

  network_rules {
    default_action             = "Deny"
    virtual_network_subnet_ids = [module.network.subnet_id]
  }
}
