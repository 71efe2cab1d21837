//! A path in plain words.

use crate::graph::{EdgeNumber, Graph, labels};
use crate::vocabulary::Vocabulary;

/// One step as a sentence without its full stop: `The internet reaches oai-chatbot-prod`. `may` says of a permission what
/// it is used for; where it is empty, everything that it allows is said.
pub fn sentence(graph: &Graph, vocabulary: &Vocabulary, number: EdgeNumber, may: &str) -> String {
    let edge = graph.edge(number);
    let from = &graph.node(edge.source).name;
    let to = &graph.node(edge.target).name;
    match graph.word(edge.label) {
        labels::CONTAINS => format!("{from} contains {to}"),
        labels::ROUTES_TRAFFIC_TO => format!("{from} reaches {to} over the network"),
        labels::CAN_AUTHENTICATE_AS => format!("{from} can sign in as {to}"),
        labels::CAN_IMPERSONATE_AS => format!("{from} can take the place of {to}"),
        labels::HAS_PERMISSIONS_TO => {
            if may.is_empty() {
                let may = capabilities(graph, vocabulary, number);
                return format!("{from} may {may} on {to}");
            }
            format!("{from} may {may} on {to}")
        }
        labels::HAS_ROLE_ON => format!("{from} has a role on {to}"),
        labels::HAS_CREDENTIALS_OF => format!("{from} holds a key or password of {to}"),
        labels::MEMBER_OF => format!("{from} is a member of {to}"),
        labels::RUNS_ON => format!("{from} runs on {to}"),
        labels::USES => format!("{from} uses {to}"),
        labels::GROUNDS_ON => format!("{from} grounds {to}"),
        labels::TRAINED_ON => format!("{from} trains {to}"),
        labels::TRIGGERS => format!("{from} starts {to}"),
        labels::READS_UNTRUSTED => format!("{to} reads {from}"),
        labels::GUARDED_BY => format!("{from} is guarded by {to}"),
        other => format!("{from} {other} {to}"),
    }
}

/// `read data, write data`: each capability of an edge once, those on the target's own type before the others.
pub fn capabilities(graph: &Graph, vocabulary: &Vocabulary, number: EdgeNumber) -> String {
    let edge = graph.edge(number);
    let granted = graph.capabilities(edge);
    let own = granted.and(vocabulary.on_label(graph.word(graph.node(edge.target).label)));
    let shown = if own.is_empty() { granted } else { own };
    let mut names: Vec<&str> = Vec::new();
    for pair in shown.pairs() {
        let Some(pair) = vocabulary.pairs().get(pair) else {
            continue;
        };
        if !names.contains(&pair.capability.as_str()) {
            names.push(&pair.capability);
        }
    }
    match names.as_slice() {
        [] => "do something".to_owned(),
        names => names.join(", "),
    }
}
