//! Roles and users with their policies, and the names they go by.

use std::collections::BTreeSet;
use std::rc::Rc;

use stance_model::Resource;

use super::policy::{Policy, Statement, texts};
use crate::graph::{Confidence, Evidence};

/// A policy with what its statements mean for the pairs.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) policy: Policy,
    /// By statement: `(pair, asks)`, places in [`Estate::pairs`] and its `asks`.
    pub(super) meanings: Vec<Vec<(usize, Vec<usize>)>>,
}

/// A policy of an identity, and what one would change to take it away.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) document: Rc<Document>,
    pub(super) object: String,
    /// `Policies[name]`, `PolicyDocument`, `ManagedPolicyArns[ARN]`.
    pub(super) field: String,
    /// Whether the field goes on with the statement.
    pub(super) by_statement: bool,
    /// The group it comes through.
    pub(super) via: Option<String>,
}

impl Grant {
    /// What a statement of it stands on.
    pub(super) fn evidence(&self, statement: &Statement) -> Evidence {
        let field = if self.by_statement {
            format!("{}.Statement[{}]", self.field, statement.position)
        } else {
            self.field.clone()
        };
        Evidence {
            object: self.object.clone(),
            field,
            text: statement.text.clone(),
        }
    }
}

/// A role or user of the inventory.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    pub(super) resource: &'a Resource,
    /// Node.
    pub(super) id: String,
    pub(super) account: String,
    pub(super) is_role: bool,
    pub(super) grants: Vec<Grant>,
    pub(super) boundary: Option<Rc<Document>>,
    /// Some statement lets it take other roles.
    pub(super) assumes: bool,
    /// It has a boundary that was not collected.
    pub(super) boundary_is_missing: bool,
}

impl Identity<'_> {
    pub(super) fn arn(&self) -> &str {
        self.resource.id.as_str()
    }

    /// Statements that deny, of its policies and its boundary.
    pub(super) fn denies(&self) -> impl Iterator<Item = &Statement> {
        let own = self.grants.iter().map(|grant| &grant.document);
        let all = own.chain(&self.boundary);
        all.flat_map(|document| document.policy.denies())
    }

    /// How far the boundary lets an action through on a request; `None`: not at all.
    pub(super) fn boundary_lets(&self, action: &str, request: &str) -> Option<Confidence> {
        if self.boundary_is_missing {
            return Some(Confidence::Medium);
        }
        let Some(boundary) = &self.boundary else {
            return Some(Confidence::High);
        };
        let allows = boundary.policy.allows();
        let met = allows.filter(|one| one.is_about(action) && one.resources.meets(request));
        met.map(sureness).max()
    }

    /// How far the boundary lets an action through on everything that a request stands for.
    pub(super) fn boundary_covers(&self, action: &str, request: &str) -> Option<Confidence> {
        let Some(boundary) = &self.boundary else {
            return self.boundary_lets(action, request);
        };
        let allows = boundary.policy.allows();
        let met = allows.filter(|one| one.is_about(action) && one.resources.covers(request));
        met.map(sureness).max()
    }
}

/// How sure a statement is: conditions and variables are not evaluated.
pub(super) fn sureness(statement: &Statement) -> Confidence {
    if statement.conditions.is_some() || statement.has_variables {
        return Confidence::Medium;
    }
    Confidence::High
}

/// `RoleId` or `UserId`.
pub(super) fn unique_id(resource: &Resource) -> Option<&str> {
    let properties = resource.properties();
    ["RoleId", "UserId", "GroupId"]
        .iter()
        .find_map(|key| properties.get(*key)?.as_str())
}

/// The name at the end of its ARN, in lower case.
pub(super) fn lower_name(resource: &Resource) -> String {
    last_of(resource.id.as_str()).to_lowercase()
}

/// What stands last in an ARN or path.
pub(super) fn last_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// Names of a user's groups, in lower case.
pub(super) fn groups_of(resource: &Resource) -> BTreeSet<String> {
    let groups = resource.properties().get("Groups").and_then(texts);
    let groups = groups.unwrap_or_default();
    groups
        .iter()
        .map(|group| last_of(group).to_lowercase())
        .collect()
}
