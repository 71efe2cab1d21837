//! Containers, identities and what runs as them.

use serde_json::json;
use stance_exposure::labels::{
    CAN_AUTHENTICATE_AS, CAN_IMPERSONATE_AS, CONTAINS, HAS_CREDENTIALS_OF, RUNS_ON,
};
use stance_model::Cloud;

use crate::google_estate::{
    FOLDER, ORGANIZATION, PROJECT, account, bucket, estate, policy, project, row, row_of,
};

const AGENT: &str =
    "//iam.googleapis.com/projects/p/serviceaccounts/agent@p.iam.gserviceaccount.com";

#[test]
fn containers_hold_one_another() {
    let secret = "//secretmanager.googleapis.com/projects/p/secrets/s";
    let version = format!("{secret}/versions/1");
    let estate = estate([
        project(),
        bucket("b", json!({})),
        row("secretmanager.googleapis.com/Secret", secret, json!({})),
        row(
            "secretmanager.googleapis.com/SecretVersion",
            &version,
            json!({}),
        ),
    ]);
    assert_eq!(estate.targets(ORGANIZATION, CONTAINS), [FOLDER]);
    assert_eq!(estate.targets(FOLDER, CONTAINS), [PROJECT]);
    assert_eq!(
        estate.targets(PROJECT, CONTAINS),
        [secret, "//storage.googleapis.com/b"]
    );
    assert_eq!(estate.targets(secret, CONTAINS), [version]);
    assert_eq!(
        estate.label(FOLDER),
        "cloudresourcemanager.googleapis.com/folder"
    );
    for name in ["gcp:p", "gcp:1", "projects/1"] {
        assert_eq!(estate.id(name), Some(PROJECT), "{name}");
    }
}

#[test]
fn a_project_that_no_row_describes_has_a_node() {
    let estate = estate([
        bucket("b", json!({})),
        policy(
            PROJECT,
            json!([{"role": "roles/storage.admin", "members": ["user:a@x.example"]}]),
        ),
    ]);
    assert_eq!(estate.id(PROJECT), Some("gcp:p"));
    assert_eq!(
        estate.label("gcp:p"),
        "cloudresourcemanager.googleapis.com/project"
    );
    let held = estate.targets("gcp:p", CONTAINS);
    assert!(
        held.contains(&"//storage.googleapis.com/b".to_owned()),
        "{held:?}"
    );
    let may = estate.may("principal:a@x.example", "//storage.googleapis.com/b");
    assert!(may.contains(&"read data".to_owned()), "{may:?}");
}

#[test]
fn what_only_a_policy_names_has_a_node() {
    let mut of_bucket = policy(
        "//storage.googleapis.com/unread",
        json!([{"role": "roles/storage.objectViewer", "members": ["group:g@x.example"]}]),
    );
    of_bucket.body["properties"]["assetType"] = json!("storage.googleapis.com/Bucket");
    let estate = estate([project(), of_bucket]);
    assert_eq!(
        estate.label("//storage.googleapis.com/unread"),
        "storage.googleapis.com/bucket"
    );
    assert_eq!(
        estate.may("principal:g@x.example", "//storage.googleapis.com/unread"),
        ["read data"]
    );
}

#[test]
fn containers_that_name_each_other_do_no_harm() {
    let folder = |number: u8, parent: u8| {
        let id = format!("//cloudresourcemanager.googleapis.com/folders/{number}");
        let fields = json!({"properties": {"parent": format!("folders/{parent}")}});
        row_of(
            Cloud::Gcp,
            "cloudresourcemanager.googleapis.com/Folder",
            &id,
            fields,
        )
    };
    let deny = row(
        "iam.googleapis.com/DenyPolicy",
        "//iam.googleapis.com/policies/cloudresourcemanager.googleapis.com%2Ffolders%2F6/denypolicies/d",
        json!({"rules": [{"denyRule": {
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "deniedPermissions": ["storage.googleapis.com/objects.get"],
        }}]}),
    );
    let of_folder = policy(
        "//cloudresourcemanager.googleapis.com/folders/5",
        json!([{"role": "roles/storage.objectAdmin", "members": ["user:ann@x.example"]}]),
    );
    let estate = estate([folder(5, 6), folder(6, 5), folder(7, 7), deny, of_folder]);
    let both = ["5", "6"].map(|number| {
        let id = format!("//cloudresourcemanager.googleapis.com/folders/{number}");
        estate.targets(&id, CONTAINS)
    });
    assert_eq!(
        both.iter()
            .flatten()
            .filter(|id| id.contains("/folders/") && !id.contains("policy"))
            .count(),
        1
    );
}

