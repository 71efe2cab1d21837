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
        name: shown_name(resource).to_owned(),
        properties: Map::new(),
        entity_ids: vec![(kind.to_owned(), resource.id.as_str().to_owned())],
    }
}

/// What people call it: the number that Google Cloud gives an agent or model says nothing.
fn shown_name(resource: &Resource) -> &str {
    let name = resource.name();
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_number = last.bytes().all(|one| one.is_ascii_digit());
    let shown = resource.properties()["displayName"].as_str();
    match shown.filter(|shown| !shown.trim().is_empty()) {
        Some(shown) if is_number && resource.cloud == Cloud::Gcp => shown,
        _ => name,
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
