//! What was found: ways in from the internet, hops behind them, and facts about nodes; written into the draft at the end.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Map, Value, json};
use stance_model::Resource;

use super::ports::Ports;
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, NodeDraft, labels};

/// Who found these edges.
const MAKER: &str = "network";
/// Id and label of the node that stands for everybody.
const INTERNET: &str = "internet";
/// Most ways in that the insight of one node lists.
const MOST_ROUTES: usize = 50;

/// What is asked of whoever reaches an entry; the weakest of what suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authentication {
    /// Nothing.
    Nothing,
    /// A shared key, or a secret that is part of an address.
    Key,
    /// A password.
    Password,
    /// A token of Entra ID.
    Entra,
    /// A signed request of AWS, or a sign-in by IAM Identity Center.
    Iam,
}

impl Authentication {
    fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Key => "key",
            Self::Password => "password",
            Self::Entra => "entra",
            Self::Iam => "iam",
        }
    }
}

/// A way in from the internet.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Id of the node it leads to, in lower case.
    pub(super) target: String,
    pub(super) evidence: Evidence,
    pub(super) confidence: Confidence,
    pub(super) ports: Ports,
    /// `None` where nobody knows what is asked.
    pub(super) authentication: Option<Authentication>,
}

/// One node that passes traffic on to another.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    /// Ids of the nodes, in lower case.
    pub(super) source: String,
    pub(super) target: String,
    pub(super) evidence: Evidence,
    pub(super) confidence: Confidence,
    pub(super) ports: Ports,
    /// Whether it passes on what anybody sends, as a load balancer does and a gateway that asks for a sign-in does not.
    pub(super) passes_on: bool,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    entries: Vec<Entry>,
    /// Nodes of the entries, with the surest.
    entered: HashMap<String, Confidence>,
    hops: Vec<Hop>,
    insights: Vec<(String, InsightDraft)>,
    admitted: Vec<NodeDraft>,
}

/// Evidence of a resource and one of its properties.
pub(super) fn evidence(
    resource: &Resource,
    field: impl Into<String>,
    text: impl Into<String>,
) -> Evidence {
    Evidence {
        object: resource.id.as_str().to_owned(),
        field: field.into(),
        text: text.into(),
    }
}

impl Found {
    pub(super) fn entry(&mut self, entry: Entry) {
        let known = self.entered.entry(entry.target.clone());
        let sure = known.or_insert(entry.confidence);
        *sure = entry.confidence.max(*sure);
        self.entries.push(entry);
    }

    pub(super) fn hop(&mut self, hop: Hop) {
        self.hops.push(hop);
    }

    /// A fact that holds: `allowsBasicAuthentication`, `isUnauthenticated`.
    pub(super) fn fact(
        &mut self,
        name: &str,
        node: impl Into<String>,
        evidence: Evidence,
        confidence: Confidence,
    ) {
        let insight = InsightDraft {
            name: name.to_owned(),
            value: Value::Bool(true),
            confidence,
            evidence,
        };
        self.insights.push((node.into(), insight));
    }

    /// The few addresses that a closed entry admits.
    pub(super) fn allowed_addresses(&mut self, resource: &Resource, addresses: &[String]) {
        let mut properties = Map::new();
        properties.insert("allowedAddresses".to_owned(), json!(addresses));
        self.admitted.push(NodeDraft {
            id: resource.id.key(),
            label: resource.resource_type.clone(),
            name: resource.name().to_owned(),
            properties,
            entity_ids: Vec::new(),
        });
    }

    /// How sure it is that the internet reaches a node directly; `None` where it was not found to.
    pub(super) fn confidence_of(&self, node: &str) -> Option<Confidence> {
        self.entered.get(node).copied()
    }