#[test]
fn service_accounts_have_many_names() {
    let estate = estate([project(), account("agent")]);
    for name in [
        "agent@p.iam.gserviceaccount.com",
        "serviceaccount:agent@p.iam.gserviceaccount.com",
        "principal:agent@p.iam.gserviceaccount.com",
    ] {
        assert_eq!(estate.id(name), Some(AGENT), "{name}");
    }
}

#[test]
fn a_key_of_a_user_stands_and_one_of_google_does_not() {
    let key = |name: &str, properties| {
        let id = format!(
            "//iam.googleapis.com/projects/p/serviceAccounts/agent@p.iam.gserviceaccount.com/keys/{name}"
        );
        row("iam.googleapis.com/ServiceAccountKey", &id, properties)
    };
    let by_google = estate([
        account("agent"),
        key("1", json!({"keyType": "SYSTEM_MANAGED"})),
    ]);
    assert!(!by_google.says(AGENT, "hasStandingKey"));
    let off = json!({"keyType": "USER_MANAGED", "disabled": true});
    assert!(!estate([account("agent"), key("1", off)]).says(AGENT, "hasStandingKey"));
    let by_user = estate([
        account("agent"),
        key("1", json!({"keyType": "USER_MANAGED"})),
    ]);
    assert!(by_user.says(AGENT, "hasStandingKey"));
    let node = format!("{AGENT}/keys/1");
    assert_eq!(by_user.targets(&node, HAS_CREDENTIALS_OF), [AGENT]);
}

#[test]
fn agents_endpoints_and_machines_run_as_accounts() {
    let agent = json!("agent@p.iam.gserviceaccount.com");
    let engine = "//aiplatform.googleapis.com/projects/p/locations/l/reasoningengines/1";
    let endpoint = "//aiplatform.googleapis.com/projects/p/locations/l/endpoints/1";
    let machine = "//compute.googleapis.com/projects/p/zones/z/instances/m";
    let job = "//run.googleapis.com/projects/p/locations/l/jobs/j";
    let estate = estate([
        project(),
        account("agent"),
        row(
            "aiplatform.googleapis.com/ReasoningEngine",
            engine,
            json!({"spec": {"serviceAccount": agent}}),
        ),
        row(
            "aiplatform.googleapis.com/Endpoint",
            endpoint,
            json!({"deployedModels": [{"serviceAccount": agent}]}),
        ),
        row(
            "compute.googleapis.com/Instance",
            machine,
            json!({"serviceAccounts": [{"email": agent, "scopes": ["https://www.googleapis.com/auth/devstorage.read_only"]}]}),
        ),
        row(
            "run.googleapis.com/Job",
            job,
            json!({"template": {"template": {}}}),
        ),
    ]);
    for resource in [engine, endpoint, machine] {
        assert_eq!(
            estate.targets(resource, CAN_AUTHENTICATE_AS),
            [AGENT],
            "{resource}"
        );
    }
    let of_endpoint = &estate.edges(endpoint, CAN_AUTHENTICATE_AS)[0];
    assert_eq!(
        of_endpoint.field,
        "properties.deployedModels[0].serviceAccount"
    );
    assert_eq!(of_endpoint.confidence, "high");
    // Scopes limit what its tokens are good for.
    assert_eq!(
        estate.edges(machine, CAN_AUTHENTICATE_AS)[0].confidence,
        "medium"
    );
    let by_default = &estate.edges(job, CAN_AUTHENTICATE_AS)[0];
    assert_eq!(
        by_default.target,
        "principal:1-compute@developer.gserviceaccount.com"
    );
    assert_eq!(by_default.confidence, "medium");
}

