//! What lies in what: management groups, subscriptions, groups, resources, parts of resources.

use serde_json::json;

use super::azure_support::{assignment, graph_of, in_group, resource};

const STORE: &str = "Microsoft.Storage/storageAccounts";

#[test]
fn containers_that_only_the_id_names_are_there() {
    let made = graph_of(vec![in_group(STORE, "store", json!({}))]);
    let account =
        "/subscriptions/s1/resourcegroups/g1/providers/microsoft.storage/storageaccounts/store";
    assert_eq!(
        made.arrows("contains"),
        [
            "/subscriptions/s1 -> /subscriptions/s1/resourcegroups/g1".to_owned(),
            format!("/subscriptions/s1/resourcegroups/g1 -> {account}"),
        ]
    );
    let number = made.graph.find("/subscriptions/s1").unwrap();
    assert_eq!(
        made.graph.word(made.graph.node(number).label),
        "microsoft.resources/subscriptions"
    );
}

#[test]
fn a_part_lies_in_the_nearest_resource_that_was_collected() {
    let account =
        "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Storage/storageAccounts/store";
    let container = format!("{account}/blobServices/default/containers/docs");
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        resource(
            &container,
            "Microsoft.Storage/storageAccounts/blobServices/containers",
            json!({}),
        ),
    ]);
    assert!(made.has(account, "contains", &container));
    assert_eq!(made.graph.left_out(), 0);
}

#[test]
fn management_groups_stand_above_subscriptions() {
    let chain = json!([{"name": "team", "displayName": "Team"}, {"name": "Root"}]);
    let made = graph_of(vec![resource(
        "/subscriptions/s1",
        "microsoft.resources/subscriptions",
        json!({"tenantId": "t1", "properties": {"managementGroupAncestorsChain": chain}}),
    )]);
    let groups = "/providers/microsoft.management/managementgroups";
    assert!(made.has(&format!("{groups}/team"), "contains", "/subscriptions/s1"));
    assert!(made.has(
        &format!("{groups}/root"),
        "contains",
        &format!("{groups}/team")
    ));
    assert!(made.has("/tenants/t1", "contains", &format!("{groups}/root")));
    let team = made.graph.find(&format!("{groups}/team")).unwrap();
    assert_eq!(&*made.graph.node(team).name, "Team");
}

#[test]
fn a_hierarchy_that_bites_its_tail_ends() {
    let group = |name: &str, parent: &str| {
        let groups = "/providers/Microsoft.Management/managementGroups";
        let parent = json!({"details": {"parent": {"id": format!("{groups}/{parent}")}}});
        let kind = "Microsoft.Management/managementGroups";
        resource(
            &format!("{groups}/{name}"),
            kind,
            json!({"properties": parent}),
        )
    };
    let made = graph_of(vec![group("a", "b"), group("b", "c"), group("c", "a")]);
    assert_eq!(made.edges("contains").len(), 2);
}

#[test]
fn the_scope_of_an_assignment_is_a_place() {
    let store =
        "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Storage/storageAccounts/store";
    let scope = format!("{store}/blobServices/default/containers/docs");
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        assignment("a", super::azure_support::BLOB_READER, "p1", &scope),
    ]);
    assert!(made.has(store, "contains", &scope));
    assert!(made.can("p1", "read data", &scope));
    assert!(
        !made.can("p1", "read data", store),
        "one container is not the account"
    );
}

#[test]
fn assignments_and_memberships_are_no_nodes() {
    let made = graph_of(vec![assignment(
        "a",
        super::azure_support::READER,
        "p1",
        "/subscriptions/s1",
    )]);
    let names: Vec<&str> = made.graph.nodes().iter().map(|node| &*node.id).collect();
    assert_eq!(names, ["/subscriptions/s1", "principal:p1"]);
}
