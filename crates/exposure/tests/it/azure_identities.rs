//! Who runs as whom, and who takes whose place.

use serde_json::json;
use stance_model::{Cloud, Origin, Resource, SourceLocation};

use super::azure_support::{GROUP, assignment, graph_of, id_in_group, in_group, member, resource};

const SITE: &str = "Microsoft.Web/sites";
const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
const OWNER: &str = super::azure_support::OWNER;

#[test]
fn a_resource_authenticates_as_its_managed_identities() {
    let shared = id_in_group(IDENTITY, "shared");
    let identity = json!({
        "type": "SystemAssigned, UserAssigned",
        "principalId": "OWN-ID",
        "userAssignedIdentities": {shared.clone(): {"principalId": "shared-id"}},
    });
    let made = graph_of(vec![
        in_group(SITE, "app", json!({"identity": identity})),
        in_group(
            IDENTITY,
            "shared",
            json!({"properties": {"principalId": "SHARED-ID", "clientId": "c1"}}),
        ),
        assignment("a", OWNER, "shared-id", GROUP),
    ]);
    let app = id_in_group(SITE, "app");
    assert!(made.has(&app, "can authenticate as", &shared));
    assert!(made.has(&app, "can authenticate as", "principal:own-id"));
    let own = made.graph.find("own-id").unwrap();
    assert_eq!(&*made.graph.node(own).name, "app (system-assigned)");
    assert_eq!(
        made.graph.word(made.graph.node(own).label),
        "managed identity"
    );
    assert!(
        made.has(&shared, "has permissions to", GROUP),
        "rights of the object id are the identity's"
    );
    let edges = made.edges("can authenticate as");
    assert!(
        edges
            .iter()
            .any(|edge| edge.field == "identity" && edge.object == app)
    );
}

#[test]
fn a_declared_identity_has_the_rights_given_to_its_resource() {
    let app = id_in_group(SITE, "app");
    let shared = id_in_group(IDENTITY, "shared");
    let declared = |name: &str, identity: serde_json::Value| {
        let mut found = in_group(SITE, name, json!({"identity": identity}));
        found.origin = Origin::Template;
        found
    };
    let by_name = |name: &str, principal: &str| {
        resource(
            &format!("{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}"),
            "Microsoft.Authorization/roleAssignments",
            json!({"properties": {"scope": GROUP, "roleDefinitionName": "Owner", "principalId": principal}}),
        )
    };
    let made = graph_of(vec![
        declared("app", json!({"type": "SystemAssigned"})),
        declared(
            "other",
            json!({"type": "UserAssigned", "userAssignedIdentities": {shared.clone(): {}}}),
        ),
        in_group(IDENTITY, "shared", json!({})),
        by_name("a", &app),
        by_name("b", &shared),
        by_name("c", "{azurerm_function_app.gone.identity[0].principal_id}"),
    ]);
    let own = format!("principal:{app}#identity").to_lowercase();
    assert!(made.has(&app, "can authenticate as", &own));
    assert!(made.has(&own, "has permissions to", GROUP));
    assert!(!made.has(&app, "has permissions to", GROUP));
    assert!(made.has(&id_in_group(SITE, "other"), "can authenticate as", &shared));
    assert!(made.has(&shared, "has permissions to", GROUP));
    assert_eq!(made.edges("has permissions to").len(), 2);
}

#[test]
fn an_agent_acts_as_itself_or_as_its_project() {
    let account = "Microsoft.CognitiveServices/accounts";
    let project = format!("{}/projects/p", id_in_group(account, "ai"));
    let agent = |name: &str, properties: serde_json::Value| {
        let kind = "Microsoft.CognitiveServices/accounts/projects/agents";
        resource(
            &format!("{project}/agents/{name}"),
            kind,
            json!({"properties": properties}),
        )
    };
    let made = graph_of(vec![
        in_group(account, "ai", json!({})),
        resource(
            &project,
            "Microsoft.CognitiveServices/accounts/projects",
            json!({"identity": {"type": "SystemAssigned", "principalId": "project-id"}}),
        ),
        agent("plain", json!({})),
        agent(
            "named",
            json!({"identity": {"principalId": "agent-id", "clientId": "x"}}),
        ),
    ]);
    assert!(made.has(
        &format!("{project}/agents/plain"),
        "can authenticate as",
        "project-id"
    ));
    assert!(!made.has(
        &format!("{project}/agents/named"),
        "can authenticate as",
        "project-id"
    ));
    assert!(made.has(
        &format!("{project}/agents/named"),
        "can authenticate as",
        "agent-id"
    ));
    let edges = made.edges("can authenticate as");
    let plain = edges
        .iter()
        .find(|edge| edge.source.ends_with("/plain"))
        .unwrap();
    assert_eq!(plain.confidence, "medium");
}

