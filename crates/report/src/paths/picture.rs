//! Several paths as one graph: nodes and steps that they share appear once.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::paths::view::{Confidence, NodeView, PathView, PathsReport, StepView};

/// Nodes that a picture holds at most; more cannot be read.
pub const MOST_NODES: usize = 200;
/// Arrows that a picture holds at most.
pub const MOST_ARROWS: usize = 600;

/// One graph to draw. Arrow `n` (from 0) has the number `n + 1` in every format.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// What the picture is of: a path's name, or how many paths there are.
    pub title: String,
    /// Nodes, in the order in which the paths come to them.
    pub nodes: Vec<PictureNode>,
    /// Arrows, numbered in the order in which the paths take them.
    pub arrows: Vec<Arrow>,
    /// Each path that is drawn.
    pub routes: Vec<Route>,
    /// What was bounded before, then what this picture leaves out.
    pub notes: Vec<String>,
}

/// A node, and which part it plays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PictureNode {
    /// The node itself; insights of all paths together.
    pub view: NodeView,
    /// Some path starts here.
    pub entry: bool,
    /// Some path ends here.
    pub target: bool,
}

/// A step that one or several paths take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrow {
    /// Index of a node.
    pub from: usize,
    /// Index of a node; never `from`.
    pub to: usize,
    /// The edge's label.
    pub label: String,
    /// The surest of the facts behind it.
    pub confidence: Confidence,
    /// Evidence as text and source, without repetitions.
    pub evidence: Vec<(String, String)>,
    /// What takes it away, without repetitions.
    pub remediations: Vec<String>,
}

/// One path as the numbers of its steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// The path's name.
    pub name: String,
    /// The path's risk level.
    pub risk_level: String,
    /// Numbers of arrows, from 1.
    pub numbers: Vec<usize>,
}

impl Picture {
    /// Merges all paths of a report; paths that do not fit any more are counted in [`Picture::notes`].
    pub fn of(report: &PathsReport) -> Self {
        let mut maker = Maker::default();
        let left_out = report.paths.iter().filter(|path| !maker.add(path)).count();
        let mut picture = maker.picture;
        picture.title = match picture.routes.as_slice() {
            [] => "No attack path".to_owned(),
            [only] => only.name.clone(),
            more => format!("{} attack paths", more.len()),
        };
        picture.notes.clone_from(&report.bounded);
        if left_out > 0 {
            let paths = if left_out == 1 {
                "path is"
            } else {
                "paths are"
            };
            picture.notes.push(format!(
                "{left_out} {paths} left out of this picture, which holds at most {MOST_NODES} nodes and {MOST_ARROWS} arrows ({} more nodes).",
                maker.nodes_left_out.len()
            ));
        }
        picture
    }

    /// The picture of one path of a report.
    pub fn of_path(path: &PathView, bounded: &[String]) -> Self {
        Self::of(&PathsReport {
            bounded: bounded.to_vec(),
            paths: vec![path.clone()],
            ..PathsReport::default()
        })
    }
}

#[derive(Default)]
struct Maker {
    picture: Picture,
    node_of: HashMap<String, usize>,
    arrow_of: BTreeMap<(usize, usize, String), usize>,
    nodes_left_out: HashSet<String>,
}

impl Maker {
    /// False where the path does not fit; nothing of it is drawn then.
    fn add(&mut self, path: &PathView) -> bool {
        if !self.fits(path) {
            let nodes = path.nodes.iter().map(|node| &node.id);
            let missing = nodes.filter(|id| !self.node_of.contains_key(*id)).cloned();
            self.nodes_left_out.extend(missing);
            return false;
        }
        let entry = self.node(&path.entry);
        let mut numbers = Vec::new();
        for step in &path.steps {
            let Some((from, to)) = path.ends(step) else {
                continue;
            };
            let (from, to) = (self.node(from), self.node(to));
            // A step from a node to itself leads nowhere.
            if from != to {
                numbers.push(self.arrow(from, to, step) + 1);
            }
        }
        let target = self.node(&path.target);
        self.picture.nodes[entry].entry = true;
        self.picture.nodes[target].target = true;
        self.picture.routes.push(Route {
            name: path.name.clone(),
            risk_level: path.risk_level.clone(),
            numbers,
        });
        true
    }

    fn fits(&self, path: &PathView) -> bool {
        let used = path.steps.iter().filter_map(|step| path.ends(step));
        let ends = used.flat_map(|(from, to)| [from, to]);
        let ids: HashSet<&str> = ends
            .chain([&path.entry, &path.target])
            .map(|node| node.id.as_str())
            .filter(|id| !self.node_of.contains_key(*id))
            .collect();
        self.picture.nodes.len() + ids.len() <= MOST_NODES
            && self.picture.arrows.len() + path.steps.len() <= MOST_ARROWS
    }

    fn node(&mut self, view: &NodeView) -> usize {
        if let Some(&index) = self.node_of.get(&view.id) {
            let known = &mut self.picture.nodes[index].view.insights;
            for insight in &view.insights {
                push_new(known, insight.clone());
            }
            return index;
        }
        let index = self.picture.nodes.len();
        self.node_of.insert(view.id.clone(), index);
        let mut view = view.clone();
        if view.name.trim().is_empty() {
            view.name.clone_from(&view.id);
        }
        self.picture.nodes.push(PictureNode {
            view,
            ..PictureNode::default()
        });
        index
    }

    fn arrow(&mut self, from: usize, to: usize, step: &StepView) -> usize {
        let key = (from, to, step.label.clone());
        let arrows = &mut self.picture.arrows;
        let index = *self.arrow_of.entry(key).or_insert_with(|| {
            arrows.push(Arrow {
                from,
                to,
                label: step.label.clone(),
                confidence: step.confidence,
                ..Arrow::default()
            });
            arrows.len() - 1
        });
        let arrow = &mut arrows[index];
        arrow.confidence = arrow.confidence.max(step.confidence);
        if !step.evidence_text.is_empty() || !step.evidence_source.is_empty() {
            let fact = (step.evidence_text.clone(), step.evidence_source.clone());
            push_new(&mut arrow.evidence, fact);
        }
        if !step.remediation.is_empty() {
            push_new(&mut arrow.remediations, step.remediation.clone());
        }
        index
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
