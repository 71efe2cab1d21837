//! Small inventories, and questions to the graph that is built from them.
#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use std::sync::LazyLock;

use serde_json::{Value, json};
use stance_exposure::build::{Sources, build};
use stance_exposure::{Confidence, Graph, GraphDraft, Inventory, Vocabulary, labels};
use stance_model::{Cloud, Origin, Resource, SourceLocation, Unknown};

/// Reading it takes longer than a test.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::embedded().unwrap());

/// The group that ids of these tests lie in.
pub(crate) const GROUP: &str = "/subscriptions/S/resourceGroups/G/providers/";

/// A live Azure resource `TYPE/NAME`; type and name may have several segments, `A/b/c` with `one/two`.
pub(crate) fn azure(resource_type: &str, name: &str, properties: Value) -> Resource {
    let id = azure_id(resource_type, name);
    let name = name.rsplit('/').next().unwrap();
    let body = json!({"id": id, "name": name, "type": resource_type, "properties": properties});
    resource(Cloud::Azure, body)
}

/// The id that [`azure`] gives.
pub(crate) fn azure_id(resource_type: &str, name: &str) -> String {
    let mut types = resource_type.split('/');
    let namespace = types.next().unwrap();
    let parts: Vec<String> = types
        .zip(name.split('/'))
        .map(|(kind, name)| format!("/{kind}/{name}"))
        .collect();
    format!("{GROUP}{namespace}{}", parts.concat())
}

/// A live AWS resource.
pub(crate) fn aws(resource_type: &str, arn: &str, properties: Value) -> Resource {
    let name = arn.rsplit(['/', ':']).next().unwrap();
    let body = json!({
        "id": arn, "name": name, "type": resource_type, "location": "eu-central-1",
        "subscriptionId": "111122223333", "properties": properties,
    });
    resource(Cloud::Aws, body)
}

/// A resource of any shape.
pub(crate) fn resource(cloud: Cloud, body: Value) -> Resource {
    let body = body.as_object().unwrap().clone();
    Resource::new(cloud, Origin::Live, SourceLocation::default(), body)
}

/// Adds a field to the ARM object, such as `sku`.
pub(crate) fn with(mut resource: Resource, field: &str, value: Value) -> Resource {
    resource.body[field] = value;
    resource
}

/// Makes a property known only after deployment.
pub(crate) fn unknown(mut resource: Resource, pointer: &str) -> Resource {
    resource.unknowns.push(Unknown {
        pointer: pointer.to_owned(),
        expression: "[reference('x').y]".to_owned(),
    });
    resource
}

pub(crate) fn graph(resources: impl IntoIterator<Item = Resource>) -> Graph {
    let vocabulary = &VOCABULARY;
    let inventory: Inventory = resources.into_iter().collect();
    let mut draft = GraphDraft::new();
    let sources = Sources {
        inventory: &inventory,
        vocabulary,
    };
    build(sources, &mut draft);
    draft.close(vocabulary)
}

/// A `routes traffic to` edge, as tests ask for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    pub(crate) object: String,
    pub(crate) field: String,
    pub(crate) text: String,
    pub(crate) confidence: Confidence,
    pub(crate) authentication: Option<String>,
    /// `(ports, protocols)`.
    pub(crate) rules: Vec<(Vec<String>, Vec<String>)>,
}

/// Edges of the network from one node to another, by id or alias.
pub(crate) fn routes(graph: &Graph, source: &str, target: &str) -> Vec<Route> {
    let (Some(source), Some(target)) = (graph.find(source), graph.find(&target.to_lowercase()))
    else {
        return Vec::new();
    };
    let edges = graph.leaving(source).filter(|edge| {
        let edge = graph.edge(*edge);
        edge.target == target && graph.word(edge.label) == labels::ROUTES_TRAFFIC_TO
    });
    edges
        .map(|number| {
            let text = graph.edge_text(number);
            let properties: Value = serde_json::from_str(&text.properties).unwrap_or(Value::Null);
            let texts = |value: &Value| -> Vec<String> {
                serde_json::from_value(value.clone()).unwrap_or_default()
            };
            let rules = properties["networkReachability"]["routeRules"].as_array();
            Route {
                object: text.evidence.object.clone(),
                field: text.evidence.field.clone(),
                text: text.evidence.text.clone(),
                confidence: graph.edge(number).confidence,
                authentication: properties["authentication"].as_str().map(str::to_owned),
                rules: rules
                    .into_iter()
                    .flatten()
                    .map(|rule| (texts(&rule["portRanges"]), texts(&rule["protocolRanges"])))
                    .collect(),
            }
        })
        .collect()
}

/// Ways in from the internet.
pub(crate) fn entries(graph: &Graph, target: &str) -> Vec<Route> {
    routes(graph, "internet", target)
}

/// Whether a node has an insight.
pub(crate) fn has(graph: &Graph, node: &str, insight: &str) -> bool {
    let bit = VOCABULARY.insight(insight).unwrap();
    let node = graph.find(&node.to_lowercase()).unwrap();
    graph.node(node).insights & bit != 0
}

/// A property below `rawData` of a node.
pub(crate) fn raw(graph: &Graph, node: &str, key: &str) -> Value {
    let node = graph.find(&node.to_lowercase()).unwrap();
    let properties: Value = serde_json::from_str(&graph.node(node).properties).unwrap();
    properties["rawData"][key].clone()
}
