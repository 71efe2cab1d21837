//! What the internet reaches: computed from switches, lists of addresses, firewall rules and routes, never guessed.
//!
//! Adds the node `internet`, `routes traffic to` from it and between what passes traffic on, hosts as aliases, and what
//! is asked of those who come. Google Cloud is not looked at here.

mod addresses;
mod aws;
mod azure;
mod fields;
mod found;
mod hosts;
mod ports;
mod ranges;
mod rules;

use std::collections::HashMap;

use stance_model::Resource;

use super::Sources;
use crate::graph::GraphDraft;
use crate::inventory::Inventory;
use found::Found;
use hosts::Hosts;

/// Types of Azure's managed services whose public entry is judged by a table, and the first property that switches it.
pub fn managed_services() -> impl Iterator<Item = (&'static str, &'static str)> {
    azure::switches()
}

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let context = Context::of(sources.inventory);
    let mut found = Found::default();
    azure::add(&context, &mut found);
    aws::add(&context, &mut found);
    context.hosts.write(draft);
    found.write(draft);
}

/// The inventory with what is looked up in it again and again.
#[derive(Debug)]
struct Context<'a> {
    inventory: &'a Inventory,
    hosts: Hosts,
    /// By the id of the parent in lower case.
    children: HashMap<String, Vec<&'a Resource>>,
}

impl<'a> Context<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let mut children: HashMap<String, Vec<&Resource>> = HashMap::new();
        for resource in inventory.all() {
            if let Some(parent) = resource.parent() {
                children.entry(parent.key()).or_default().push(resource);
            }
        }
        Self {
            inventory,
            hosts: Hosts::of(inventory),
            children,
        }
    }

    /// Children of a resource that have a type, in lower case.
    fn children<'b>(
        &'b self,
        parent: &Resource,
        resource_type: &'b str,
    ) -> impl Iterator<Item = &'a Resource> + use<'a, 'b> {
        let of_parent = self.children.get(&parent.id.key());
        of_parent
            .into_iter()
            .flatten()
            .copied()
            .filter(move |child| child.resource_type == resource_type)
    }
}
