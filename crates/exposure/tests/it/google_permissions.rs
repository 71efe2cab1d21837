//! What IAM grants and denies.

use serde_json::{Value, json};
use stance_exposure::labels::{CAN_IMPERSONATE_AS, HAS_PERMISSIONS_TO, MEMBER_OF};

use crate::google_estate::{
    FOLDER, ORGANIZATION, PROJECT, account, bucket, estate, policy, project, row,
};

const BUCKET: &str = "//storage.googleapis.com/b";
const ANN: &str = "principal:ann@x.example";

fn binding(role: &str, member: &str) -> Value {
    json!([{"role": role, "members": [member]}])
}

fn secret() -> stance_model::Resource {
    let id = "//secretmanager.googleapis.com/projects/p/secrets/s";
    row("secretmanager.googleapis.com/Secret", id, json!({}))
}

const SECRET: &str = "//secretmanager.googleapis.com/projects/p/secrets/s";

#[test]
fn rights_are_inherited_from_folders() {
    let estate = estate([
        project(),
        bucket("b", json!({})),
        policy(
            FOLDER,
            binding("roles/storage.objectViewer", "user:Ann@x.example"),
        ),
    ]);
    assert_eq!(estate.may(ANN, BUCKET), ["read data"]);
    let edge = &estate.edges(ANN, HAS_PERMISSIONS_TO)[0];
    assert_eq!(edge.target, FOLDER);
    assert_eq!(edge.object, format!("{FOLDER}/iamPolicy"));
    assert_eq!(
        edge.field,
        "properties.bindings[roles/storage.objectViewer].members[user:Ann@x.example]"
    );
    assert_eq!(edge.properties["role"], "roles/storage.objectViewer");
    assert_eq!(estate.label(ANN), "user");
}

#[test]
fn an_editor_opens_no_secret_but_passes_identities() {
    let estate = estate([
        project(),
        secret(),
        account("agent"),
        bucket("b", json!({})),
        policy(PROJECT, binding("roles/editor", "user:ann@x.example")),
        policy(
            SECRET,
            binding("roles/secretmanager.secretAccessor", "user:bo@x.example"),
        ),
    ]);
    assert!(estate.may(ANN, SECRET).is_empty());
    assert!(estate.may(ANN, BUCKET).is_empty());
    assert_eq!(
        estate.may("principal:bo@x.example", SECRET),
        ["read secrets"]
    );
    let on_account = estate.may(ANN, "agent@p.iam.gserviceaccount.com");
    assert_eq!(on_account, ["create credentials", "pass identity"]);
    assert!(
        estate
            .may(ANN, PROJECT)
            .contains(&"create compute".to_owned())
    );
    assert!(!estate.says(ANN, "isPrivileged"));
}

#[test]
fn an_owner_is_privileged() {
    let estate = estate([
        project(),
        policy(PROJECT, binding("roles/owner", "user:ann@x.example")),
    ]);
    assert!(estate.says(ANN, "isPrivileged"));
    assert!(
        estate
            .may(ANN, PROJECT)
            .contains(&"grant access".to_owned())
    );
}

#[test]
fn custom_roles_hold_what_they_list() {
    let role = row(
        "iam.googleapis.com/Role",
        "//iam.googleapis.com/projects/p/roles/Peek",
        json!({"includedPermissions": ["secretmanager.versions.access"]}),
    );
    let bound = policy(
        PROJECT,
        binding("projects/p/roles/Peek", "user:ann@x.example"),
    );
    let with = estate([project(), secret(), role.clone(), bound.clone()]);
    assert_eq!(with.may(ANN, SECRET), ["read secrets"]);
    let mut off = role;
    off.body["properties"]["stage"] = json!("DISABLED");
    assert!(
        estate([project(), secret(), off, bound])
            .may(ANN, SECRET)
            .is_empty()
    );
}

