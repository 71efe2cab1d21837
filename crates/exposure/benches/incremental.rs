//! What it costs to keep attack paths up: a graph in memory, a hundred changed resources, all rules again.
//!
//! `cargo bench -p stance-exposure --bench incremental -- NODES.tsv EDGES.tsv`; benches/exposure.py writes the files, whose
//! columns are those of [`NodeRow`] and [`EdgeRow`] in order, and runs it. A third file gets rule, entry and target of
//! every path of the whole graph. Prints a line of JSON for each phase. After each change it searches the whole graph too
//! and fails where the two differ.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Map, Value, json};
use stance_exposure::graph::{EdgeNumber, EdgeRow, NodeNumber, NodeRow, RowLoader};
use stance_exposure::path::Match;
use stance_exposure::rule::embedded_rules;
use stance_exposure::search::{Found, Limits, Pattern, search, search_through};
use stance_exposure::{EdgeDraft, Graph, GraphDraft, InsightDraft, NodeDraft, Vocabulary, labels};

/// As the program does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const THREADS: usize = 2;
const CHANGED: usize = 100;
const ROUNDS: u64 = 3;
/// Kinds of resources that change, and what changes about each.
const TURNS: [(&str, &str); 5] = [
    ("compute", "exposedToInternet"),
    ("data", "containsSensitiveData"),
    ("identity", "hasStandingKey"),
    ("ai_agent", "isGuardedAgainstIndirectAttacks"),
    ("tool", "canAct"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with('-'))
        .collect();
    let [nodes, edges, pairs @ ..] = files.as_slice() else {
        // `cargo bench` and `cargo test` without files: nothing to measure.
        return Ok(());
    };
    let vocabulary = Vocabulary::embedded()?;
    let begun = Instant::now();
    let mut graph = load(nodes, edges, &vocabulary)?;
    let size = (graph.nodes().len(), graph.edges().len());
    say("load", begun, json!({"nodes": size.0, "edges": size.1}));
    let patterns: Vec<Pattern> = embedded_rules()
        .0
        .iter()
        .filter(|rule| rule.query.is_none())
        .map(|rule| rule.compile(&vocabulary))
        .collect::<Result<_, _>>()?;
    let begun = Instant::now();
    let found = all(&patterns, |_, pattern| {
        search(&graph, pattern, &Limits::default(), &|| false)
    });
    say("search", begun, told(&patterns, &found));
    if let [pairs, ..] = pairs {
        write_pairs(pairs, &graph, &patterns, &found)?;
    }
    let mut paths: Vec<Vec<Match>> = found.into_iter().map(|(found, _)| found.matches).collect();
    for round in 0..ROUNDS {
        let mut random = Random(round + 1);
        let resources = chosen(&graph, &vocabulary, &mut random);
        let (ids, draft) = change(&graph, &vocabulary, &resources, &mut random);
        let begun = Instant::now();
        let changed = graph.replace(&ids, draft, &vocabulary);
        say("replace", begun, json!({"changed": changed.len()}));
        let searching = Instant::now();
        let found = all(&patterns, |_, pattern| {
            search_through(&graph, pattern, &Limits::default(), &changed, &|| false)
        });
        let details = told(&patterns, &found);
        let before = std::mem::take(&mut paths);
        paths = patterns
            .iter()
            .zip(found)
            .zip(before)
            .map(|((pattern, (found, _)), before)| found.over(pattern, before))
            .collect();
        say("search through", searching, details);
        say("incremental", begun, json!({"resources": ids.len()}));
        let whole = all(&patterns, |_, pattern| {
            search(&graph, pattern, &Limits::default(), &|| false)
        });
        for ((pattern, (whole, _)), kept) in patterns.iter().zip(&whole).zip(&paths) {
            if whole.bounded.is_none() && whole.matches != *kept {
                return Err(format!("{}: the two searches differ", pattern.name()).into());
            }
        }
    }
    Ok(())
}

fn load(nodes: &str, edges: &str, vocabulary: &Vocabulary) -> Result<Graph, Box<dyn Error>> {
    let mut rows = RowLoader::new(vocabulary);
    for line in BufReader::new(File::open(nodes)?).lines() {
        let line = line?;
        if let [id, label, name, properties] = *line.splitn(4, '\t').collect::<Vec<_>>() {
            rows.node(NodeRow {
                id,
                label,
                name,
                properties,
                entity_ids: "",
            });
        }
    }
    for line in BufReader::new(File::open(edges)?).lines() {
        let line = line?;
        if let [label, source, target, properties] = *line.splitn(4, '\t').collect::<Vec<_>>() {
            rows.edge(EdgeRow {
                label,
                source,
                target,
                properties,
            });
        }
    }
    Ok(rows.finish())
}

fn write_pairs(
    file: &str,
    graph: &Graph,
    patterns: &[Pattern],
    found: &[(Found, f64)],
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    for (pattern, (found, _)) in patterns.iter().zip(found) {
        for one in &found.matches {
            let [entry, target] = [one.entry, one.target].map(|node| &graph.node(node).id);
            writeln!(file, "{}\t{entry}\t{target}", pattern.name())?;
        }
    }
    file.flush()
}

/// Runs every pattern, some at a time; each result with its seconds.
fn all(patterns: &[Pattern], run: impl Fn(usize, &Pattern) -> Found + Sync) -> Vec<(Found, f64)> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<(Found, f64)>>> =
        Mutex::new(patterns.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((number, pattern)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    patterns.get(number).map(|pattern| (number, pattern))
                } {
                    let begun = Instant::now();
                    let found = run(number, pattern);
                    let seconds = begun.elapsed().as_secs_f64();
                    if let Ok(mut done) = done.lock() {
                        done[number] = Some((found, seconds));
                    }
                }
            });
        }
    });
    done.into_inner()
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect()
}

