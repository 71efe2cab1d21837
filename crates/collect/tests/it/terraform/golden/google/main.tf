provider "google" {
  project = "claims-prod"
  region  = "europe-west4"
}

resource "google_vertex_ai_endpoint" "scoring" {
  name         = "scoring"
  display_name = "Scoring"
  location     = "europe-west4"

  encryption_spec {
    kms_key_name = google_kms_crypto_key.ai.id
  }

  labels = {
    team = "claims"
  }
}

resource "google_kms_key_ring" "ring" {
  name     = "ring"
  location = "europe-west4"
}

resource "google_kms_crypto_key" "ai" {
  name     = "ai"
  key_ring = google_kms_key_ring.ring.id
}

resource "google_workbench_instance" "lab" {
  name     = "lab"
  location = "europe-west4-a"

  gce_setup {
    machine_type      = "e2-standard-4"
    disable_public_ip = false
    metadata = {
      terminal_access = "true"
    }
    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}

resource "google_storage_bucket" "training" {
  name                        = "claims-training"
  location                    = "EU"
  uniform_bucket_level_access = true
}

resource "google_project_iam_member" "everyone" {
  project = "claims-prod"
  role    = "roles/aiplatform.user"
  member  = "allAuthenticatedUsers"
}

resource "google_project_iam_binding" "admins" {
  project = "claims-prod"
  role    = "roles/aiplatform.admin"
  members = ["group:ai@example.com", "serviceAccount:${google_service_account.bot.email}"]
}

resource "google_service_account" "bot" {
  account_id = "bot"
}

resource "google_model_armor_template" "strict" {
  template_id = "strict"
  location    = "europe-west4"

  filter_config {
    pi_and_jailbreak_filter_settings {
      filter_enforcement = "ENABLED"
      confidence_level   = "LOW_AND_ABOVE"
    }
  }
}
