//! What the internet reaches.

use serde_json::{Value, json};
use stance_exposure::labels::ROUTES_TRAFFIC_TO;
use stance_model::Resource;

use crate::google_estate::{Estate, bucket, estate, policy, project, row};

const MACHINE: &str = "//compute.googleapis.com/projects/p/zones/z/instances/m";
const NETWORK: &str = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";

fn machine(access: Value) -> Resource {
    let mut properties =
        json!({"tags": {"items": ["web"]}, "networkInterfaces": [{"network": NETWORK}]});
    properties["networkInterfaces"][0]["accessConfigs"] = access;
    row("compute.googleapis.com/Instance", MACHINE, properties)
}

fn address() -> Value {
    json!([{"natIP": "192.0.2.7"}])
}

fn rule(name: &str, mut properties: Value) -> Resource {
    properties["network"] = json!(NETWORK);
    let id = format!("//compute.googleapis.com/projects/p/global/firewalls/{name}");
    row("compute.googleapis.com/Firewall", &id, properties)
}

fn allow(priority: i64, ranges: &[&str], ports: &[&str]) -> Value {
    json!({
        "direction": "INGRESS",
        "priority": priority,
        "sourceRanges": ranges,
        "allowed": [{"IPProtocol": "tcp", "ports": ports}],
    })
}

fn ways(estate: &Estate) -> Vec<String> {
    let edges = estate.edges("internet", ROUTES_TRAFFIC_TO);
    edges.into_iter().map(|edge| edge.text).collect()
}

#[test]
fn a_machine_is_reached_by_address_and_rule_together() {
    let open = || rule("open", allow(1000, &["0.0.0.0/0"], &["22", "8000-8010"]));
    let both = estate([project(), machine(address()), open()]);
    assert_eq!(
        ways(&both),
        ["192.0.2.7 takes TCP 22, 8000-8010 from the internet"]
    );
    assert!(both.says(MACHINE, "exposedToInternet"));
    let edge = &both.edges("internet", ROUTES_TRAFFIC_TO)[0];
    assert_eq!(
        edge.object,
        "//compute.googleapis.com/projects/p/global/firewalls/open"
    );
    let without_address = estate([project(), machine(json!([])), open()]);
    assert_eq!(without_address.id("internet"), None);
    assert_eq!(estate([project(), machine(address())]).id("internet"), None);
}

#[test]
fn rules_are_asked_by_priority() {
    let deny = |priority: i64, ports: &[&str]| {
        json!({
            "priority": priority,
            "sourceRanges": ["0.0.0.0/0"],
            "denied": [{"IPProtocol": "tcp", "ports": ports}],
        })
    };
    let with = |other: Value| {
        let open = rule("open", allow(1000, &["0.0.0.0/0"], &["20-30"]));
        ways(&estate([
            project(),
            machine(address()),
            open,
            rule("other", other),
        ]))
    };
    assert_eq!(
        with(deny(900, &["22"])),
        ["192.0.2.7 takes TCP 20-21, 23-30 from the internet"]
    );
    // Of two of one priority the denial wins.
    assert!(with(deny(1000, &["1-65535"])).is_empty());
    assert_eq!(
        with(deny(1001, &["22"])),
        ["192.0.2.7 takes TCP 20-30 from the internet"]
    );
}

#[test]
fn tags_ranges_and_switches_of_a_rule_count() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut properties = allow(1000, &["0.0.0.0/0"], &["22"]);
        change(&mut properties);
        !ways(&estate([
            project(),
            machine(address()),
            rule("r", properties),
        ]))
        .is_empty()
    };
    assert!(with(&|_| {}));
    assert!(with(&|rule| rule["targetTags"] = json!(["web"])));
    assert!(!with(&|rule| rule["targetTags"] = json!(["database"])));
    assert!(!with(&|rule| rule["disabled"] = json!(true)));
    assert!(!with(&|rule| rule["direction"] = json!("EGRESS")));
    assert!(!with(
        &|rule| rule["sourceRanges"] = json!(["10.0.0.0/8", "203.0.113.7/32"])
    ));
    assert!(!with(&|rule| rule["sourceRanges"] = json!(["::/0"])));
    assert!(!with(
        &|rule| rule["allowed"] = json!([{"IPProtocol": "udp"}])
    ));
    assert!(!with(&|rule| {
        rule["sourceRanges"] = json!([]);
        rule["sourceTags"] = json!(["bastion"]);
    }));
    assert!(with(
        &|rule| rule["sourceRanges"] = json!(["0.0.0.0/1", "128.0.0.0/1"])
    ));
}

