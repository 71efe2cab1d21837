//! A matcher that tries everything, written from the documentation alone.

use std::collections::{BTreeMap, BTreeSet};

use stance_exposure::graph::{EdgeNumber, NodeNumber};
use stance_exposure::rule::{Element, NodeMatcher, Rule, SideChain};
use stance_exposure::{Confidence, Graph, Vocabulary, labels};

/// One way to walk a chain.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// The nodes that count as met.
    pub(crate) stations: Vec<NodeNumber>,
    /// The named nodes.
    pub(crate) named: Vec<NodeNumber>,
    pub(crate) confidence: Confidence,
}

#[derive(Clone, Copy)]
pub(crate) struct Naive<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) words: &'a Vocabulary,
}

type Pairs = BTreeMap<(NodeNumber, NodeNumber), Vec<Route>>;

impl Naive<'_> {
    /// Every route of every pair of entry and target.
    pub(crate) fn pairs(self, rule: &Rule) -> Pairs {
        let mut pairs = Pairs::new();
        let names: Vec<&str> = rule.path.iter().filter_map(name).collect();
        let place = |alias: &str| names.iter().position(|one| *one == alias).unwrap();
        for route in self.routes(&rule.path, None) {
            let exists = |side: &SideChain| {
                let root = route.named[place(name(&side.path[0]).unwrap())];
                !self.routes(&side.path, Some(root)).is_empty()
            };
            if rule.also.iter().all(exists) && !rule.unless.iter().any(exists) {
                let pair = (
                    route.named[place(&rule.entry)],
                    route.named[place(&rule.target)],
                );
                pairs.entry(pair).or_default().push(route);
            }
        }
        pairs
    }

    fn routes(self, chain: &[Element], root: Option<NodeNumber>) -> Vec<Route> {
        let mut found = Vec::new();
        let all = 0..self.graph.nodes().len() as NodeNumber;
        for first in all.filter(|node| root.is_none_or(|root| root == *node)) {
            let route = Route {
                stations: vec![first],
                named: Vec::new(),
                confidence: Confidence::High,
            };
            self.node(chain, route, &mut found);
        }
        found
    }

    /// `chain` starts with the node that the route has just reached.
    fn node(self, chain: &[Element], mut route: Route, found: &mut Vec<Route>) {
        let Element::Node(matcher) = &chain[0] else {
            panic!()
        };
        let here = *route.stations.last().unwrap();
        if !self.fits(matcher, here) {
            return;
        }
        route.named.push(here);
        match chain.get(1) {
            None => found.push(route),
            Some(Element::Edge(step)) => {
                for times in step.repeat.0..=step.repeat.1 {
                    self.edges(chain, times, route.clone(), found);
                }
            }
            Some(Element::Can(step)) => {
                for (edge, node) in self.permitted(here, &step.capabilities) {
                    if self.graph.edge(edge).confidence >= step.confidence {
                        self.on(&chain[2..], 0, &route, (edge, node), found);
                    }
                }
            }
            Some(Element::Node(_)) => panic!(),
        }
    }

    fn edges(self, chain: &[Element], times: u8, route: Route, found: &mut Vec<Route>) {
        let Element::Edge(step) = &chain[1] else {
            panic!()
        };
        if times == 0 {
            return self.node(&chain[2..], route, found);
        }
        let here = *route.stations.last().unwrap();
        for (number, edge) in (0..).zip(self.graph.edges()) {
            let label = self.graph.word(edge.label);
            let (from, to) = if step.back {
                (edge.target, edge.source)
            } else {
                (edge.source, edge.target)
            };
            if from == here
                && !self.graph.is_gone(number)
                && edge.confidence >= step.confidence
                && step
                    .labels
                    .iter()
                    .any(|one| one.eq_ignore_ascii_case(label))
            {
                self.on(chain, times, &route, (number, to), found);
            }
        }
    }

    /// Goes over an edge to a node that was not met; `times` is 0 where `chain` starts with that node.
    fn on(
        self,
        chain: &[Element],
        times: u8,
        route: &Route,
        (edge, node): (EdgeNumber, NodeNumber),
        found: &mut Vec<Route>,
    ) {
        if route.stations.contains(&node) {
            return;
        }
        let mut route = route.clone();
        route.stations.push(node);
        route.confidence = route.confidence.min(self.graph.edge(edge).confidence);
        if times == 0 {
            self.node(chain, route, found);
        } else {
            self.edges(chain, times - 1, route, found);
        }
    }

    /// The permissions of a node, and what they let it do one of the capabilities to.
    fn permitted(
        self,
        holder: NodeNumber,
        capabilities: &[String],
    ) -> BTreeSet<(EdgeNumber, NodeNumber)> {
        let mut permitted = BTreeSet::new();
        for (number, edge) in (0..).zip(self.graph.edges()) {
            let label = self.graph.word(edge.label);
            if edge.source != holder
                || label != labels::HAS_PERMISSIONS_TO
                || self.graph.is_gone(number)
            {
                continue;
            }
            let mut below = BTreeSet::from([edge.target]);
            for _ in 0..8 {
                let inside = (0..).zip(self.graph.edges()).filter(|(number, edge)| {
                    self.graph.word(edge.label) == labels::CONTAINS
                        && below.contains(&edge.source)
                        && !self.graph.is_gone(*number)
                });
                let inside: Vec<_> = inside.map(|(_, edge)| edge.target).collect();
                below.extend(inside);
            }
            for node in below {
                let label = self.graph.word(self.graph.node(node).label);
                let granted = self
                    .graph
                    .capabilities(edge)
                    .and(self.words.on_label(label));
                let wanted = |name: &String| self.words.capability(name).unwrap();
                if capabilities
                    .iter()
                    .any(|name| !granted.and(wanted(name)).is_empty())
                {
                    permitted.insert((number, node));
                }
            }
        }
        permitted
    }

    fn fits(self, matcher: &NodeMatcher, number: NodeNumber) -> bool {
        let node = self.graph.node(number);
        let label = self.graph.word(node.label);
        let category = |word: &String| self.words.category(word).unwrap() & node.categories != 0;
        let insight = |word: &String| self.words.insight(word).unwrap() & node.insights != 0;
        (matcher.is.is_empty() || matcher.is.iter().any(category))
            && (matcher.label.is_empty() || matcher.label.iter().any(|one| one == label))
            && matcher.has.iter().all(insight)
            && !matcher.lacks.iter().any(insight)
            && matcher
                .criticality
                .is_none_or(|most| node.criticality <= most)
    }
}

fn name(element: &Element) -> Option<&str> {
    match element {
        Element::Node(node) => Some(&node.alias),
        _ => None,
    }
}
