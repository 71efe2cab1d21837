//! Which layer each box is in, and the places of arrows in the layers that they pass.

use super::{Graph, Size};

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A box.
    Box(usize),
    /// The label of an arrow.
    Label(usize),
    /// An arrow on its way through.
    Way(usize),
}

/// Boxes stand in even layers, labels in odd ones.
#[derive(Debug, Default)]
pub(super) struct Layered {
    /// What each place holds.
    pub(super) items: Vec<Item>,
    /// The layer of each place.
    pub(super) layer_of: Vec<usize>,
    /// Places of each layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// Neighbours in the layer to the left of each place.
    pub(super) left: Vec<Vec<usize>>,
    /// Neighbours in the layer to the right of each place.
    pub(super) right: Vec<Vec<usize>>,
    /// The places of each arrow from left to right, boxes included; empty where the arrow was passed over.
    pub(super) ways: Vec<Vec<usize>>,
    /// True for arrows that run from right to left.
    pub(super) turned: Vec<bool>,
}

impl Layered {
    fn add(&mut self, item: Item, layer: usize) -> usize {
        let place = self.items.len();
        self.items.push(item);
        self.layer_of.push(layer);
        self.left.push(Vec::new());
        self.right.push(Vec::new());
        self.layers[layer].push(place);
        place
    }

    /// How much room a place takes.
    pub(super) fn size(&self, graph: &Graph, place: usize) -> Size {
        match self.items[place] {
            Item::Box(index) => graph.boxes[index],
            Item::Label(arrow) => graph.arrows[arrow].label,
            Item::Way(_) => Size {
                width: 0.0,
                height: 6.0,
            },
        }
    }
}

pub(super) fn assign(graph: &Graph) -> Layered {
    let arrows = acyclic(graph);
    let layer = longest_ways(graph, &arrows);
    let deepest = layer.iter().copied().max().unwrap_or(0);
    let mut layered = Layered {
        layers: vec![Vec::new(); 2 * deepest + 1],
        ways: vec![Vec::new(); graph.arrows.len()],
        turned: vec![false; graph.arrows.len()],
        ..Layered::default()
    };
    for (index, &layer) in layer.iter().enumerate() {
        layered.add(Item::Box(index), 2 * layer);
    }
    for (arrow, from, to, turned) in arrows {
        let (first, last) = (2 * layer[from], 2 * layer[to]);
        // The label stands beside the box where the arrow begins.
        let label = if turned { last - 1 } else { first + 1 };
        let mut way = vec![from];
        for layer in first + 1..last {
            let item = if layer == label {
                Item::Label(arrow)
            } else {
                Item::Way(arrow)
            };
            way.push(layered.add(item, layer));
        }
        way.push(to);
        for pair in way.windows(2) {
            layered.right[pair[0]].push(pair[1]);
            layered.left[pair[1]].push(pair[0]);
        }
        layered.turned[arrow] = turned;
        layered.ways[arrow] = way;
    }
    layered
}

/// Arrows as (index, left box, right box, turned): those that lead back to a box on the way to them are turned.
fn acyclic(graph: &Graph) -> Vec<(usize, usize, usize, bool)> {
    let count = graph.boxes.len();
    let mut leaving = vec![Vec::new(); count];
    for (index, arrow) in graph.arrows.iter().enumerate() {
        if arrow.from < count && arrow.to < count && arrow.from != arrow.to {
            leaving[arrow.from].push(index);
        }
    }
    let finish = finish_order(graph, &leaving);
    let mut out = Vec::new();
    for (index, arrow) in graph.arrows.iter().enumerate() {
        if arrow.from >= count || arrow.to >= count || arrow.from == arrow.to {
            continue;
        }
        // In a depth-first walk only arrows that lead back end at a box that is finished later.
        if finish[arrow.to] > finish[arrow.from] {
            out.push((index, arrow.to, arrow.from, true));
        } else {
            out.push((index, arrow.from, arrow.to, false));
        }
    }
    out
}

/// When a depth-first walk from the entries leaves each box for good. Without recursion: a chain may be long.
fn finish_order(graph: &Graph, leaving: &[Vec<usize>]) -> Vec<usize> {
    let count = graph.boxes.len();
    let entries = graph.entries.iter().copied().filter(|&entry| entry < count);
    let mut finish = vec![0; count];
    let mut seen = vec![false; count];
    let mut clock = 0;
    for start in entries.chain(0..count) {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut walk = vec![(start, 0)];
        while let Some((node, next)) = walk.last_mut() {
            let Some(&arrow) = leaving[*node].get(*next) else {
                clock += 1;
                finish[*node] = clock;
                walk.pop();
                continue;
            };
            *next += 1;
            let to = graph.arrows[arrow].to;
            if !std::mem::replace(&mut seen[to], true) {
                walk.push((to, 0));
            }
        }
    }
    finish
}

/// The number of arrows on the longest way to each box. Boxes to which nothing leads and that are no entries move
/// right, up to what they lead to.
fn longest_ways(graph: &Graph, arrows: &[(usize, usize, usize, bool)]) -> Vec<usize> {
    let count = graph.boxes.len();
    let mut leaving = vec![Vec::new(); count];
    let mut waiting = vec![0_usize; count];
    for &(_, from, to, _) in arrows {
        leaving[from].push(to);
        waiting[to] += 1;
    }
    let starts: Vec<usize> = (0..count).filter(|&node| waiting[node] == 0).collect();
    let mut layer = vec![0_usize; count];
    let mut ready = starts.clone();
    while let Some(node) = ready.pop() {
        for &to in &leaving[node] {
            layer[to] = layer[to].max(layer[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    for node in starts {
        let nearest = leaving[node].iter().map(|&to| layer[to]).min();
        if let Some(nearest) = nearest
            && !graph.entries.contains(&node)
        {
            layer[node] = nearest.saturating_sub(1);
        }
    }
    layer
}
