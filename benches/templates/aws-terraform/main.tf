# Agents and notebooks of a small team, with the defaults people forget.

resource "aws_iam_role" "agent" {
  name = "claims-agent"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "bedrock.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "notebook" {
  name = "research-notebook"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "sagemaker.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "notebook" {
  name = "all"
  role = aws_iam_role.notebook.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_bedrockagent_agent" "claims" {
  agent_name              = "claims"
  agent_resource_role_arn = aws_iam_role.agent.arn
  foundation_model        = "anthropic.claude-3-5-sonnet-20241022-v2:0"
  instruction             = "You help customers of Contoso Financial with their insurance claims. Answer politely."
}

resource "aws_bedrock_guardrail" "weak" {
  name                      = "weak"
  blocked_input_messaging   = "No."
  blocked_outputs_messaging = "No."

  content_policy_config {
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "NONE"
      output_strength = "NONE"
    }
  }
}

resource "aws_sagemaker_notebook_instance" "research" {
  name                   = "research"
  role_arn               = aws_iam_role.notebook.arn
  instance_type          = "ml.t3.medium"
  direct_internet_access = "Enabled"
  root_access            = "Enabled"

  instance_metadata_service_configuration {
    minimum_instance_metadata_service_version = "1"
  }
}

resource "aws_sagemaker_domain" "studio" {
  domain_name = "studio"
  auth_mode   = "IAM"
  vpc_id      = "vpc-0123456789abcdef0"
  subnet_ids  = ["subnet-0123456789abcdef0"]

  default_user_settings {
    execution_role = aws_iam_role.notebook.arn
  }
}

resource "aws_sagemaker_model" "fraud" {
  name               = "fraud"
  execution_role_arn = aws_iam_role.notebook.arn

  primary_container {
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1"
  }
}

resource "aws_sagemaker_endpoint_configuration" "fraud" {
  name = "fraud"

  production_variants {
    variant_name           = "all"
    model_name             = aws_sagemaker_model.fraud.name
    initial_instance_count = 1
    instance_type          = "ml.m5.large"
  }
}

resource "aws_sagemaker_data_quality_job_definition" "fraud" {
  name     = "fraud"
  role_arn = aws_iam_role.notebook.arn

  data_quality_app_specification {
    image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/monitor:1"
  }

  data_quality_job_input {
    endpoint_input {
      endpoint_name = "fraud"
    }
  }

  data_quality_job_output_config {
    monitoring_outputs {
      s3_output {
        s3_uri = "s3://contoso-monitoring/fraud"
      }
    }
  }

  job_resources {
    cluster_config {
      instance_count    = 1
      instance_type     = "ml.m5.large"
      volume_size_in_gb = 20
    }
  }

  network_config {
    enable_inter_container_traffic_encryption = false
  }
}
