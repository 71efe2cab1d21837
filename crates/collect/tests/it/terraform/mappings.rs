//! The mapping data itself.

use stance_collect::terraform;

#[test]
fn every_mapping_can_be_used() {
    assert_eq!(terraform::mapping_problems(), Vec::<String>::new());
    assert!(terraform::mapped_types().len() > 150);
}

#[test]
fn show() {
    let found = super::support::read_source(
        r#"
variable "prefix" {}
resource "azurerm_resource_group" "rg" { 
  name = "rg-ai" 
  location = "West Europe" 
}
resource "azurerm_cognitive_account" "main" {
  name                = "${var.prefix}-oai"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  kind                = "OpenAI"
  sku_name            = "S0"
  local_auth_enabled  = false
  network_acls {
    default_action = "Deny"
    ip_rules = ["1.2.3.4", var.prefix]
  }
  identity { type = "SystemAssigned, UserAssigned" }
  tags = { a = "b", p = var.prefix }
}
resource "azurerm_cognitive_deployment" "d" {
  count = 2
  name = "gpt-${count.index}"
  cognitive_account_id = azurerm_cognitive_account.main.id
  model { 
   format = "OpenAI"
   name = "gpt-4o"
  }
  sku { name = "Standard" }
}
"#,
    );
    println!(
        "{}{}",
        super::support::shown(&found.resources),
        super::support::said(&found)
    );
}
