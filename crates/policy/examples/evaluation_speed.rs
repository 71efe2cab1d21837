//! Prints what evaluation costs: `cargo run --release -p stance-policy --example evaluation_speed [RESOURCES]`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use stance_model::Resource;
use stance_policy::{
    AliasSources, BuildOptions, EvaluationContext, Library, PolicySet, ResourceIndex,
};

const TYPES: [&str; 10] = [
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.CognitiveServices/accounts/deployments",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.Search/searchServices",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Web/sites",
    "Microsoft.Insights/diagnosticSettings",
];

fn resource(number: usize) -> Resource {
    let kind = TYPES[number % TYPES.len()];
    let (namespace, types) = kind.split_once('/').unwrap();
    let name = format!("n{number}");
    let path: String = types
        .split('/')
        .flat_map(|part| ["/", part, "/", name.as_str()])
        .collect();
    let group = format!(
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g{}",
        number % 100
    );
    let body: Value = json!({
        "id": format!("{group}/providers/{namespace}{path}"),
        "name": format!("n{number}"),
        "type": kind,
        "kind": "OpenAI",
        "location": "westeurope",
        "sku": {"name": "S0"},
        "tags": {"owner": "team", "env": "prod"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "publicNetworkAccess": if number % 20 < 10 { "Enabled" } else { "Disabled" },
            "disableLocalAuth": number % 30 < 10,
            "networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "10.0.0.1"}], "virtualNetworkRules": []},
            "privateEndpointConnections": [],
            "provisioningState": "Succeeded",
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "1"},
            "raiPolicyName": "strict",
            "capabilities": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
            "endpoint": "https://example.test/"
        }
    });
    stance_policy::examples::resource(&body, Vec::new())
}

fn main() {
    let count: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let start = Instant::now();
    let library = Library::embedded();
    println!(
        "load {} definitions: {:?}",
        library.definitions.len(),
        start.elapsed()
    );
    let start = Instant::now();
    let (set, diagnostics) = PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    println!(
        "aliases and compile: {:?}, {} diagnostics",
        start.elapsed(),
        diagnostics.len()
    );
    let start = Instant::now();
    for _ in 0..50 {
        PolicySet::build(
            &library,
            &AliasSources::embedded(),
            &BuildOptions::default(),
        )
        .unwrap();
    }
    println!("the same, mean of 50: {:?}", start.elapsed() / 50);
    if let Some(file) = std::env::args().nth(2) {
        let folder = std::env::temp_dir().join("stance-evaluation-speed");
        for what in ["first", "cached"] {
            let start = Instant::now();
            let mut aliases = AliasSources::embedded().with_cache(&folder);
            aliases.add_file(file.as_ref()).unwrap();
            PolicySet::build(&library, &aliases, &BuildOptions::default()).unwrap();
            println!("compile with {file}, {what}: {:?}", start.elapsed());
        }
    }
    judge("as it is", &set, count);
    let (assigned, _) = PolicySet::build(
        &with_assignments(),
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    judge(
        "assigned at 200 subscriptions, one exempt group",
        &assigned,
        count,
    );
}

/// The baseline assigned at many subscriptions, of which one holds the resources; one of a hundred groups is left
/// out, one is exempt.
fn with_assignments() -> Library {
    let mut library = Library::embedded();
    let id = |scope: &str, kind: &str, name: &str| {
        format!("{scope}/providers/Microsoft.Authorization/{kind}/{name}")
    };
    for number in 1..=200 {
        let scope = format!("/subscriptions/00000000-0000-0000-0000-{number:012}");
        let assignment = json!({
            "id": id(&scope, "policyAssignments", "a"),
            "type": "Microsoft.Authorization/policyAssignments",
            "properties": {
                "policyDefinitionId": id("", "policySetDefinitions", "ai-security-baseline-v1"),
                "notScopes": [format!("{scope}/resourceGroups/g1")],
                "resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["westeurope", "eastus"]}]}],
            }
        });
        let exemption = json!({
            "id": id(&format!("{scope}/resourceGroups/g2"), "policyExemptions", "e"),
            "properties": {
                "policyAssignmentId": id(&scope, "policyAssignments", "a"),
                "exemptionCategory": "Waiver",
            }
        });
        for object in [assignment, exemption] {
            library.add_bytes("speed.json", object.to_string().as_bytes());
        }
    }
    library
}

fn judge(what: &str, set: &PolicySet, count: usize) {
    let resources: Vec<Arc<Resource>> = (0..count)
        .map(|number| Arc::new(resource(number)))
        .collect();
    let kept = resources
        .iter()
        .filter(|resource| set.related_types().contains(&resource.resource_type));
    let index = ResourceIndex::new(kept.cloned(), |_, _| true);
    let context = EvaluationContext::new("2026-01-01T00:00:00Z".parse().unwrap());
    let start = Instant::now();
    let (mut verdicts, mut evidence) = (0, 0);
    for resource in &resources {
        for verdict in set.evaluate(resource, &index, &context) {
            verdicts += 1;
            evidence += verdict.evidence.len();
        }
    }
    let spent = start.elapsed();
    println!(
        "{what}: {count} resources, {} definitions: {spent:?}, {verdicts} verdicts, {evidence} evidence, {:.1} us a resource, {:.1} us a verdict",
        set.definitions().len(),
        spent.as_secs_f64() * 1e6 / count as f64,
        spent.as_secs_f64() * 1e6 / f64::from(verdicts.max(1)),
    );
}
