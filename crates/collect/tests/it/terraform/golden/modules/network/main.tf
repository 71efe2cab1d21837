variable "name" {
  type = string
}

resource "azurerm_virtual_network" "main" {
  name                = var.name
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.0.0.0/16"]
}

resource "azurerm_subnet" "pe" {
  name                 = "pe"
  resource_group_name  = azurerm_virtual_network.main.resource_group_name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = [cidrsubnet(azurerm_virtual_network.main.address_space[0], 8, 1)]
}

output "subnet_id" {
  value = azurerm_subnet.pe.id
}

output "group" {
  value = "rg-net"
}
