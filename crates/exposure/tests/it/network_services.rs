//! Managed services of Azure: who may come in by their public entry, and what is asked of them.
#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_exposure::Confidence;
use stance_exposure::build::network::managed_services;
use stance_model::Resource;

use crate::network_support::*;

const ACCOUNT: &str = "Microsoft.CognitiveServices/accounts";

fn account(properties: Value) -> (Resource, String) {
    (azure(ACCOUNT, "a", properties), azure_id(ACCOUNT, "a"))
}

/// Confidence and field of the single way in; `None` where there is none.
fn entry_of(resource: Resource) -> Option<(Confidence, String)> {
    let id = resource.id.as_str().to_owned();
    let graph = graph([resource]);
    let found = entries(&graph, &id);
    assert!(found.len() < 2, "{found:?}");
    let entry = found.into_iter().next()?;
    assert_eq!(entry.object, id);
    Some((entry.confidence, entry.field))
}

fn high(field: &str) -> (Confidence, String) {
    (Confidence::High, field.to_owned())
}

#[test]
fn an_open_account_says_by_which_switch() {
    let (open, id) = account(json!({
        "publicNetworkAccess": "Enabled", "disableLocalAuth": false,
        "networkAcls": {"defaultAction": "Allow", "ipRules": []}
    }));
    let graph = graph([open]);
    let found = entries(&graph, &id);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].object, id);
    assert_eq!(found[0].field, "properties.publicNetworkAccess");
    assert_eq!(found[0].text, "publicNetworkAccess is Enabled");
    assert_eq!(found[0].authentication.as_deref(), Some("key"));
    assert_eq!(
        found[0].rules,
        [(vec!["443".to_owned()], vec!["TCP".to_owned()])]
    );
    assert!(has(&graph, &id, "exposedToInternet"));
    assert!(has(&graph, &id, "allowsBasicAuthentication"));
    assert_eq!(
        raw(&graph, &id, "exposedToInternet")["routes"],
        json!([{"ports": ["443"], "protocols": ["TCP"], "source": "internet"}])
    );
}

#[test]
fn a_closed_entry_has_no_internet_node() {
    let (closed, _) = account(json!({"publicNetworkAccess": "Disabled"}));
    assert!(graph([closed]).find("internet").is_none());
}

#[test]
fn the_switch_decides_and_its_absence_leaves_open() {
    const SWITCH: &str = "properties.publicNetworkAccess";
    assert_eq!(entry_of(account(json!({})).0), Some(high(SWITCH)));
    for closed in ["Disabled", "SecuredByPerimeter", "disabled"] {
        let properties = json!({"publicNetworkAccess": closed});
        assert_eq!(entry_of(account(properties).0), None, "{closed}");
    }
    let later = unknown(
        account(json!({"publicNetworkAccess": "[x]"})).0,
        "/properties/publicNetworkAccess",
    );
    let medium = Some((Confidence::Medium, SWITCH.to_owned()));
    assert_eq!(entry_of(later), medium);
}

#[test]
fn addresses_open_an_entry_only_where_they_are_broad() {
    let ruled = |addresses: &[&str]| {
        let rules: Vec<Value> = addresses.iter().map(|one| json!({"value": one})).collect();
        account(json!({
            "publicNetworkAccess": "Enabled",
            "networkAcls": {"defaultAction": "Deny", "ipRules": rules}
        }))
    };
    assert_eq!(entry_of(ruled(&[]).0), None);
    assert_eq!(
        entry_of(ruled(&["203.0.113.50", "0.0.0.0/0"]).0),
        Some(high("properties.networkAcls.ipRules[0.0.0.0/0]"))
    );
    // No rule is broad, both together are.
    assert_eq!(
        entry_of(ruled(&["8.0.0.0/9", "8.128.0.0/9"]).0),
        Some(high("properties.networkAcls.ipRules"))
    );
    let (narrow, id) = ruled(&["203.0.113.10", "203.0.113.12"]);
    let graph = graph([narrow]);
    assert!(entries(&graph, &id).is_empty());
    assert_eq!(
        raw(&graph, &id, "allowedAddresses"),
        json!(["203.0.113.10", "203.0.113.12"])
    );
}

