//! Google Cloud: containers, identities, what IAM allows, what the internet reaches.
//!
//! Resources have the shape of Cloud Asset Inventory: full resource names as ids, the REST resource in `properties`,
//! an IAM policy as a resource of its own below the one it is set on.

mod access_lists;
mod api_keys;
mod balancers;
mod containers;
mod deny;
mod federation;
mod firewall;
mod grants;
mod identities;
mod members;
mod names;
mod notebooks;
mod perimeter;
mod permissions;
mod privilege;
mod public;
mod reach;
mod roles;
mod runs_as;
mod services;
mod tree;
mod walk;

use std::collections::HashSet;

use stance_model::{Cloud, Resource};

use super::Sources;
use crate::graph::{EdgeDraft, Evidence, GraphDraft};
use crate::inventory::Inventory;
use names::Projects;
use tree::Tree;

/// What every part of this maker reads.
struct Estate<'a> {
    sources: Sources<'a>,
    projects: Projects,
    tree: Tree,
    /// Addresses of service accounts that are switched off.
    disabled: HashSet<String>,
}

impl<'a> Estate<'a> {
    fn inventory(&self) -> &'a Inventory {
        self.sources.inventory
    }

    /// Resources of Google Cloud whose properties were read.
    fn known_of_type(
        &self,
        resource_type: &'static str,
    ) -> impl Iterator<Item = &'a Resource> + use<'a> {
        let of_type = self.sources.inventory.of_type(resource_type);
        of_type.filter(|one| one.properties().is_object())
    }
}

/// Adds everything that rows of Google Cloud say.
pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let any = |one: &Resource| one.cloud == Cloud::Gcp;
    if !sources.inventory.all().iter().any(any) {
        return;
    }
    let projects = Projects::read(sources.inventory);
    let tree = containers::add(sources.inventory, &projects, draft);
    let estate = Estate {
        sources,
        projects,
        tree,
        disabled: identities::disabled(sources.inventory),
    };
    identities::add(&estate, draft);
    api_keys::add(&estate, draft);
    runs_as::add(&estate, draft);
    notebooks::add(&estate, draft);
    federation::add_clusters(&estate, draft);
    let granted = permissions::add(&estate, draft);
    privilege::add(&estate, &granted, draft);
    let public = public::add(&estate, &granted, draft);
    reach::add(&estate, &public, draft);
}

/// What a resource says at a property.
fn evidence(resource: &Resource, field: impl Into<String>, text: impl Into<String>) -> Evidence {
    Evidence {
        object: resource.id.as_str().to_owned(),
        field: field.into(),
        text: text.into(),
    }
}

/// An edge of this maker that is sure and carries nothing further.
fn edge(
    label: &str,
    source: impl Into<String>,
    target: impl Into<String>,
    maker: &str,
    evidence: Evidence,
) -> EdgeDraft {
    EdgeDraft {
        label: label.to_owned(),
        source: source.into(),
        target: target.into(),
        maker: maker.to_owned(),
        evidence,
        ..EdgeDraft::default()
    }
}
