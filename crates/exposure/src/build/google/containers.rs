//! Organizations, folders and projects, and `contains` from each to what lies in it.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_model::{Cloud, Resource};

use super::names::{self, FOLDER, MOST_ANCESTORS, POLICY, PROJECT, Projects};
use super::tree::{Labels, Tree};
use super::{edge, evidence};
use crate::graph::{Evidence, GraphDraft, NodeDraft, labels};
use crate::inventory::Inventory;

/// Who found these edges.
const MAKER: &str = "google containers";

/// Adds containers and `contains`.
pub(super) fn add(inventory: &Inventory, projects: &Projects, draft: &mut GraphDraft) -> Tree {
    let mut enclosing: BTreeMap<String, (String, Evidence)> = BTreeMap::new();
    let mut labels_of = Labels::default();
    name_projects(inventory, projects, draft, &mut labels_of);
    let rows = || inventory.all().iter().filter(|one| one.cloud == Cloud::Gcp);
    for resource in rows() {
        labels_of.insert(&resource.id.key(), &resource.resource_type);
    }
    // A policy says that what it is set on exists.
    for policy in inventory.of_type(POLICY) {
        if let Some((node, resource_type)) = undescribed(policy, inventory, projects) {
            draft.node(node_of(&node, &resource_type));
            let parent = enclosing_by_name(&node, policy, inventory, projects);
            if let Some((parent, field)) = parent {
                let said = evidence(policy, field, "what the policy is set on lies there");
                enclosing.entry(node.clone()).or_insert((parent, said));
            }
            labels_of.insert(&node, &resource_type);
        }
    }
    for resource in rows() {
        let node = resource.id.key();
        if let Some((parent, said)) = parent(resource, inventory, projects) {
            enclosing.entry(node).or_insert((parent, said));
        }
    }
    for resource in rows() {
        link_ancestors(resource, projects, &mut enclosing);
    }
    enclose(enclosing, labels_of, draft)
}

/// Nodes of projects that no row describes, and the other names of every project.
fn name_projects(
    inventory: &Inventory,
    projects: &Projects,
    draft: &mut GraphDraft,
    labels_of: &mut Labels,
) {
    for (id, node) in projects.all() {
        if inventory.get(node).is_none() {
            draft.node(NodeDraft {
                id: node.to_owned(),
                label: PROJECT.to_owned(),
                name: id.to_owned(),
                entity_ids: vec![(
                    "GcpResourceName".to_owned(),
                    format!("//cloudresourcemanager.googleapis.com/projects/{id}"),
                )],
                ..NodeDraft::default()
            });
        }
        labels_of.insert(node, PROJECT);
        for spelt in [Some(id), projects.number(id)].into_iter().flatten() {
            let full = format!("//cloudresourcemanager.googleapis.com/projects/{spelt}");
            for alias in [format!("gcp:{spelt}"), format!("projects/{spelt}"), full] {
                if alias != node {
                    draft.alias(alias, node);
                }
            }
        }
    }
}

fn node_of(key: &str, label: &str) -> NodeDraft {
    NodeDraft {
        id: key.to_owned(),
        label: label.to_owned(),
        name: key.rsplit('/').next().unwrap_or(key).to_owned(),
        entity_ids: vec![("GcpResourceName".to_owned(), key.to_owned())],
        ..NodeDraft::default()
    }
}

/// What a policy is set on where no row describes it, and its type.
fn undescribed(
    policy: &Resource,
    inventory: &Inventory,
    projects: &Projects,
) -> Option<(String, String)> {
    let target = policy.parent()?.key();
    let asset_type = policy.properties().get("assetType")?.as_str()?;
    if inventory.get(&target).is_some() || projects.container(&target).is_some() {
        return None;
    }
    Some((target, asset_type.to_lowercase()))
}