#[test]
fn two_broad_rules_are_two_facts_that_both_have_to_go() {
    let (open, id) = account(json!({
        "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "0.0.0.0/1"}, {"value": "128.0.0.0/1"}]}
    }));
    assert_eq!(entries(&graph([open]), &id).len(), 2);
}

#[test]
fn what_is_known_only_later_may_be_open() {
    let later = unknown(
        account(json!({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "[x]"}}))
            .0,
        "/properties/networkAcls/defaultAction",
    );
    assert_eq!(entry_of(later).map(|one| one.0), Some(Confidence::Medium));
    // Closed whatever the other value will be.
    let closed = unknown(
        account(
            json!({"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "[x]"}}),
        )
        .0,
        "/properties/networkAcls/defaultAction",
    );
    assert_eq!(entry_of(closed), None);
    let uncertain = unknown(account(json!({"publicNetworkAccess": "Disabled"})).0, "");
    assert_eq!(entry_of(uncertain), None);
}

#[test]
fn a_workspace_with_a_list_of_addresses_admits_those() {
    const WORKSPACE: &str = "Microsoft.MachineLearningServices/workspaces";
    let workspace = |listed: Value| {
        let properties = json!({"publicNetworkAccess": "Enabled", "ipAllowlist": listed});
        entry_of(azure(WORKSPACE, "w", properties))
    };
    assert!(workspace(json!([])).is_some());
    assert_eq!(workspace(json!(["203.0.113.0/24"])), None);
}

#[test]
fn an_admitted_address_that_a_parameter_gives_may_be_all() {
    let ruled = account(json!({
        "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.1"}, {"value": "[parameters('x')]"}]}
    }));
    let later = unknown(ruled.0, "/properties/networkAcls/ipRules/1/value");
    let medium = (
        Confidence::Medium,
        "properties.networkAcls.ipRules[1]".to_owned(),
    );
    assert_eq!(entry_of(later), Some(medium));
}

#[test]
fn databases_open_by_their_firewall_rules() {
    const SERVER: &str = "Microsoft.Sql/servers";
    let rule = |name: &str, first: &str, last: &str| {
        azure(
            "Microsoft.Sql/servers/firewallRules",
            &format!("s/{name}"),
            json!({"startIpAddress": first, "endIpAddress": last}),
        )
    };
    let server = azure(SERVER, "s", json!({"publicNetworkAccess": "Enabled"}));
    let id = azure_id(SERVER, "s");
    let none = graph([server.clone()]);
    assert!(entries(&none, &id).is_empty());
    assert!(has(&none, &id, "allowsBasicAuthentication"));

    let all = graph([server.clone(), rule("all", "0.0.0.0", "255.255.255.255")]);
    let found = entries(&all, &id);
    assert_eq!(found.len(), 1);
    assert!(found[0].object.ends_with("/firewallRules/all"), "{found:?}");
    assert_eq!(found[0].authentication.as_deref(), Some("password"));

    let azure_wide = graph([
        server.clone(),
        rule("AllowAllWindowsAzureIps", "0.0.0.0", "0.0.0.0"),
    ]);
    let found = entries(&azure_wide, &id);
    assert_eq!(found[0].confidence, Confidence::Medium);
    assert!(found[0].text.contains("all of Azure"));

    let office = graph([server, rule("office", "203.0.113.1", "203.0.113.9")]);
    assert!(entries(&office, &id).is_empty());
    assert_eq!(
        raw(&office, &id, "allowedAddresses"),
        json!(["203.0.113.1-203.0.113.9"])
    );
}

#[test]
fn search_and_cosmos_admit_everybody_until_a_rule_is_there() {
    let search = |rules: Value| {
        azure(
            "Microsoft.Search/searchServices",
            "s",
            json!({"publicNetworkAccess": "enabled", "networkRuleSet": {"ipRules": rules}}),
        )
    };
    assert_eq!(
        entry_of(search(json!([]))),
        Some(high("properties.publicNetworkAccess"))
    );
    assert_eq!(entry_of(search(json!([{"value": "203.0.113.7"}]))), None);
    let cosmos = |properties| azure("Microsoft.DocumentDB/databaseAccounts", "c", properties);
    assert!(entry_of(cosmos(json!({"ipRules": []}))).is_some());
    let filtered = json!({"isVirtualNetworkFilterEnabled": true, "ipRules": []});
    assert_eq!(entry_of(cosmos(filtered)), None);
}

