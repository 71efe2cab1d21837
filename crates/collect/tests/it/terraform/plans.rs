//! Plans and states.

use serde_json::{Value, json};
use stance_model::{Cloud, Origin};

use super::support::shown;
use crate::support::{covered, names, read, said};

/// An account, a deployment in a module that refers to it, and what is taken away.
fn plan() -> Value {
    json!({
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "variables": {"region": {"value": "eu-west-1"}},
        "planned_values": {"root_module": {
            "resources": [
                {"address": "azurerm_cognitive_account.main", "mode": "managed", "type": "azurerm_cognitive_account", "name": "main",
                 "values": {"name": "aoai", "resource_group_name": "rg", "location": "westeurope", "kind": "OpenAI", "sku_name": "S0",
                    "local_auth_enabled": true, "public_network_access_enabled": false, "network_acls": [], "identity": [{"type": "SystemAssigned"}]},
                 "sensitive_values": {"identity": [{}]}},
                {"address": "data.azurerm_client_config.me", "mode": "data", "type": "azurerm_client_config", "name": "me", "values": {}},
                {"address": "aws_bedrockagent_agent.a", "mode": "managed", "type": "aws_bedrockagent_agent", "name": "a",
                 "values": {"agent_name": "a", "instruction": "hidden"}, "sensitive_values": {"instruction": true}}
            ],
            "child_modules": [{"address": "module.models[\"x.y\"]", "resources": [
                {"address": "module.models[\"x.y\"].azurerm_cognitive_deployment.gpt[0]", "mode": "managed", "type": "azurerm_cognitive_deployment",
                 "name": "gpt", "index": 0, "values": {"name": "gpt", "model": [{"format": "OpenAI", "name": "gpt-4o"}]}, "sensitive_values": {}}
            ]}]
        }},
        "resource_changes": [
            {"address": "azurerm_cognitive_account.main", "change": {"actions": ["create"], "after_unknown":
                {"id": true, "endpoint": true, "identity": [{"principal_id": true}]}}},
            {"address": "aws_bedrockagent_agent.a", "change": {"actions": ["create"], "after_unknown": {"agent_arn": true, "agent_resource_role_arn": true}}},
            {"address": "azurerm_search_service.gone", "change": {"actions": ["delete"], "after": null}},
            {"address": "module.models[\"x.y\"].azurerm_cognitive_deployment.gpt[0]", "change": {"actions": ["create"],
                "after_unknown": {"id": true, "cognitive_account_id": true, "rai_policy_name": true, "model": [{}]}}}
        ],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}}},
            "root_module": {
                "resources": [
                    {"address": "azurerm_cognitive_account.main", "expressions": {}},
                    {"address": "aws_bedrockagent_agent.a", "expressions": {"agent_resource_role_arn": {"references": ["data.aws_iam_role.r.arn", "data.aws_iam_role.r"]}}}
                ],
                "module_calls": {"models": {
                    "expressions": {"account": {"references": ["azurerm_cognitive_account.main.id", "azurerm_cognitive_account.main"]}},
                    "module": {"resources": [{"address": "azurerm_cognitive_deployment.gpt", "expressions": {
                        "cognitive_account_id": {"references": ["var.account"]},
                        "rai_policy_name": {"references": ["random_pet.p.id", "random_pet.p"]}
                    }}]}
                }}
            }
        }
    })
}

#[test]
fn a_plan_gives_what_will_be() {
    let found = read(plan().to_string());
    assert_eq!(names(&found), ["aoai", "a", "gpt"], "{}", said(&found));
    let account = &found.resources[0];
    assert_eq!(account.origin, Origin::Template);
    assert_eq!(account.body["properties"]["disableLocalAuth"], json!(false));
    assert_eq!(
        account.body["properties"]["publicNetworkAccess"],
        json!("Disabled")
    );
    assert_eq!(account.body["identity"], json!({"type": "SystemAssigned"}));
    assert_eq!(account.body["properties"].get("networkAcls"), None);
    assert!(account.unknown_at("/properties/endpoint").is_some());
    assert_eq!(covered(&found), "input.json | * | Complete 3 | \n");
}

#[test]
fn a_reference_through_a_module_joins() {
    let found = read(plan().to_string());
    let (account, deployment) = (&found.resources[0], &found.resources[2]);
    assert_eq!(deployment.id.parent().as_ref(), Some(&account.id));
    let unknown = deployment.unknown_at("/properties/raiPolicyName").unwrap();
    assert_eq!(unknown.expression, "random_pet.p.id");
}

#[test]
fn what_is_sensitive_never_comes_out() {
    let found = read(plan().to_string());
    let agent = &found.resources[1];
    assert_eq!(agent.cloud, Cloud::Aws);
    assert_eq!(
        agent.id.as_str(),
        "arn:aws:bedrock:eu-west-1:000000000000:agent/aws_bedrockagent_agent.a"
    );
    assert!(!shown(&found.resources).contains("hidden"));
    assert!(agent.unknown_at("/properties/Instruction").is_some());
    let role = agent
        .unknown_at("/properties/AgentResourceRoleArn")
        .unwrap();
    assert_eq!(role.expression, "data.aws_iam_role.r.arn");
}