fn application() -> Vec<Resource> {
    let keys = json!([{"keyId": "k", "displayName": "old"}]);
    vec![
        resource(
            "/tenants/t1/applications/app-object",
            "Microsoft.Graph/applications",
            json!({"name": "Bot", "properties": {"appId": "APP", "passwordCredentials": keys}}),
        ),
        resource(
            "/tenants/t1/servicePrincipals/sp-object",
            "Microsoft.Graph/servicePrincipals",
            json!({"name": "Bot", "properties": {"appId": "APP"}}),
        ),
    ]
}

#[test]
fn an_application_becomes_its_service_principal() {
    let mut resources = application();
    resources.push(assignment("a", OWNER, "sp-object", GROUP));
    let made = graph_of(resources);
    assert!(made.has("app-object", "can authenticate as", "sp-object"));
    assert!(made.is("app-object", "hasStandingKey"));
    assert!(!made.is("sp-object", "hasStandingKey"));
    assert!(made.has(
        "/tenants/t1/servicePrincipals/sp-object",
        "has permissions to",
        GROUP
    ));
    let by_app = made.graph.find("app").unwrap();
    assert_eq!(
        &*made.graph.node(by_app).id,
        "/tenants/t1/serviceprincipals/sp-object"
    );
}

#[test]
fn an_owner_may_take_the_place_of_an_application() {
    let row = |relation: &str, owner: &str| {
        resource(
            &format!("/tenants/t1/applications/app-object/{relation}s/{owner}"),
            "Microsoft.Graph/owners",
            json!({"properties": {
                "resourceId": "app-object", "resourceType": "application", "ownerId": owner,
                "ownerType": "user", "ownerName": "Ada", "relation": relation,
            }}),
        )
    };
    let mut resources = application();
    resources.extend([row("owner", "ada"), row("sponsor", "bob")]);
    let made = graph_of(resources);
    assert!(made.has("ada", "has role on", "app-object"));
    assert!(made.has("ada", "can impersonate as", "app-object"));
    assert!(
        !made.has("bob", "can impersonate as", "app-object"),
        "a sponsor adds no credentials"
    );
    assert_eq!(made.edges("can impersonate as")[0].confidence, "medium");
}

fn federated(issuer: &str, subject: &str) -> Resource {
    resource(
        "/tenants/t1/applications/app-object/federatedIdentityCredentials/f",
        "Microsoft.Graph/applications/federatedIdentityCredentials",
        json!({
            "parentId": "/tenants/t1/applications/app-object",
            "properties": {"issuer": issuer, "subject": subject, "audiences": ["api://AzureADTokenExchange"]},
        }),
    )
}

fn elsewhere(cloud: Cloud, id: &str, kind: &str, properties: &serde_json::Value) -> Resource {
    let body = json!({"id": id, "name": "x", "type": kind, "properties": properties});
    let serde_json::Value::Object(body) = body else {
        unreachable!("written as an object")
    };
    Resource::new(cloud, Origin::Live, SourceLocation::default(), body)
}

#[test]
fn a_federated_credential_lets_somebody_in_from_outside() {
    let mut resources = application();
    resources.push(federated(
        "https://token.actions.githubusercontent.com",
        "repo:Contoso/bot:ref:main",
    ));
    let made = graph_of(resources);
    let outside = "principal:https://token.actions.githubusercontent.com#repo:contoso/bot:ref:main";
    assert!(made.has(outside, "can impersonate as", "app-object"));
    let node = made.graph.find(outside).unwrap();
    assert_eq!(
        &*made.graph.node(node).name,
        "GitHub: repo:Contoso/bot:ref:main"
    );
}

