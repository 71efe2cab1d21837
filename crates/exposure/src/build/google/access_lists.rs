//! Access lists of buckets and datasets, which grant beside IAM.
//!
//! Source: cloud.google.com/storage/docs/access-control/lists, cloud.google.com/bigquery/docs/dataset-access-controls.

use std::collections::HashSet;

use serde_json::Value;
use stance_model::Resource;

use super::evidence;
use super::grants::Reader;
use super::names::POLICY;
use super::walk;

/// Reads them where they count: not where a bucket has uniform access, not where a dataset has a policy.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let estate = reader.estate;
    for bucket in estate.known_of_type("storage.googleapis.com/bucket") {
        let uniform = "iamConfiguration.uniformBucketLevelAccess.enabled";
        if !walk::is_set(bucket.properties(), uniform) {
            // Whoever may write a bucket adds objects; reading takes a right on each object.
            bucket_list(
                reader,
                bucket,
                "acl",
                &[("WRITER", WRITER), ("OWNER", OWNER)],
            );
            let objects = [("READER", OBJECT_READER), ("OWNER", OBJECT_OWNER)];
            bucket_list(reader, bucket, "defaultObjectAcl", &objects);
        }
    }
    let with_policy: HashSet<String> = estate
        .known_of_type(POLICY)
        .filter_map(|policy| Some(policy.parent()?.key()))
        .collect();
    for dataset in estate.known_of_type("bigquery.googleapis.com/dataset") {
        if !with_policy.contains(&dataset.id.key()) {
            dataset_list(reader, dataset);
        }
    }
}

const WRITER: &str = "roles/storage.legacyBucketWriter";
const OWNER: &str = "roles/storage.legacyBucketOwner";
const OBJECT_READER: &str = "roles/storage.legacyObjectReader";
const OBJECT_OWNER: &str = "roles/storage.legacyObjectOwner";

fn bucket_list(reader: &mut Reader<'_, '_>, bucket: &Resource, list: &str, roles: &[(&str, &str)]) {
    for (at, entry) in walk::values(bucket.properties(), &format!("{list}.*")) {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let (Some(entity), Some(word)) = (text("entity"), text("role")) else {
            continue;
        };
        let role = roles.iter().find(|(name, _)| *name == word);
        let (Some((_, role)), Some(member)) = (role, member_of(entity)) else {
            continue;
        };
        let said = evidence(
            bucket,
            format!("properties.{at}"),
            format!("its access list makes {entity} {word}"),
        );
        // Default entries reach objects that are added after they were set.
        let partial = list == "defaultObjectAcl";
        reader.take(&bucket.id.key(), role, &member, None, &said, partial);
    }
}

/// `allUsers`, `user-a@b`, `project-editors-1` as a member of a policy.
fn member_of(entity: &str) -> Option<String> {
    if entity.starts_with("all") {
        return Some(entity.to_owned());
    }
    let (kind, name) = entity.split_once('-')?;
    match kind {
        "user" if name.ends_with("gserviceaccount.com") => Some(format!("serviceAccount:{name}")),
        "user" | "group" | "domain" => Some(format!("{kind}:{name}")),
        "project" => {
            let (holders, number) = name.rsplit_once('-').filter(|(_, rest)| !rest.is_empty())?;
            let kind = match holders {
                "owners" => "projectOwner",
                "editors" => "projectEditor",
                "viewers" => "projectViewer",
                _ => return None,
            };
            Some(format!("{kind}:{number}"))
        }
        _ => None,
    }
}

fn dataset_list(reader: &mut Reader<'_, '_>, dataset: &Resource) {
    let project = dataset.subscription().unwrap_or_default().to_owned();
    for (at, entry) in walk::values(dataset.properties(), "access.*") {
        let Some(role) = entry.get("role").and_then(Value::as_str) else {
            continue;
        };
        let role = match role {
            "READER" => "roles/bigquery.dataViewer",
            "WRITER" => "roles/bigquery.dataEditor",
            "OWNER" => "roles/bigquery.dataOwner",
            other => other,
        };
        let Some(member) = member_of_dataset(entry, &project) else {
            continue;
        };
        let said = evidence(
            dataset,
            format!("properties.{at}"),
            format!("its access list gives {member} {role}"),
        );
        reader.take(&dataset.id.key(), role, &member, None, &said, false);
    }
}

fn member_of_dataset(entry: &Value, project: &str) -> Option<String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    if let Some(member) = text("iamMember") {
        return Some(member.to_owned());
    }
    if let Some(address) = text("userByEmail") {
        let account = address.ends_with("gserviceaccount.com");
        let kind = if account { "serviceAccount" } else { "user" };
        return Some(format!("{kind}:{address}"));
    }
    if let Some(address) = text("groupByEmail") {
        return Some(format!("group:{address}"));
    }
    if let Some(domain) = text("domain") {
        return Some(format!("domain:{domain}"));
    }
    match text("specialGroup")? {
        "projectOwners" => Some(format!("projectOwner:{project}")),
        "projectWriters" => Some(format!("projectEditor:{project}")),
        "projectReaders" => Some(format!("projectViewer:{project}")),
        "allAuthenticatedUsers" => Some("allAuthenticatedUsers".to_owned()),
        _ => None,
    }
}
