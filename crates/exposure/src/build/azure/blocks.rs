//! What takes rights away below a scope: deny assignments, and resources that do not listen to some operations.
//!
//! Sources: learn.microsoft.com/azure/role-based-access-control/deny-assignments; for vaults .../key-vault/general/rbac-migration
//! (access policies or roles, never both); for keys the `disableLocalAuth` and `allowSharedKeyAccess` of each service.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use stance_model::Resource;

use super::operations::{OperationSet, Operations};
use super::places::Places;
use super::roles::permissions_of;
use super::{Members, grants};
use crate::build::Sources;

/// Stands for every principal in a deny assignment.
const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

/// One of them.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) place: String,
    pub(super) operations: OperationSet,
    /// Whoever holds one of these there sets it aside: the operations that change the setting.
    pub(super) set_aside_by: OperationSet,
    /// What lies in the place keeps its rights.
    pub(super) only_itself: bool,
    /// `None` is everybody.
    principals: Option<BTreeSet<String>>,
    except: BTreeSet<String>,
}

/// All of them, by where they are.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) all: Vec<Block>,
    at: HashMap<String, Vec<usize>>,
    below: HashMap<String, Vec<usize>>,
    /// Those that bear on some principals only.
    personal: Vec<usize>,
}

impl Blocks {
    pub(super) fn of(sources: Sources<'_>, operations: &Operations, places: &Places) -> Self {
        let mut blocks = Self::default();
        for row in sources
            .inventory
            .of_type("microsoft.authorization/denyassignments")
        {
            if let Some(block) = denied(row, operations, places) {
                blocks.push(block, places);
            }
        }
        let deaf = Deaf::of(operations);
        for (kind, judge, changes) in Deaf::JUDGES {
            for resource in sources.inventory.of_type(kind) {
                let block = Block {
                    place: resource.id.key(),
                    operations: judge(&deaf, resource.properties()),
                    set_aside_by: operations.named(&[changes]),
                    only_itself: false,
                    principals: None,
                    except: BTreeSet::new(),
                };
                blocks.push(block, places);
            }
        }
        blocks
    }

    fn push(&mut self, block: Block, places: &Places) {
        if block.operations.is_empty() || places.get(&block.place).is_none() {
            return;
        }
        let number = self.all.len();
        for above in places.above(&block.place) {
            self.below.entry(above.to_owned()).or_default().push(number);
        }
        self.at.entry(block.place.clone()).or_default().push(number);
        if block.principals.is_some() || !block.except.is_empty() {
            self.personal.push(number);
        }
        self.all.push(block);
    }

    /// Of those that bear on some principals only, those that bear on this one.
    pub(super) fn against(&self, principal: &str, members: &Members) -> Vec<usize> {
        if self.personal.is_empty() {
            return Vec::new();
        }
        let groups = members.groups_of(principal);
        let is_in = |list: &BTreeSet<String>| {
            list.contains(principal) || groups.iter().any(|group| list.contains(*group))
        };
        let bears = |number: &&usize| {
            let block = &self.all[**number];
            block.principals.as_ref().is_none_or(is_in) && !is_in(&block.except)
        };
        self.personal.iter().filter(bears).copied().collect()
    }

    /// Those at a place that bear on a principal.
    pub(super) fn at<'a>(
        &'a self,
        place: &str,
        against: &'a [usize],
    ) -> impl Iterator<Item = &'a Block> {
        self.bearing(self.at.get(place), against)
    }

    /// Those below a place that bear on a principal.
    pub(super) fn below<'a>(
        &'a self,
        place: &str,
        against: &'a [usize],
    ) -> impl Iterator<Item = &'a Block> {
        self.bearing(self.below.get(place), against)
    }

    fn bearing<'a>(
        &'a self,
        numbers: Option<&'a Vec<usize>>,
        against: &'a [usize],
    ) -> impl Iterator<Item = &'a Block> {
        let numbers = numbers.into_iter().flatten();
        let bears = move |number: &&usize| {
            self.personal.binary_search(number).is_err() || against.contains(number)
        };
        numbers.filter(bears).map(|number| &self.all[*number])
    }
}

