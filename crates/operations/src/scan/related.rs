//! Resources that others are judged by (diagnostic settings, private endpoint connections, pricings), and
//! resource groups and subscriptions; with what is known to have been collected.
//!
//! Only the types that the loaded policies ask for are kept in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use stance_model::{Coverage, CoverageStatus, Origin, Resource};
use stance_policy::{EvaluationContext, ResourceIndex};

use crate::rows::resources::table_of;
use crate::scan::gather::{Key, key_of};

/// The scopes, in lower case, that were collected whole, by type in lower case or `*`.
type Complete = HashMap<String, BTreeSet<String>>;

/// What is kept while reading.
#[derive(Debug, Default)]
pub(crate) struct Related {
    wanted: BTreeSet<String>,
    resources: HashMap<Key, Arc<Resource>>,
    complete: Complete,
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
        if self.wanted.contains(&resource.resource_type) || is_container(&resource) {
            let key = key_of(resource.id.as_str(), resource.origin);
            self.resources.insert(key, Arc::new(resource));
        }
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

    /// What rules look things up in.
    pub(crate) fn into_index(self, now: DateTime<Utc>) -> (ResourceIndex, EvaluationContext) {
        let mut context = EvaluationContext::new(now);
        let containers = self.resources.values().filter(|resource| is_container(resource));
        containers.for_each(|container| context.add_container(container));
        let complete = self.complete;
        let covers = move |resource: &Resource, kind: &str| is_complete(&complete, resource, kind);
        (ResourceIndex::new(self.resources.into_values(), covers), context)
    }
}

fn is_container(resource: &Resource) -> bool {
    resource.origin == Origin::Live && table_of(&resource.resource_type) == "ResourceContainers"
}

/// Whether every resource of a type was read where `resource` would have it: a scope that encloses it was
/// collected whole, or, for a declared resource, its template.
fn is_complete(complete: &Complete, resource: &Resource, resource_type: &str) -> bool {
    let place = match resource.origin {
        Origin::Live => resource.id.key(),
        Origin::Template => resource.source.file.to_lowercase(),
    };
    [resource_type, "*"]
        .iter()
        .filter_map(|what| complete.get(*what))
        .any(|scopes| enclosing(&place).any(|scope| scopes.contains(scope)))
}

/// A path and everything that encloses it: `/a/b`, `/a`, `/`.
fn enclosing(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.match_indices('/').map(|(at, _)| at.max(1)).rev();
    std::iter::once(path.len()).chain(cuts).map(|at| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_encloses_what_lies_below_it_and_nothing_else() {
        let all: Vec<_> = enclosing("/subscriptions/s/resourcegroups/g").collect();
        assert!(all.contains(&"/subscriptions/s"));
        assert!(all.contains(&"/subscriptions/s/resourcegroups/g"));
        assert!(!all.contains(&"/subscriptions/s/resource"));
    }
}
