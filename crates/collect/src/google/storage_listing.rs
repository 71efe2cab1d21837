//! Buckets as `gcloud storage buckets list --format json` prints them, put back into the shape of the JSON API.

use serde_json::{Map, Value, json};

use super::asset::Asset;

/// `{"storage_url": "gs://b/", "name", "default_storage_class", …}` of a bucket, not of an object.
pub(super) fn is_bucket(body: &Map<String, Value>) -> bool {
    body.get("storage_url")
        .and_then(Value::as_str)
        .and_then(|url| url.strip_prefix("gs://"))
        .is_some_and(|rest| !rest.trim_end_matches('/').contains('/'))
        && body.get("name").is_some_and(Value::is_string)
}

/// Members that only changed their spelling.
const RENAMED: &[(&str, &str)] = &[
    ("acl", "acl"),
    ("autoclass", "autoclass"),
    ("cors_config", "cors"),
    ("default_acl", "defaultObjectAcl"),
    ("default_event_based_hold", "defaultEventBasedHold"),
    ("default_storage_class", "storageClass"),
    ("etag", "etag"),
    ("labels", "labels"),
    ("lifecycle_config", "lifecycle"),
    ("location", "location"),
    ("location_type", "locationType"),
    ("logging_config", "logging"),
    ("metageneration", "metageneration"),
    ("name", "name"),
    ("requester_pays", "requesterPays"),
    ("retention_policy", "retentionPolicy"),
    ("rpo", "rpo"),
    ("soft_delete_policy", "softDeletePolicy"),
    ("website_config", "website"),
];

/// The bucket as an asset.
pub(super) fn bucket(mut body: Map<String, Value>) -> Option<Asset> {
    let name = body.get("name").and_then(Value::as_str)?.to_owned();
    let mut data = Map::new();
    let uniform = body.remove("uniform_bucket_level_access");
    let prevention = body.remove("public_access_prevention");
    let mut iam = Map::new();
    if let Some(uniform) = uniform.filter(Value::is_boolean) {
        iam.insert(
            "uniformBucketLevelAccess".to_owned(),
            json!({"enabled": uniform}),
        );
    }
    if let Some(prevention) = prevention.filter(Value::is_string) {
        iam.insert("publicAccessPrevention".to_owned(), prevention);
    }
    if !iam.is_empty() {
        data.insert("iamConfiguration".to_owned(), Value::Object(iam));
    }
    if let Some(versioned) = body.remove("versioning_enabled") {
        data.insert("versioning".to_owned(), json!({"enabled": versioned}));
    }
    if let Some(key) = body.remove("default_kms_key") {
        data.insert("encryption".to_owned(), json!({"defaultKmsKeyName": key}));
    }
    for (spelt, known) in RENAMED {
        if let Some(value) = body.remove(*spelt) {
            data.insert((*known).to_owned(), value);
        }
    }
    Some(Asset {
        name: format!("//storage.googleapis.com/{name}"),
        kind: "storage.googleapis.com/Bucket".to_owned(),
        data: Some(data),
        ..Asset::default()
    })
}