#[test]
fn a_public_container_needs_its_account_to_allow_it() {
    const STORAGE: &str = "Microsoft.Storage/storageAccounts";
    const CONTAINER: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";
    let estate = |account: Value| {
        graph([
            azure(STORAGE, "st", account),
            azure(
                CONTAINER,
                "st/default/docs",
                json!({"publicAccess": "Blob"}),
            ),
        ])
    };
    let container = azure_id(CONTAINER, "st/default/docs");
    let open = estate(json!({"allowBlobPublicAccess": true}));
    let found = entries(&open, &container);
    assert_eq!(found[0].authentication.as_deref(), Some("none"));
    assert_eq!(found[0].field, "properties.publicAccess");
    assert!(has(&open, &container, "allowsPublicAccess"));
    assert!(has(&open, &azure_id(STORAGE, "st"), "allowsPublicAccess"));
    for closed in [
        json!({"allowBlobPublicAccess": false}),
        json!({}),
        json!({"allowBlobPublicAccess": true, "publicNetworkAccess": "Disabled"}),
    ] {
        assert!(entries(&estate(closed), &container).is_empty());
    }
}

#[test]
fn a_registry_that_lets_anybody_pull_is_public() {
    const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";
    let registry = azure(REGISTRY, "r", json!({"anonymousPullEnabled": true}));
    let graph = graph([registry]);
    let id = azure_id(REGISTRY, "r");
    assert_eq!(
        entries(&graph, &id)[0].authentication.as_deref(),
        Some("none")
    );
    assert!(has(&graph, &id, "allowsPublicAccess"));
    assert!(!has(&graph, &id, "allowsBasicAuthentication"));
}

#[test]
fn hosts_are_aliases() {
    let (open, id) = account(json!({
        "endpoint": "https://A.openai.azure.com/", "customSubDomainName": "a",
    }));
    let graph = graph([open]);
    for host in ["a.openai.azure.com", "a.services.ai.azure.com"] {
        assert_eq!(graph.find(host), graph.find(&id.to_lowercase()), "{host}");
    }
}

/// A resource of a managed service with its switch set and, below it, an approved private endpoint.
fn closed(resource_type: &str, switch: &str, value: &str, more: &Value) -> Resource {
    let names = vec!["x"; resource_type.split('/').count() - 1].join("/");
    let mut resource = azure(resource_type, &names, more.clone());
    let mut at = &mut resource.body;
    for key in switch.split('.') {
        at = &mut at[key];
    }
    *at = match value {
        "false" => json!(false),
        text => json!(text),
    };
    resource.body["properties"]["privateEndpointConnections"] = json!([
        {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    ]);
    resource
}

fn other_properties() -> impl Strategy<Value = Value> {
    let actions = prop_oneof![Just("Allow"), Just("Deny")];
    (actions, any::<bool>(), any::<bool>()).prop_map(|(action, open, keys)| {
        let rules = if open {
            json!([{"value": "0.0.0.0/0", "ipAddressOrRange": "0.0.0.0/0"}])
        } else {
            json!([])
        };
        json!({
            "networkAcls": {"defaultAction": action, "ipRules": rules},
            "networkRuleSet": {"defaultAction": action, "ipRules": rules},
            "ipRules": rules, "disableLocalAuth": !keys, "allowSharedKeyAccess": keys,
        })
    })
}

proptest! {
    #[test]
    fn a_switch_that_is_off_closes_whatever_else_is_said(
        number in 0..100_usize,
        value in prop_oneof![Just("Disabled"), Just("SecuredByPerimeter")],
        more in other_properties(),
    ) {
        let all: Vec<_> = managed_services().collect();
        let (resource_type, switch) = all[number % all.len()];
        // Some are switched by a truth.
        let value = match switch {
            "properties.publicDataEndpointEnabled" => "false",
            "properties.apiServerAccessProfile.enablePrivateCluster" => "true",
            _ => value,
        };
        let resource = closed(resource_type, switch, value, &more);
        let rules = azure(
            &format!("{resource_type}/firewallRules"),
            "x/all",
            json!({"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}),
        );
        let graph = graph([resource, rules]);
        prop_assert!(graph.find("internet").is_none(), "{resource_type}");
    }
}