#[test]
fn a_policy_of_the_folder_is_asked_first() {
    let policy = |action: &str| {
        row(
            "compute.googleapis.com/FirewallPolicy",
            "//compute.googleapis.com/locations/global/firewallPolicies/7",
            json!({
                "associations": [{"attachmentTarget": "folders/2"}],
                "rules": [{
                    "priority": 1,
                    "direction": "INGRESS",
                    "action": action,
                    "match": {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": [{"ipProtocol": "all"}]},
                }],
            }),
        )
    };
    let open = || rule("open", allow(1000, &["0.0.0.0/0"], &["22"]));
    let with = |action| {
        ways(&estate([
            project(),
            machine(address()),
            open(),
            policy(action),
        ]))
    };
    assert!(with("deny").is_empty());
    assert_eq!(with("goto_next").len(), 1);
}

#[test]
fn a_notebook_behind_the_proxy_is_not_open() {
    let notebook = |disabled: bool| {
        row(
            "notebooks.googleapis.com/Instance",
            "//notebooks.googleapis.com/projects/p/locations/z/instances/w",
            json!({"gceSetup": {
                "disablePublicIp": disabled,
                "networkInterfaces": [{"network": "projects/1/global/networks/n", "accessConfigs": [{"externalIp": "192.0.2.9"}]}],
            }}),
        )
    };
    let open = || rule("open", allow(1000, &["0.0.0.0/0"], &["22"]));
    assert_eq!(ways(&estate([project(), notebook(false), open()])).len(), 1);
    assert!(ways(&estate([project(), notebook(true), open()])).is_empty());
    assert!(ways(&estate([project(), notebook(false)])).is_empty());
}

const SERVICE: &str = "//run.googleapis.com/projects/p/locations/l/services/s";

#[test]
fn cloud_run_says_who_may_call() {
    let service = |ingress: &str| {
        row(
            "run.googleapis.com/Service",
            SERVICE,
            json!({"ingress": ingress}),
        )
    };
    let inside = estate([project(), service("INGRESS_TRAFFIC_INTERNAL_ONLY")]);
    assert!(ways(&inside).is_empty());
    let guarded = estate([project(), service("INGRESS_TRAFFIC_ALL")]);
    let edges = guarded.edges("internet", ROUTES_TRAFFIC_TO);
    assert_eq!(edges[0].properties["authentication"], "iam");
    assert!(!guarded.says(SERVICE, "isUnauthenticated"));
    let invoker = json!([{"role": "roles/run.invoker", "members": ["allUsers"]}]);
    let open = estate([
        project(),
        service("INGRESS_TRAFFIC_ALL"),
        policy(SERVICE, invoker),
    ]);
    let edges = open.edges("internet", ROUTES_TRAFFIC_TO);
    assert_eq!(edges[0].properties["authentication"], "none");
    assert!(open.says(SERVICE, "isUnauthenticated") && open.says(SERVICE, "allowsPublicAccess"));
}

const ENDPOINT: &str = "//aiplatform.googleapis.com/projects/p/locations/l/endpoints/e";

#[test]
fn agents_behind_the_api_are_closed_to_strangers() {
    const ENGINE: &str = "//aiplatform.googleapis.com/projects/p/locations/l/reasoningEngines/1";
    let engine = || {
        row(
            "aiplatform.googleapis.com/ReasoningEngine",
            ENGINE,
            json!({"spec": {}}),
        )
    };
    assert!(ways(&estate([project(), engine()])).is_empty());
    let anybody = json!([{"role": "roles/aiplatform.user", "members": ["allUsers"]}]);
    let open = estate([project(), engine(), policy(ENGINE, anybody)]);
    assert_eq!(ways(&open), ["answers on the public Vertex AI address"]);
}

#[test]
fn vertex_endpoints_answer_unless_private() {
    let endpoint = |properties| row("aiplatform.googleapis.com/Endpoint", ENDPOINT, properties);
    let public = estate([project(), endpoint(json!({}))]);
    assert_eq!(ways(&public), ["answers on the public Vertex AI address"]);
    let connect = json!({"privateServiceConnectConfig": {"enablePrivateServiceConnect": true}});
    assert!(ways(&estate([project(), endpoint(connect)])).is_empty());
    let peered = json!({"network": "projects/1/global/networks/n"});
    assert!(ways(&estate([project(), endpoint(peered)])).is_empty());
    let perimeter = row(
        "accesscontextmanager.googleapis.com/ServicePerimeter",
        "//accesscontextmanager.googleapis.com/accessPolicies/1/servicePerimeters/s",
        json!({"status": {"resources": ["projects/1"], "restrictedServices": ["aiplatform.googleapis.com"]}}),
    );
    assert!(ways(&estate([project(), endpoint(json!({})), perimeter])).is_empty());
    let user = json!([{"role": "roles/aiplatform.user", "members": ["allAuthenticatedUsers"]}]);
    let open = estate([project(), endpoint(json!({})), policy(ENDPOINT, user)]);
    let edges = open.edges("internet", ROUTES_TRAFFIC_TO);
    assert_eq!(edges[0].properties["authentication"], "any account");
    assert!(open.says(ENDPOINT, "allowsPublicAccess") && !open.says(ENDPOINT, "isUnauthenticated"));
}

#[test]
fn a_bucket_is_reached_only_when_anybody_reads_it() {
    let readers = |role: &str| json!([{"role": role, "members": ["allUsers"]}]);
    let on = |role| {
        estate([
            project(),
            bucket("b", json!({})),
            policy("//storage.googleapis.com/b", readers(role)),
        ])
    };
    assert_eq!(
        on("roles/storage.objectViewer").targets("internet", ROUTES_TRAFFIC_TO),
        ["//storage.googleapis.com/b"]
    );
    assert!(ways(&on("roles/storage.objectCreator")).is_empty());
    assert!(ways(&estate([project(), bucket("b", json!({}))])).is_empty());
}

#[test]
fn databases_and_clusters_say_whom_they_take() {
    let sql = |networks: Value| {
        let id = "//sqladmin.googleapis.com/projects/p/instances/d";
        let address = json!({"ipv4Enabled": true, "authorizedNetworks": networks});
        row(
            "sqladmin.googleapis.com/Instance",
            id,
            json!({"settings": {"ipConfiguration": address}}),
        )
    };
    assert_eq!(
        ways(&estate([sql(json!([{"value": "0.0.0.0/0"}]))])).len(),
        1
    );
    assert!(ways(&estate([sql(json!([{"value": "203.0.113.0/24"}]))])).is_empty());
    let cluster = |properties| {
        row(
            "container.googleapis.com/Cluster",
            "//container.googleapis.com/projects/p/locations/l/clusters/c",
            properties,
        )
    };
    assert_eq!(ways(&estate([cluster(json!({}))])).len(), 1);
    let private = json!({"privateClusterConfig": {"enablePrivateEndpoint": true}});
    assert!(ways(&estate([cluster(private)])).is_empty());
    let listed = json!({"masterAuthorizedNetworksConfig": {"enabled": true, "cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}]}});
    assert!(ways(&estate([cluster(listed)])).is_empty());
}

#[test]
fn a_function_is_called_where_its_service_lets_one() {
    let function = "//cloudfunctions.googleapis.com/projects/p/locations/l/functions/f";
    let row_of_function = || {
        let service =
            json!({"service": "projects/p/locations/l/services/s", "ingressSettings": "ALLOW_ALL"});
        row(
            "cloudfunctions.googleapis.com/Function",
            function,
            json!({"serviceConfig": service}),
        )
    };
    let service = || {
        row(
            "run.googleapis.com/Service",
            SERVICE,
            json!({"ingress": "INGRESS_TRAFFIC_ALL"}),
        )
    };
    let invoker = json!([{"role": "roles/run.invoker", "members": ["allUsers"]}]);
    let open = estate([
        project(),
        row_of_function(),
        service(),
        policy(SERVICE, invoker),
    ]);
    assert!(open.says(function, "isUnauthenticated"));
    let closed = estate([project(), row_of_function(), service()]);
    assert!(
        !closed.says(function, "isUnauthenticated") && closed.says(function, "exposedToInternet")
    );
}

#[test]
fn a_load_balancer_leads_to_what_is_closed_otherwise() {
    let compute = |kind: &str, path: &str, properties: Value| {
        let id = format!("//compute.googleapis.com/projects/p/{path}");
        row(&format!("compute.googleapis.com/{kind}"), &id, properties)
    };
    let url = |path: &str| format!("https://www.googleapis.com/compute/v1/projects/p/{path}");
    let with = |scheme: &str, ingress: &str| {
        ways(&estate([
            project(),
            row(
                "run.googleapis.com/Service",
                SERVICE,
                json!({"ingress": ingress}),
            ),
            compute(
                "GlobalForwardingRule",
                "global/forwardingRules/f",
                json!({"loadBalancingScheme": scheme, "IPAddress": "192.0.2.1", "target": url("global/targetHttpsProxies/t")}),
            ),
            compute(
                "TargetHttpsProxy",
                "global/targetHttpsProxies/t",
                json!({"urlMap": url("global/urlMaps/u")}),
            ),
            compute(
                "UrlMap",
                "global/urlMaps/u",
                json!({"defaultService": url("global/backendServices/b")}),
            ),
            compute(
                "BackendService",
                "global/backendServices/b",
                json!({"backends": [{"group": url("regions/l/networkEndpointGroups/n")}]}),
            ),
            compute(
                "NetworkEndpointGroup",
                "regions/l/networkEndpointGroups/n",
                json!({"cloudRun": {"service": "s"}}),
            ),
        ]))
    };
    let behind = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER";
    assert_eq!(
        with("EXTERNAL_MANAGED", behind),
        ["a load balancer at 192.0.2.1 leads to it"]
    );
    assert!(with("INTERNAL_MANAGED", behind).is_empty());
    assert!(with("EXTERNAL_MANAGED", "INGRESS_TRAFFIC_INTERNAL_ONLY").is_empty());
}
