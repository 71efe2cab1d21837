//! Resources that others are judged by (diagnostic settings, private endpoint connections, pricings), and
//! resource groups and subscriptions; with what is known to have been collected.
//!
//! Only the types that the loaded policies ask for are kept in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use stance_model::{Coverage, CoverageStatus, Origin, Resource};
use stance_policy::{EvaluationContext, PRIVATE_ENDPOINTS, ResourceIndex};

use crate::rows::resources::table_of;
use crate::scan::gather::{Key, key_of};

/// Whether a type (in lower case, or `*`) was collected whole, by scope in lower case and type.
type Collected = HashMap<String, HashMap<String, bool>>;

/// What was collected, for everyone who judges.
#[derive(Debug, Clone)]
pub(crate) struct CollectedTypes(Arc<Collected>);

impl CollectedTypes {
    /// Whether every resource of a type (lower case) was read where `resource` would have it.
    pub(crate) fn covers(&self, resource: &Resource, resource_type: &str) -> bool {
        is_complete(&self.0, resource, resource_type)
    }
}

/// What is kept while reading.
#[derive(Debug, Default)]
pub(crate) struct Related {
    wanted: BTreeSet<String>,
    resources: HashMap<Key, Arc<Resource>>,
    collected: Collected,
    /// Files that are read as part of a template, and that template.
    links: Vec<(String, String)>,
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
        // An estate has as many endpoints as anything else; only what is declared is judged by them.
        let endpoint =
            resource.origin == Origin::Template && resource.resource_type == PRIVATE_ENDPOINTS;
        if endpoint || self.wanted.contains(&resource.resource_type) || is_container(&resource) {
            let key = key_of(resource.id.as_str(), resource.origin);
            self.resources.insert(key, Arc::new(resource));
        }
    }

    /// The types among these that were not kept while reading; from now on they are.
    pub(crate) fn want(&mut self, types: &BTreeSet<String>) -> BTreeSet<String> {
        let missing: BTreeSet<String> = types.difference(&self.wanted).cloned().collect();
        self.wanted.extend(missing.iter().cloned());
        missing
    }

    /// Notes what was collected.
    pub(crate) fn cover(&mut self, coverage: &Coverage) {
        // A template is the source of what the files it links declare; a scope of Azure begins with `/` too, but
        // no resource was read from a file of that name.
        if coverage.what == "*" && coverage.source != coverage.scope {
            let link = (coverage.scope.clone(), coverage.source.clone());
            self.links.push(link);
        }
        let whole = coverage.status == CoverageStatus::Complete;
        let types = self
            .collected
            .entry(coverage.scope.to_lowercase())
            .or_default();
        // Two sources may speak of one scope; what one of them read whole is whole.
        *types.entry(coverage.what.to_lowercase()).or_default() |= whole;
    }

    /// What rules look things up in.
    pub(crate) fn into_index(
        self,
        now: DateTime<Utc>,
    ) -> (ResourceIndex, EvaluationContext, CollectedTypes) {
        let mut context = EvaluationContext::new(now);
        let containers = self
            .resources
            .values()
            .filter(|resource| is_container(resource));
        containers.for_each(|container| context.add_container(container));
        let collected = CollectedTypes(Arc::new(self.collected));
        let known = collected.clone();
        let covers = move |resource: &Resource, kind: &str| known.covers(resource, kind);
        let mut index = ResourceIndex::new(self.resources.into_values(), covers);
        for (file, template) in &self.links {
            index.link(file, template);
        }
        (index, context, collected)
    }
}

fn is_container(resource: &Resource) -> bool {
    resource.origin == Origin::Live && table_of(&resource.resource_type) == "ResourceContainers"
}

/// Whether every resource of a type was read where `resource` would have it. The closest scope that anything is
/// known of decides, a word on the type itself before one on all types. A declared resource's scope is its template.
fn is_complete(collected: &Collected, resource: &Resource, resource_type: &str) -> bool {
    enclosing(&resource.place())
        .filter_map(|scope| collected.get(scope))
        .find_map(|types| types.get(resource_type).or_else(|| types.get("*")))
        .copied()
        .unwrap_or(false)
}

/// A path and everything that encloses it: `/a/b`, `/a`, `/`.
fn enclosing(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.match_indices('/').map(|(at, _)| at.max(1)).rev();
    std::iter::once(path.len())
        .chain(cuts)
        .map(|at| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_on_coverage_counts() {
        let row = |scope: &str, what: &str, status| Coverage {
            scope: scope.to_owned(),
            what: what.to_owned(),
            status,
            reason: String::new(),
            source: String::new(),
            count: 0,
        };
        let mut related = Related::default();
        related.cover(&row("/subscriptions/s", "a.b/c", CoverageStatus::Complete));
        related.cover(&row(
            "/subscriptions/s/resourceGroups/g",
            "a.b/c",
            CoverageStatus::Denied,
        ));
        related.cover(&row("/subscriptions/t", "*", CoverageStatus::Complete));
        let resource = |id: &str| Resource {
            id: stance_model::ResourceId::new(id),
            resource_type: "x.y/z".to_owned(),
            cloud: stance_model::Cloud::Azure,
            origin: Origin::Live,
            source: stance_model::SourceLocation::default(),
            observed_at: None,
            api_version: None,
            unknowns: Vec::new(),
            positions: Vec::new(),
            body: serde_json::Value::Null,
        };
        let covered = |id: &str| is_complete(&related.collected, &resource(id), "a.b/c");
        assert!(covered(
            "/subscriptions/s/resourceGroups/h/providers/x.y/z/1"
        ));
        assert!(!covered(
            "/subscriptions/s/resourceGroups/g/providers/x.y/z/1"
        ));
        assert!(covered(
            "/subscriptions/t/resourceGroups/g/providers/x.y/z/1"
        ));
        assert!(!covered("/subscriptions/u"));
    }

    #[test]
    fn a_scope_encloses_what_lies_below_it_and_nothing_else() {
        let all: Vec<_> = enclosing("/subscriptions/s/resourcegroups/g").collect();
        assert!(all.contains(&"/subscriptions/s"));
        assert!(all.contains(&"/subscriptions/s/resourcegroups/g"));
        assert!(!all.contains(&"/subscriptions/s/resource"));
    }
}
