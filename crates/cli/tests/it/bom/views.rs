//! The views behind the commands, over resources of three clouds.

use serde_json::{Value, json};

use super::estate::{BEDROCK_AGENT, small};
use crate::support::{Sandbox, export};

/// What `resource` is in any cloud.
fn resource(id: &str, resource_type: &str, subscription: &str, properties: &Value) -> Value {
    json!({
        "id": id, "name": id.rsplit('/').next(), "type": resource_type, "location": "us-east-1",
        "subscriptionId": subscription, "properties": properties,
    })
}

/// The resources as rows of the two inventory tables, in files that stand for the tables.
fn rows(sandbox: &Sandbox, resources: &[Value]) {
    let (mut plain, mut authorization) = (String::new(), String::new());
    for resource in resources {
        let mut row = json!({
            "tenantId": "-", "kind": "", "resourceGroup": "-", "managedBy": "-", "sku": {}, "plan": {}, "tags": {},
            "identity": {}, "zones": [], "extendedLocation": {}, "scope": "-", "origin": "live", "api_version": "-",
            "unknowns": [], "source": "-", "input": "-", "observed_at": "2026-10-01T00:00:00Z", "content_hash": "-",
            "parent_id": "//cloudresourcemanager.googleapis.com/projects/p",
        });
        let members = resource.as_object().unwrap().clone();
        row.as_object_mut().unwrap().extend(members);
        let is_aws = resource["type"].as_str().unwrap().starts_with("aws");
        row["cloud"] = json!(if is_aws { "AWS" } else { "GCP" });
        let is_authority = resource["type"].as_str().unwrap().contains("iam");
        let lines = if is_authority {
            &mut authorization
        } else {
            &mut plain
        };
        lines.push_str(&row.to_string());
        lines.push('\n');
    }
    sandbox.write("resources.jsonl", plain);
    sandbox.write("authorization.jsonl", authorization);
}

#[test]
fn views_of_declared_tables_have_the_declared_columns() {
    let sandbox = Sandbox::new();
    for table in ["AgentsInfo", "AIBom"] {
        let schema = |name: &str| {
            json!(sandbox.query(&format!(
                "{name} | getschema | project ColumnName, ColumnType"
            )))
        };
        assert_eq!(schema(table), schema(&format!("{table}Stored")), "{table}");
    }
}

#[test]
fn a_view_sees_one_row_for_each_agent() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    sandbox.write(
        "AgentsInfo.jsonl",
        r#"{"Timestamp": "2026-10-01T00:00:00Z", "AgentId": "d1", "AgentName": "old name", "Platform": "Copilot Studio"}
{"Timestamp": "2026-10-02T00:00:00Z", "AgentId": "d1", "AgentName": "new name", "Platform": "Copilot Studio"}"#,
    );
    sandbox.ok(&["ingest", "AgentsInfo.jsonl"]);
    let rows = sandbox.query("AgentsInfo | project AgentName, Platform | order by AgentName asc");
    assert_eq!(
        json!(rows),
        json!([
            {"AgentName": "claims-agent", "Platform": "Microsoft Foundry"},
            {"AgentName": "new name", "Platform": "Copilot Studio"},
        ])
    );
}

