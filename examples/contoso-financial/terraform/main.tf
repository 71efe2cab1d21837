# The research sandbox of three clouds, about to be deployed. Everything here is made up.

variable "kms_key_arn" {
  description = "KMS key of the sandbox; the pipeline fills it in"
  type        = string
}

variable "project" {
  type    = string
  default = "contoso-ml-prod"
}

resource "azurerm_resource_group" "sandbox" {
  name     = "rg-sandbox"
  location = "westeurope"
}

resource "azurerm_cognitive_account" "sandbox" {
  name                          = "oai-sandbox-next"
  location                      = azurerm_resource_group.sandbox.location
  resource_group_name           = azurerm_resource_group.sandbox.name
  kind                          = "OpenAI"
  sku_name                      = "S0"
  custom_subdomain_name         = "oai-sandbox-next"
  local_auth_enabled            = true
  public_network_access_enabled = false

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_cognitive_deployment" "chat" {
  name                 = "chat"
  cognitive_account_id = azurerm_cognitive_account.sandbox.id

  model {
    format  = "OpenAI"
    name    = "gpt-4.1"
    version = "2025-04-14"
  }

  sku {
    name     = "Standard"
    capacity = 10
  }

  rai_policy_name = "Microsoft.DefaultV2"
}

resource "aws_sagemaker_notebook_instance" "sandbox" {
  name                   = "sandbox"
  instance_type          = "ml.t3.medium"
  role_arn               = aws_iam_role.sandbox.arn
  direct_internet_access = "Enabled"
  root_access            = "Disabled"
  platform_identifier    = "notebook-al2023-v1"
  kms_key_id             = var.kms_key_arn
}

resource "aws_iam_role" "sandbox" {
  name                = "sandbox-notebook"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_bedrock_guardrail" "sandbox" {
  name                      = "sandbox"
  blocked_input_messaging   = "I cannot help with that."
  blocked_outputs_messaging = "I cannot help with that."

  content_policy_config {
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "NONE"
      output_strength = "NONE"
    }
  }
}

resource "google_workbench_instance" "sandbox" {
  name     = "sandbox"
  location = "europe-west3-a"
  project  = var.project

  gce_setup {
    machine_type      = "e2-standard-4"
    disable_public_ip = false

    service_accounts {
      email = google_service_account.sandbox.email
    }

    metadata = {
      notebook-disable-root = "true"
      idle-timeout-seconds  = "10800"
    }
  }
}

resource "google_service_account" "sandbox" {
  account_id = "sandbox-notebook"
  project    = var.project
}

resource "google_vertex_ai_endpoint" "sandbox" {
  name         = "sandbox"
  display_name = "sandbox"
  location     = "europe-west3"
  project      = var.project
}
