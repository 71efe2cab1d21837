//! Role definitions: those of the inventory, else the built-in ones that ship with the product.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;

use super::operations::{OperationSet, Operations, Permissions};
use crate::inventory::Inventory;

const BUILT_IN: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/azure-roles.yaml"
));

/// What a role lets one do.
#[derive(Debug, Default)]
pub(super) struct Role {
    pub(super) name: String,
    /// Without a condition.
    pub(super) plain: OperationSet,
    /// Under a condition of the role itself.
    pub(super) conditional: OperationSet,
    /// The condition.
    pub(super) condition: Option<String>,
}

#[derive(Deserialize)]
struct BuiltIn {
    id: String,
    name: String,
    #[serde(flatten)]
    permissions: Permissions,
}

/// Roles by the last segment of their ids, and by their names, in lower case.
#[derive(Debug)]
pub(super) struct Roles {
    by_id: HashMap<String, Role>,
    /// Ids by name in lower case; declarations may name a role so.
    by_name: HashMap<String, String>,
}

impl Roles {
    pub(super) fn of(inventory: &Inventory, operations: &Operations) -> Self {
        // A test keeps the shipped file readable.
        let built_in: Vec<BuiltIn> = serde_yaml_ng::from_str(BUILT_IN).unwrap_or_default();
        let mut roles = Self {
            by_id: HashMap::new(),
            by_name: HashMap::new(),
        };
        for one in built_in {
            let role = role(one.name, &[one.permissions], operations);
            roles.insert(one.id, role);
        }
        for definition in inventory.of_type("microsoft.authorization/roledefinitions") {
            let properties = definition.properties();
            let permissions = permissions_of(properties);
            let name = properties["roleName"]
                .as_str()
                .unwrap_or_else(|| definition.name());
            if let Some(id) = last_segment(definition.id.as_str()) {
                roles.insert(id, role(name.to_owned(), &permissions, operations));
            }
        }
        roles
    }

    fn insert(&mut self, id: String, role: Role) {
        self.by_name.insert(role.name.to_lowercase(), id.clone());
        self.by_id.insert(id, role);
    }

    /// The role that a `roleDefinitionId` or the name of a role names.
    pub(super) fn get(&self, definition: &str) -> Option<&Role> {
        let by_id = self.by_id.get(&last_segment(definition)?);
        by_id.or_else(|| {
            self.by_id
                .get(self.by_name.get(&definition.to_lowercase())?)
        })
    }
}

/// The last segment of an id, in lower case.
pub(super) fn last_segment(id: &str) -> Option<String> {
    let last = id.rsplit('/').next()?;
    (!last.is_empty()).then(|| last.to_lowercase())
}

/// `permissions` of a role definition or a deny assignment; entries of another shape hold nothing.
pub(super) fn permissions_of(properties: &Value) -> Vec<Permissions> {
    let list = properties["permissions"].as_array().into_iter().flatten();
    list.map(|entry| {
        let texts = |key: &str| -> Vec<String> {
            let list = entry[key].as_array().into_iter().flatten();
            list.filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        Permissions {
            actions: texts("actions"),
            not_actions: texts("notActions"),
            data_actions: texts("dataActions"),
            not_data_actions: texts("notDataActions"),
            condition: entry["condition"].as_str().map(str::to_owned),
        }
    })
    .collect()
}

fn role(name: String, permissions: &[Permissions], operations: &Operations) -> Role {
    let mut role = Role {
        name,
        ..Role::default()
    };
    let mut conditions = BTreeSet::new();
    for one in permissions {
        let held = operations.in_permissions(one);
        let Some(condition) = one
            .condition
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        else {
            role.plain = role.plain.or(held);
            continue;
        };
        let under = operations.under_condition(condition, held);
        role.plain = role.plain.or(held.without(under));
        if !under.is_empty() {
            role.conditional = role.conditional.or(under);
            conditions.insert(condition);
        }
    }
    if !conditions.is_empty() {
        let texts: Vec<&str> = conditions.into_iter().collect();
        role.condition = Some(texts.join("; "));
    }
    role
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn the_shipped_roles_can_be_read() {
        let built_in: Vec<BuiltIn> = serde_yaml_ng::from_str(BUILT_IN).unwrap();
        assert!(built_in.len() > 60);
        let operations = Operations::of(&Vocabulary::embedded().unwrap());
        let roles = Roles::of(&Inventory::default(), &operations);
        let owner = roles.get("8e3af657-a8ff-443c-a75c-2fe8c4bcb635").unwrap();
        assert_eq!(owner.name, "Owner");
        let manager = roles.get("eadc314b-1a2d-4efa-be10-5d325db5065e").unwrap();
        assert!(
            !manager.conditional.is_empty(),
            "it may grant one role only"
        );
        assert!(!manager.plain.is_empty());
    }
}