fn denied(row: &Resource, operations: &Operations, places: &Places) -> Option<Block> {
    let properties = row.properties();
    let scope = properties["scope"].as_str().map(str::to_owned);
    let scope = scope.or_else(|| grants::scope_of(row.id.as_str()))?;
    let lower = scope.trim_end_matches('/').to_lowercase();
    let place = if lower.is_empty() {
        places.tenant()?.to_owned()
    } else {
        lower
    };
    let ids = |field: &str| -> BTreeSet<String> {
        let list = properties[field].as_array().into_iter().flatten();
        list.filter_map(|one| one["id"].as_str().map(str::to_lowercase))
            .collect()
    };
    let principals = ids("principals");
    let mut taken = OperationSet::EMPTY;
    for permissions in permissions_of(properties) {
        // Under a condition nobody evaluates it: what may be denied is not taken away.
        if permissions.condition.is_none() {
            taken = taken.or(operations.in_permissions(&permissions));
        }
    }
    let conditional = properties["condition"]
        .as_str()
        .is_some_and(|text| !text.trim().is_empty());
    Some(Block {
        place,
        operations: if conditional {
            OperationSet::EMPTY
        } else {
            taken
        },
        set_aside_by: OperationSet::EMPTY,
        only_itself: properties["doNotApplyToChildScopes"].as_bool() == Some(true),
        principals: (!principals.contains(EVERYBODY)).then_some(principals),
        except: ids("excludePrincipals"),
    })
}

/// Operations that a resource does not listen to under some settings.
struct Deaf {
    vault_data: OperationSet,
    vault_policies: OperationSet,
    storage_keys: OperationSet,
    cosmos_keys: OperationSet,
    account_keys: OperationSet,
    search_keys: OperationSet,
    search_data: OperationSet,
}

type Judge = fn(&Deaf, &Value) -> OperationSet;

impl Deaf {
    /// Type, what it does not listen to, and the operation that changes that: who may switch keys on again is not kept
    /// out by keys that are off.
    const JUDGES: [(&str, Judge, &str); 5] = [
        // Another permission model takes the right to grant access.
        (
            "microsoft.keyvault/vaults",
            Self::vault,
            "microsoft.authorization/roleassignments/write",
        ),
        (
            "microsoft.storage/storageaccounts",
            |deaf, properties| {
                when(
                    properties["allowSharedKeyAccess"].as_bool() == Some(false),
                    deaf.storage_keys,
                )
            },
            "microsoft.storage/storageaccounts/write",
        ),
        (
            "microsoft.documentdb/databaseaccounts",
            |deaf, properties| {
                when(
                    properties["disableLocalAuth"].as_bool() == Some(true),
                    deaf.cosmos_keys,
                )
            },
            "microsoft.documentdb/databaseaccounts/write",
        ),
        (
            "microsoft.cognitiveservices/accounts",
            |deaf, properties| {
                when(
                    properties["disableLocalAuth"].as_bool() == Some(true),
                    deaf.account_keys,
                )
            },
            "microsoft.cognitiveservices/accounts/write",
        ),
        (
            "microsoft.search/searchservices",
            Self::search,
            "microsoft.search/searchservices/write",
        ),
    ];

    fn of(operations: &Operations) -> Self {
        Self {
            vault_data: operations.data_below("microsoft.keyvault/vaults/"),
            vault_policies: operations.named(&["microsoft.keyvault/vaults/accesspolicies/write"]),
            storage_keys: operations.named(&[
                "microsoft.storage/storageaccounts/listkeys/action",
                "microsoft.storage/storageaccounts/listaccountsas/action",
                "microsoft.storage/storageaccounts/listservicesas/action",
            ]),
            cosmos_keys: operations.named(&[
                "microsoft.documentdb/databaseaccounts/listkeys/action",
                "microsoft.documentdb/databaseaccounts/readonlykeys/action",
                "microsoft.documentdb/databaseaccounts/listconnectionstrings/action",
            ]),
            account_keys: operations.named(&[
                "microsoft.cognitiveservices/accounts/listkeys/action",
                "microsoft.cognitiveservices/accounts/regeneratekey/action",
            ]),
            search_keys: operations.named(&[
                "microsoft.search/searchservices/listadminkeys/action",
                "microsoft.search/searchservices/listquerykeys/action",
            ]),
            search_data: operations.data_below("microsoft.search/searchservices/"),
        }
    }

    /// Access policies or roles: where one rules, the other has no say.
    fn vault(&self, properties: &Value) -> OperationSet {
        match properties["enableRbacAuthorization"].as_bool() {
            Some(true) => self.vault_policies,
            Some(false) => self.vault_data,
            // Left out it means access policies, where there are any.
            None => when(properties["accessPolicies"].is_array(), self.vault_data),
        }
    }

    /// Without `authOptions.aadOrApiKey` a search service takes keys only; with `disableLocalAuth` none.
    fn search(&self, properties: &Value) -> OperationSet {
        if properties["disableLocalAuth"].as_bool() == Some(true) {
            return self.search_keys;
        }
        let only_keys = properties["authOptions"].get("apiKeyOnly").is_some();
        when(only_keys, self.search_data)
    }
}

fn when(holds: bool, operations: OperationSet) -> OperationSet {
    if holds {
        operations
    } else {
        OperationSet::EMPTY
    }
}