    /// Writes everything into the draft.
    pub(super) fn write(self, draft: &mut GraphDraft) {
        if !self.entries.is_empty() {
            draft.node(NodeDraft {
                id: INTERNET.to_owned(),
                label: INTERNET.to_owned(),
                name: "Internet".to_owned(),
                ..NodeDraft::default()
            });
        }
        self.admitted.into_iter().for_each(|node| draft.node(node));
        for (node, insight) in self.insights {
            draft.insight(node, insight);
        }
        for (node, exposure) in exposures(&self.entries, &self.hops) {
            draft.insight(node, exposure.insight());
        }
        for entry in self.entries {
            if entry.authentication == Some(Authentication::Nothing) {
                let insight = InsightDraft {
                    name: "allowsPublicAccess".to_owned(),
                    value: Value::Bool(true),
                    confidence: entry.confidence,
                    evidence: entry.evidence.clone(),
                };
                draft.insight(entry.target.clone(), insight);
            }
            let kind = entry.authentication;
            draft.edge(edge(
                INTERNET.to_owned(),
                entry.target,
                entry.evidence,
                entry.confidence,
                properties(INTERNET, &entry.ports, kind),
            ));
        }
        for hop in self.hops {
            draft.edge(edge(
                hop.source,
                hop.target,
                hop.evidence,
                hop.confidence,
                properties("hop", &hop.ports, None),
            ));
        }
    }
}

fn edge(
    source: String,
    target: String,
    evidence: Evidence,
    confidence: Confidence,
    properties: Map<String, Value>,
) -> EdgeDraft {
    EdgeDraft {
        label: labels::ROUTES_TRAFFIC_TO.to_owned(),
        source,
        target,
        maker: MAKER.to_owned(),
        evidence,
        confidence,
        properties,
        ..EdgeDraft::default()
    }
}

fn properties(
    kind: &str,
    ports: &Ports,
    authentication: Option<Authentication>,
) -> Map<String, Value> {
    let mut properties = Map::new();
    if !ports.is_empty() {
        let reachability = json!({"type": kind, "routeRules": ports.route_rules()});
        properties.insert("networkReachability".to_owned(), reachability);
    }
    if let Some(authentication) = authentication {
        let word = authentication.as_str();
        properties.insert("authentication".to_owned(), json!(word));
    }
    properties
}

/// How a node is exposed: its routes, and what the surest of them stands on.
struct Exposure {
    routes: Vec<Value>,
    confidence: Confidence,
    evidence: Evidence,
}

impl Exposure {
    fn insight(self) -> InsightDraft {
        InsightDraft {
            name: "exposedToInternet".to_owned(),
            value: json!({"routes": self.routes}),
            confidence: self.confidence,
            evidence: self.evidence,
        }
    }

    fn add(&mut self, source: &str, ports: &Ports, confidence: Confidence, evidence: &Evidence) {
        let route = json!({
            "ports": ports.texts(), "protocols": ports.protocols(), "source": source,
        });
        if self.routes.len() < MOST_ROUTES && !self.routes.contains(&route) {
            self.routes.push(route);
        }
        if confidence > self.confidence {
            self.confidence = confidence;
            self.evidence = evidence.clone();
        }
    }
}

/// Nodes that entries lead to, those where AWS itself asks for a signed request left out, and what hops pass on.
fn exposures(entries: &[Entry], hops: &[Hop]) -> BTreeMap<String, Exposure> {
    let mut exposures: BTreeMap<String, Exposure> = BTreeMap::new();
    let mut told = |node: &str, source: &str, ports: &Ports, sure: Confidence, why: &Evidence| {
        let is_new = !exposures.contains_key(node);
        let exposure = exposures
            .entry(node.to_owned())
            .or_insert_with(|| Exposure {
                routes: Vec::new(),
                confidence: sure,
                evidence: why.clone(),
            });
        exposure.add(source, ports, sure, why);
        is_new
    };
    let mut reached: VecDeque<(&str, Confidence)> = VecDeque::new();
    let open = |entry: &&Entry| entry.authentication != Some(Authentication::Iam);
    for entry in entries.iter().filter(open) {
        let (node, sure) = (entry.target.as_str(), entry.confidence);
        if told(node, INTERNET, &entry.ports, sure, &entry.evidence) {
            reached.push_back((node, sure));
        }
    }
    let mut onward: BTreeMap<&str, Vec<&Hop>> = BTreeMap::new();
    for hop in hops.iter().filter(|hop| hop.passes_on) {
        onward.entry(&hop.source).or_default().push(hop);
    }
    while let Some((node, sure)) = reached.pop_front() {
        for hop in onward.get(node).into_iter().flatten() {
            let sure = sure.min(hop.confidence);
            if told(&hop.target, &hop.source, &hop.ports, sure, &hop.evidence) {
                reached.push_back((&hop.target, sure));
            }
        }
    }
    exposures
}
