//! Load balancers and application gateways: what they take from the internet and where they pass it on.

use serde_json::Value;
use stance_model::Resource;

use super::super::Context;
use super::super::addresses;
use super::super::fields::{self, at, list, reference, text};
use super::super::found::{Entry, Found, Hop, evidence};
use super::super::ports::{self, Ports};
use super::super::ranges::Ranges;
use super::super::rules;
use super::groups::Verdict;
use super::machines::{Interface, Machines};
use crate::graph::{Confidence, Evidence};

pub(super) fn add(context: &Context<'_>, machines: &Machines<'_>, found: &mut Found) {
    for balancer in context.inventory.of_type("microsoft.network/loadbalancers") {
        add_balancer(balancer, machines, found);
    }
    for gateway in context
        .inventory
        .of_type("microsoft.network/applicationgateways")
    {
        add_gateway(context, gateway, machines, found);
    }
}

/// Ids of the frontends that have a public address.
fn public_frontends(resource: &Resource) -> Vec<String> {
    let frontends = list(&resource.body, "properties.frontendIPConfigurations");
    frontends
        .filter(|one| reference(one, "properties.publicIPAddress").is_some())
        .map(|one| part_id(resource, "frontendIPConfigurations", one))
        .collect()
}

/// The id of a part of a resource, lower case, which a template leaves out.
fn part_id(resource: &Resource, list: &str, part: &Value) -> String {
    match text(part, "id") {
        "" => format!("{}/{list}/{}", resource.id.key(), text(part, "name")).to_lowercase(),
        id => id.to_lowercase(),
    }
}

fn add_balancer(balancer: &Resource, machines: &Machines<'_>, found: &mut Found) {
    let public = public_frontends(balancer);
    for kind in ["loadBalancingRules", "inboundNatRules"] {
        for rule in list(&balancer.body, &format!("properties.{kind}")) {
            let body = &rule["properties"];
            let frontend = reference(body, "frontendIPConfiguration");
            if !frontend.is_some_and(|one| public.contains(&one)) {
                continue;
            }
            let name = text(rule, "name");
            let field = format!("properties.{kind}[{name}]");
            let front = rule_ports(body, "frontendPort");
            let back = rule_ports(body, "backendPort");
            let text = format!(
                "{name} takes {} from a public address",
                front.texts().join(", ")
            );
            let why = evidence(balancer, field, text);
            found.entry(Entry {
                target: balancer.id.key(),
                evidence: why.clone(),
                confidence: Confidence::High,
                ports: front,
                authentication: None,
            });
            let pools = pools_of(body);
            let rule_id = part_id(balancer, kind, rule);
            let behind = machines
                .interfaces
                .iter()
                .filter(|one| is_behind(balancer, one, body, &pools, &rule_id));
            for interface in behind {
                add_backend(balancer, interface, machines, &back, &why, found);
            }
        }
    }
}

fn pools_of(body: &Value) -> Vec<String> {
    let one = reference(body, "backendAddressPool");
    let several = list(body, "backendAddressPools");
    let several = several.map(|pool| text(pool, "id").to_lowercase());
    one.into_iter().chain(several).collect()
}

/// The port of a rule; 0 stands for all of them.
fn rule_ports(body: &Value, field: &str) -> Ports {
    let protocol = text(body, "protocol");
    let port = fields::port(&body[field]).filter(|port| *port != 0);
    let range = |first: u16, last: u16| Ranges::one(first.into(), last.into());
    if let Some(port) = port {
        return Ports::of(protocol, range(port, port));
    }
    let first = fields::port(&body["frontendPortRangeStart"]);
    let last = fields::port(&body["frontendPortRangeEnd"]);
    let ranges = match (first, last) {
        (Some(first), Some(last)) if field == "frontendPort" => range(first, last),
        _ => ports::parse("*").unwrap_or_default(),
    };
    Ports::of(protocol, ranges)
}

fn is_behind(
    balancer: &Resource,
    interface: &Interface<'_>,
    rule: &Value,
    pools: &[String],
    rule_id: &str,
) -> bool {
    let target = reference(rule, "backendIPConfiguration");
    if target.is_some_and(|target| target == interface.id) {
        return true;
    }
    if interface.is_in("loadBalancerInboundNatRules", rule_id) {
        return true;
    }
    if pools
        .iter()
        .any(|pool| interface.is_in("loadBalancerBackendAddressPools", pool))
    {
        return true;
    }
    list(&balancer.body, "properties.backendAddressPools")
        .filter(|pool| pools.contains(&part_id(balancer, "backendAddressPools", pool)))
        .any(|pool| pool_has(pool, interface))
}

