//! Members and bindings of Google Cloud: policies of the resource they are set on.
//!
//! Source: `registry.terraform.io/providers/hashicorp/google/latest/docs/resources/google_project_iam`.

use serde_json::{Value as Json, json};
use stance_model::Cloud;

use super::apply::{Declared, Mapped};
use super::body::{Body, Source};
use super::frame::{Frame, finished};
use super::identity::Filler;

/// The type of all of them.
pub(in crate::terraform) const POLICY: &str = "iam.googleapis.com/policy";

/// Resources that bindings are set on: prefix of the Terraform type, full resource name.
const SUBJECTS: &[(&str, &str)] = &[
    (
        "google_project_iam",
        "//cloudresourcemanager.googleapis.com/projects/{project}",
    ),
    (
        "google_folder_iam",
        "//cloudresourcemanager.googleapis.com/{folder}",
    ),
    (
        "google_organization_iam",
        "//cloudresourcemanager.googleapis.com/organizations/{org_id}",
    ),
    (
        "google_storage_bucket_iam",
        "//storage.googleapis.com/{bucket}",
    ),
    (
        "google_bigquery_dataset_iam",
        "//bigquery.googleapis.com/projects/{project}/datasets/{dataset_id}",
    ),
    (
        "google_service_account_iam",
        "//iam.googleapis.com/{service_account_id}",
    ),
    (
        "google_cloud_run_v2_service_iam",
        "//run.googleapis.com/projects/{project}/locations/{region}/services/{name}",
    ),
    (
        "google_cloud_run_service_iam",
        "//run.googleapis.com/projects/{project}/locations/{region}/services/{service}",
    ),
    (
        "google_kms_crypto_key_iam",
        "//cloudkms.googleapis.com/{crypto_key_id}",
    ),
    (
        "google_notebooks_instance_iam",
        "//notebooks.googleapis.com/projects/{project}/locations/{region}/instances/{instance_name}",
    ),
    (
        "google_workbench_instance_iam",
        "//notebooks.googleapis.com/projects/{project}/locations/{region}/instances/{name}",
    ),
    (
        "google_vertex_ai_endpoint_iam",
        "//aiplatform.googleapis.com/projects/{project}/locations/{region}/endpoints/{endpoint}",
    ),
    (
        "google_vertex_ai_featurestore_iam",
        "//aiplatform.googleapis.com/projects/{project}/locations/{region}/featurestores/{featurestore}",
    ),
];

/// Every type that is read.
pub(super) fn types() -> impl Iterator<Item = String> {
    SUBJECTS.iter().flat_map(|(prefix, _)| {
        ["member", "binding", "policy"]
            .iter()
            .map(move |how| format!("{prefix}_{how}"))
    })
}

pub(super) fn map(declared: &Declared, filler: &Filler<'_>) -> Option<Mapped> {
    let (subject, how) = declared.kind.rsplit_once('_')?;
    if !matches!(how, "member" | "binding" | "policy") {
        return None;
    }
    let (_, template) = SUBJECTS.iter().find(|(prefix, _)| *prefix == subject)?;
    let on = filler.fill(template, true)?;
    let on = if on.matches("//").count() > 1 {
        // The attribute held a full name already.
        format!("//{}", on.rsplit("//").next().unwrap_or_default())
    } else {
        on
    };
    let source = Source::new(&declared.values, &declared.gaps, &declared.positions);
    let mut body = Body::default();
    bindings(declared, &source, how, &mut body);
    let frame = Frame {
        id: format!("{on}/iamPolicy"),
        name: "iamPolicy".to_owned(),
        native: POLICY.to_owned(),
        cloud: Cloud::Gcp,
        parent: Some(on),
    };
    let resource = finished(declared, &source, filler, body, frame);
    Some(Mapped::Resource(Box::new(resource)))
}

fn bindings(declared: &Declared, source: &Source<'_>, how: &str, body: &mut Body) {
    let value = |name: &str| declared.values.get(name).cloned().unwrap_or(Json::Null);
    let list = "/properties/bindings";
    if how == "policy" {
        let data = value("policy_data");
        let parsed = match (&data, source.gap("/policy_data")) {
            (Json::Object(_), _) => Some(data.clone()),
            (Json::String(text), None) => serde_json::from_str(text).ok(),
            _ => None,
        };
        let at = [("properties", None), ("bindings", None)];
        let found = parsed.and_then(|parsed: Json| parsed.get("bindings").cloned());
        if let Some(found) = found {
            body.put(&at, found);
        } else {
            body.put(&at, json!([]));
            body.unknown(list, source.gap("/policy_data").unwrap_or("policy_data"));
        }
        return;
    }
    let (members, from) = if how == "member" {
        (json!([value("member")]), "/member")
    } else {
        (value("members"), "/members")
    };
    let mut binding = json!({"role": value("role"), "members": members});
    let condition = value("condition");
    if let (Some(first), Json::Object(binding)) = (condition.get(0), &mut binding) {
        binding.insert("condition".to_owned(), first.clone());
    }
    body.put(&[("properties", None), ("bindings", Some(0))], binding);
    if let Some(expression) = source.gap("/role") {
        body.unknown(&format!("{list}/0/role"), expression);
    }
    if let Some(expression) = source.gap_below(from) {
        body.unknown(&format!("{list}/0/members"), expression);
    }
    body.position(&format!("{list}/0"), source.place("/role"));
}
