//! Machines of Azure behind public addresses, security groups, load balancers and gateways.
#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use serde_json::{Value, json};
use stance_exposure::{Confidence, Graph};
use stance_model::Resource;

use crate::network_support::*;

const MACHINE: &str = "Microsoft.Compute/virtualMachines";
const CARD: &str = "Microsoft.Network/networkInterfaces";
const ADDRESS: &str = "Microsoft.Network/publicIPAddresses";
const SECURITY: &str = "Microsoft.Network/networkSecurityGroups";
const NETWORK: &str = "Microsoft.Network/virtualNetworks";
const BALANCER: &str = "Microsoft.Network/loadBalancers";

fn reference(resource_type: &str, name: &str) -> Value {
    json!({"id": azure_id(resource_type, name)})
}

/// A rule as `(name, priority, access, source, ports)`.
type Rule<'a> = (&'a str, u32, &'a str, &'a str, &'a str);

fn group(name: &str, rules: &[Rule<'_>]) -> Resource {
    let rules: Vec<Value> = rules
        .iter()
        .map(|(name, priority, access, source, port)| {
            json!({"name": name, "properties": {
                "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
                "sourceAddressPrefix": source, "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRange": port,
            }})
        })
        .collect();
    azure(SECURITY, name, json!({"securityRules": rules}))
}

/// A machine with a public address of that kind; groups by name of the interface and of the subnet.
fn machine(kind: &str, of_card: Option<&str>, of_subnet: Option<&str>) -> Vec<Resource> {
    let named = |group: Option<&str>| group.map_or(Value::Null, |name| reference(SECURITY, name));
    vec![
        azure(
            MACHINE,
            "vm",
            json!({
                "networkProfile": {"networkInterfaces": [reference(CARD, "nic")]},
                "osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": true}},
            }),
        ),
        azure(
            CARD,
            "nic",
            json!({
                "networkSecurityGroup": named(of_card),
                "ipConfigurations": [{"name": "one", "properties": {
                    "privateIPAddress": "10.0.0.4",
                    "publicIPAddress": reference(ADDRESS, "ip"),
                    "subnet": {"id": format!("{}/subnets/web", azure_id(NETWORK, "net"))},
                    "loadBalancerBackendAddressPools": [{"id": format!("{}/backendAddressPools/pool", azure_id(BALANCER, "lb"))}],
                }}],
            }),
        ),
        with(
            azure(ADDRESS, "ip", json!({"ipAddress": "198.51.100.7"})),
            "sku",
            json!({"name": kind}),
        ),
        azure(
            NETWORK,
            "net",
            json!({"subnets": [{"name": "web", "properties": {"networkSecurityGroup": named(of_subnet)}}]}),
        ),
    ]
}

fn ports(graph: &Graph) -> Vec<String> {
    let found = entries(graph, &azure_id(MACHINE, "vm"));
    let rules = found.into_iter().flat_map(|entry| entry.rules);
    rules.flat_map(|(ports, _)| ports).collect()
}

#[test]
fn a_rule_opens_its_ports_and_is_the_evidence() {
    let mut estate = machine("Standard", Some("nsg"), None);
    estate.push(group(
        "nsg",
        &[
            ("ssh", 300, "Allow", "*", "22"),
            ("office", 310, "Allow", "203.0.113.0/24", "3389"),
        ],
    ));
    let graph = graph(estate);
    let id = azure_id(MACHINE, "vm");
    let found = entries(&graph, &id);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].object, azure_id(SECURITY, "nsg"));
    assert_eq!(found[0].field, "properties.securityRules[ssh]");
    assert_eq!(
        found[0].rules,
        [(vec!["22".to_owned()], vec!["TCP".to_owned()])]
    );
    assert!(found[0].text.contains("198.51.100.7"));
    assert!(has(&graph, &id, "exposedToInternet"));
    assert!(!has(&graph, &id, "allowsBasicAuthentication"));
}

#[test]
fn both_groups_have_to_allow() {
    let mut estate = machine("Standard", Some("nsg"), Some("subnet"));
    estate.push(group("nsg", &[("web", 300, "Allow", "Internet", "80-443")]));
    estate.push(group(
        "subnet",
        &[("https", 300, "Allow", "0.0.0.0/0", "443")],
    ));
    assert_eq!(ports(&graph(estate.clone())), ["443"]);
    estate.pop();
    estate.push(group("subnet", &[]));
    assert_eq!(ports(&graph(estate)), Vec::<String>::new());
}

#[test]
fn without_a_group_only_basic_addresses_are_open() {
    assert_eq!(ports(&graph(machine("Basic", None, None))), ["0-65535"]);
    assert!(ports(&graph(machine("Standard", None, None))).is_empty());
}

#[test]
fn a_group_that_was_not_collected_leaves_doubt() {
    let graph = graph(machine("Standard", Some("nsg"), None));
    let found = entries(&graph, &azure_id(MACHINE, "vm"));
    assert_eq!(found[0].confidence, Confidence::Medium);
}

