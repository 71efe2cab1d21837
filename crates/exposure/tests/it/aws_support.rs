//! Small inventories of AWS, and questions to the graph made of them.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use stance_exposure::build::{Sources, build};
use stance_exposure::{Confidence, Graph, GraphDraft, Inventory, Vocabulary, effective};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::embedded().expect("the shipped words"));

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";

/// A resource; the account is that of its ARN, else the first one.
pub(crate) fn resource(kind: &str, arn: &str, properties: Value) -> Resource {
    let stated = arn.split(':').nth(4).unwrap_or_default();
    let account = if stated.len() == 12 { stated } else { ACCOUNT };
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(arn));
    body.insert("name".to_owned(), json!(arn.rsplit(['/', ':']).next()));
    body.insert("type".to_owned(), json!(kind));
    body.insert("subscriptionId".to_owned(), json!(account));
    body.insert("properties".to_owned(), properties);
    Resource::new(Cloud::Aws, Origin::Live, SourceLocation::default(), body)
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A role with one inline policy, `p`.
pub(crate) fn role(name: &str, statements: Value) -> Resource {
    role_with(name, json!({"Policies": [inline(statements)]}))
}

pub(crate) fn inline(statements: impl Into<Value>) -> Value {
    let statements = statements.into();
    json!({"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}})
}

pub(crate) fn role_with(name: &str, properties: Value) -> Resource {
    resource("aws::iam::role", &role_arn(name), properties)
}

pub(crate) fn user(name: &str, properties: Value) -> Resource {
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    resource("aws::iam::user", &arn, properties)
}

pub(crate) fn bucket(name: &str) -> Resource {
    bucket_with(name, json!({"BucketName": name}))
}

pub(crate) fn bucket_with(name: &str, properties: Value) -> Resource {
    resource(
        "aws::s3::bucket",
        &format!("arn:aws:s3:::{name}"),
        properties,
    )
}

pub(crate) fn bucket_policy(name: &str, statements: impl Into<Value>) -> Resource {
    let statements = statements.into();
    let arn = format!("arn:aws:s3:::{name}/bucketpolicy");
    let properties = json!({"Bucket": name, "PolicyDocument": {"Statement": statements}});
    resource("aws::s3::bucketpolicy", &arn, properties)
}

pub(crate) fn table(name: &str) -> Resource {
    let arn = format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/{name}");
    resource("aws::dynamodb::table", &arn, json!({"TableName": name}))
}

/// A graph with its words.
pub(crate) struct Estate {
    pub(crate) graph: Graph,
    pub(crate) vocabulary: Vocabulary,
}

/// One edge with its ends.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) target: String,
    pub(crate) confidence: Confidence,
    pub(crate) object: String,
    pub(crate) field: String,
    pub(crate) properties: Value,
    pub(crate) capabilities: Vec<String>,
}

impl Estate {
    pub(crate) fn of(resources: impl IntoIterator<Item = Resource>) -> Self {
        let inventory: Inventory = resources.into_iter().collect();
        let vocabulary = VOCABULARY.clone();
        let mut draft = GraphDraft::new();
        let sources = Sources {
            inventory: &inventory,
            vocabulary: &vocabulary,
        };
        build(sources, &mut draft);
        Self {
            graph: draft.close(&vocabulary),
            vocabulary,
        }
    }

    /// What a principal may do on a resource: names of capabilities.
    pub(crate) fn may(&self, principal: &str, resource: &str) -> Vec<String> {
        let find = |id: &str| self.graph.find(&id.to_lowercase());
        let (Some(principal), Some(resource)) = (find(principal), find(resource)) else {
            return Vec::new();
        };
        let held = effective(&self.graph, &self.vocabulary, principal, resource);
        let pairs = held.pairs().map(|pair| &self.vocabulary.pairs()[pair]);
        pairs.map(|pair| pair.capability.clone()).collect()
    }

    /// Edges of a label that leave a node.
    pub(crate) fn edges(&self, source: &str, label: &str) -> Vec<Found> {
        let Some(node) = self.graph.find(&source.to_lowercase()) else {
            return Vec::new();
        };
        let edges = self.graph.leaving(node);
        edges
            .map(|number| (self.graph.edge(number), self.graph.edge_text(number)))
            .filter(|(edge, _)| self.graph.word(edge.label) == label)
            .map(|(edge, text)| Found {
                target: self.graph.node(edge.target).id.to_string(),
                confidence: edge.confidence,
                object: text.evidence.object.clone(),
                field: text.evidence.field.clone(),
                properties: serde_json::from_str(&text.properties).unwrap_or_default(),
                capabilities: self.vocabulary.names_of(self.graph.capabilities(edge)),
            })
            .collect()
    }

    pub(crate) fn targets(&self, source: &str, label: &str) -> Vec<String> {
        let edges = self.edges(source, label).into_iter();
        edges.map(|edge| edge.target).collect()
    }

    pub(crate) fn has_insight(&self, node: &str, insight: &str) -> bool {
        let bit = self.vocabulary.insight(insight).unwrap_or_default();
        let node = self.graph.find(&node.to_lowercase());
        node.is_some_and(|node| self.graph.node(node).insights & bit != 0)
    }
}
