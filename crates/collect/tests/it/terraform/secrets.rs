//! Secrets of source, plans and states never come out: not in bodies, not in expressions, not in messages.

use std::path::Path;

use stance_collect::{CollectOptions, Gathered, collect};

const SECRETS: &[&str] = &[
    "Sup3rSecretPassw0rd!",
    "AccountKey=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghij==",
    "tfvars-value-of-a-sensitive-one",
    "literal-within-an-expression",
    "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ",
];

const SOURCE: &str = r#"
variable "admin_password" {}
variable "hidden" {
  sensitive = true
}
variable "region" {}

resource "azapi_resource" "app" {
  type = "Microsoft.Web/sites@2023-12-01"
  name = "app"
  body = {
    properties = {
      adminPassword = var.admin_password
      note          = var.hidden
      mixed         = "${var.hidden}-x"
      clientSecret  = "literal-within-an-expression-${var.region}"
      connection    = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghij=="
      token         = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ"
      wrong         = tonumber(var.admin_password)
    }
  }
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = {
      DB_PASSWORD = "Sup3rSecretPassw0rd!"
    }
  }
}
"#;

const VARIABLES: &str =
    "admin_password = \"Sup3rSecretPassw0rd!\"\nhidden = \"tfvars-value-of-a-sensitive-one\"\n";

fn everything(folder: &Path) -> String {
    let mut gathered = Gathered::default();
    collect(
        &[folder.to_owned()],
        &CollectOptions::default(),
        &mut gathered,
    );
    assert!(!gathered.resources.is_empty());
    format!(
        "{}\n{:?}\n{:?}",
        serde_json::to_string(&gathered.resources).unwrap(),
        gathered.diagnostics,
        gathered.coverage
    )
}

#[track_caller]
fn hidden(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
}

#[test]
fn of_source_and_variables() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.tf"), SOURCE).unwrap();
    std::fs::write(folder.path().join("terraform.tfvars"), VARIABLES).unwrap();
    let text = everything(folder.path());
    hidden(&text);
    assert!(text.contains("\"name\":\"app\""));
}

#[test]
fn of_states() {
    let folder = tempfile::tempdir().unwrap();
    let state = serde_json::json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l",
    "outputs": {"password": {"value": "Sup3rSecretPassw0rd!", "type": "string"}},
    "resources": [
        {"mode": "managed", "type": "azurerm_storage_account", "name": "s", "instances": [{"attributes": {
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s", "name": "s",
            "primary_access_key": "Sup3rSecretPassw0rd!", "primary_connection_string": SECRETS[1]}}]},
        {"mode": "managed", "type": "aws_lambda_function", "name": "f", "instances": [{"attributes": {
            "arn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "function_name": "f",
            "environment": [{"variables": {"API_KEY": SECRETS[4], "PASSWORD": "Sup3rSecretPassw0rd!"}}]}}]},
        {"mode": "managed", "type": "azapi_resource", "name": "a", "instances": [{"attributes": {
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a", "type": "Microsoft.Web/sites@2023-12-01", "name": "a",
            "body": {"properties": {"adminPassword": "Sup3rSecretPassw0rd!"}},
            "sensitive_body": {"properties": {"x": "tfvars-value-of-a-sensitive-one"}}}}]}
    ]});
    std::fs::write(folder.path().join("terraform.tfstate"), state.to_string()).unwrap();
    hidden(&everything(folder.path()));
}
