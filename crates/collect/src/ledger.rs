//! What was collected in one input, merged into one row for each scope and type.
//!
//! A row says Complete only where the input itself shows that everything was asked for: an answer of
//! a list call without further pages, a template, or the user's own manifest.

use std::collections::BTreeMap;

use stance_model::{Cloud, Coverage, CoverageStatus, Resource, ResourceId};

/// Where a statement about coverage comes from, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Basis {
    /// Resources of the type were met; what was asked for is not known.
    Seen,
    /// The cloud refused.
    Refused,
    /// A list answer, complete.
    Listed,
    /// A list answer that has more pages.
    Paged,
    /// The user says so.
    Manifest,
}

#[derive(Debug)]
struct Entry {
    basis: Basis,
    coverage: Coverage,
    sources: u64,
}

/// All statements of one input.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rows: BTreeMap<(String, String), Entry>,
}

impl Ledger {
    /// Adds a statement. The stronger basis decides status and reason; counts add up.
    pub(crate) fn add(&mut self, basis: Basis, coverage: Coverage) {
        let key = (coverage.scope.to_lowercase(), coverage.what.clone());
        let Some(entry) = self.rows.get_mut(&key) else {
            let entry = Entry {
                basis,
                coverage,
                sources: 1,
            };
            self.rows.insert(key, entry);
            return;
        };
        let count = entry.coverage.count + coverage.count;
        entry.sources += u64::from(entry.coverage.source != coverage.source);
        if basis > entry.basis {
            entry.basis = basis;
            entry.coverage = coverage;
        }
        entry.coverage.count = count;
    }

    /// A complete statement turns out to hold for a part only.
    pub(crate) fn lessen(&mut self, scope: &str, what: &str, reason: &str) {
        let key = (scope.to_owned(), what.to_owned());
        if let Some(entry) = self.rows.get_mut(&key)
            && entry.coverage.status == CoverageStatus::Complete
            && entry.basis < Basis::Manifest
        {
            entry.coverage.status = CoverageStatus::Partial;
            reason.clone_into(&mut entry.coverage.reason);
        }
    }

    /// The first three segments of every scope that a reader made below one of `roots`.
    pub(crate) fn made_below(&self, roots: &[&str]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (scope, _) in self.rows.keys() {
            if !roots.iter().any(|root| scope.starts_with(root)) {
                continue;
            }
            let end = scope
                .match_indices('/')
                .nth(2)
                .map_or(scope.len(), |(at, _)| at);
            if found.last().map(String::as_str) != Some(&scope[..end]) {
                found.push(scope[..end].to_owned());
            }
        }
        found
    }

    /// A place that had to be guessed is known now: statements about it hold for its real scope.
    pub(crate) fn rename(&mut self, guessed: &str, real: &str) {
        let below = |scope: &str| {
            scope
                .strip_prefix(guessed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let keys: Vec<_> = self
            .rows
            .keys()
            .filter(|key| below(&key.0))
            .cloned()
            .collect();
        for key in keys {
            let Some(mut entry) = self.rows.remove(&key) else {
                continue;
            };
            entry.coverage.scope = format!("{real}{}", &key.0[guessed.len()..]);
            self.add(entry.basis, entry.coverage);
        }
    }

    /// The rows, sorted by scope and type.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = Coverage> {
        self.rows.into_values().map(|entry| {
            let mut coverage = entry.coverage;
            if entry.sources > 1 {
                coverage.source = format!("{} and {} more", coverage.source, entry.sources - 1);
            }
            coverage
        })
    }
}

/// Types that Resource Graph does not hold: an array of them is the answer of a list call.
/// Source: learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources.
const NEVER_IN_RESOURCE_GRAPH: &[&str] = &[
    "microsoft.cognitiveservices/accounts/capabilityhosts",
    "microsoft.cognitiveservices/accounts/connections",
    "microsoft.cognitiveservices/accounts/deployments",
    "microsoft.cognitiveservices/accounts/projects/agents",
    "microsoft.cognitiveservices/accounts/projects/applications",
    "microsoft.cognitiveservices/accounts/projects/capabilityhosts",
    "microsoft.cognitiveservices/accounts/projects/connections",
    "microsoft.cognitiveservices/accounts/raiblocklists",
    "microsoft.cognitiveservices/accounts/raipolicies",
    "microsoft.insights/diagnosticsettings",
    "microsoft.machinelearningservices/workspaces/computes",
    "microsoft.machinelearningservices/workspaces/connections",
    "microsoft.machinelearningservices/workspaces/datastores",
    "microsoft.machinelearningservices/workspaces/outboundrules",
    "microsoft.search/searchservices/datasources",
    "microsoft.search/searchservices/indexers",
    "microsoft.search/searchservices/indexes",
    "microsoft.search/searchservices/skillsets",
];

/// Types whose lists mix what is assigned at, above and below the scope asked for.
const INHERITED: &[&str] = &[
    "microsoft.authorization/denyassignments",
    "microsoft.authorization/policyassignments",
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roledefinitions",
    "microsoft.authorization/roleassignmentscheduleinstances",
    "microsoft.authorization/roleassignmentschedules",
    "microsoft.authorization/roleeligibilityscheduleinstances",
    "microsoft.authorization/roleeligibilityschedules",
];

/// How the resources of one file or list came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `{"value": […]}`: the answer of a list call.
    List,
    /// A Resource Graph export, whose query is not known.
    Query,
    /// A snapshot that holds everything of the types in it.
    Snapshot,
    /// An array or lines that some tool wrote.
    Unknown,
}

