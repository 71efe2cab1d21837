//! Who may do what in Azure.

use serde_json::json;

use super::azure_support::{
    BLOB_READER, CONTRIBUTOR, GROUP, OWNER, READER, SECRETS_USER, SUBSCRIPTION, assignment,
    assignment_with, deny, graph_of, id_in_group, in_group, member, resource,
};

const STORE: &str = "Microsoft.Storage/storageAccounts";
const VAULT: &str = "Microsoft.KeyVault/vaults";

#[test]
fn a_role_on_a_group_holds_for_what_lies_in_it() {
    let store = id_in_group(STORE, "store");
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        assignment("a", BLOB_READER, "P1", GROUP),
    ]);
    assert_eq!(made.may("p1", &store), ["read data"]);
    let edges = made.edges("has permissions to");
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].target, GROUP.to_lowercase());
    assert_eq!(edges[0].confidence, "high");
    assert!(
        edges[0].object.ends_with("/roleAssignments/a"),
        "the assignment is what one would remove"
    );
    assert_eq!(
        edges[0].properties,
        json!({"role": "Storage Blob Data Reader"})
    );
}

#[test]
fn a_reader_may_nothing_and_a_contributor_no_grants() {
    let store = id_in_group(STORE, "store");
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        assignment("a", READER, "reader", SUBSCRIPTION),
        assignment("b", CONTRIBUTOR, "contributor", SUBSCRIPTION),
        assignment("c", OWNER, "owner", SUBSCRIPTION),
    ]);
    assert!(
        made.edges("has permissions to")
            .iter()
            .all(|edge| edge.source != "principal:reader")
    );
    assert_eq!(
        made.may("contributor", &store),
        ["list keys", "manage", "read data", "write data"]
    );
    assert!(made.can("owner", "grant access", &store));
    assert!(made.is("owner", "isPrivileged"));
    assert!(!made.is("contributor", "isPrivileged"));
}

#[test]
fn an_owner_of_one_group_is_not_privileged() {
    let made = graph_of(vec![assignment("a", OWNER, "p1", GROUP)]);
    assert!(made.can("p1", "grant access", GROUP));
    assert!(!made.is("p1", "isPrivileged"));
}

#[test]
fn a_custom_role_counts_as_it_is_written() {
    let store = id_in_group(STORE, "store");
    let definition = |permissions: serde_json::Value| {
        resource(
            "/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/custom",
            "Microsoft.Authorization/roleDefinitions",
            json!({"properties": {"roleName": "Ours", "permissions": permissions}}),
        )
    };
    let with = |permissions| {
        graph_of(vec![
            in_group(STORE, "store", json!({})),
            definition(permissions),
            assignment("a", "custom", "p1", SUBSCRIPTION),
        ])
    };
    let keys = json!([{"actions": ["MICROSOFT.STORAGE/*"], "notActions": ["*/write"]}]);
    assert_eq!(
        with(keys).may("p1", &store),
        ["list keys", "read data", "write data"]
    );
    let none = json!([{"actions": ["*"], "notActions": ["Microsoft.Storage/*"]}]);
    assert_eq!(with(none).may("p1", &store), ["grant access"]);
    let apart = json!([
        {"actions": ["Microsoft.Storage/*"]},
        {"actions": ["*"], "notActions": ["Microsoft.Storage/*"]},
    ]);
    assert!(
        with(apart).can("p1", "list keys", &store),
        "what one list leaves out another may hold"
    );
}

#[test]
fn a_role_that_nobody_knows_is_told_without_capabilities() {
    let made = graph_of(vec![assignment("a", "00000000-1111", "p1", SUBSCRIPTION)]);
    assert_eq!(made.edges("has permissions to"), []);
    assert!(made.has("p1", "has role on", SUBSCRIPTION));
}

#[test]
fn members_of_nested_groups_have_what_the_group_has() {
    let store = id_in_group(STORE, "store");
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        resource(
            "/tenants/t1/groups/outer",
            "Microsoft.Graph/groups",
            json!({"name": "Data readers"}),
        ),
        member("outer", "inner"),
        member("inner", "U1"),
        assignment("a", BLOB_READER, "outer", SUBSCRIPTION),
    ]);
    assert!(made.can("u1", "read data", &store));
    assert!(made.can("outer", "read data", &store));
    let of_user = made.edges("has permissions to");
    let of_user = of_user
        .iter()
        .find(|edge| edge.source == "principal:u1")
        .unwrap();
    assert_eq!(of_user.properties["via"], "Data readers");
    assert!(made.has("u1", "member of", "inner"));
    assert!(made.has("inner", "member of", "outer"));
}