#[test]
fn an_agent_that_names_no_account_runs_as_googles() {
    let engine = "//aiplatform.googleapis.com/projects/p/locations/l/reasoningengines/1";
    let with = |properties| {
        let engine_row = row(
            "aiplatform.googleapis.com/ReasoningEngine",
            engine,
            properties,
        );
        estate([project(), engine_row]).targets(engine, CAN_AUTHENTICATE_AS)
    };
    let googles = "principal:service-1@gcp-sa-aiplatform-re.iam.gserviceaccount.com";
    assert_eq!(
        with(json!({"spec": {"agentFramework": "google-adk"}})),
        [googles]
    );
    assert!(with(json!({"contextSpec": {}})).is_empty());
}

#[test]
fn an_account_that_is_off_is_nobodys_identity() {
    let mut off = account("agent");
    off.body["properties"]["disabled"] = json!(true);
    let engine = "//aiplatform.googleapis.com/projects/p/locations/l/reasoningengines/1";
    let spec = json!({"spec": {"serviceAccount": "agent@p.iam.gserviceaccount.com"}});
    let estate = estate([
        off,
        row("aiplatform.googleapis.com/ReasoningEngine", engine, spec),
    ]);
    assert!(estate.targets(engine, CAN_AUTHENTICATE_AS).is_empty());
}

#[test]
fn identities_of_other_clouds_impersonate_accounts() {
    let pool = "projects/1/locations/global/workloadIdentityPools";
    let provider = |pool_name: &str, properties| {
        let id = format!(
            "//iam.googleapis.com/projects/p/locations/global/workloadIdentityPools/{pool_name}/providers/x"
        );
        row(
            "iam.googleapis.com/WorkloadIdentityPoolProvider",
            &id,
            properties,
        )
    };
    let role = "arn:aws:iam::123456789012:role/jobs/Trainer";
    let managed = "/subscriptions/s/resourcegroups/g/providers/microsoft.managedidentity/userassignedidentities/m";
    let members = json!([
        format!(
            "principalSet://iam.googleapis.com/{pool}/aws/attribute.aws_role/arn:aws:sts::123456789012:assumed-role/Trainer"
        ),
        format!(
            "principal://iam.googleapis.com/{pool}/entra/subject/0A000000-0000-4000-8000-000000000001"
        ),
        format!("principal://iam.googleapis.com/{pool}/github/subject/repo:contoso/models"),
        "serviceAccount:p.svc.id.goog[agents/runner]",
        "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/agents/sa/runner",
    ]);
    let cluster = "//container.googleapis.com/projects/p/locations/l/clusters/c";
    let estate = estate([
        project(),
        account("agent"),
        provider("aws", json!({"aws": {"accountId": "123456789012"}})),
        provider(
            "entra",
            json!({"oidc": {"issuerUri": "https://sts.windows.net/t/"}}),
        ),
        provider(
            "github",
            json!({"oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}}),
        ),
        row_of(Cloud::Aws, "aws::iam::role", role, json!({})),
        row_of(
            Cloud::Azure,
            "microsoft.managedidentity/userassignedidentities",
            managed,
            json!({"properties": {"principalId": "0a000000-0000-4000-8000-000000000001"}}),
        ),
        row(
            "container.googleapis.com/Cluster",
            cluster,
            json!({"workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"}}),
        ),
        policy(
            "//iam.googleapis.com/projects/p/serviceAccounts/agent@p.iam.gserviceaccount.com",
            json!([{"role": "roles/iam.workloadIdentityUser", "members": members}]),
        ),
    ]);
    for source in [
        &role.to_lowercase(),
        managed,
        "principal:https://token.actions.githubusercontent.com#repo:contoso/models",
        "principal:p.svc.id.goog[agents/runner]",
    ] {
        assert_eq!(
            estate.targets(source, CAN_IMPERSONATE_AS),
            [AGENT],
            "{source}"
        );
    }
    assert_eq!(
        estate.targets(cluster, CAN_AUTHENTICATE_AS),
        ["principal:p.svc.id.goog[agents/runner]"]
    );
}

#[test]
fn an_agent_with_its_own_identity_has_what_is_granted_to_it() {
    let engine = "//aiplatform.googleapis.com/projects/p/locations/l/reasoningEngines/7";
    let mut row = row(
        "aiplatform.googleapis.com/ReasoningEngine",
        engine,
        json!({"spec": {"identityType": "AGENT_IDENTITY"}}),
    );
    row.body["ancestors"] = json!(["projects/1", "folders/2", "organizations/3"]);
    let member = "principal://agents.global.org-3.system.id.goog/resources/aiplatform/projects/1/locations/l/reasoningEngines/7";
    let estate = estate([
        project(),
        row,
        bucket("b", json!({})),
        policy(
            "//storage.googleapis.com/b",
            json!([{"role": "roles/storage.objectViewer", "members": [member]}]),
        ),
    ]);
    let identity = &estate.targets(&engine.to_lowercase(), CAN_AUTHENTICATE_AS)[0];
    assert_eq!(
        estate.may(identity, "//storage.googleapis.com/b"),
        ["read data"]
    );
}

#[test]
fn an_account_that_only_its_policy_names_is_found_by_address() {
    let id = "//iam.googleapis.com/projects/p/serviceAccounts/agent@p.iam.gserviceaccount.com";
    let mut policy = policy(
        id,
        json!([{"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:ann@x.example"]}]),
    );
    policy.body["properties"]["assetType"] = json!("iam.googleapis.com/ServiceAccount");
    let estate = estate([project(), policy]);
    assert_eq!(
        estate.id("principal:agent@p.iam.gserviceaccount.com"),
        Some(AGENT)
    );
    assert_eq!(estate.targets("ann@x.example", CAN_IMPERSONATE_AS), [AGENT]);
}

