provider "aws" {
  region = local.region
}

locals {
  region = "eu-central-1"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

data "aws_caller_identity" "me" {}

resource "aws_iam_role" "agent" {
  name               = "claims-agent"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "agent" {
  name = "invoke"
  role = aws_iam_role.agent.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "agent" {
  role       = aws_iam_role.agent.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonBedrockFullAccess"
}

resource "aws_bedrock_guardrail" "g" {
  name                      = "claims"
  blocked_input_messaging   = "no"
  blocked_outputs_messaging = "no"

  content_policy_config {
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "HIGH"
      output_strength = "NONE"
    }
  }
}

resource "aws_bedrockagent_agent" "claims" {
  agent_name                  = "claims"
  agent_resource_role_arn     = aws_iam_role.agent.arn
  foundation_model            = "anthropic.claude-3-haiku-20240307-v1:0"
  idle_session_ttl_in_seconds = 600

  guardrail_configuration {
    guardrail_identifier = aws_bedrock_guardrail.g.guardrail_id
    guardrail_version    = "1"
  }

  tags = {
    owner = "claims"
  }
}

resource "aws_bedrockagent_agent_action_group" "pay" {
  action_group_name = "pay"
  agent_id          = aws_bedrockagent_agent.claims.agent_id
  agent_version     = "DRAFT"

  action_group_executor {
    lambda = aws_lambda_function.pay.arn
  }
}

resource "aws_lambda_function" "pay" {
  function_name = "pay"
  role          = aws_iam_role.agent.arn
  runtime       = "python3.12"
  handler       = "main.handler"

  environment {
    variables = {
      stage_name = "prod"
      DB_PASSWORD = "hunter2-hunter2"
    }
  }
}

resource "aws_s3_bucket" "docs" {
  bucket = "claims-docs"
}

resource "aws_s3_bucket_public_access_block" "docs" {
  bucket                  = aws_s3_bucket.docs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "docs" {
  bucket = aws_s3_bucket.docs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.docs.arn
    }
  }
}

resource "aws_kms_key" "docs" {
  enable_key_rotation = true
}

resource "aws_s3_bucket_versioning" "elsewhere" {
  bucket = "another-bucket"
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_sagemaker_notebook_instance" "lab" {
  count         = var.lab_enabled ? 1 : 0
  name          = "lab"
  role_arn      = aws_iam_role.agent.arn
  instance_type = "ml.t3.medium"
}

variable "lab_enabled" {}

resource "aws_bedrock_model_invocation_logging_configuration" "logs" {
  logging_config {
    s3_config {
      bucket_name = aws_s3_bucket.docs.id
    }
  }
}