/// Counts what one file or list holds, by type and container.
#[derive(Debug)]
pub(crate) struct Tally {
    asked: Asked,
    /// The place of the rows had to be made up.
    unsure: bool,
    /// type -> container -> count.
    seen: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Tally {
    pub(crate) fn new(asked: Asked) -> Self {
        Self {
            asked,
            unsure: false,
            seen: BTreeMap::new(),
        }
    }

    /// Counts one resource.
    pub(crate) fn see(&mut self, resource: &Resource) {
        let listed = NEVER_IN_RESOURCE_GRAPH.contains(&resource.resource_type.as_str());
        let container = match self.asked {
            _ if resource.cloud != Cloud::Azure => resource.place(),
            _ if resource.text("parentId").is_some() => resource
                .parent()
                .map_or_else(|| "/".to_owned(), |parent| parent.key()),
            _ if lies_outside_subscriptions(&resource.id) => enclosing(&resource.id),
            Asked::List => container_of(&resource.id),
            Asked::Unknown if listed => container_of(&resource.id),
            Asked::Query | Asked::Snapshot | Asked::Unknown => subscription_of(&resource.id),
        };
        self.see_in(resource, container);
    }

    /// Counts one resource as part of what `container` was asked for.
    pub(crate) fn see_in(&mut self, resource: &Resource, container: String) {
        if !self.seen.contains_key(&resource.resource_type) {
            self.seen
                .insert(resource.resource_type.clone(), BTreeMap::new());
        }
        if let Some(containers) = self.seen.get_mut(&resource.resource_type) {
            match containers.get_mut(&container) {
                Some(count) => *count += 1,
                None => {
                    containers.insert(container, 1);
                }
            }
        }
    }

    /// The rows are of a kind that only list calls answer with.
    pub(crate) fn listed(&mut self) {
        self.asked = Asked::List;
    }

    /// The place of the rows is not known: whatever was listed, it covers nothing for sure.
    pub(crate) fn unsure(&mut self) {
        self.unsure = true;
    }

    pub(crate) fn asked(&self) -> Asked {
        self.asked
    }

    /// Resources counted.
    pub(crate) fn count(&self) -> u64 {
        self.seen.values().flat_map(BTreeMap::values).sum()
    }

    /// Nothing was counted.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Writes what is known into the ledger. `more` says why the answer is not whole. Returns the rows written.
    pub(crate) fn close(self, more: Option<&str>, source: &str, ledger: &mut Ledger) -> u64 {
        let mut rows = 0;
        let mixed = self.seen.len() > 1;
        for (what, containers) in self.seen {
            let siblings = containers.keys().all(|container| is_resource(container));
            let (basis, status, reason) = match (self.asked, more) {
                (_, Some(more)) => (Basis::Paged, CoverageStatus::Partial, more),
                (_, None) if self.unsure => (
                    Basis::Seen,
                    CoverageStatus::Partial,
                    "the place that was listed is not known",
                ),
                (Asked::Query, None) => (
                    Basis::Seen,
                    CoverageStatus::Partial,
                    "the query of the export is not known",
                ),
                (Asked::List, None) if mixed && !siblings => (
                    Basis::Seen,
                    CoverageStatus::Partial,
                    "a list of several types; whether all of each were asked for is not known",
                ),
                (Asked::List | Asked::Snapshot, None) => {
                    (Basis::Listed, CoverageStatus::Complete, "")
                }
                (Asked::Unknown, None)
                    if !mixed && NEVER_IN_RESOURCE_GRAPH.contains(&what.as_str()) =>
                {
                    (Basis::Listed, CoverageStatus::Complete, "")
                }
                (Asked::Unknown, None) => (
                    Basis::Seen,
                    CoverageStatus::Partial,
                    "the request behind the rows is not known",
                ),
            };
            for (scope, count) in scopes(containers) {
                let inherited = INHERITED.contains(&what.as_str()) && !scope.widened;
                let unsure = inherited && basis == Basis::Listed;
                ledger.add(
                    if unsure { Basis::Seen } else { basis },
                    Coverage {
                        scope: scope.id,
                        what: what.clone(),
                        status: if unsure {
                            CoverageStatus::Partial
                        } else {
                            status
                        },
                        reason: if unsure {
                            "the scope that was listed is not known".to_owned()
                        } else {
                            reason.to_owned()
                        },
                        source: source.to_owned(),
                        count,
                    },
                );
                rows += 1;
            }
        }
        rows
    }
}

struct Scope {
    id: String,
    /// Several groups of one subscription were met, so the whole subscription was listed.
    widened: bool,
}

/// Containers to scopes: two groups of one subscription mean that the subscription was listed.
fn scopes(containers: BTreeMap<String, u64>) -> Vec<(Scope, u64)> {
    let mut by_subscription: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    let mut found = Vec::new();
    for (container, count) in containers {
        let id = ResourceId::new(container.clone());
        match id.subscription_id() {
            Some(subscription) if id.provider_parts().is_none() => by_subscription
                .entry(format!("/subscriptions/{subscription}"))
                .or_default()
                .push((container, count)),
            _ => found.push((
                Scope {
                    id: container,
                    widened: false,
                },
                count,
            )),
        }
    }
    for (subscription, members) in by_subscription {
        let groups = members.iter().filter(|(id, _)| *id != subscription).count();
        let total = members.iter().map(|(_, count)| count).sum();
        match members.into_iter().next() {
            Some((only, _)) if groups <= 1 && only != subscription => {
                found.push((
                    Scope {
                        id: only,
                        widened: false,
                    },
                    total,
                ));
            }
            _ => found.push((
                Scope {
                    id: subscription,
                    widened: groups > 1,
                },
                total,
            )),
        }
    }
    found
}

fn is_resource(container: &str) -> bool {
    let lower = container.to_ascii_lowercase();
    lower.contains("/providers/") || MADE.iter().any(|root| lower.starts_with(root))
}

/// Beginnings of ids that readers make for what has no subscription.
const MADE: &[&str] = &[
    "/tenants/",
    "/providers/microsoft.powerplatform/environments/",
    "/foundry/",
    "/search/",
];

fn lies_outside_subscriptions(id: &ResourceId) -> bool {
    MADE.iter().any(|root| {
        id.as_str()
            .get(..root.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(root))
    })
}

/// What holds a resource outside of subscriptions: the tenant, environment, project or service.
fn enclosing(id: &ResourceId) -> String {
    if let Some(parent) = id.parent() {
        return parent.key();
    }
    let key = id.key();
    let mut cuts = key.rmatch_indices('/').map(|(at, _)| at).skip(1);
    match cuts.next() {
        Some(at) if at > 0 && !key.starts_with("/providers/") => key[..at].to_owned(),
        _ => "/".to_owned(),
    }
}

fn subscription_of(id: &ResourceId) -> String {
    match id.subscription_id() {
        Some(subscription) => format!("/subscriptions/{}", subscription.to_lowercase()),
        None => "/".to_owned(),
    }
}

/// What holds a resource: its parent, its group, its subscription, or the tenant (`/`).
pub(crate) fn container_of(id: &ResourceId) -> String {
    if let Some(parent) = id.parent() {
        return parent.key();
    }
    match (id.subscription_id(), id.resource_group()) {
        (Some(subscription), Some(group)) if id.provider_parts().is_some() => {
            format!("/subscriptions/{subscription}/resourcegroups/{group}").to_lowercase()
        }
        (Some(subscription), _) => format!("/subscriptions/{subscription}").to_lowercase(),
        _ => "/".to_owned(),
    }
}

/// Scope and type of a list call whose path the file's path repeats:
/// `…/subscriptions/S/resourceGroups/G/providers/Microsoft.X/accounts/a/deployments.json`.
pub(crate) fn path_hint(file: &str) -> Option<(String, String)> {
    let lower = file.to_lowercase();
    let at = lower.find("subscriptions/")?;
    if at > 0 && lower.as_bytes()[at - 1] != b'/' {
        return None;
    }
    let path = lower[at..]
        .strip_suffix(".gz")
        .unwrap_or(&lower[at..])
        .strip_suffix(".json")?;
    let id = ResourceId::new(format!("/{path}"));
    let (namespace, types, names) = id.provider_parts()?;
    if types.len() != names.len() + 1 || !namespace.contains('.') {
        return None;
    }
    let what = format!("{namespace}/{}", types.join("/"));
    let last = types.last().map_or(0, |kind| kind.len());
    let mut scope = &id.as_str()[..id.as_str().len() - last - 1];
    if types.len() == 1 {
        scope = scope.strip_suffix(namespace)?.strip_suffix("/providers/")?;
    }
    Some((scope.to_owned(), what))
}

#[cfg(test)]
mod tests {
    use super::path_hint;

    #[test]
    fn a_path_that_repeats_the_call_says_what_was_listed() {
        let hint = |path: &str| path_hint(path).unwrap_or_default();
        assert_eq!(
            hint("out/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments.json"),
            (
                "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a".to_owned(),
                "microsoft.cognitiveservices/accounts/deployments".to_owned()
            )
        );
        assert_eq!(
            hint("subscriptions/S/providers/Microsoft.Security/pricings.json"),
            (
                "/subscriptions/s".to_owned(),
                "microsoft.security/pricings".to_owned()
            )
        );
        assert_eq!(path_hint("subscriptions/S/accounts.json"), None);
        assert_eq!(
            path_hint("mysubscriptions/S/providers/M.X/accounts.json"),
            None
        );
    }
}