#[test]
fn an_eligible_role_is_of_low_confidence() {
    let kind = "Microsoft.Authorization/roleEligibilityScheduleInstances";
    let properties = json!({
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"),
        "principalId": "p1",
        "scope": "/providers/Microsoft.Subscription/subscriptions/s1",
    });
    let made = graph_of(vec![resource(
        &format!("{SUBSCRIPTION}/providers/{kind}/e"),
        kind,
        json!({"properties": properties}),
    )]);
    let edges = made.edges("has permissions to");
    assert_eq!(edges.len(), 1);
    assert_eq!(
        (edges[0].target.as_str(), edges[0].confidence),
        ("/subscriptions/s1", "low")
    );
    assert_eq!(edges[0].properties["eligible"], true);
}

#[test]
fn a_condition_bears_on_the_operations_that_it_names() {
    let condition = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) \
                     OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'open'))";
    let contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        assignment_with(
            "a",
            contributor,
            "p1",
            SUBSCRIPTION,
            json!({"condition": condition}),
        ),
    ]);
    let edges = made.edges("has permissions to");
    let by = |confidence: &str| {
        edges
            .iter()
            .find(|edge| edge.confidence == confidence)
            .unwrap()
    };
    assert!(
        by("high")
            .capabilities
            .iter()
            .all(|name| name.starts_with("write data"))
    );
    assert!(
        by("medium")
            .capabilities
            .iter()
            .all(|name| name.starts_with("read data"))
    );
    assert_eq!(by("medium").properties["condition"], condition);
}

#[test]
fn a_role_that_may_grant_one_role_only_grants_under_a_condition() {
    let manager = "eadc314b-1a2d-4efa-be10-5d325db5065e";
    let made = graph_of(vec![assignment("a", manager, "p1", GROUP)]);
    let edges = made.edges("has permissions to");
    let grants = |confidence: &str| {
        let mut edges = edges.iter().filter(|edge| edge.confidence == confidence);
        edges.any(|edge| {
            edge.capabilities
                .iter()
                .any(|name| name.starts_with("grant access"))
        })
    };
    assert!(grants("medium") && !grants("high"));
}

#[test]
fn a_deny_assignment_takes_rights_away_below_the_grant() {
    let (open, closed) = (id_in_group(STORE, "open"), id_in_group(STORE, "closed"));
    let everybody =
        json!([{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}]);
    let reads = json!([{"dataActions": ["*/read"]}]);
    let denied = |more: serde_json::Value| {
        let mut properties = json!({"permissions": reads, "principals": everybody});
        properties
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        graph_of(vec![
            in_group(STORE, "open", json!({})),
            in_group(STORE, "closed", json!({})),
            assignment("a", BLOB_READER, "p1", SUBSCRIPTION),
            deny("d", &closed, properties),
        ])
    };
    let made = denied(json!({}));
    assert!(made.can("p1", "read data", &open));
    assert!(!made.can("p1", "read data", &closed));
    let made = denied(json!({"excludePrincipals": [{"id": "P1", "type": "User"}]}));
    assert!(made.can("p1", "read data", &closed));
    assert_eq!(
        made.edges("has permissions to").len(),
        1,
        "nothing to walk around"
    );
}

#[test]
fn a_deny_assignment_may_spare_what_lies_below() {
    let store = id_in_group(STORE, "store");
    let properties = json!({
        "permissions": [{"actions": ["Microsoft.Authorization/*"]}],
        "principals": [{"id": "p1", "type": "User"}],
        "doNotApplyToChildScopes": true,
    });
    let made = graph_of(vec![
        in_group(STORE, "store", json!({})),
        assignment("a", OWNER, "p1", SUBSCRIPTION),
        deny("d", GROUP, properties),
    ]);
    assert!(!made.can("p1", "grant access", GROUP));
    assert!(made.can("p1", "grant access", &store));
    assert!(made.can("p1", "grant access", SUBSCRIPTION));
    assert!(made.can("p1", "create compute", GROUP));
}

#[test]
fn a_grant_around_very_many_exceptions_says_that_it_is_bounded() {
    let store = |number: usize| {
        let open = json!({"properties": {"allowSharedKeyAccess": number != 0}});
        in_group(STORE, &format!("store{number}"), open)
    };
    let mut resources: Vec<_> = (0..10_050).map(store).collect();
    resources.push(assignment(
        "a",
        "c12c1c16-33a1-487b-954d-41c89c60f349",
        "p1",
        GROUP,
    ));
    let made = graph_of(resources);
    let edges = made.edges("has permissions to");
    assert_eq!(edges.len(), 10_000);
    assert!(edges.iter().all(|edge| edge.properties["bounded"] == true));
}

