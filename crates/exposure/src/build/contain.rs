//! A node for every resource and container, and `contains` from each to what lies in it.

use serde_json::Map;
use stance_model::{Cloud, Resource};

use super::Sources;
use super::azure::is_record;
use crate::graph::{EdgeDraft, Evidence, GraphDraft, NodeDraft, labels};

/// Who found these edges.
const MAKER: &str = "inventory";

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let all = || sources.inventory.all().iter();
    for resource in all().filter(|one| !is_record(&one.resource_type)) {
        draft.node(node(resource));
    }
    // The makers of Azure and Google Cloud know groups, subscriptions, projects and folders, too.
    for resource in all().filter(|one| one.cloud == Cloud::Aws) {
        enclose(resource, draft);
    }
}

fn node(resource: &Resource) -> NodeDraft {
    let kind = match resource.cloud {
        Cloud::Azure => "AzureResourceId",
        Cloud::Aws => "AwsResourceName",
        Cloud::Gcp => "GcpResourceName",
    };
    NodeDraft {
        id: resource.id.key(),
        label: resource.resource_type.clone(),
        name: shown(resource),
        properties: Map::new(),
        entity_ids: vec![(kind.to_owned(), resource.id.as_str().to_owned())],
    }
}

/// The name that people know a resource by. Google Cloud numbers what it shows under a display name, and Amazon EC2 names
/// by a tag; a key of a service account has neither.
fn shown(resource: &Resource) -> String {
    let name = resource.name();
    let given = match (resource.cloud, resource.resource_type.as_str()) {
        // Several accounts may share a display name; the address is what policies name.
        (Cloud::Gcp, "iam.googleapis.com/serviceaccount") => None,
        (Cloud::Gcp, "iam.googleapis.com/serviceaccountkey") => {
            return key_of_account(resource, name);
        }
        (Cloud::Gcp, _) => resource.properties()["displayName"].as_str(),
        (Cloud::Aws, kind) if kind.starts_with("aws::ec2::") => {
            resource.body["tags"]["Name"].as_str()
        }
        _ => None,
    };
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    given.unwrap_or(name).to_owned()
}

/// `key 0a1b2c3d… of doc-search@PROJECT…`: the number alone says nothing, and is as long as a line.
fn key_of_account(resource: &Resource, name: &str) -> String {
    let number: String = name.chars().take(8).collect();
    let segments: Vec<&str> = resource.id.as_str().split('/').collect();
    let account = segments
        .iter()
        .position(|segment| segment.eq_ignore_ascii_case("serviceAccounts"))
        .and_then(|at| segments.get(at + 1));
    match account {
        Some(account) => format!("key {number}… of {account}"),
        None => name.to_owned(),
    }
}

fn enclose(resource: &Resource, draft: &mut GraphDraft) {
    let key = resource.id.key();
    let Some(parent) = resource.parent().map(|parent| parent.key()) else {
        return;
    };
    draft.edge(EdgeDraft {
        label: labels::CONTAINS.to_owned(),
        source: parent,
        target: key,
        maker: MAKER.to_owned(),
        evidence: Evidence {
            object: resource.id.as_str().to_owned(),
            field: "id".to_owned(),
            text: "its id lies below".to_owned(),
        },
        ..EdgeDraft::default()
    });
}
