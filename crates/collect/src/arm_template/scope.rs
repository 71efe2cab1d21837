//! Where a deployment lands, and the ids of what lands there.

use super::options::Target;
use super::symbolic_text::{Hole, SymbolicText};

/// The subscription id that stands in ids when none is known.
const NO_SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The level of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    ResourceGroup,
    Subscription,
    ManagementGroup,
    Tenant,
}

/// A level and the names of all levels around it, as far as they are known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    pub(super) subscription: SymbolicText,
    pub(super) resource_group: SymbolicText,
    pub(super) management_group: SymbolicText,
}

impl Scope {
    /// The scope of a template that is deployed by itself.
    pub(super) fn of_target(kind: ScopeKind, target: &Target) -> Self {
        let name = |given: &Option<String>, source: &str, shown: &str| match given {
            Some(text) if !text.is_empty() => SymbolicText::literal(text),
            _ => SymbolicText::hole(Hole::shown_as(source, shown)),
        };
        Self {
            kind,
            subscription: name(
                &target.subscription_id,
                "subscription().subscriptionId",
                NO_SUBSCRIPTION,
            ),
            resource_group: name(
                &target.resource_group,
                "resourceGroup().name",
                "{resourceGroup}",
            ),
            management_group: name(
                &target.management_group,
                "managementGroup().name",
                "{managementGroup}",
            ),
        }
    }

    /// The scope's own id; empty for the tenant.
    pub(super) fn id(&self) -> SymbolicText {
        match self.kind {
            ScopeKind::ResourceGroup => self.resource_group_id(),
            ScopeKind::Subscription => self.subscription_id(),
            ScopeKind::ManagementGroup => self.management_group_id(),
            ScopeKind::Tenant => SymbolicText::default(),
        }
    }

    pub(super) fn subscription_id(&self) -> SymbolicText {
        joined(&[
            &SymbolicText::literal("/subscriptions/"),
            &self.subscription,
        ])
    }

    pub(super) fn resource_group_id(&self) -> SymbolicText {
        joined(&[
            &self.subscription_id(),
            &SymbolicText::literal("/resourceGroups/"),
            &self.resource_group,
        ])
    }

    pub(super) fn management_group_id(&self) -> SymbolicText {
        let start = SymbolicText::literal("/providers/Microsoft.Management/managementGroups/");
        joined(&[&start, &self.management_group])
    }

    /// The scope an id names: `/subscriptions/S/resourceGroups/G`, a management group, `/`; else `None`.
    pub(super) fn at_id(&self, id: &SymbolicText) -> Option<Self> {
        let segments = id.split(&["/"]);
        let word = |index: usize, expected: &str| {
            segments
                .get(index)
                .and_then(SymbolicText::known)
                .is_some_and(|found| found.eq_ignore_ascii_case(expected))
        };
        let mut scope = self.clone();
        if id.known().as_deref() == Some("/") {
            scope.kind = ScopeKind::Tenant;
        } else if word(0, "") && word(1, "subscriptions") && segments.len() == 3 {
            scope.kind = ScopeKind::Subscription;
            scope.subscription = segments[2].clone();
        } else if word(0, "")
            && word(1, "subscriptions")
            && word(3, "resourceGroups")
            && segments.len() == 5
        {
            scope.kind = ScopeKind::ResourceGroup;
            scope.subscription = segments[2].clone();
            scope.resource_group = segments[4].clone();
        } else {
            let at = segments.len().checked_sub(2)?;
            if !word(at, "managementGroups") {
                return None;
            }
            scope.kind = ScopeKind::ManagementGroup;
            scope.management_group = segments[at + 1].clone();
        }
        Some(scope)
    }
}

/// Texts one after the other. Ids are short, so the limit on texts does not matter here.
pub(super) fn joined(texts: &[&SymbolicText]) -> SymbolicText {
    let mut made = SymbolicText::default();
    for text in texts {
        if made.push(text).is_err() {
            break;
        }
    }
    made
}

/// `base/providers/NAMESPACE/type1/name1/type2/name2`; resource groups have their own short form.
pub(super) fn provider_id(
    base: &SymbolicText,
    resource_type: &str,
    names: &[SymbolicText],
) -> SymbolicText {
    let mut id = base.clone();
    if resource_type.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") && names.len() == 1
    {
        id.push_literal("/resourceGroups/");
        return joined(&[&id, &names[0]]);
    }
    if resource_type.eq_ignore_ascii_case("Microsoft.Resources/subscriptions") && names.len() == 1 {
        return joined(&[&SymbolicText::literal("/subscriptions/"), &names[0]]);
    }
    let mut types = resource_type.split('/');
    id.push_literal("/providers/");
    id.push_literal(types.next().unwrap_or_default());
    let mut names = names.iter();
    for kind in types {
        id.push_literal("/");
        id.push_literal(kind);
        if let Some(name) = names.next() {
            id.push_literal("/");
            id = joined(&[&id, name]);
        }
    }
    for extra in names {
        id.push_literal("/");
        id = joined(&[&id, extra]);
    }
    id
}
