//! Applications of Azure: web apps, functions, containers, workflows, bots and API gateways.
#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use serde_json::{Value, json};
use stance_exposure::Confidence;

use crate::network_support::*;

const SITE: &str = "Microsoft.Web/sites";

#[test]
fn a_site_is_open_until_somebody_closes_it() {
    let site = |properties: Value| {
        let graph = graph([azure(SITE, "app", properties)]);
        entries(&graph, &azure_id(SITE, "app"))
    };
    let open = site(json!({"state": "Running"}));
    assert_eq!(open[0].field, "properties.publicNetworkAccess");
    assert_eq!(open[0].authentication, None);
    assert!(site(json!({"publicNetworkAccess": "Disabled"})).is_empty());
    assert!(site(json!({"state": "Stopped"})).is_empty());
    let endpoint =
        json!([{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]);
    assert!(site(json!({"privateEndpointConnections": endpoint})).is_empty());
    let both = json!({"privateEndpointConnections": endpoint, "publicNetworkAccess": "Enabled"});
    assert_eq!(site(both).len(), 1);
}

#[test]
fn restrictions_of_a_site_are_asked_in_order() {
    let site = |restrictions: Value| {
        let properties = json!({"siteConfig": {"ipSecurityRestrictions": restrictions}});
        entries(
            &graph([azure(SITE, "app", properties)]),
            &azure_id(SITE, "app"),
        )
    };
    let rule = |name: &str, priority: u32, action: &str, address: &str| json!({"name": name, "priority": priority, "action": action, "ipAddress": address});
    assert!(site(json!([rule("office", 100, "Allow", "203.0.113.0/24")])).is_empty());
    let open = site(json!([
        rule("all", 200, "Allow", "Any"),
        rule("office", 100, "Allow", "203.0.113.0/24")
    ]));
    assert_eq!(
        open[0].field,
        "properties.siteConfig.ipSecurityRestrictions[all]"
    );
    let closed = json!([
        rule("all", 200, "Allow", "Any"),
        rule("none", 100, "Deny", "0.0.0.0/0"),
        rule("none6", 101, "Deny", "::/0")
    ]);
    assert!(site(closed).is_empty());
}

#[test]
fn a_function_for_anybody_takes_anybody() {
    let functions = |level: &str| {
        graph([
            azure(SITE, "fn", json!({})),
            azure(
                "Microsoft.Web/sites/functions",
                "fn/ask",
                json!({"config": {"bindings": [{"type": "httpTrigger", "authLevel": level}]}}),
            ),
        ])
    };
    let id = azure_id(SITE, "fn");
    let open = functions("anonymous");
    assert!(has(&open, &id, "isUnauthenticated"));
    assert_eq!(
        entries(&open, &id)[0].authentication.as_deref(),
        Some("none")
    );
    let keyed = functions("function");
    assert!(!has(&keyed, &id, "isUnauthenticated"));
    assert_eq!(
        entries(&keyed, &id)[0].authentication.as_deref(),
        Some("key")
    );
}

#[test]
fn the_platform_asks_for_a_sign_in_where_it_is_set() {
    let settings = |properties: Value| {
        let site = azure(SITE, "app", json!({}));
        let settings = azure(
            "Microsoft.Web/sites/config",
            "app/authsettingsV2",
            properties,
        );
        graph([site, settings])
    };
    let id = azure_id(SITE, "app");
    let asked = settings(json!({
        "platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "RedirectToLoginPage"},
    }));
    assert_eq!(
        entries(&asked, &id)[0].authentication.as_deref(),
        Some("entra")
    );
    let off = settings(json!({"platform": {"enabled": false}}));
    assert!(has(&off, &id, "isUnauthenticated"));
}

#[test]
fn a_container_app_is_reached_by_external_ingress() {
    const APP: &str = "Microsoft.App/containerApps";
    const ENVIRONMENT: &str = "Microsoft.App/managedEnvironments";
    let estate = |external: bool, internal: bool, restrictions: Value| {
        graph([
            azure(
                APP,
                "app",
                json!({
                    "managedEnvironmentId": azure_id(ENVIRONMENT, "env"),
                    "configuration": {"ingress": {"external": external, "ipSecurityRestrictions": restrictions}},
                }),
            ),
            azure(
                ENVIRONMENT,
                "env",
                json!({"vnetConfiguration": {"internal": internal}}),
            ),
        ])
    };
    let id = azure_id(APP, "app");
    assert_eq!(entries(&estate(true, false, Value::Null), &id).len(), 1);
    assert!(entries(&estate(false, false, Value::Null), &id).is_empty());
    assert!(entries(&estate(true, true, Value::Null), &id).is_empty());
    let rule =
        |action: &str| json!([{"name": "r", "action": action, "ipAddressRange": "203.0.113.0/24"}]);
    assert!(entries(&estate(true, false, rule("Allow")), &id).is_empty());
    assert_eq!(entries(&estate(true, false, rule("Deny")), &id).len(), 1);
}

#[test]
fn a_workflow_that_a_request_starts_takes_the_key_in_its_address() {
    const WORKFLOW: &str = "Microsoft.Logic/workflows";
    let workflow = |kind: &str, control: Value| {
        let properties = json!({
            "state": "Enabled", "accessControl": control,
            "definition": {"triggers": {"manual": {"type": kind}}},
        });
        graph([azure(WORKFLOW, "flow", properties)])
    };
    let id = azure_id(WORKFLOW, "flow");
    let open = workflow("Request", Value::Null);
    assert_eq!(
        entries(&open, &id)[0].authentication.as_deref(),
        Some("key")
    );
    assert!(has(&open, &id, "allowsBasicAuthentication"));
    assert!(entries(&workflow("Recurrence", Value::Null), &id).is_empty());
    let office =
        json!({"triggers": {"allowedCallerIpAddresses": [{"addressRange": "203.0.113.0/24"}]}});
    assert!(entries(&workflow("Request", office), &id).is_empty());
    let inner = json!({"triggers": {"allowedCallerIpAddresses": []}});
    assert!(entries(&workflow("Request", inner), &id).is_empty());
}

#[test]
fn a_compute_with_ssh_to_the_world_is_reached() {
    const COMPUTE: &str = "Microsoft.MachineLearningServices/workspaces/computes";
    let compute = azure(
        COMPUTE,
        "mlw/ci",
        json!({"properties": {"sshSettings": {"sshPublicAccess": "Enabled", "sshPort": 50000}}}),
    );
    let graph = graph([compute]);
    let found = entries(&graph, &azure_id(COMPUTE, "mlw/ci"));
    assert_eq!(found[0].rules[0].0, ["50000"]);
    assert_eq!(
        found[0].field,
        "properties.properties.sshSettings.sshPublicAccess"
    );
}

#[test]
fn a_bot_leads_to_the_site_of_its_endpoint() {
    const BOT: &str = "Microsoft.BotService/botServices";
    let bot = azure(
        BOT,
        "bot",
        json!({"endpoint": "https://app.azurewebsites.net/api/messages", "publicNetworkAccess": "Enabled"}),
    );
    let site = azure(SITE, "app", json!({"hostNames": ["app.azurewebsites.net"]}));
    let graph = graph([bot, site]);
    let id = azure_id(BOT, "bot");
    assert_eq!(entries(&graph, &id).len(), 1);
    let hops = routes(&graph, &id.to_lowercase(), &azure_id(SITE, "app"));
    assert_eq!(hops[0].field, "properties.endpoint");
}

#[test]
fn an_api_leads_to_the_account_of_its_backend_without_exposing_it() {
    const SERVICE: &str = "Microsoft.ApiManagement/service";
    const ACCOUNT: &str = "Microsoft.CognitiveServices/accounts";
    let estate = graph([
        azure(SERVICE, "apim", json!({"virtualNetworkType": "External"})),
        azure(
            "Microsoft.ApiManagement/service/backends",
            "apim/ai",
            json!({"url": "https://ai.openai.azure.com/openai"}),
        ),
        azure(
            "Microsoft.ApiManagement/service/apis",
            "apim/chat",
            json!({"subscriptionRequired": false}),
        ),
        azure(
            ACCOUNT,
            "ai",
            json!({"customSubDomainName": "ai", "publicNetworkAccess": "Disabled"}),
        ),
    ]);
    let (service, account) = (azure_id(SERVICE, "apim"), azure_id(ACCOUNT, "ai"));
    assert_eq!(entries(&estate, &service).len(), 1);
    assert_eq!(routes(&estate, &service.to_lowercase(), &account).len(), 1);
    assert!(!has(&estate, &account, "exposedToInternet"));
    assert!(has(&estate, &service, "isUnauthenticated"));
    let inner = graph([azure(
        SERVICE,
        "apim",
        json!({"virtualNetworkType": "Internal"}),
    )]);
    assert!(entries(&inner, &service).is_empty());
}

#[test]
fn a_container_group_with_a_public_address_has_its_ports_open() {
    const CONTAINERS: &str = "Microsoft.ContainerInstance/containerGroups";
    let containers = azure(
        CONTAINERS,
        "c",
        json!({"ipAddress": {"type": "Public", "ports": [{"port": 8888, "protocol": "TCP"}]}}),
    );
    let graph = graph([containers]);
    let found = entries(&graph, &azure_id(CONTAINERS, "c"));
    assert_eq!(found[0].rules[0].0, ["8888"]);
    assert_eq!(found[0].confidence, Confidence::High);
}