fn told(patterns: &[Pattern], found: &[(Found, f64)]) -> Value {
    let rules: Map<String, Value> = patterns
        .iter()
        .zip(found)
        .map(|(pattern, (found, seconds))| {
            let told = json!({
                "seconds": (seconds * 1e4).round() / 1e4,
                "paths": found.matches.len(),
                "renewed": found.renewed.as_ref().map(Vec::len),
                "bounded": found.bounded.as_ref().map(|bound| bound.what),
                "edges": found.expansions,
            });
            (pattern.name().to_owned(), told)
        })
        .collect();
    json!({"rules": rules})
}

/// Seconds since `begun`, the peak of memory in MiB, and what else there is to say.
fn say(phase: &str, begun: Instant, more: Value) {
    let seconds = (begun.elapsed().as_secs_f64() * 1e4).round() / 1e4;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let mut line = json!({"phase": phase, "seconds": seconds, "peak": peak.map(|kib| kib / 1024)});
    if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
        line.extend(more);
    }
    // A closed standard output is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// The resources that change: as many of each kind.
fn chosen(graph: &Graph, vocabulary: &Vocabulary, random: &mut Random) -> Vec<(NodeNumber, usize)> {
    let mut resources: Vec<(NodeNumber, usize)> = Vec::new();
    for (turn, (kind, _)) in TURNS.iter().enumerate() {
        let category = vocabulary.category(kind).unwrap_or_default();
        let members: Vec<NodeNumber> = (0..)
            .zip(graph.nodes())
            .filter(|(_, node)| node.categories & category != 0 && node.id.len() > 10)
            .map(|(number, _)| number)
            .collect();
        for _ in 0..CHANGED / TURNS.len() {
            resources.push((members[random.below(members.len())], turn));
        }
    }
    resources.sort_unstable();
    resources.dedup_by_key(|one| one.0);
    resources
}

/// What these resources state now: one fact turned over, one edge led elsewhere, and a machine opened or closed.
fn change(
    graph: &Graph,
    vocabulary: &Vocabulary,
    resources: &[(NodeNumber, usize)],
    random: &mut Random,
) -> (Vec<String>, GraphDraft) {
    let ids: HashMap<&str, usize> = (0..)
        .zip(resources)
        .map(|(place, (node, _))| (&*graph.node(*node).id, place))
        .collect();
    let mut stated: Vec<Vec<EdgeNumber>> = vec![Vec::new(); resources.len()];
    for number in (0..).zip(graph.edges()).map(|(number, _)| number) {
        let place = ids.get(&*graph.edge_text(number).evidence.object);
        if let Some(place) = place.filter(|_| !graph.is_gone(number)) {
            stated[*place].push(number);
        }
    }
    let mut draft = GraphDraft::new();
    for ((number, turn), edges) in resources.iter().zip(&stated) {
        let node = graph.node(*number);
        let insight = TURNS[*turn].1;
        let had = node.insights & vocabulary.insight(insight).unwrap_or_default() != 0;
        put_node(graph, vocabulary, *number, insight, &mut draft);
        for (place, edge) in edges.iter().enumerate() {
            let mut copy = copy(graph, *edge);
            let opens = copy.source == "internet";
            if opens && had {
                continue;
            }
            if place == 0 && !opens && copy.label != labels::CONTAINS {
                copy.target = like(graph, graph.edge(*edge).target, random);
            }
            draft.edge(copy);
        }
        if insight == "exposedToInternet" && !had {
            let mut opened = EdgeDraft {
                label: labels::ROUTES_TRAFFIC_TO.to_owned(),
                source: "internet".to_owned(),
                target: node.id.to_string(),
                maker: "network".to_owned(),
                ..EdgeDraft::default()
            };
            opened.evidence.object = node.id.to_string();
            draft.edge(opened);
        }
    }
    (ids.keys().map(|id| (*id).to_owned()).collect(), draft)
}

/// The node with that insight turned over.
fn put_node(
    graph: &Graph,
    vocabulary: &Vocabulary,
    number: NodeNumber,
    turned: &str,
    draft: &mut GraphDraft,
) {
    let node = graph.node(number);
    draft.node(NodeDraft {
        id: node.id.to_string(),
        label: graph.word(node.label).to_owned(),
        name: node.name.to_string(),
        ..NodeDraft::default()
    });
    for word in vocabulary.insights() {
        let has = node.insights & vocabulary.insight(&word.name).unwrap_or_default() != 0;
        if has != (word.name == turned) {
            let insight = InsightDraft {
                name: word.name.clone(),
                value: Value::Bool(true),
                ..InsightDraft::default()
            };
            draft.insight(node.id.to_string(), insight);
        }
    }
}

fn copy(graph: &Graph, number: EdgeNumber) -> EdgeDraft {
    let (edge, text) = (graph.edge(number), graph.edge_text(number));
    EdgeDraft {
        label: graph.word(edge.label).to_owned(),
        source: graph.node(edge.source).id.to_string(),
        target: graph.node(edge.target).id.to_string(),
        maker: text.maker.to_string(),
        evidence: text.evidence.clone(),
        confidence: edge.confidence,
        capabilities: graph.capabilities(edge),
        properties: serde_json::from_str(&text.properties).unwrap_or_default(),
    }
}

/// Another node of the same label, not far off in the order of numbers.
fn like(graph: &Graph, number: NodeNumber, random: &mut Random) -> String {
    let label = graph.node(number).label;
    let around =
        (1 + random.below(50)..).map_while(|step| graph.nodes().get(number as usize + step));
    let other = around.take(1000).find(|node| node.label == label);
    other.unwrap_or(graph.node(number)).id.to_string()
}