#[test]
fn a_condition_makes_it_less_sure_and_is_kept() {
    let bindings = json!([{
        "role": "roles/storage.objectViewer",
        "members": ["user:ann@x.example"],
        "condition": {"title": "hours", "expression": "request.time.getHours() > 8"},
    }]);
    let estate = estate([project(), bucket("b", json!({})), policy(BUCKET, bindings)]);
    let edge = &estate.edges(ANN, HAS_PERMISSIONS_TO)[0];
    assert_eq!(edge.confidence, "medium");
    assert_eq!(edge.properties["condition"]["title"], "hours");
}

#[test]
fn impersonation_at_the_account_is_an_edge_of_its_own() {
    let agent = "//iam.googleapis.com/projects/p/serviceaccounts/agent@p.iam.gserviceaccount.com";
    let creator = "roles/iam.serviceAccountTokenCreator";
    let estate = estate([
        project(),
        account("agent"),
        policy(agent, binding(creator, "user:ann@x.example")),
        policy(PROJECT, binding(creator, "user:bo@x.example")),
    ]);
    assert_eq!(estate.targets(ANN, CAN_IMPERSONATE_AS), [agent]);
    assert!(
        estate
            .targets("principal:bo@x.example", CAN_IMPERSONATE_AS)
            .is_empty()
    );
    assert_eq!(estate.may("principal:bo@x.example", agent), ["impersonate"]);
}

#[test]
fn a_right_on_an_endpoint_is_about_endpoints() {
    let endpoint = "//aiplatform.googleapis.com/projects/p/locations/l/endpoints/e";
    let estate = estate([
        project(),
        row("aiplatform.googleapis.com/Endpoint", endpoint, json!({})),
        policy(
            endpoint,
            binding("roles/aiplatform.user", "user:ann@x.example"),
        ),
    ]);
    assert_eq!(estate.may(ANN, endpoint), ["change model", "use model"]);
    let graph = &estate.graph;
    let ann = graph.find(ANN).unwrap();
    let held = graph
        .leaving(ann)
        .map(|edge| graph.capabilities(graph.edge(edge)));
    let about = estate
        .vocabulary
        .on_label("aiplatform.googleapis.com/endpoint");
    assert!(held.into_iter().all(|held| held.without(about).is_empty()));
}

fn deny(on: &str, rule: Value) -> stance_model::Resource {
    let point = on.trim_start_matches("//").replace('/', "%2F");
    let id = format!("//iam.googleapis.com/policies/{point}/denypolicies/d");
    let mut properties = json!({"rules": [{}]});
    properties["rules"][0]["denyRule"] = rule;
    row("iam.googleapis.com/DenyPolicy", &id, properties)
}

#[test]
fn a_deny_below_the_grant_leaves_the_rest() {
    let other = "//cloudresourcemanager.googleapis.com/projects/q";
    let mut beside = project();
    beside.body["id"] = json!(other);
    beside.id = stance_model::ResourceId::new(other);
    beside.body["subscriptionId"] = json!("q");
    beside.body["ancestors"] = json!(["projects/9", "folders/2", "organizations/3"]);
    beside.body["properties"] = json!({"projectId": "q", "projectNumber": "9"});
    let mut in_other = bucket("c", json!({}));
    in_other.body["subscriptionId"] = json!("q");
    let rule = json!({
        "deniedPrincipals": ["principal://goog/subject/ann@x.example"],
        "deniedPermissions": ["storage.googleapis.com/objects.get"],
    });
    let estate = estate([
        project(),
        beside,
        bucket("b", json!({})),
        in_other,
        policy(
            ORGANIZATION,
            binding("roles/storage.objectAdmin", "user:ann@x.example"),
        ),
        policy(
            ORGANIZATION,
            binding("roles/storage.objectViewer", "user:bo@x.example"),
        ),
        deny(PROJECT, rule),
    ]);
    assert_eq!(estate.may(ANN, BUCKET), ["write data"]);
    assert_eq!(
        estate.may(ANN, "//storage.googleapis.com/c"),
        ["read data", "write data"]
    );
    assert!(
        estate
            .edges(ANN, HAS_PERMISSIONS_TO)
            .iter()
            .all(|edge| edge.confidence == "high")
    );
}

