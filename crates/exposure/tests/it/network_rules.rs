//! Security groups against a reader that asks them packet by packet.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_exposure::Graph;

use crate::network_support::*;

const MACHINE: &str = "Microsoft.Compute/virtualMachines";
const CARD: &str = "Microsoft.Network/networkInterfaces";
const ADDRESS: &str = "Microsoft.Network/publicIPAddresses";
const SECURITY: &str = "Microsoft.Network/networkSecurityGroups";

/// Sources that hold whole blocks of the size of a /8, or next to nothing.
const SOURCES: [&str; 9] = [
    "*",
    "Internet",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "64.0.0.0/2",
    "10.0.0.0/8",
    "203.0.113.7/32",
    "VirtualNetwork",
];
const PROTOCOLS: [&str; 4] = ["*", "Tcp", "Udp", "Icmp"];
/// Ports are asked at and around the bounds of rules.
const PORTS: std::ops::Range<u16> = 20..40;

#[derive(Debug, Clone)]
struct Rule {
    allows: bool,
    source: &'static str,
    protocol: &'static str,
    first: u16,
    last: u16,
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        any::<bool>(),
        prop::sample::select(&SOURCES[..]),
        prop::sample::select(&PROTOCOLS[..]),
        PORTS,
        0..6_u16,
    )
        .prop_map(|(allows, source, protocol, first, more)| Rule {
            allows,
            source,
            protocol,
            first,
            last: first + more,
        })
}

/// The rules in their order; priorities from 1000 so that tests may put one before.
fn written(rules: &[Rule]) -> Vec<Value> {
    (1000..)
        .zip(rules)
        .map(|(priority, rule)| {
            json!({"name": format!("r{priority}"), "properties": {
                "priority": priority, "direction": "Inbound", "protocol": rule.protocol,
                "access": if rule.allows { "Allow" } else { "Deny" },
                "sourceAddressPrefix": rule.source, "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": format!("{}-{}", rule.first, rule.last),
            }})
        })
        .collect()
}

/// A machine with a public address behind a group with these rules.
fn reached_by(rules: &[Value]) -> Graph {
    let reference = |kind: &str, name: &str| json!({"id": azure_id(kind, name)});
    graph([
        azure(
            MACHINE,
            "vm",
            json!({"networkProfile": {"networkInterfaces": [reference(CARD, "nic")]}}),
        ),
        azure(
            CARD,
            "nic",
            json!({
                "networkSecurityGroup": reference(SECURITY, "nsg"),
                "ipConfigurations": [{"name": "one", "properties": {"publicIPAddress": reference(ADDRESS, "ip")}}],
            }),
        ),
        azure(SECURITY, "nsg", json!({"securityRules": rules})),
    ])
}

/// `(protocol, port)` that the graph says are open.
fn open(rules: &[Rule]) -> BTreeSet<(String, u16)> {
    let mut open = BTreeSet::new();
    for entry in entries(&reached_by(&written(rules)), &azure_id(MACHINE, "vm")) {
        for (ranges, protocols) in entry.rules {
            for range in ranges {
                let (first, last) = range.split_once('-').unwrap_or((&range, &range));
                for port in first.parse().unwrap()..=last.parse::<u16>().unwrap() {
                    open.extend(protocols.iter().map(|protocol| (protocol.clone(), port)));
                }
            }
        }
    }
    open
}

fn holds(source: &str, address: [u8; 4]) -> bool {
    match source {
        "*" | "Internet" | "0.0.0.0/0" => true,
        "0.0.0.0/1" => address[0] < 128,
        "128.0.0.0/1" => address[0] >= 128,
        "64.0.0.0/2" => (64..128).contains(&address[0]),
        "10.0.0.0/8" => address[0] == 10,
        "203.0.113.7/32" => address == [203, 0, 113, 7],
        _ => false,
    }
}

/// Whether a packet comes in: the first rule that matches decides, and without one it is refused.
fn passes(rules: &[Rule], address: [u8; 4], protocol: &str, port: u16) -> bool {
    let decides = rules.iter().find(|rule| {
        (rule.protocol == "*" || rule.protocol.eq_ignore_ascii_case(protocol))
            && (rule.first..=rule.last).contains(&port)
            && holds(rule.source, address)
    });
    decides.is_some_and(|rule| rule.allows)
}

/// What is open to at least one block of the internet, asked packet by packet. Blocks with private parts are left out.
fn asked(rules: &[Rule]) -> BTreeSet<(String, u16)> {
    let blocks = (1..224_u8).filter(|first| ![10, 100, 127, 169, 172, 192, 198].contains(first));
    let blocks: Vec<u8> = blocks.collect();
    let mut open = BTreeSet::new();
    for protocol in ["TCP", "UDP"] {
        for port in 15..60 {
            let one = |first: &u8| passes(rules, [*first, 77, 1, 2], protocol, port);
            if blocks.iter().any(one) {
                open.insert((protocol.to_owned(), port));
            }
        }
    }
    open
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_graph_agrees_with_asking_packet_by_packet(rules in prop::collection::vec(rule(), 0..10)) {
        prop_assert_eq!(open(&rules), asked(&rules));
    }

    #[test]
    fn a_refusal_before_all_others_closes(rules in prop::collection::vec(rule(), 0..10)) {
        let mut closed = vec![Rule { allows: false, source: "*", protocol: "*", first: 0, last: 65_535 }];
        closed.extend(rules);
        prop_assert_eq!(open(&closed), BTreeSet::new());
    }

    #[test]
    fn one_more_that_allows_closes_nothing(
        rules in prop::collection::vec(rule(), 0..8),
        more in rule(),
        at in 0..8_usize,
    ) {
        let before = open(&rules);
        let mut rules = rules;
        rules.insert(at.min(rules.len()), Rule { allows: true, ..more });
        prop_assert!(before.is_subset(&open(&rules)));
    }
}

#[test]
fn many_small_rules_are_wide_together() {
    let blocks = 0..=255_u16;
    let rules: Vec<Value> = blocks
        .map(|block| {
            json!({"name": format!("r{block}"), "properties": {
                "priority": 100 + block, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
                "sourceAddressPrefix": format!("11.{block}.0.0/16"), "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRange": "22",
            }})
        })
        .collect();
    let found = |count: usize| entries(&reached_by(&rules[..count]), &azure_id(MACHINE, "vm"));
    let together = found(256);
    assert_eq!(together.len(), 1);
    assert_eq!(together[0].field, "properties.securityRules");
    assert!(found(255).is_empty());
}
