//! Azure: managed services, machines and what stands before them, applications, gateways.

mod applications;
mod balancers;
mod bots_and_apis;
mod door;
mod front_doors;
mod groups;
mod machines;
mod restrictions;
mod row;
mod service;
mod services;
mod storage;
mod web;

use super::Context;
use super::found::Found;

/// Types of the table, each with the first switch that it has itself.
pub(super) fn switches() -> impl Iterator<Item = (&'static str, &'static str)> {
    services::SERVICES.iter().filter_map(|service| {
        let switch = service.switches.iter().find(|switch| !switch.of_parent)?;
        Some((service.resource_type, switch.field))
    })
}

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    service::add(context, found);
    storage::add(context, found);
    web::add(context, found);
    applications::add(context, found);
    let machines = machines::Machines::of(context.inventory);
    machines.add_public_addresses(found);
    balancers::add(context, &machines, found);
    front_doors::add(context, found);
    // They look at what is reached already.
    bots_and_apis::add(context, found);
}