#[test]
fn a_vault_listens_to_access_policies_or_to_roles() {
    let policy = json!([
        {"objectId": "Reader-Id", "permissions": {"secrets": ["Get", "List"]}},
        {"objectId": "key-id", "permissions": {"keys": ["get"], "secrets": ["list"]}},
    ]);
    let by_policy =
        json!({"properties": {"enableRbacAuthorization": false, "accessPolicies": policy}});
    let by_role =
        json!({"properties": {"enableRbacAuthorization": true, "accessPolicies": policy}});
    let made = graph_of(vec![
        in_group(VAULT, "old", by_policy),
        in_group(VAULT, "new", by_role),
        assignment("a", SECRETS_USER, "p1", SUBSCRIPTION),
        assignment("b", CONTRIBUTOR, "p2", SUBSCRIPTION),
    ]);
    let (old, new) = (id_in_group(VAULT, "old"), id_in_group(VAULT, "new"));
    assert!(made.can("p1", "read secrets", &new) && !made.can("p1", "read secrets", &old));
    assert!(made.can("reader-id", "read secrets", &old));
    assert!(!made.can("reader-id", "read secrets", &new));
    assert!(
        !made.can("key-id", "read secrets", &old),
        "keys are no secrets, and names no values"
    );
    assert!(
        made.can("p2", "grant access", &old),
        "a contributor writes access policies"
    );
    assert!(!made.can("p2", "grant access", &new));
    let edges = made.edges("has permissions to");
    let policy = edges
        .iter()
        .find(|edge| edge.source == "principal:reader-id")
        .unwrap();
    assert_eq!(policy.field, "properties.accessPolicies[Reader-Id]");
}

#[test]
fn keys_that_a_service_refuses_are_worth_nothing() {
    let account = "Microsoft.CognitiveServices/accounts";
    let made = graph_of(vec![
        in_group(
            account,
            "keys",
            json!({"properties": {"disableLocalAuth": false}}),
        ),
        in_group(
            account,
            "entra",
            json!({"properties": {"disableLocalAuth": true}}),
        ),
        assignment(
            "a",
            "a97b65f3-24c7-4388-baec-2e87135dc908",
            "p1",
            SUBSCRIPTION,
        ),
    ]);
    assert!(made.can("p1", "list keys", &id_in_group(account, "keys")));
    assert!(!made.can("p1", "list keys", &id_in_group(account, "entra")));
    assert!(made.can("p1", "use model", &id_in_group(account, "entra")));
    let contributor = "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68";
    let made = graph_of(vec![
        in_group(
            account,
            "entra",
            json!({"properties": {"disableLocalAuth": true}}),
        ),
        assignment("a", contributor, "p1", SUBSCRIPTION),
    ]);
    assert!(
        made.can("p1", "list keys", &id_in_group(account, "entra")),
        "who may switch keys on again is not kept out"
    );
}

#[test]
fn roles_of_cosmos_db_hold_for_the_account_or_a_part() {
    let account = "Microsoft.DocumentDB/databaseAccounts";
    let id = id_in_group(account, "cosmos");
    let row = |name: &str, principal: &str, role: &str, scope: &str| {
        resource(
            &format!("{id}/sqlRoleAssignments/{name}"),
            "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments",
            json!({"properties": {
                "principalId": principal, "scope": scope,
                "roleDefinitionId": format!("{id}/sqlRoleDefinitions/00000000-0000-0000-0000-00000000000{role}"),
            }}),
        )
    };
    let made = graph_of(vec![
        in_group(account, "cosmos", json!({})),
        row("a", "reader", "1", &id),
        row("b", "writer", "2", &format!("{id}/dbs/shop")),
    ]);
    assert_eq!(made.may("reader", &id), ["read data"]);
    assert_eq!(made.may("writer", &id), ["read data", "write data"]);
    let edges = made.edges("has permissions to");
    let part = edges
        .iter()
        .find(|edge| edge.source == "principal:writer")
        .unwrap();
    assert_eq!(part.confidence, "medium");
    assert!(
        part.properties["scope"]
            .as_str()
            .unwrap()
            .ends_with("/dbs/shop")
    );
}

#[test]
fn the_tenant_is_the_scope_of_all() {
    let made = graph_of(vec![
        resource(
            SUBSCRIPTION,
            "microsoft.resources/subscriptions",
            json!({"tenantId": "t1"}),
        ),
        in_group(STORE, "store", json!({})),
        assignment_with(
            "a",
            "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
            "p1",
            "",
            json!({"scope": "/"}),
        ),
    ]);
    assert!(made.has("p1", "has permissions to", "/tenants/t1"));
    assert!(made.can("p1", "grant access", &id_in_group(STORE, "store")));
    assert!(made.is("p1", "isPrivileged"));
}