#[test]
fn a_source_that_a_parameter_gives_leaves_doubt() {
    let source = "/properties/securityRules/0/properties/sourceAddressPrefix";
    let estate = |access, of_subnet| {
        let rule = group(
            "nsg",
            &[
                ("ssh", 300, access, "[parameters('from')]", "22"),
                ("web", 310, "Allow", "*", "443"),
            ],
        );
        let mut estate = machine("Standard", Some("nsg"), of_subnet);
        estate.push(unknown(rule, source));
        estate.push(group("subnet", &[("ssh", 300, "Allow", "*", "22")]));
        let graph = graph(estate);
        let found = entries(&graph, &azure_id(MACHINE, "vm")).into_iter();
        found
            .map(|entry| (entry.rules[0].0[0].clone(), entry.confidence))
            .collect::<Vec<_>>()
    };
    let doubtful = ("22".to_owned(), Confidence::Medium);
    let certain = ("443".to_owned(), Confidence::High);
    assert_eq!(estate("Allow", None), [doubtful.clone(), certain.clone()]);
    assert_eq!(estate("Allow", Some("subnet")), [doubtful]);
    assert_eq!(estate("Deny", None), [certain]);
}

#[test]
fn an_earlier_refusal_closes_and_a_later_one_does_not() {
    let estate = |priority| {
        let mut estate = machine("Standard", Some("nsg"), None);
        estate.push(group(
            "nsg",
            &[
                ("no", priority, "Deny", "Internet", "22"),
                ("ssh", 300, "Allow", "*", "22"),
            ],
        ));
        graph(estate)
    };
    assert!(ports(&estate(200)).is_empty());
    assert_eq!(ports(&estate(400)), ["22"]);
}

#[test]
fn a_rule_for_another_address_does_not_count() {
    let mut estate = machine("Standard", Some("nsg"), None);
    let mut other = group("nsg", &[("ssh", 300, "Allow", "*", "22")]);
    other.body["properties"]["securityRules"][0]["properties"]["destinationAddressPrefix"] =
        json!("10.0.0.9");
    estate.push(other);
    assert!(ports(&graph(estate)).is_empty());
}

fn balancer() -> Resource {
    let id = azure_id(BALANCER, "lb");
    with(
        azure(
            BALANCER,
            "lb",
            json!({
                "frontendIPConfigurations": [{"name": "front", "properties": {"publicIPAddress": reference(ADDRESS, "front")}}],
                "backendAddressPools": [{"name": "pool", "id": format!("{id}/backendAddressPools/pool")}],
                "loadBalancingRules": [{"name": "http", "properties": {
                    "protocol": "Tcp", "frontendPort": 80, "backendPort": 8080,
                    "frontendIPConfiguration": {"id": format!("{id}/frontendIPConfigurations/front")},
                    "backendAddressPool": {"id": format!("{id}/backendAddressPools/pool")},
                }}],
            }),
        ),
        "sku",
        json!({"name": "Standard"}),
    )
}

#[test]
fn a_load_balancer_passes_on_what_the_group_behind_it_lets_in() {
    let estate = |port| {
        let mut estate = machine("Standard", Some("nsg"), None);
        estate[1].body["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] =
            Value::Null;
        estate.push(group("nsg", &[("app", 300, "Allow", "Internet", port)]));
        estate.push(balancer());
        graph(estate)
    };
    let (front, back) = (azure_id(BALANCER, "lb"), azure_id(MACHINE, "vm"));
    let open = estate("8080");
    assert_eq!(entries(&open, &front)[0].rules[0].0, ["80"]);
    let hops = routes(&open, &front.to_lowercase(), &back);
    assert_eq!(hops.len(), 1);
    assert_eq!(hops[0].rules[0].0, ["8080"]);
    assert!(entries(&open, &back).is_empty());
    assert!(has(&open, &back, "exposedToInternet"));
    let closed = estate("443");
    assert!(routes(&closed, &front.to_lowercase(), &back).is_empty());
    assert!(!has(&closed, &back, "exposedToInternet"));
}

#[test]
fn an_application_gateway_leads_to_the_site_that_it_names() {
    const GATEWAY: &str = "Microsoft.Network/applicationGateways";
    let id = azure_id(GATEWAY, "agw");
    let gateway = azure(
        GATEWAY,
        "agw",
        json!({
            "frontendIPConfigurations": [{"name": "front", "properties": {"publicIPAddress": reference(ADDRESS, "front")}}],
            "frontendPorts": [{"name": "p", "properties": {"port": 8443}}],
            "httpListeners": [{"name": "in", "properties": {
                "frontendIPConfiguration": {"id": format!("{id}/frontendIPConfigurations/front")},
                "frontendPort": {"id": format!("{id}/frontendPorts/p")},
            }}],
            "backendAddressPools": [{"name": "app", "properties": {"backendAddresses": [{"fqdn": "app.azurewebsites.net"}]}}],
        }),
    );
    let site = azure(
        "Microsoft.Web/sites",
        "app",
        json!({"defaultHostName": "app.azurewebsites.net", "publicNetworkAccess": "Disabled"}),
    );
    let graph = graph([gateway, site]);
    assert_eq!(entries(&graph, &id)[0].rules[0].0, ["8443"]);
    let hops = routes(&graph, &id.to_lowercase(), "app.azurewebsites.net");
    assert_eq!(hops[0].field, "properties.backendAddressPools[app]");
    let site = azure_id("Microsoft.Web/sites", "app");
    assert!(entries(&graph, &site).is_empty());
    assert!(has(&graph, &site, "exposedToInternet"));
}
