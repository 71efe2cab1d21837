//! AWS: instances and what stands before them, functions and API gateways, stores, services with an endpoint of their own.

mod balancers;
mod functions;
mod gateways;
mod groups;
mod instances;
mod managed;
mod policies;
mod stores;

use std::collections::HashMap;

use stance_model::{Cloud, Resource};

use super::Context;
use super::found::Found;
use crate::inventory::Inventory;

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    let names = Names::of(context.inventory);
    let groups = groups::Groups::of(&names);
    instances::add(&names, &groups, found);
    balancers::add(&names, &groups, found);
    functions::add(&names, found);
    gateways::add(&names, found);
    stores::add(&names, &groups, found);
    managed::add(&names, found);
}

/// Resources of AWS by ARN, or by type and the short name that others refer to them by.
#[derive(Debug)]
struct Names<'a> {
    inventory: &'a Inventory,
    /// By type, account, and last part of the ARN, all lower case.
    short: HashMap<(&'a str, &'a str, String), &'a Resource>,
}

impl<'a> Names<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let of_aws = inventory
            .all()
            .iter()
            .filter(|resource| resource.cloud == Cloud::Aws);
        let short = of_aws.map(|resource| {
            let account = resource.subscription().unwrap_or_default();
            let name = last_part(resource.id.as_str()).to_lowercase();
            ((resource.resource_type.as_str(), account, name), resource)
        });
        Self {
            inventory,
            short: short.collect(),
        }
    }

    fn of_type(&self, resource_type: &'static str) -> impl Iterator<Item = &'a Resource> + use<'a> {
        self.inventory.of_type(resource_type)
    }

    /// Resources of a type by the id, in lower case, of the one that each belongs to.
    fn grouped(
        &self,
        resource_type: &'static str,
        owner: impl Fn(&'a Resource) -> Option<&'a Resource>,
    ) -> HashMap<String, Vec<&'a Resource>> {
        let mut groups: HashMap<String, Vec<&Resource>> = HashMap::new();
        for resource in self.of_type(resource_type) {
            if let Some(owner) = owner(resource) {
                groups.entry(owner.id.key()).or_default().push(resource);
            }
        }
        groups
    }

    /// The resource that `from` refers to by ARN, id or name.
    fn find(
        &self,
        from: &'a Resource,
        resource_type: &'a str,
        reference: &str,
    ) -> Option<&'a Resource> {
        let whole = self.inventory.get(&reference.to_lowercase());
        if let Some(found) = whole.filter(|found| found.resource_type == resource_type) {
            return Some(found);
        }
        let account = from.subscription().unwrap_or_default();
        let name = last_part(reference).to_lowercase();
        self.short.get(&(resource_type, account, name)).copied()
    }

    /// The function that a reference names: an ARN with or without version, the URI of an integration, or a name.
    fn function(&self, from: &'a Resource, reference: &str) -> Option<&'a Resource> {
        let reference = match reference.find("/functions/") {
            Some(at) => &reference[at + "/functions/".len()..],
            None => reference,
        };
        let reference = reference.strip_suffix("/invocations").unwrap_or(reference);
        let named = match reference.split_once(":function:") {
            Some((before, name)) => {
                let name = name.split(':').next().unwrap_or_default();
                format!("{before}:function:{name}")
            }
            None => reference.to_owned(),
        };
        self.find(from, "aws::lambda::function", &named)
    }
}

fn last_part(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or_default()
}
