//! Small inventories of Azure, and questions to the graph made of them.

use std::sync::OnceLock;

use serde_json::{Value, json};
use stance_exposure::build::{Sources, build};
use stance_exposure::{Graph, GraphDraft, Inventory, Vocabulary, effective};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

pub(crate) const SUBSCRIPTION: &str = "/subscriptions/s1";
pub(crate) const GROUP: &str = "/subscriptions/s1/resourceGroups/g1";
pub(crate) const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub(crate) const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
pub(crate) const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
pub(crate) const BLOB_READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
pub(crate) const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

/// A resource with these members beside `id`, `name` and `type`.
pub(crate) fn resource(id: &str, kind: &str, more: Value) -> Resource {
    let mut body = json!({"id": id, "name": id.rsplit('/').next(), "type": kind});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let Value::Object(body) = body else {
        unreachable!("written above as an object")
    };
    Resource::new(Cloud::Azure, Origin::Live, SourceLocation::default(), body)
}

/// A top-level resource of the group `g1`.
pub(crate) fn in_group(kind: &str, name: &str, more: Value) -> Resource {
    resource(&id_in_group(kind, name), kind, more)
}

pub(crate) fn id_in_group(kind: &str, name: &str) -> String {
    format!("{GROUP}/providers/{kind}/{name}")
}

/// An assignment of a role at a scope.
pub(crate) fn assignment(name: &str, role: &str, principal: &str, scope: &str) -> Resource {
    assignment_with(name, role, principal, scope, json!({}))
}

pub(crate) fn assignment_with(
    name: &str,
    role: &str,
    principal: &str,
    scope: &str,
    more: Value,
) -> Resource {
    let mut properties = json!({
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal,
        "scope": scope,
    });
    if let (Some(properties), Value::Object(more)) = (properties.as_object_mut(), more) {
        properties.extend(more);
    }
    let kind = "Microsoft.Authorization/roleAssignments";
    let id = format!("{scope}/providers/{kind}/{name}");
    resource(&id, kind, json!({"properties": properties}))
}

pub(crate) fn member(group: &str, member: &str) -> Resource {
    let id = format!("/tenants/t1/groups/{group}/members/{member}");
    let properties =
        json!({"groupId": group, "memberId": member, "memberType": "user", "isTransitive": false});
    resource(
        &id,
        "Microsoft.Graph/groupMembers",
        json!({"properties": properties}),
    )
}

pub(crate) fn deny(name: &str, scope: &str, properties: Value) -> Resource {
    let kind = "Microsoft.Authorization/denyAssignments";
    let mut all = json!({"scope": scope});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), properties) {
        all.extend(more);
    }
    resource(
        &format!("{scope}/providers/{kind}/{name}"),
        kind,
        json!({"properties": all}),
    )
}

/// A graph and the words it was made with.
pub(crate) struct Made {
    pub(crate) graph: Graph,
    pub(crate) vocabulary: Vocabulary,
}

pub(crate) fn graph_of(resources: Vec<Resource>) -> Made {
    static WORDS: OnceLock<Vocabulary> = OnceLock::new();
    let vocabulary = WORDS
        .get_or_init(|| Vocabulary::embedded().unwrap())
        .clone();
    let inventory: Inventory = resources.into_iter().collect();
    let mut draft = GraphDraft::new();
    let sources = Sources {
        inventory: &inventory,
        vocabulary: &vocabulary,
    };
    build(sources, &mut draft);
    Made {
        graph: draft.close(&vocabulary),
        vocabulary,
    }
}

/// An edge as a test reads it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) confidence: &'static str,
    pub(crate) capabilities: Vec<String>,
    pub(crate) object: String,
    pub(crate) field: String,
    pub(crate) properties: Value,
}

impl Made {
    /// The edges of a label, by source and target.
    pub(crate) fn edges(&self, label: &str) -> Vec<Seen> {
        let numbers = 0..u32::try_from(self.graph.edges().len()).unwrap();
        numbers
            .filter(|number| self.graph.word(self.graph.edge(*number).label) == label)
            .map(|number| {
                let edge = self.graph.edge(number);
                let text = self.graph.edge_text(number);
                Seen {
                    source: self.graph.node(edge.source).id.to_string(),
                    target: self.graph.node(edge.target).id.to_string(),
                    confidence: edge.confidence.as_str(),
                    capabilities: self.vocabulary.names_of(self.graph.capabilities(edge)),
                    object: text.evidence.object.clone(),
                    field: text.evidence.field.clone(),
                    properties: serde_json::from_str(&text.properties).unwrap_or_default(),
                }
            })
            .collect()
    }

    /// `source -> target` of the edges of a label.
    pub(crate) fn arrows(&self, label: &str) -> Vec<String> {
        let edges = self.edges(label).into_iter();
        edges
            .map(|edge| format!("{} -> {}", edge.source, edge.target))
            .collect()
    }

    /// Whether an edge of a label runs between two nodes, by ids or aliases.
    pub(crate) fn has(&self, source: &str, label: &str, target: &str) -> bool {
        let id = |name: &str| {
            let number = self.graph.find(&name.to_lowercase());
            number.map(|number| self.graph.node(number).id.to_string())
        };
        let (Some(source), Some(target)) = (id(source), id(target)) else {
            return false;
        };
        let mut edges = self.edges(label).into_iter();
        edges.any(|edge| edge.source == source && edge.target == target)
    }

    /// Names of the capabilities that a principal has on a resource.
    pub(crate) fn may(&self, principal: &str, resource: &str) -> Vec<String> {
        let find = |id: &str| self.graph.find(&id.to_lowercase());
        let (Some(principal), Some(resource)) = (find(principal), find(resource)) else {
            return Vec::new();
        };
        let held = effective(&self.graph, &self.vocabulary, principal, resource);
        let pairs = held
            .pairs()
            .map(|pair| self.vocabulary.pairs()[pair].capability.clone());
        let mut names: Vec<String> = pairs.collect();
        names.sort();
        names.dedup();
        names
    }

    pub(crate) fn can(&self, principal: &str, capability: &str, resource: &str) -> bool {
        self.may(principal, resource)
            .iter()
            .any(|name| name == capability)
    }

    /// Whether a node has an insight.
    pub(crate) fn is(&self, node: &str, insight: &str) -> bool {
        let number = self.graph.find(&node.to_lowercase()).unwrap();
        let bit = self.vocabulary.insight(insight).unwrap();
        self.graph.node(number).insights & bit != 0
    }
}
