//! Who lies in whom, kept small: every text is shared.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::names::{FOLDER, MOST_ANCESTORS, ORGANIZATION, PROJECT};

/// Most nodes inside a resource that are looked at.
const MOST_INSIDE: usize = 10_000;

/// Who lies in whom, by node id.
#[derive(Debug, Default)]
pub(super) struct Tree {
    parents: HashMap<Rc<str>, Rc<str>>,
    children: HashMap<Rc<str>, Vec<Rc<str>>>,
    labels: Labels,
}

/// Labels of nodes; texts are shared, as there is one for every resource.
#[derive(Debug, Default)]
pub(super) struct Labels {
    of_node: HashMap<Rc<str>, Rc<str>>,
    words: HashSet<Rc<str>>,
}

impl Labels {
    /// Says what a node is.
    pub(super) fn insert(&mut self, node: &str, label: &str) {
        let known = self.words.get(label).cloned();
        let word: Rc<str> = known.unwrap_or_else(|| label.into());
        self.words.insert(Rc::clone(&word));
        self.of_node.insert(node.into(), word);
    }

    /// Whether anything was said of a node.
    pub(super) fn knows(&self, node: &str) -> bool {
        self.of_node.contains_key(node)
    }

    fn shared(&self, node: &str) -> Rc<str> {
        let known = self.of_node.get_key_value(node);
        known.map_or_else(|| node.into(), |(node, _)| Rc::clone(node))
    }
}

impl Tree {
    /// Whether a node may lie in another: not in itself, and not too deep.
    pub(super) fn may_hold(&self, parent: &str, child: &str) -> bool {
        let mut above = self.chain(parent);
        above
            .by_ref()
            .take(MOST_ANCESTORS - 1)
            .all(|node| node != child)
            && above.next().is_none()
    }

    /// Puts a node into another.
    pub(super) fn put(&mut self, parent: &str, child: &str, labels: &Labels) {
        let (parent, child) = (labels.shared(parent), labels.shared(child));
        let children = self.children.entry(Rc::clone(&parent)).or_default();
        children.push(Rc::clone(&child));
        self.parents.insert(child, parent);
    }

    /// Says what the nodes are.
    pub(super) fn set_labels(&mut self, labels: Labels) {
        self.labels = labels;
    }

    /// The node and what encloses it, nearest first.
    pub(super) fn chain<'t>(&'t self, node: &'t str) -> impl Iterator<Item = &'t str> {
        let mut next = Some(node);
        std::iter::from_fn(move || {
            let here = next?;
            next = self.parents.get(here).map(AsRef::as_ref);
            Some(here)
        })
        .take(MOST_ANCESTORS)
    }

    /// What lies directly in a node.
    pub(super) fn children(&self, node: &str) -> &[Rc<str>] {
        self.children.get(node).map_or(&[], Vec::as_slice)
    }

    /// The labels of a node and of all that lies in it; `None` where that is too much to look at.
    pub(super) fn labels_inside<'t>(&'t self, node: &'t str) -> Option<BTreeSet<&'t str>> {
        let mut found = BTreeSet::new();
        let mut open = vec![node];
        for _ in 0..MOST_INSIDE {
            let Some(here) = open.pop() else {
                return Some(found);
            };
            found.insert(self.label(here));
            open.extend(self.children(here).iter().map(AsRef::as_ref));
        }
        None
    }

    /// The label of a node; empty where it is not of Google Cloud.
    pub(super) fn label(&self, node: &str) -> &str {
        self.labels.of_node.get(node).map_or("", AsRef::as_ref)
    }

    /// Nodes of a label that only policies tell of or that rows describe, in no order.
    pub(super) fn of_label(&self, label: &'static str) -> impl Iterator<Item = &str> {
        let nodes = self.labels.of_node.iter();
        nodes.filter_map(move |(node, word)| (word.as_ref() == label).then_some(node.as_ref()))
    }

    /// Whether the node is an organization, folder or project.
    pub(super) fn is_container(&self, node: &str) -> bool {
        matches!(self.label(node), ORGANIZATION | FOLDER | PROJECT)
    }
}
