//! Scopes: which resources lie in a management group, subscription, resource group or resource.

use stance_model::{Resource, ResourceId};

/// Prefix of a management group's id, lower case.
pub(crate) const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// Where a resource lies: its id and everything that encloses it.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// The id in lower case.
    pub id: String,
    /// Ids of the management groups above its subscription, lower case, the closest first; `None` where they are not
    /// known.
    pub groups: Option<&'a [String]>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(resource: &Resource, groups: Option<&'a [String]>) -> Self {
        Self {
            id: resource.id.key(),
            groups,
        }
    }

    /// Every scope that encloses the resource, itself included, lower case.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        let id = self.id.as_str();
        let cuts = id.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
        std::iter::once(id.len())
            .chain(cuts.rev())
            .map(|at| &id[..at])
            .chain(self.groups.into_iter().flatten().map(String::as_str))
    }

    /// Whether the resource lies in a scope (lower case, no slash at the end).
    pub(crate) fn is_in(&self, scope: &str) -> bool {
        encloses(scope, &self.id)
            || self
                .groups
                .is_some_and(|groups| groups.iter().any(|group| group == scope))
    }
}

/// Whether a scope is another or one above it by id alone; both in lower case.
pub(crate) fn encloses(scope: &str, id: &str) -> bool {
    id.strip_prefix(scope)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A scope in the form that is compared: lower case, no slash at the end.
pub(crate) fn plain(scope: &str) -> String {
    ResourceId::new(scope.trim()).key()
}

/// The scope that an extension resource's id hangs on: what stands before its last `/providers/`.
pub(crate) fn scope_of_id(id: &str) -> Option<&str> {
    let at = id.to_ascii_lowercase().rfind("/providers/")?;
    Some(&id[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_ends_at_a_slash() {
        assert!(encloses(
            "/subscriptions/s",
            "/subscriptions/s/resourcegroups/g"
        ));
        assert!(encloses("/subscriptions/s", "/subscriptions/s"));
        assert!(!encloses("/subscriptions/s", "/subscriptions/s2"));
    }

    #[test]
    fn enclosing_scopes_go_up_to_the_management_groups() {
        let groups = ["/providers/microsoft.management/managementgroups/ai".to_owned()];
        let place = Place {
            id: "/subscriptions/s/resourcegroups/g".to_owned(),
            groups: Some(&groups),
        };
        let scopes: Vec<&str> = place.scopes().collect();
        assert!(scopes.contains(&"/subscriptions/s/resourcegroups/g"));
        assert!(scopes.contains(&"/subscriptions/s"));
        assert_eq!(scopes.last(), Some(&groups[0].as_str()));
    }

    #[test]
    fn an_assignment_hangs_on_what_stands_before_its_provider() {
        let id = "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a";
        assert_eq!(scope_of_id(id), Some("/subscriptions/s"));
    }
}