#[test]
fn principals_of_other_clouds_are_found_behind_a_federated_credential() {
    let role = "arn:aws:iam::111122223333:role/Trainer";
    let mut resources = application();
    resources.push(elsewhere(Cloud::Aws, role, "AWS::IAM::Role", &json!({})));
    resources.push(federated("https://abc.tokens.sts.global.api.aws", role));
    assert!(graph_of(resources).has(role, "can impersonate as", "app-object"));

    let account = "//iam.googleapis.com/projects/p/serviceAccounts/bot@p.iam.gserviceaccount.com";
    let mut resources = application();
    resources.push(elsewhere(
        Cloud::Gcp,
        account,
        "iam.googleapis.com/ServiceAccount",
        &json!({"uniqueId": "1042"}),
    ));
    resources.push(federated("https://accounts.google.com", "1042"));
    assert!(graph_of(resources).has(account, "can impersonate as", "app-object"));
}

#[test]
fn roles_of_the_directory_make_privileged() {
    let role = resource(
        "/tenants/t1/directoryRoles/role-object",
        "Microsoft.Graph/directoryRoles",
        json!({"properties": {"roleTemplateId": "62e90394-69f5-4237-9190-012177145e10"}}),
    );
    let row = |kind: &str, principal: &str, role: &str| {
        resource(
            &format!("/tenants/t1/{kind}/{principal}"),
            &format!("Microsoft.Graph/{kind}"),
            json!({"properties": {
                "principalId": principal, "memberId": principal, "groupId": role,
                "roleDefinitionId": role, "directoryScopeId": "/",
            }}),
        )
    };
    let application_admin = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
    let made = graph_of(vec![
        role,
        row("directoryRoleMembers", "ada", "role-object"),
        row("roleAssignments", "admins", application_admin),
        row("roleEligibilityScheduleInstances", "eve", application_admin),
        row(
            "roleAssignments",
            "reader",
            "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        ),
        member("admins", "bob"),
    ]);
    for who in ["ada", "admins", "bob", "eve"] {
        assert!(made.has(who, "has role on", "/tenants/t1"), "{who}");
        assert!(made.is(who, "isPrivileged"), "{who}");
    }
    assert!(made.graph.find("reader").is_none());
    let edges = made.edges("has role on");
    let eve = edges
        .iter()
        .find(|edge| edge.source == "principal:eve")
        .unwrap();
    assert_eq!(
        (eve.confidence, &eve.properties["eligible"]),
        ("low", &json!(true))
    );
}

#[test]
fn copilot_agents_act_as_their_makers_and_administrators_rule_the_environment() {
    let environment = "/providers/Microsoft.PowerPlatform/environments/e1";
    let dataverse = |kind: &str, id: &str, properties: serde_json::Value| {
        let kind = format!("Microsoft.Dataverse/{kind}");
        let id = format!("{environment}/providers/{kind}/{id}");
        resource(
            &id,
            &kind,
            json!({"parentId": environment, "properties": properties}),
        )
    };
    let agent = format!("{environment}/providers/Microsoft.CopilotStudio/agents/bot");
    let tool = json!({"name": "Send", "connectionMode": "Maker", "connectionReference": "cr_mail"});
    let roles = json!([{"id": "r", "name": "System Administrator"}]);
    let made = graph_of(vec![
        resource(
            &agent,
            "Microsoft.CopilotStudio/agents",
            json!({"parentId": environment, "properties": {"entraAgentId": "bot-id", "tools": [tool]}}),
        ),
        dataverse(
            "systemUsers",
            "u1",
            json!({"azureactivedirectoryobjectid": "Ada", "roles": roles}),
        ),
        dataverse(
            "connectionReferences",
            "c1",
            json!({"connectionreferencelogicalname": "CR_mail", "_ownerid_value": "u1"}),
        ),
        resource(
            "/tenants/t1/users/ada",
            "Microsoft.Graph/users",
            json!({"name": "Ada"}),
        ),
    ]);
    let user = format!("{environment}/providers/Microsoft.Dataverse/systemUsers/u1");
    assert!(made.has(&agent, "can authenticate as", "bot-id"));
    assert!(made.has(&agent, "can authenticate as", &user));
    assert!(made.has("ada", "can authenticate as", &user));
    assert!(made.has(environment, "contains", &agent));
    assert_eq!(
        made.may(&user, environment),
        ["grant access", "read data", "write data"]
    );
    assert!(made.can(&user, "change agent", &agent));
}

#[test]
fn a_bot_signs_in_as_its_application_and_a_blueprint_as_its_agents() {
    let bot = "Microsoft.BotService/botServices";
    let mut resources = application();
    resources.push(in_group(
        bot,
        "bot",
        json!({"properties": {"msaAppId": "APP"}}),
    ));
    resources.push(resource(
        "/tenants/t1/agentIdentityBlueprints/print",
        "Microsoft.Graph/agentIdentityBlueprints",
        json!({"properties": {"appId": "print-app"}}),
    ));
    resources.push(resource(
        "/tenants/t1/agentIdentities/agent",
        "Microsoft.Graph/agentIdentities",
        json!({"properties": {"agentIdentityBlueprintId": "print-app"}}),
    ));
    let made = graph_of(resources);
    assert!(made.has(&id_in_group(bot, "bot"), "can authenticate as", "sp-object"));
    assert!(made.has(
        "print",
        "can impersonate as",
        "/tenants/t1/agentIdentities/agent"
    ));
}

#[test]
fn an_application_that_may_give_roles_is_privileged() {
    let mut resources = application();
    resources.push(resource(
        "/tenants/t1/appRoleAssignments/x",
        "Microsoft.Graph/appRoleAssignments",
        json!({"properties": {
            "principalId": "sp-object", "appRoleId": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        }}),
    ));
    assert!(graph_of(resources).is("sp-object", "isPrivileged"));
}

#[test]
fn an_id_that_only_deployment_knows_is_nobody() {
    let identity = json!({"identity": {"principalId": "[reference('app').identity.principalId]"}});
    let made = graph_of(vec![
        in_group(SITE, "app", identity),
        assignment("a", OWNER, "[reference('app').identity.principalId]", GROUP),
    ]);
    assert_eq!(made.edges("can authenticate as"), []);
    assert_eq!(made.edges("has permissions to"), []);
}

#[test]
fn administrators_of_servers_read_their_databases() {
    let server = "Microsoft.Sql/servers";
    let database = format!("{}/databases/shop", id_in_group(server, "sql"));
    let administrators = json!({"login": "DBA", "sid": "dba-id", "principalType": "Group"});
    let made = graph_of(vec![
        in_group(
            server,
            "sql",
            json!({"properties": {"administrators": administrators}}),
        ),
        resource(&database, "Microsoft.Sql/servers/databases", json!({})),
    ]);
    assert_eq!(made.may("dba-id", &database), ["read data", "write data"]);
}

#[test]
fn users_without_a_second_factor_sign_in_with_a_password_alone() {
    let of_user = |kind: &str, id: &str, properties: serde_json::Value| {
        let whole = format!("Microsoft.Graph/{kind}");
        resource(
            &format!("/tenants/t/{kind}/{id}"),
            &whole,
            json!({"properties": properties}),
        )
    };
    let made = graph_of(vec![
        of_user("users", "ann", json!({})),
        of_user("users", "ben", json!({})),
        of_user(
            "userRegistrationDetails",
            "ann",
            json!({"isMfaRegistered": false}),
        ),
        of_user(
            "userRegistrationDetails",
            "ben",
            json!({"isMfaRegistered": true}),
        ),
    ]);
    assert!(made.is("/tenants/t/users/ann", "doesNotHaveMfaEnabled"));
    assert!(!made.is("/tenants/t/users/ben", "doesNotHaveMfaEnabled"));
}