#[test]
fn exceptions_and_conditions_of_a_deny_count() {
    let grants = || {
        [
            project(),
            bucket("b", json!({})),
            policy(
                BUCKET,
                binding("roles/storage.objectViewer", "user:ann@x.example"),
            ),
        ]
    };
    let mut rule = json!({
        "deniedPrincipals": ["principalSet://goog/public:all"],
        "deniedPermissions": ["storage.googleapis.com/objects.*"],
    });
    let denied = |rule: &Value| estate(grants().into_iter().chain([deny(PROJECT, rule.clone())]));
    assert!(denied(&rule).may(ANN, BUCKET).is_empty());
    rule["exceptionPrincipals"] = json!(["principal://goog/subject/ann@x.example"]);
    assert_eq!(denied(&rule).may(ANN, BUCKET), ["read data"]);
    rule["exceptionPrincipals"] = json!([]);
    rule["denialCondition"] = json!({"expression": "resource.matchTag('x/env', 'prod')"});
    let conditional = denied(&rule);
    assert_eq!(conditional.may(ANN, BUCKET), ["read data"]);
    assert_eq!(
        conditional.edges(ANN, HAS_PERMISSIONS_TO)[0].confidence,
        "medium"
    );
}

#[test]
fn anybody_reads_a_bucket_unless_that_is_prevented() {
    let open = policy(BUCKET, binding("roles/storage.objectViewer", "allUsers"));
    let with = |properties| estate([project(), bucket("b", properties), open.clone()]);
    let public = with(json!({}));
    assert_eq!(public.may("everyone", BUCKET), ["read data"]);
    assert!(public.says(BUCKET, "allowsPublicAccess"));
    assert_eq!(public.label("everyone"), "everyone");
    let prevented = with(json!({"iamConfiguration": {"publicAccessPrevention": "enforced"}}));
    assert!(prevented.may("everyone", BUCKET).is_empty());
    assert!(!prevented.says(BUCKET, "allowsPublicAccess"));
    let rule = row(
        "orgpolicy.googleapis.com/Policy",
        "//orgpolicy.googleapis.com/folders/2/policies/storage.publicAccessPrevention",
        json!({"spec": {"rules": [{"enforce": true}]}}),
    );
    let inherited = estate([project(), bucket("b", json!({})), open.clone(), rule]);
    assert!(inherited.may("everyone", BUCKET).is_empty());
}

#[test]
fn access_lists_count_where_access_is_not_uniform() {
    let lists = |uniform: bool| {
        estate([
            project(),
            bucket(
                "b",
                json!({
                    "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": uniform}},
                    "acl": [{"entity": "user-ann@x.example", "role": "WRITER"}],
                    "defaultObjectAcl": [{"entity": "allUsers", "role": "READER"}],
                }),
            ),
        ])
    };
    let fine = lists(false);
    assert_eq!(fine.may("everyone", BUCKET), ["read data"]);
    assert_eq!(
        fine.edges("everyone", HAS_PERMISSIONS_TO)[0].confidence,
        "medium"
    );
    assert_eq!(fine.may(ANN, BUCKET), ["write data"]);
    assert!(lists(true).may("everyone", BUCKET).is_empty());
}

#[test]
fn holders_of_a_basic_role_are_a_group_of_the_bucket() {
    let estate = estate([
        project(),
        bucket("b", json!({})),
        policy(PROJECT, binding("roles/editor", "user:ann@x.example")),
        policy(
            BUCKET,
            binding("roles/storage.legacyObjectOwner", "projectEditor:p"),
        ),
    ]);
    assert_eq!(
        estate.targets(ANN, MEMBER_OF),
        ["principal:projecteditor:p"]
    );
    let may = estate.may(ANN, BUCKET);
    assert!(may.contains(&"read data".to_owned()), "{may:?}");
}
