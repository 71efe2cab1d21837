//! Virtual machines and scale sets: their interfaces, public addresses, and what security groups leave open.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_model::Resource;

use super::super::addresses;
use super::super::fields::{self, at, list, reference, text};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::super::rules::{self, Opening};
use super::groups::{Destination, Groups, Verdict};
use crate::graph::{Confidence, Evidence};
use crate::inventory::Inventory;

const MACHINE: &str = "microsoft.compute/virtualmachines";
const SCALE_SET: &str = "microsoft.compute/virtualmachinescalesets";
/// Ports by which people sign in to a machine: SSH, RDP, Windows Remote Management.
const SIGN_IN: [u16; 4] = [22, 3389, 5985, 5986];

/// One address configuration of an interface.
#[derive(Debug)]
pub(super) struct Interface<'a> {
    pub(super) machine: &'a Resource,
    /// Id of the configuration in lower case; empty for scale sets.
    pub(super) id: String,
    /// The interface, or the scale set that has it.
    holder: &'a Resource,
    configuration: &'a Value,
    group: Option<String>,
}

/// All interfaces and the groups before them.
#[derive(Debug)]
pub(super) struct Machines<'a> {
    pub(super) interfaces: Vec<Interface<'a>>,
    groups: Groups<'a>,
    inventory: &'a Inventory,
}

impl<'a> Machines<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut owners: BTreeMap<String, &Resource> = BTreeMap::new();
        for machine in inventory.of_type(MACHINE) {
            let named = list(&machine.body, "properties.networkProfile.networkInterfaces");
            owners.extend(named.map(|one| (text(one, "id").to_lowercase(), machine)));
        }
        let mut interfaces = Vec::new();
        for card in inventory.of_type("microsoft.network/networkinterfaces") {
            let owner = reference(&card.body, "properties.virtualMachine");
            let owner = owner.and_then(|id| inventory.get(&id));
            let Some(machine) = owners.get(&card.id.key()).copied().or(owner) else {
                continue;
            };
            let group = reference(&card.body, "properties.networkSecurityGroup");
            for one in list(&card.body, "properties.ipConfigurations") {
                interfaces.push(Interface {
                    machine,
                    id: configuration_id(card, one),
                    holder: card,
                    configuration: &one["properties"],
                    group: group.clone(),
                });
            }
        }
        for set in inventory.of_type(SCALE_SET) {
            let cards =
                "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations";
            for card in list(&set.body, cards) {
                let group = reference(card, "properties.networkSecurityGroup");
                for one in list(card, "properties.ipConfigurations") {
                    interfaces.push(Interface {
                        machine: set,
                        id: String::new(),
                        holder: set,
                        configuration: &one["properties"],
                        group: group.clone(),
                    });
                }
            }
        }
        Self {
            interfaces,
            groups: Groups::of(inventory),
            inventory,
        }
    }

    /// What the internet may reach at an interface once it has an address.
    pub(super) fn verdict(&self, interface: &Interface<'_>, callers: Ranges) -> Verdict {
        let subnet = reference(interface.configuration, "subnet");
        let destination = Destination {
            addresses: interface.private_address().into_iter().collect(),
            application_groups: list(interface.configuration, "applicationSecurityGroups")
                .map(|group| text(group, "id").to_lowercase())
                .collect(),
            callers,
        };
        let group = interface.group.as_deref();
        self.groups
            .verdict(group, interface.holder, subnet.as_deref(), &destination)
    }

    /// Ways in over public addresses that machines have themselves.
    pub(super) fn add_public_addresses(&self, found: &mut Found) {
        for interface in &self.interfaces {
            let Some(address) = self.public_address(interface) else {
                continue;
            };
            let (openings, sure) = match self.verdict(interface, address.callers.clone()) {
                Verdict::Open(openings, sure) => (openings, sure),
                // Addresses of the Basic kind are open until a group closes them, the others closed.
                Verdict::NoGroup if address.is_basic => {
                    let opening = Opening {
                        object: interface.holder.id.as_str().to_owned(),
                        field: address.field.to_owned(),
                        text: "has a Basic public address and no security group".to_owned(),
                        ports: Ports::any(),
                        confidence: Confidence::High,
                    };
                    (vec![opening], Confidence::High)
                }
                Verdict::NoGroup => continue,
            };
            Self::add(interface.machine, &address, openings, sure, found);
        }
    }

    fn add(
        machine: &Resource,
        address: &PublicAddress,
        openings: Vec<Opening>,
        sure: Confidence,
        found: &mut Found,
    ) {
        let password = takes_passwords(machine);
        let open = rules::all_ports(&openings, Confidence::Low);
        let signs_in = SIGN_IN
            .iter()
            .any(|port| open.tcp.contains(u128::from(*port)));
        if signs_in && let Some(why) = &password {
            let node = machine.id.key();
            found.fact(
                "allowsBasicAuthentication",
                node,
                why.clone(),
                Confidence::High,
            );
        }
        for opening in openings {
            let by_password = password.is_some()
                && SIGN_IN
                    .iter()
                    .any(|port| opening.ports.tcp.contains(u128::from(*port)));
            found.entry(Entry {
                target: machine.id.key(),
                evidence: Evidence {
                    object: opening.object,
                    field: opening.field,
                    text: format!("{}; public address {}", opening.text, address.shown),
                },
                confidence: sure.min(opening.confidence),
                ports: opening.ports,
                authentication: by_password.then_some(Authentication::Password),
            });
        }
    }

    fn public_address(&self, interface: &Interface<'_>) -> Option<PublicAddress> {
        let own = &interface.configuration["publicIPAddressConfiguration"];
        if own.is_object() {
            return Some(PublicAddress {
                shown: text(own, "name").to_owned(),
                is_basic: text(own, "sku.name").eq_ignore_ascii_case("basic"),
                callers: callers(text(own, "properties.publicIPAddressVersion")),
                field: "properties.virtualMachineProfile.networkProfile",
            });
        }
        let id = reference(interface.configuration, "publicIPAddress")?;
        let resource = self.inventory.get(&id);
        let sku = resource.map_or("", |one| text(&one.body, "sku.name"));
        let number = resource.map_or("", |one| text(&one.body, "properties.ipAddress"));
        let name = id.rsplit('/').next().unwrap_or_default();
        Some(PublicAddress {
            shown: if number.is_empty() { name } else { number }.to_owned(),
            is_basic: sku.eq_ignore_ascii_case("basic"),
            callers: callers(resource.map_or("", |one| {
                text(&one.body, "properties.publicIPAddressVersion")
            })),
            field: "properties.ipConfigurations",
        })
    }
}

