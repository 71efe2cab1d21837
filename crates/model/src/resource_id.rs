//! Azure resource ids: parsing, comparing, walking to parents.
//!
//! Grammar: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and the
//! `resourceId` family of template functions. Comparison ignores case, as Azure does.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A resource id in the spelling it was read in.
///
/// AWS ARNs and GCP full resource names are carried as opaque text; only ids that start with `/`
/// have segments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// Wraps an id; a trailing slash is dropped.
    pub fn new(id: impl Into<String>) -> Self {
        let mut id = id.into();
        while id.len() > 1 && id.ends_with('/') {
            id.pop();
        }
        Self(id)
    }

    /// The id as it was spelt.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form to compare and to key by: lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The value of the segment after `name`, before the first provider: `subscriptions`, `resourceGroups`.
    fn scope_segment(&self, name: &str) -> Option<&str> {
        let mut segments = self.0.split('/').skip(1);
        while let Some(segment) = segments.next() {
            if segment.eq_ignore_ascii_case("providers") {
                return None;
            }
            let value = segments.next()?;
            if segment.eq_ignore_ascii_case(name) {
                return Some(value);
            }
        }
        None
    }

    /// The subscription this id lies in.
    pub fn subscription_id(&self) -> Option<&str> {
        self.scope_segment("subscriptions")
    }

    /// `/tenants/T` or `/providers/Microsoft.PowerPlatform/environments/E` at the beginning of an id.
    pub fn container_outside_subscriptions(&self) -> Option<String> {
        const CONTAINERS: [&str; 2] = [
            "/tenants/",
            "/providers/microsoft.powerplatform/environments/",
        ];
        CONTAINERS.iter().find_map(|root| {
            let start = self.0.get(..root.len())?;
            let name = self.0[root.len()..].split('/').next()?;
            (start.eq_ignore_ascii_case(root) && !name.is_empty())
                .then(|| self.0[..root.len() + name.len()].to_owned())
        })
    }

    /// The resource group this id lies in.
    pub fn resource_group(&self) -> Option<&str> {
        self.scope_segment("resourceGroups")
    }

    /// Namespace, types and names after the last `/providers/`.
    ///
    /// `…/providers/Microsoft.CognitiveServices/accounts/a/projects/p` gives
    /// (`Microsoft.CognitiveServices`, [`accounts`, `projects`], [`a`, `p`]).
    pub fn provider_parts(&self) -> Option<(&str, Vec<&str>, Vec<&str>)> {
        let at = self.0.to_ascii_lowercase().rfind("/providers/")?;
        let mut segments = self.0[at + "/providers/".len()..].split('/');
        let namespace = segments.next().filter(|text| !text.is_empty())?;
        let (mut types, mut names) = (Vec::new(), Vec::new());
        while let Some(kind) = segments.next() {
            types.push(kind);
            names.extend(segments.next());
        }
        Some((namespace, types, names))
    }

    /// The full type in the spelling of the id, `Microsoft.CognitiveServices/accounts/projects`.
    pub fn resource_type(&self) -> Option<String> {
        let (namespace, types, _) = self.provider_parts()?;
        if types.is_empty() {
            return None;
        }
        Some(format!("{namespace}/{}", types.join("/")))
    }

    /// The last name segment.
    pub fn name(&self) -> Option<&str> {
        self.0.rsplit('/').next().filter(|text| !text.is_empty())
    }

    /// The enclosing resource: the parent resource of a child, the target of an extension resource.
    /// `None` for a top-level resource, whose container is a group or subscription.
    pub fn parent(&self) -> Option<Self> {
        let (_, types, names) = self.provider_parts()?;
        if types.len() > 1 && types.len() == names.len() {
            let cut: usize = types[types.len() - 1].len() + names[names.len() - 1].len() + 2;
            return Some(Self(self.0[..self.0.len() - cut].to_owned()));
        }
        let at = self.0.to_ascii_lowercase().rfind("/providers/")?;
        let target = Self(self.0[..at].to_owned());
        target.provider_parts().is_some().then_some(target)
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0) || self.key() == other.key()
    }
}

impl Eq for ResourceId {}

impl std::hash::Hash for ResourceId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/a/projects/p";

    #[test]
    fn parts_of_a_child_resource() {
        let id = ResourceId::new(PROJECT);
        assert_eq!(id.subscription_id(), Some("S"));
        assert_eq!(id.resource_group(), Some("G"));
        assert_eq!(
            id.resource_type().as_deref(),
            Some("Microsoft.CognitiveServices/accounts/projects")
        );
        let parent = id.parent();
        assert_eq!(parent.as_ref().and_then(ResourceId::name), Some("a"));
        assert_eq!(parent.as_ref().and_then(ResourceId::parent), None);
    }

    #[test]
    fn an_extension_resource_hangs_on_its_target() {
        let id = ResourceId::new(format!(
            "{PROJECT}/providers/Microsoft.Insights/diagnosticSettings/d"
        ));
        assert_eq!(id.parent(), Some(ResourceId::new(PROJECT)));
    }

    #[test]
    fn ids_compare_without_case() {
        assert_eq!(
            ResourceId::new(PROJECT.to_uppercase()),
            ResourceId::new(PROJECT)
        );
    }

    #[test]
    fn tenants_and_environments_contain_what_has_no_subscription() {
        let container = |id: &str| ResourceId::new(id).container_outside_subscriptions();
        assert_eq!(
            container("/tenants/T/users/U").as_deref(),
            Some("/tenants/T")
        );
        assert_eq!(
            container("/providers/Microsoft.PowerPlatform/environments/E/providers/X/agents/A")
                .as_deref(),
            Some("/providers/Microsoft.PowerPlatform/environments/E")
        );
        assert_eq!(container(PROJECT), None);
        assert_eq!(container("/tenants/"), None);
    }

    #[test]
    fn a_subscription_has_no_type() {
        let id = ResourceId::new("/subscriptions/S");
        assert_eq!(id.resource_type(), None);
        assert_eq!(id.subscription_id(), Some("S"));
    }
}
