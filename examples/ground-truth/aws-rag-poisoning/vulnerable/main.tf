# Knowledge of the travel desk of Quillfare (invented).
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["'+ACC+'"]
}

resource "aws_s3_bucket" "offers" {
  bucket = "quillfare-travel-offers"
}

resource "aws_s3_bucket_public_access_block" "offers" {
  bucket                  = aws_s3_bucket.offers.id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "offers" {
  bucket = aws_s3_bucket.offers.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PartnersUpload"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:PutObject"]
        Resource  = "arn:aws:s3:::quillfare-travel-offers/*"
      }
    ]
  })
}

resource "aws_iam_role" "offer_import" {
  name = "quillfare-offer-import"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "glue.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "knowledge" {
  name = "quillfare-knowledge"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "bedrock.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "knowledge" {
  name = "offers"
  role = aws_iam_role.knowledge.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = ["arn:aws:s3:::quillfare-travel-offers", "arn:aws:s3:::quillfare-travel-offers/*"] },
      { Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "arn:aws:bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0" },
    ]
  })
}

resource "aws_iam_role" "agent" {
  name = "quillfare-agent"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "bedrock.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_opensearchserverless_collection" "offers" {
  name = "quillfare-offers"
  type = "VECTORSEARCH"
}

resource "aws_bedrockagent_knowledge_base" "offers" {
  name     = "quillfare-offers"
  role_arn = aws_iam_role.knowledge.arn
  knowledge_base_configuration {
    type = "VECTOR"
    vector_knowledge_base_configuration {
      embedding_model_arn = "arn:aws:bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0"
    }
  }
  storage_configuration {
    type = "OPENSEARCH_SERVERLESS"
    opensearch_serverless_configuration {
      collection_arn    = aws_opensearchserverless_collection.offers.arn
      vector_index_name = "offers"
      field_mapping {
        vector_field   = "v"
        text_field     = "t"
        metadata_field = "m"
      }
    }
  }
}

resource "aws_bedrockagent_data_source" "offers" {
  name              = "offers"
  knowledge_base_id = aws_bedrockagent_knowledge_base.offers.id
  data_source_configuration {
    type = "S3"
    s3_configuration {
      bucket_arn = aws_s3_bucket.offers.arn
    }
  }
}

resource "aws_bedrockagent_agent" "desk" {
  agent_name              = "quillfare-desk"
  agent_resource_role_arn = aws_iam_role.agent.arn
  foundation_model        = "amazon.nova-pro-v1:0"
  instruction             = "You help travellers to find an offer and answer from the knowledge base alone."
}

resource "aws_bedrockagent_agent_knowledge_base_association" "desk" {
  agent_id             = aws_bedrockagent_agent.desk.agent_id
  knowledge_base_id    = aws_bedrockagent_knowledge_base.offers.id
  description          = "Offers of partners"
  knowledge_base_state = "ENABLED"
}
