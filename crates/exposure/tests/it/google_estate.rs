//! Small inventories of Google Cloud, and questions to the graph that comes of them.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use stance_exposure::{Graph, GraphDraft, Inventory, Vocabulary, build, effective};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

/// A row of Google Cloud in project `p`, number 1.
pub(crate) fn row(resource_type: &str, id: &str, properties: Value) -> Resource {
    let mut fields = json!({"subscriptionId": "p"});
    fields["properties"] = properties;
    row_of(Cloud::Gcp, resource_type, id, fields)
}

/// A row with what stands beside its id.
pub(crate) fn row_of(cloud: Cloud, resource_type: &str, id: &str, fields: Value) -> Resource {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(id));
    body.insert(
        "name".to_owned(),
        json!(id.rsplit('/').next().unwrap_or(id)),
    );
    body.insert("type".to_owned(), json!(resource_type));
    if let Value::Object(fields) = fields {
        body.extend(fields);
    }
    Resource::new(cloud, Origin::Live, SourceLocation::default(), body)
}

/// The project `p` in folder 2 of organization 3.
pub(crate) fn project() -> Resource {
    let fields = json!({
        "subscriptionId": "p",
        "ancestors": ["projects/1", "folders/2", "organizations/3"],
        "properties": {"projectId": "p", "projectNumber": "1"},
    });
    row_of(
        Cloud::Gcp,
        "cloudresourcemanager.googleapis.com/Project",
        PROJECT,
        fields,
    )
}

pub(crate) const PROJECT: &str = "//cloudresourcemanager.googleapis.com/projects/p";
pub(crate) const FOLDER: &str = "//cloudresourcemanager.googleapis.com/folders/2";
pub(crate) const ORGANIZATION: &str = "//cloudresourcemanager.googleapis.com/organizations/3";

/// The policy of what has that name.
pub(crate) fn policy(on: &str, bindings: Value) -> Resource {
    let id = format!("{on}/iamPolicy");
    let mut policy = row("iam.googleapis.com/Policy", &id, json!({}));
    policy.body["parentId"] = json!(on);
    policy.body["properties"]["bindings"] = bindings;
    policy
}

/// A service account of `p`.
pub(crate) fn account(name: &str) -> Resource {
    let address = format!("{name}@p.iam.gserviceaccount.com");
    let id = format!("//iam.googleapis.com/projects/p/serviceAccounts/{address}");
    row(
        "iam.googleapis.com/ServiceAccount",
        &id,
        json!({"email": address}),
    )
}

pub(crate) fn bucket(name: &str, properties: Value) -> Resource {
    let id = format!("//storage.googleapis.com/{name}");
    row("storage.googleapis.com/Bucket", &id, properties)
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::embedded().unwrap());

/// The graph and its words.
pub(crate) struct Estate {
    pub(crate) graph: Graph,
    pub(crate) vocabulary: &'static Vocabulary,
}

/// Builds the graph of rows.
pub(crate) fn estate(rows: impl IntoIterator<Item = Resource>) -> Estate {
    let vocabulary: &'static Vocabulary = &VOCABULARY;
    let inventory: Inventory = rows.into_iter().collect();
    let mut draft = GraphDraft::new();
    let sources = build::Sources {
        inventory: &inventory,
        vocabulary,
    };
    build::build(sources, &mut draft);
    Estate {
        graph: draft.close(vocabulary),
        vocabulary,
    }
}

/// An edge as tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) target: String,
    pub(crate) confidence: &'static str,
    pub(crate) object: String,
    pub(crate) field: String,
    pub(crate) text: String,
    pub(crate) properties: Value,
}

impl Estate {
    /// Edges of a label that leave a node.
    pub(crate) fn edges(&self, source: &str, label: &str) -> Vec<Found> {
        let graph = &self.graph;
        let Some(node) = graph.find(source) else {
            return Vec::new();
        };
        let found = graph.leaving(node).filter(|number| {
            let word = graph.word(graph.edge(*number).label);
            word == label
        });
        found
            .map(|number| {
                let (edge, text) = (graph.edge(number), graph.edge_text(number));
                Found {
                    target: graph.node(edge.target).id.to_string(),
                    confidence: edge.confidence.as_str(),
                    object: text.evidence.object.clone(),
                    field: text.evidence.field.clone(),
                    text: text.evidence.text.clone(),
                    properties: serde_json::from_str(&text.properties).unwrap_or(Value::Null),
                }
            })
            .collect()
    }

    /// Where edges of a label lead from a node, in order.
    pub(crate) fn targets(&self, source: &str, label: &str) -> Vec<String> {
        let mut targets: Vec<String> = self
            .edges(source, label)
            .into_iter()
            .map(|edge| edge.target)
            .collect();
        targets.sort();
        targets.dedup();
        targets
    }

    /// The id of a node by any of its names.
    pub(crate) fn id(&self, name: &str) -> Option<&str> {
        let number = self.graph.find(name)?;
        Some(&self.graph.node(number).id)
    }

    /// The label of a node by any of its names.
    pub(crate) fn label(&self, name: &str) -> &str {
        let number = self.graph.find(name).unwrap();
        self.graph.word(self.graph.node(number).label)
    }

    /// Whether a node has an insight.
    pub(crate) fn says(&self, node: &str, insight: &str) -> bool {
        let bit = self.vocabulary.insight(insight).unwrap();
        let number = self.graph.find(node).unwrap();
        self.graph.node(number).insights & bit != 0
    }

    /// What a principal may do to a resource, by name and in order.
    pub(crate) fn may(&self, principal: &str, resource: &str) -> Vec<String> {
        let (Some(principal), Some(resource)) = (
            self.graph.find(principal),
            self.graph.find(&resource.to_lowercase()),
        ) else {
            return Vec::new();
        };
        let held = effective(&self.graph, self.vocabulary, principal, resource);
        let names = self.vocabulary.names_of(held);
        let mut names: Vec<String> = names
            .into_iter()
            .filter_map(|name| Some(name.split_once(':')?.0.to_owned()))
            .collect();
        names.sort();
        names
    }
}
