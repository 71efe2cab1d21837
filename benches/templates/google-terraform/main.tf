# Vertex AI of a small team, with the defaults people forget.

variable "project" {
  type    = string
  default = "contoso-ml-prod"
}

resource "google_vertex_ai_dataset" "documents" {
  display_name        = "documents"
  metadata_schema_uri = "gs://google-cloud-aiplatform/schema/dataset/metadata/text_1.0.0.yaml"
  region              = "europe-west4"
  project             = var.project
}

resource "google_vertex_ai_endpoint" "search" {
  name         = "1001"
  display_name = "search"
  location     = "europe-west4"
  project      = var.project
}

resource "google_vertex_ai_featurestore" "customers" {
  name    = "customers"
  region  = "europe-west4"
  project = var.project
}

resource "google_vertex_ai_metadata_store" "lineage" {
  name    = "lineage"
  region  = "europe-west4"
  project = var.project
}

resource "google_vertex_ai_tensorboard" "runs" {
  display_name = "runs"
  region       = "europe-west4"
  project      = var.project
}

resource "google_vertex_ai_index_endpoint" "documents" {
  display_name            = "documents"
  region                  = "europe-west4"
  project                 = var.project
  public_endpoint_enabled = true
}

resource "google_notebooks_instance" "old" {
  name         = "old"
  location     = "europe-west4-a"
  machine_type = "e2-medium"
  project      = var.project
  no_public_ip = false

  vm_image {
    project      = "deeplearning-platform-release"
    image_family = "tf-latest-cpu"
  }

  shielded_instance_config {
    enable_secure_boot          = false
    enable_vtpm                 = true
    enable_integrity_monitoring = false
  }
}

resource "google_workbench_instance" "research" {
  name     = "research"
  location = "europe-west4-a"
  project  = var.project

  gce_setup {
    machine_type      = "e2-standard-4"
    disable_public_ip = false
  }
}

resource "google_notebooks_runtime" "shared" {
  name     = "shared"
  location = "europe-west4"
  project  = var.project

  access_config {
    access_type   = "SINGLE_USER"
    runtime_owner = "analyst@contoso.example"
  }

  virtual_machine {
    virtual_machine_config {
      machine_type     = "n1-standard-4"
      internal_ip_only = false

      data_disk {
        initialize_params {
          disk_size_gb = 100
        }
      }
    }
  }
}

resource "google_dialogflow_cx_agent" "phone" {
  display_name          = "phone"
  location              = "europe-west4"
  project               = var.project
  default_language_code = "en"
  time_zone             = "Europe/Amsterdam"
}
