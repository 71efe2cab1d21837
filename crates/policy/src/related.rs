//! Related resources: what an `…IfNotExists` rule looks for, and who answers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use stance_model::{Origin, Resource, ResourceId};

/// Types that hang on any resource without being its child by name; they are looked for within the evaluated
/// resource. Source: the extension resources list of the Azure Resource Manager documentation.
const EXTENSION_TYPES: [&str; 14] = [
    "microsoft.insights/diagnosticsettings",
    "microsoft.insights/datacollectionruleassociations",
    "microsoft.authorization/locks",
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roleeligibilityscheduleinstances",
    "microsoft.security/advancedthreatprotectionsettings",
    "microsoft.security/defenderforstoragesettings",
    "microsoft.security/assessments",
    "microsoft.security/subassessments",
    "microsoft.guestconfiguration/guestconfigurationassignments",
    "microsoft.maintenance/configurationassignments",
    "microsoft.kubernetesconfiguration/extensions",
    "microsoft.dataprotection/backupinstances",
    "microsoft.eventgrid/eventsubscriptions",
];

/// Where a rule looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelatedScope {
    /// Children and extension resources of the resource with this id.
    Within(ResourceId),
    /// The resource group with this id, children of its resources included.
    ResourceGroup(ResourceId),
    /// The subscription with this id.
    Subscription(ResourceId),
}

/// What a rule looks for.
#[derive(Debug, Clone)]
pub struct RelatedRequest<'a> {
    /// The evaluated resource.
    pub resource: &'a Resource,
    /// The wanted type in lower case.
    pub resource_type: &'a str,
    /// Where.
    pub scope: RelatedScope,
}

/// What there is.
#[derive(Debug, Clone, Default)]
pub struct RelatedAnswer {
    /// Every resource of the type in the scope.
    pub candidates: Vec<Arc<Resource>>,
    /// Whether the type was collected completely for that scope. Where it was not, a missing resource makes
    /// the verdict Unknown, not Unhealthy.
    pub collected: bool,
}

/// Answers what related resources there are. The name a rule may ask for is matched by the caller.
pub trait RelatedResources: Send + Sync {
    /// Finds the resources of a type in a scope.
    fn find(&self, request: &RelatedRequest<'_>) -> RelatedAnswer;
}

/// Knows of no related resource and claims no coverage.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRelated;

impl RelatedResources for NoRelated {
    fn find(&self, _: &RelatedRequest<'_>) -> RelatedAnswer {
        RelatedAnswer::default()
    }
}

/// Whether a type hangs on any resource.
pub(crate) fn is_extension(resource_type: &str) -> bool {
    EXTENSION_TYPES.contains(&resource_type)
}

type Covers = Box<dyn Fn(&Resource, &str) -> bool + Send + Sync>;

/// Related resources held in memory, found by type and place.
///
/// A template sees the resources of its own file and of the files it links, a live resource sees live ones: the
/// two never mix.
pub struct ResourceIndex {
    by_place: HashMap<(String, String), Vec<Arc<Resource>>>,
    /// Linked file to the templates it is read as part of.
    linked_by: HashMap<String, BTreeSet<String>>,
    covers: Covers,
}

impl std::fmt::Debug for ResourceIndex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ResourceIndex")
            .field("places", &self.by_place.len())
            .finish_non_exhaustive()
    }
}

impl ResourceIndex {
    /// Indexes resources: those of [`crate::PolicySet::related_types`] are enough. `covers` says whether a type (lower case) was collected completely for a resource.
    pub fn new(
        resources: impl IntoIterator<Item = Arc<Resource>>,
        covers: impl Fn(&Resource, &str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let mut index = Self {
            by_place: HashMap::new(),
            linked_by: HashMap::new(),
            covers: Box::new(covers),
        };
        for resource in resources {
            index.insert(&resource);
        }
        index
    }

    /// Says that a file is read as part of the template that links it.
    pub fn link(&mut self, file: &str, template: &str) {
        let templates = self.linked_by.entry(file.to_owned()).or_default();
        templates.insert(template.to_owned());
    }

    /// Whether two files belong to one deployment.
    fn together(&self, one: &str, other: &str) -> bool {
        let none = BTreeSet::new();
        let of = |file: &str| self.linked_by.get(file).unwrap_or(&none);
        one == other
            || of(one).contains(other)
            || of(other).contains(one)
            || !of(one).is_disjoint(of(other))
    }

    /// Adds one resource at every place it is found from: its parents, its group, its subscription.
    pub fn insert(&mut self, resource: &Arc<Resource>) {
        let mut places = HashSet::new();
        let mut parent = resource.id.parent();
        while let Some(id) = parent {
            places.insert(id.key());
            parent = id.parent();
        }
        if let Some(subscription) = resource.id.subscription_id() {
            let subscription = format!("/subscriptions/{subscription}").to_lowercase();
            if let Some(group) = resource.id.resource_group() {
                places.insert(format!(
                    "{subscription}/resourcegroups/{}",
                    group.to_lowercase()
                ));
            }
            places.insert(subscription);
        }
        for place in places {
            self.by_place
                .entry((resource.resource_type.clone(), place))
                .or_default()
                .push(Arc::clone(resource));
        }
    }
}

impl RelatedResources for ResourceIndex {
    fn find(&self, request: &RelatedRequest<'_>) -> RelatedAnswer {
        let place = match &request.scope {
            RelatedScope::Within(id)
            | RelatedScope::ResourceGroup(id)
            | RelatedScope::Subscription(id) => id.key(),
        };
        let sees = |other: &Resource| {
            other.origin == request.resource.origin
                && (other.origin == Origin::Live
                    || self.together(&other.source.file, &request.resource.source.file))
        };
        let candidates = self
            .by_place
            .get(&(request.resource_type.to_owned(), place))
            .into_iter()
            .flatten()
            .filter(|resource| sees(resource))
            .cloned()
            .collect();
        RelatedAnswer {
            candidates,
            collected: (self.covers)(request.resource, request.resource_type),
        }
    }
}
