//! Resources that others are judged by: diagnostic settings, private endpoint connections, pricings.
//!
//! Only the types that the loaded policies ask for are kept in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use stance_model::{Coverage, CoverageStatus, Origin, Resource, ResourceId};

use crate::scan::gather::{Key, key_of};

/// Resources by type and place, and what is known to have been collected.
#[derive(Debug, Default)]
pub(crate) struct Related {
    wanted: BTreeSet<String>,
    resources: HashMap<Key, Arc<Resource>>,
    /// By type and container id (parent resource, group, subscription), both in lower case.
    by_place: HashMap<(String, String), Vec<Key>>,
    /// Scopes in lower case by type (or `*`) that were collected whole.
    complete: HashMap<String, BTreeSet<String>>,
}

impl Related {
    /// Keeps resources of these types, in lower case.
    pub(crate) fn new(wanted: BTreeSet<String>) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Keeps a resource where somebody may ask for it; a later reading replaces an earlier one.
    pub(crate) fn insert(&mut self, resource: Resource) {
        if !self.wanted.contains(&resource.resource_type) {
            return;
        }
        let key = key_of(resource.id.as_str(), resource.origin);
        if !self.resources.contains_key(&key) {
            for place in places(&resource.id) {
                self.by_place
                    .entry((resource.resource_type.clone(), place))
                    .or_default()
                    .push(key);
            }
        }
        self.resources.insert(key, Arc::new(resource));
    }

    /// Notes what was collected.
    pub(crate) fn cover(&mut self, coverage: &Coverage) {
        if coverage.status == CoverageStatus::Complete {
            self.complete
                .entry(coverage.what.to_lowercase())
                .or_default()
                .insert(coverage.scope.to_lowercase());
        }
    }

    /// Resources of a type in a container, of the same origin as the one that is judged.
    pub(crate) fn find(&self, resource_type: &str, container: &str, origin: Origin) -> Vec<Arc<Resource>> {
        let keys = self
            .by_place
            .get(&(resource_type.to_owned(), container.to_lowercase()));
        keys.into_iter()
            .flatten()
            .filter_map(|key| self.resources.get(key))
            .filter(|resource| resource.origin == origin)
            .cloned()
            .collect()
    }

    /// Whether every resource of a type in `container` was read: some scope that encloses it is complete.
    /// `file` is the scope of resources declared in a template.
    pub(crate) fn is_complete(&self, resource_type: &str, container: &str, file: &str) -> bool {
        let container = container.to_lowercase();
        let file = file.to_lowercase();
        [resource_type, "*"]
            .iter()
            .filter_map(|what| self.complete.get(*what))
            .flatten()
            .any(|scope| encloses(scope, &container) || *scope == file)
    }
}

/// Whether `container` is `scope` or lies in it; both in lower case.
fn encloses(scope: &str, container: &str) -> bool {
    container
        .strip_prefix(scope)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || scope.ends_with('/'))
}

/// The containers that a resource is looked up by: parent, group, subscription; in lower case.
fn places(id: &ResourceId) -> Vec<String> {
    let mut places = Vec::with_capacity(3);
    places.extend(id.parent().map(|parent| parent.key()));
    if let Some(subscription) = id.subscription_id() {
        let scope = format!("/subscriptions/{}", subscription.to_lowercase());
        if let Some(group) = id.resource_group() {
            places.push(format!("{scope}/resourcegroups/{}", group.to_lowercase()));
        }
        places.push(scope);
    }
    places
}
