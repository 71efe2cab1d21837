//! What the risk formula is told of paths and findings.

use std::collections::HashMap;

use serde_json::Value;
use stance_exposure::graph::{Graph, NodeNumber, labels};
use stance_exposure::{Confidence, Vocabulary};
use stance_model::{FindingState, Severity};
use stance_posture::risk::{
    Criticality, DataSensitivity, Exposure, FindingFacts, PathFacts, Risk, RiskFormula,
    Surroundings,
};

use super::findings::Findings;
use super::record::PathRecord;

/// Labels of edges over which an attacker becomes somebody else or uses a right.
const LATERAL: [&str; 6] = [
    labels::CAN_AUTHENTICATE_AS,
    labels::CAN_IMPERSONATE_AS,
    labels::HAS_PERMISSIONS_TO,
    labels::HAS_ROLE_ON,
    labels::HAS_CREDENTIALS_OF,
    labels::USES,
];

/// Reads facts out of a graph.
pub(crate) struct Rater<'a> {
    graph: &'a Graph,
    formula: &'a RiskFormula,
    exposed: u64,
    open: u64,
    sensitive: u64,
}

impl<'a> Rater<'a> {
    pub(crate) fn new(graph: &'a Graph, vocabulary: &Vocabulary, formula: &'a RiskFormula) -> Self {
        let bit = |name: &str| vocabulary.insight(name).unwrap_or_default();
        Self {
            graph,
            formula,
            exposed: bit("exposedToInternet"),
            open: bit("isUnauthenticated") | bit("allowsPublicAccess"),
            sensitive: bit("containsSensitiveData"),
        }
    }

    /// The risk of a path.
    pub(crate) fn path(&self, path: &PathRecord) -> (Risk, Surroundings) {
        let nodes: Vec<NodeNumber> = path
            .nodes
            .iter()
            .filter_map(|node| self.graph.find(&node.id))
            .collect();
        let target = self.graph.find(&path.target_node().id);
        let lateral = path
            .steps
            .iter()
            .filter(|step| LATERAL.contains(&step.label.as_str()));
        let surroundings = Surroundings {
            exposure: Some(self.exposure(path, &nodes)),
            data_sensitivity: target.map(|node| self.sensitivity(node)),
            criticality: target.map(|node| self.criticality(node)),
            lateral_movement: Some(u32::try_from(lateral.count()).unwrap_or(u32::MAX)),
            attack_paths: Some(
                u32::try_from(path.alternatives)
                    .unwrap_or(u32::MAX)
                    .saturating_add(1),
            ),
        };
        let severity: Severity = path.severity.parse().unwrap_or_default();
        let facts = PathFacts {
            severity,
            surroundings,
        };
        (self.formula.risk_of_path(&facts), surroundings)
    }

    /// From the internet where the path starts there or at something that it reaches; else from inside.
    fn exposure(&self, path: &PathRecord, nodes: &[NodeNumber]) -> Exposure {
        let start = nodes.iter().take(path.entry + 1);
        let mut worst = Exposure::Inside;
        for number in start {
            let node = self.graph.node(*number);
            let label = self.graph.word(node.label);
            if node.insights & self.open != 0 || label == "everyone" {
                return Exposure::Internet;
            }
            if node.insights & self.exposed != 0 || label == "internet" {
                worst = Exposure::InternetWithSignIn;
            }
        }
        let mut first = path.steps.iter().take(path.entry.max(1));
        let unasked = first
            .any(|step| step.label == labels::READS_UNTRUSTED || step.text.contains("no sign-in"));
        if unasked { Exposure::Internet } else { worst }
    }

    fn sensitivity(&self, number: NodeNumber) -> DataSensitivity {
        let node = self.graph.node(number);
        if node.insights & self.sensitive == 0 {
            return DataSensitivity::None;
        }
        let properties: Value = serde_json::from_str(&node.properties).unwrap_or_default();
        let told = &properties["insights"]["containsSensitiveData"]["confidence"];
        let confidence = told.as_str().and_then(Confidence::parse);
        let highest = properties["rawData"]["containsSensitiveData"]["level"] == "high";
        match confidence.unwrap_or_default() {
            Confidence::Low => DataSensitivity::Guessed,
            _ if highest => DataSensitivity::HighlySensitive,
            _ => DataSensitivity::Sensitive,
        }
    }

    fn criticality(&self, number: NodeNumber) -> Criticality {
        Criticality::of_level(Some(self.graph.node(number).criticality))
    }

    /// The risk of every finding that is Unhealthy, with the ids of the paths through its resource; in order of id.
    pub(crate) fn findings(
        &self,
        findings: &Findings,
        paths: &[(PathRecord, Surroundings)],
    ) -> Vec<(String, Risk, Vec<String>)> {
        let mut through: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, (path, _)) in paths.iter().enumerate() {
            for node in &path.nodes {
                through.entry(&node.id).or_default().push(number);
            }
        }
        let unhealthy = findings
            .all()
            .filter(|(_, fact)| fact.state == FindingState::Unhealthy);
        let mut rated: Vec<_> = unhealthy
            .map(|(resource, fact)| {
                let over = through.get(resource).map_or(&[][..], Vec::as_slice);
                let surroundings = self
                    .graph
                    .find(resource)
                    .map(|node| self.around(node, over, paths));
                let facts = FindingFacts {
                    state: fact.state,
                    severity: fact.severity,
                    surroundings,
                };
                let ids = over.iter().map(|number| paths[*number].0.id.clone());
                (
                    fact.id.clone(),
                    self.formula.risk_of_finding(&facts),
                    ids.collect(),
                )
            })
            .collect();
        rated.sort_by(|one, other| one.0.cmp(&other.0));
        rated
    }

    /// What surrounds a resource: what it is itself, and the worst of the paths through it.
    fn around(
        &self,
        node: NodeNumber,
        over: &[usize],
        paths: &[(PathRecord, Surroundings)],
    ) -> Surroundings {
        let held = self.graph.node(node).insights;
        let own = match (held & self.exposed != 0, held & self.open != 0) {
            (true, true) => Exposure::Internet,
            (true, false) => Exposure::InternetWithSignIn,
            _ => Exposure::None,
        };
        let mut around = Surroundings {
            exposure: Some(own),
            data_sensitivity: Some(self.sensitivity(node)),
            criticality: Some(self.criticality(node)),
            lateral_movement: Some(0),
            attack_paths: Some(u32::try_from(over.len()).unwrap_or(u32::MAX)),
        };
        for number in over {
            let of_path = &paths[*number].1;
            around.exposure = around.exposure.max(of_path.exposure);
            around.data_sensitivity = around.data_sensitivity.max(of_path.data_sensitivity);
            around.criticality = around.criticality.max(of_path.criticality);
            around.lateral_movement = around.lateral_movement.max(of_path.lateral_movement);
        }
        around
    }
}