const ACCOUNT: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/aoai";

#[test]
fn a_state_is_observed() {
    let state = json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"resources": [
        {"address": "azurerm_cognitive_account.main", "mode": "managed", "type": "azurerm_cognitive_account", "name": "main",
         "values": {"id": ACCOUNT, "name": "aoai", "resource_group_name": "rg", "location": "westeurope", "kind": "OpenAI",
            "local_auth_enabled": false, "primary_access_key": "not-to-be-seen-1"},
         "sensitive_values": {"primary_access_key": true}}
    ]}}});
    let found = read(state.to_string());
    let account = &found.resources[0];
    assert_eq!(account.origin, Origin::Live);
    assert_eq!(account.id.as_str(), ACCOUNT);
    assert_eq!(account.body["properties"]["disableLocalAuth"], json!(true));
    assert!(!shown(&found.resources).contains("not-to-be-seen"));
    // What Terraform does not manage may exist all the same.
    assert!(covered(&found).contains("Partial"), "{}", covered(&found));
}

#[test]
fn a_state_file_is_read() {
    let state = json!({"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "l", "outputs": {}, "resources": [
        {"mode": "managed", "module": "module.ai", "type": "azurerm_cognitive_account", "name": "main", "provider": "provider[\"registry.terraform.io/hashicorp/azurerm\"]",
         "instances": [{"index_key": "a", "schema_version": 1, "attributes": {"id": ACCOUNT, "name": "aoai", "resource_group_name": "rg", "endpoint": "https://aoai"},
            "sensitive_attributes": [[{"type": "get_attr", "value": "endpoint"}]]}]},
        {"mode": "managed", "type": "google_vertex_ai_endpoint", "name": "e", "instances": [{"attributes": {"id": "projects/p/locations/r/endpoints/7", "name": "7", "location": "r",
            "encryption_spec": [{"kms_key_name": "k"}]}}]},
        {"mode": "data", "type": "azurerm_client_config", "name": "me", "instances": [{"attributes": {"id": "x"}}]}
    ]});
    let found = read(state.to_string());
    assert_eq!(names(&found), ["aoai", "7"], "{}", said(&found));
    assert!(
        found.resources[0]
            .unknown_at("/properties/endpoint")
            .is_some()
    );
    let endpoint = &found.resources[1];
    assert_eq!(
        endpoint.id.as_str(),
        "//aiplatform.googleapis.com/projects/p/locations/r/endpoints/7"
    );
    assert_eq!(endpoint.body["subscriptionId"], json!("p"));
    assert_eq!(
        endpoint.body["properties"]["encryptionSpec"],
        json!({"kmsKeyName": "k"})
    );
}

#[test]
fn unmapped_types_cost_one_note() {
    let mut plan = plan();
    let resources = plan
        .pointer_mut("/planned_values/root_module/resources")
        .unwrap();
    for number in 0..3 {
        resources.as_array_mut().unwrap().push(json!({
            "address": format!("azurerm_traffic_manager_profile.t[{number}]"), "mode": "managed", "type": "azurerm_traffic_manager_profile",
            "name": "t", "values": {}}));
    }
    let found = read(plan.to_string());
    assert_eq!(
        said(&found),
        "COL0035 0:0 3 resources of types that are not mapped were left out: azurerm_traffic_manager_profile (3)\n"
    );
}

#[test]
fn a_plan_names_the_resource_whose_identity_gets_a_role() {
    let assignment = json!({"address": "azurerm_role_assignment.own", "mode": "managed", "type": "azurerm_role_assignment",
        "name": "own", "values": {"scope": "/subscriptions/s", "role_definition_name": "Reader"}, "sensitive_values": {}});
    let change = json!({"address": "azurerm_role_assignment.own", "change": {"actions": ["create"],
        "after_unknown": {"id": true, "name": true, "principal_id": true}}});
    let own = "azurerm_cognitive_account.main";
    let references = [
        format!("{own}.identity[0].principal_id"),
        format!("{own}.identity[0]"),
        format!("{own}.identity"),
        own.to_owned(),
    ];
    let expressions = json!({"address": "azurerm_role_assignment.own", "expressions": {"principal_id": {"references": references}}});
    let mut plan = plan();
    let push = |list: &mut Value, item: Value| list.as_array_mut().unwrap().push(item);
    push(
        &mut plan["planned_values"]["root_module"]["resources"],
        assignment,
    );
    push(&mut plan["resource_changes"], change);
    push(
        &mut plan["configuration"]["root_module"]["resources"],
        expressions,
    );
    let found = read(plan.to_string());
    let of_kind = |kind: &str| {
        found
            .resources
            .iter()
            .find(|one| one.resource_type == kind)
            .unwrap()
    };
    assert_eq!(
        of_kind("microsoft.authorization/roleassignments").body["properties"]["principalId"],
        json!(of_kind("microsoft.cognitiveservices/accounts").id.as_str()),
        "{}",
        said(&found)
    );
}