/// Whether a pool names an interface by its configuration or address.
fn pool_has(pool: &Value, interface: &Interface<'_>) -> bool {
    let by_id = list(pool, "properties.backendIPConfigurations")
        .any(|one| !interface.id.is_empty() && text(one, "id").eq_ignore_ascii_case(&interface.id));
    let address = interface.private_address();
    let by_address = ["loadBalancerBackendAddresses", "backendAddresses"]
        .iter()
        .flat_map(|kind| list(&pool["properties"], kind))
        .any(|one| {
            let named = match text(one, "properties.ipAddress") {
                "" => text(one, "ipAddress"),
                named => named,
            };
            !named.is_empty() && address.as_deref() == Some(named)
        });
    by_id || by_address
}

/// A load balancer keeps the caller's address, so security groups judge it as they judge the internet.
fn add_backend(
    balancer: &Resource,
    interface: &Interface<'_>,
    machines: &Machines<'_>,
    back: &Ports,
    why: &Evidence,
    found: &mut Found,
) {
    let is_basic = text(&balancer.body, "sku.name").eq_ignore_ascii_case("basic");
    let (open, sure) = match machines.verdict(interface, addresses::version_4()) {
        Verdict::Open(openings, sure) => {
            let certain = rules::all_ports(&openings, Confidence::High).and(back);
            if certain.is_empty() {
                let likely = rules::all_ports(&openings, Confidence::Low).and(back);
                (likely, Confidence::Medium)
            } else {
                (certain, sure)
            }
        }
        Verdict::NoGroup if is_basic => (back.clone(), Confidence::High),
        Verdict::NoGroup => return,
    };
    if open.is_empty() {
        return;
    }
    found.hop(Hop {
        source: balancer.id.key(),
        target: interface.machine.id.key(),
        evidence: why.clone(),
        confidence: sure,
        ports: open,
        passes_on: true,
    });
}

fn add_gateway(
    context: &Context<'_>,
    gateway: &Resource,
    machines: &Machines<'_>,
    found: &mut Found,
) {
    let public = public_frontends(gateway);
    let mut listeners = 0;
    for listener in list(&gateway.body, "properties.httpListeners") {
        let frontend = reference(listener, "properties.frontendIPConfiguration");
        if !frontend.is_some_and(|one| public.contains(&one)) {
            continue;
        }
        listeners += 1;
        let name = text(listener, "name");
        let port = reference(listener, "properties.frontendPort");
        let port = list(&gateway.body, "properties.frontendPorts")
            .find(|one| Some(part_id(gateway, "frontendPorts", one)) == port)
            .and_then(|one| fields::port(at(one, "properties.port")));
        found.entry(Entry {
            target: gateway.id.key(),
            evidence: evidence(
                gateway,
                format!("properties.httpListeners[{name}]"),
                format!("listener {name} is on a public address"),
            ),
            confidence: Confidence::High,
            ports: port.map_or_else(Ports::https, Ports::tcp),
            authentication: None,
        });
    }
    if listeners == 0 {
        return;
    }
    for pool in list(&gateway.body, "properties.backendAddressPools") {
        let why = evidence(
            gateway,
            format!("properties.backendAddressPools[{}]", text(pool, "name")),
            "passes requests on to this pool",
        );
        let id = part_id(gateway, "backendAddressPools", pool);
        for target in pool_targets(context, machines, pool, &id) {
            found.hop(passing(gateway.id.key(), target, why.clone()));
        }
    }
}

/// A hop that passes on what anybody sends.
pub(super) fn passing(source: String, target: String, evidence: Evidence) -> Hop {
    Hop {
        source,
        target,
        evidence,
        confidence: Confidence::High,
        ports: Ports::default(),
        passes_on: true,
    }
}

fn pool_targets(
    context: &Context<'_>,
    machines: &Machines<'_>,
    pool: &Value,
    id: &str,
) -> Vec<String> {
    let mut targets: Vec<String> = list(pool, "properties.backendAddresses")
        .filter_map(|one| context.hosts.find(text(one, "fqdn")))
        .map(str::to_owned)
        .collect();
    let field = "applicationGatewayBackendAddressPools";
    let behind = machines
        .interfaces
        .iter()
        .filter(|one| one.is_in(field, id) || pool_has(pool, one));
    targets.extend(behind.map(|one| one.machine.id.key()));
    targets.sort();
    targets.dedup();
    targets
}