/// What encloses a resource, and the row and field that say so.
fn parent(
    resource: &Resource,
    inventory: &Inventory,
    projects: &Projects,
) -> Option<(String, Evidence)> {
    let key = resource.id.key();
    let said = |field: &str| evidence(resource, field, "it lies there");
    if matches!(resource.resource_type.as_str(), PROJECT | FOLDER) {
        let (parent, field) = container_above(resource, projects)?;
        return Some((parent, said(field)));
    }
    let named = resource.text("parentId").map(str::to_lowercase);
    if let Some(named) = named.filter(|named| *named != key) {
        let known = inventory.get(&named).map(|parent| parent.id.key());
        // What a policy is set on has a node, described or not.
        let set_on = (resource.resource_type == POLICY).then_some(named.clone());
        let found = known
            .or_else(|| projects.container(&named))
            .or(set_on)
            .or_else(|| enclosing_by_name(&named, resource, inventory, projects).map(|one| one.0));
        if let Some(found) = found {
            return Some((found, said("parentId")));
        }
    }
    let (parent, field) = enclosing_by_name(&key, resource, inventory, projects)?;
    Some((parent, said(field)))
}

/// The nearest enclosing resource that a row describes, else the project, else the nearest ancestor.
fn enclosing_by_name(
    key: &str,
    row: &Resource,
    inventory: &Inventory,
    projects: &Projects,
) -> Option<(String, &'static str)> {
    let mut name = key;
    for _ in 0..MOST_ANCESTORS {
        let Some(shorter) = names::above(name) else {
            break;
        };
        name = shorter;
        if inventory.get(name).is_some() {
            return Some((name.to_owned(), "id"));
        }
    }
    let project = row.subscription().map(str::to_lowercase);
    let project = project.and_then(|project| projects.node(&project).map(str::to_owned));
    if let Some(project) = project.filter(|project| *project != key) {
        return Some((project, "subscriptionId"));
    }
    let nearest = names::ancestors(row).first().copied()?;
    let nearest = projects.container(&nearest.to_lowercase())?;
    (nearest != key).then_some((nearest, "ancestors"))
}

/// The folder or organization above a project or folder.
fn container_above(resource: &Resource, projects: &Projects) -> Option<(String, &'static str)> {
    let key = resource.id.key();
    let above = |name: &str| {
        let name = name.to_lowercase();
        let label = names::container_label(&name);
        let node = projects.container(&name).filter(|node| *node != key)?;
        (label != PROJECT).then_some(node)
    };
    if let Some(node) = resource.text("parentId").and_then(above) {
        return Some((node, "parentId"));
    }
    if let Some(node) = parent_property(resource).as_deref().and_then(above) {
        return Some((node, "properties.parent"));
    }
    let second = names::ancestors(resource).get(1).copied()?;
    Some((above(second)?, "ancestors"))
}

/// `parent` of a project or folder: a text, or `{"type": "folder", "id": "2"}` in version 1 of the API.
fn parent_property(resource: &Resource) -> Option<String> {
    match resource.properties().get("parent")? {
        Value::String(parent) => Some(parent.clone()),
        Value::Object(parent) => {
            let part = |key: &str| parent.get(key).and_then(Value::as_str);
            let (kind, id) = part("type").zip(part("id"))?;
            Some(format!("{kind}s/{id}"))
        }
        _ => None,
    }
}

/// What the list of ancestors of a row says of the containers in it.
fn link_ancestors(
    resource: &Resource,
    projects: &Projects,
    enclosing: &mut BTreeMap<String, (String, Evidence)>,
) {
    let ancestors = names::ancestors(resource);
    for pair in ancestors.windows(2) {
        let [below, above] = pair else { continue };
        let below = projects.container(&below.to_lowercase());
        let above = projects.container(&above.to_lowercase());
        let (Some(below), Some(above)) = (below, above) else {
            continue;
        };
        let said = || evidence(resource, "ancestors", "its ancestors say so");
        enclosing.entry(below).or_insert_with(|| (above, said()));
    }
}

/// The edges, and nodes of containers that only their names tell.
fn enclose(
    enclosing: BTreeMap<String, (String, Evidence)>,
    mut labels_of: Labels,
    draft: &mut GraphDraft,
) -> Tree {
    let mut tree = Tree::default();
    for (child, (parent, said)) in enclosing {
        for node in [&child, &parent] {
            if !labels_of.knows(node) && node.starts_with("//cloudresourcemanager.") {
                let label = names::container_label(node);
                draft.node(node_of(node, label));
                labels_of.insert(node, label);
            }
        }
        if !tree.may_hold(&parent, &child) {
            continue;
        }
        draft.edge(edge(labels::CONTAINS, &parent, &child, MAKER, said));
        tree.put(&parent, &child, &labels_of);
    }
    tree.set_labels(labels_of);
    tree
}