#[test]
fn a_notebook_has_a_machine_an_account_and_an_owner() {
    let notebook = "//notebooks.googleapis.com/projects/p/locations/z/instances/w";
    let machine = "//compute.googleapis.com/projects/p/zones/z/instances/w";
    let properties = json!({
        "instanceOwners": ["ann@x.example"],
        "gceSetup": {"serviceAccounts": [{"email": "agent@p.iam.gserviceaccount.com"}]},
    });
    let estate = estate([
        project(),
        account("agent"),
        row("notebooks.googleapis.com/Instance", notebook, properties),
        row("compute.googleapis.com/Instance", machine, json!({})),
    ]);
    assert_eq!(estate.targets(notebook, RUNS_ON), [machine]);
    assert_eq!(estate.targets(notebook, CAN_AUTHENTICATE_AS), [AGENT]);
    assert_eq!(
        estate.may("principal:ann@x.example", notebook),
        ["run code"]
    );
}

#[test]
fn a_workstation_runs_as_its_configuration_says() {
    let config = "//workstations.googleapis.com/projects/p/locations/l/workstationclusters/c/workstationconfigs/g";
    let workstation = format!("{config}/workstations/w");
    let account_of =
        json!({"host": {"gceInstance": {"serviceAccount": "agent@p.iam.gserviceaccount.com"}}});
    let estate = estate([
        account("agent"),
        row(
            "workstations.googleapis.com/WorkstationConfig",
            config,
            account_of,
        ),
        row(
            "workstations.googleapis.com/Workstation",
            &workstation,
            json!({}),
        ),
    ]);
    assert_eq!(estate.targets(&workstation, CAN_AUTHENTICATE_AS), [AGENT]);
}

#[test]
fn a_key_that_names_no_service_is_good_for_gemini() {
    let gemini =
        "//serviceusage.googleapis.com/projects/p/services/generativelanguage.googleapis.com";
    let maps = "//serviceusage.googleapis.com/projects/p/services/maps-backend.googleapis.com";
    let key = "//apikeys.googleapis.com/projects/p/locations/global/keys/k";
    let with = |restrictions| {
        let estate = estate([
            project(),
            row(
                "serviceusage.googleapis.com/Service",
                gemini,
                json!({"state": "ENABLED"}),
            ),
            row(
                "serviceusage.googleapis.com/Service",
                maps,
                json!({"state": "ENABLED"}),
            ),
            row("apikeys.googleapis.com/Key", key, restrictions),
        ]);
        estate.targets(key, HAS_CREDENTIALS_OF)
    };
    let browser =
        json!({"restrictions": {"browserKeyRestrictions": {"allowedReferrers": ["x.example"]}}});
    assert_eq!(with(browser), [gemini]);
    let service =
        json!({"restrictions": {"apiTargets": [{"service": "maps-backend.googleapis.com"}]}});
    assert_eq!(with(service), [maps]);
}