struct PublicAddress {
    shown: String,
    is_basic: bool,
    callers: Ranges,
    field: &'static str,
}

/// Addresses that reach one of that version.
fn callers(version: &str) -> Ranges {
    if version.eq_ignore_ascii_case("ipv6") {
        addresses::version_6()
    } else {
        addresses::version_4()
    }
}

impl Interface<'_> {
    /// Its address in the network; `None` before deployment.
    pub(super) fn private_address(&self) -> Option<String> {
        let address = text(self.configuration, "privateIPAddress");
        (!address.is_empty()).then(|| address.to_owned())
    }

    /// Whether it is named in a list of references to a pool or rule.
    pub(super) fn is_in(&self, field: &str, id: &str) -> bool {
        list(self.configuration, field).any(|one| text(one, "id").eq_ignore_ascii_case(id))
    }
}

fn configuration_id(card: &Resource, configuration: &Value) -> String {
    match text(configuration, "id") {
        "" => {
            let name = text(configuration, "name").to_lowercase();
            format!("{}/ipconfigurations/{name}", card.id.key())
        }
        id => id.to_lowercase(),
    }
}

/// Whether people may sign in to it with a password, and what says so.
fn takes_passwords(machine: &Resource) -> Option<Evidence> {
    let profile = if machine.resource_type == SCALE_SET {
        "properties.virtualMachineProfile.osProfile"
    } else {
        "properties.osProfile"
    };
    let profile_value = at(&machine.body, profile);
    let linux = &profile_value["linuxConfiguration"];
    if linux.is_object() {
        let off = &linux["disablePasswordAuthentication"];
        let field = format!("{profile}.linuxConfiguration.disablePasswordAuthentication");
        return (!fields::is_true(off))
            .then(|| evidence(machine, field, "signs in with a password"));
    }
    profile_value["windowsConfiguration"].is_object().then(|| {
        let field = format!("{profile}.windowsConfiguration");
        evidence(machine, field, "Windows signs in with a password")
    })
}