#[test]
fn other_clouds_have_agents_models_and_authority_too() {
    let sandbox = Sandbox::new();
    let role = "arn:aws:iam::222222222222:role/agent-role";
    let base = "arn:aws:bedrock:us-east-1:222222222222:knowledge-base/KB12345678";
    let guardrail = "arn:aws:bedrock:us-east-1:222222222222:guardrail/GR123";
    let engine = "//aiplatform.googleapis.com/projects/p/locations/us-central1/reasoningEngines/7";
    let account = "agent@p.iam.gserviceaccount.com";
    let binding = json!({"bindings": [{"role": "roles/editor", "members": [format!("serviceAccount:{account}")]}]});
    let policy = resource(
        "//cloudresourcemanager.googleapis.com/projects/p/iamPolicy",
        "iam.googleapis.com/policy",
        "p",
        &binding,
    );
    rows(
        &sandbox,
        &[
            resource(
                BEDROCK_AGENT,
                "aws::bedrock::agent",
                "222222222222",
                &json!({
                    "AgentName": "refunds", "FoundationModel": "anthropic.claude-3-5-sonnet-20240620-v1:0",
                    "Instruction": "Refund.", "AgentResourceRoleArn": role,
                    "ActionGroups": [{"ActionGroupName": "pay"}],
                    "KnowledgeBases": [{"KnowledgeBaseId": "KB12345678"}],
                    "GuardrailConfiguration": {"GuardrailIdentifier": "GR123", "GuardrailVersion": "1"},
                }),
            ),
            resource(
                role,
                "aws::iam::role",
                "222222222222",
                &json!({
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
                }),
            ),
            resource(
                base,
                "aws::bedrock::knowledgebase",
                "222222222222",
                &json!({"Name": "policies", "KnowledgeBaseId": "KB12345678"}),
            ),
            resource(
                guardrail,
                "aws::bedrock::guardrail",
                "222222222222",
                &json!({"Name": "safe", "GuardrailId": "GR123"}),
            ),
            resource(
                engine,
                "aiplatform.googleapis.com/reasoningengine",
                "p",
                &json!({
                    "displayName": "helper", "spec": {"serviceAccount": account},
                }),
            ),
            policy,
        ],
    );
    let query = |text: &str| {
        let arguments = [
            "query",
            text,
            "--table",
            "Resources=resources.jsonl",
            "--table",
            "AuthorizationResources=authorization.jsonl",
            "--format",
            "json",
        ];
        sandbox.ok(&arguments).json()
    };
    let agents = query("AgentsInfo | project AgentName, Platform, Model | order by AgentName asc");
    assert_eq!(
        agents,
        json!([
            {"AgentName": "helper", "Platform": "Vertex AI Agent Engine", "Model": ""},
            {"AgentName": "refunds", "Platform": "Amazon Bedrock", "Model": "anthropic.claude-3-5-sonnet-20240620-v1:0"},
        ])
    );
    let grants = query(
        "AIBom | where Kind == 'Agent' | mv-expand grant = Authority | project Name, role = tostring(grant.role) | order by Name asc",
    );
    assert_eq!(
        grants,
        json!([{"Name": "helper", "role": "roles/editor"}, {"Name": "refunds", "role": "AdministratorAccess"}])
    );
    let needs = query(&format!(
        "AIBomDependencies | where From == tolower('{BEDROCK_AGENT}') | project Kind, To | order by Kind asc, To asc"
    ));
    let agent = BEDROCK_AGENT.to_lowercase();
    assert_eq!(
        needs,
        json!([
            {"Kind": "is grounded on", "To": base.to_lowercase()},
            {"Kind": "is guarded by", "To": guardrail.to_lowercase()},
            {"Kind": "runs as", "To": role},
            {"Kind": "uses model", "To": "model:anthropic.claude-3-5-sonnet-20240620-v1:0"},
            {"Kind": "uses tool", "To": format!("{agent}#tool/pay")},
        ])
    );
}

#[test]
fn a_generative_library_makes_a_workload_an_application() {
    let app = "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/chat";
    let library = |place: Value| {
        let mut properties = json!({"name": "langchain", "version": "0.2.1", "purl": "pkg:pypi/langchain@0.2.1", "isGenerativeAi": true});
        properties
            .as_object_mut()
            .unwrap()
            .extend(place.as_object().unwrap().clone());
        resource(
            "/subscriptions/s/resourceGroups/g/providers/Stance/libraries/l",
            "stance/libraries",
            "s",
            &properties,
        )
    };
    let container = json!({"template": {"containers": [{"name": "c", "image": "acr.io/chat:1"}]}});
    for place in [
        json!({"image": "acr.io/chat:1"}),
        json!({"resourceId": app}),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "e.json",
            export(&[
                resource(app, "microsoft.app/containerapps", "s", &container),
                library(place),
            ]),
        );
        sandbox.scan(&["e.json"]);
        let rows = sandbox.query("AIBomDependencies | where Kind == 'ships'");
        assert_eq!(
            json!(rows),
            json!([{"From": app.to_lowercase(), "To": "pkg:pypi/langchain@0.2.1", "Kind": "ships"}])
        );
        let kinds = sandbox.query("AIBom | project Kind | order by Kind asc");
        assert_eq!(
            json!(kinds),
            json!([{"Kind": "AI application"}, {"Kind": "Generative-AI library"}])
        );
    }
}
