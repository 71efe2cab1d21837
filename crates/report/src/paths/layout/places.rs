//! The height of each place, and where each layer begins.

use super::Graph;
use super::layers::{Item, Layered};

/// Sweeps; the last ones look to both sides.
const SWEEPS: usize = 20;
/// Least distance between two boxes of a layer, in pixels; room for the marks above them.
const BOX_GAP: f64 = 30.0;
/// Least distance where a label or an arrow on its way is one of the two.
const GAP: f64 = 12.0;

/// The places above and below in the same layer.
type Beside = (Option<usize>, Option<usize>);

/// Coordinates of places.
#[derive(Debug)]
pub(super) struct Places {
    /// The height of each place's middle.
    pub(super) middle: Vec<f64>,
    /// Left edge and width of each layer.
    pub(super) columns: Vec<(f64, f64)>,
}

pub(super) fn assign(graph: &Graph, layered: &Layered) -> Places {
    let middle = middles(graph, layered);
    let columns = columns(graph, layered, &middle);
    Places { middle, columns }
}

fn middles(graph: &Graph, layered: &Layered) -> Vec<f64> {
    let heights: Vec<f64> = (0..layered.items.len())
        .map(|place| layered.size(graph, place).height)
        .collect();
    let mut middle = vec![0.0; layered.items.len()];
    let count = layered.layers.len();
    // First as tight as can be, around the same height.
    for layer in &layered.layers {
        let wanted: Vec<(f64, f64)> = layer.iter().map(|_| (0.0, 1.0)).collect();
        settle(layered, layer, &heights, &wanted, &mut middle);
    }
    for sweep in 0..SWEEPS {
        let sides = match sweep {
            last if last >= SWEEPS - 6 => (true, true),
            even if even % 2 == 0 => (true, false),
            _ => (false, true),
        };
        for step in 0..count {
            let layer = if sweep % 2 == 0 {
                step
            } else {
                count - 1 - step
            };
            let layer = &layered.layers[layer];
            let wanted: Vec<(f64, f64)> = layer
                .iter()
                .map(|&place| wish(layered, place, sides, &middle))
                .collect();
            settle(layered, layer, &heights, &wanted, &mut middle);
        }
    }
    straighten(layered, &heights, &mut middle);
    let top = (0..middle.len())
        .map(|place| middle[place] - heights[place] / 2.0)
        .fold(f64::INFINITY, f64::min);
    for (value, height) in middle.iter_mut().zip(&heights) {
        // Whole pixels: the same text on every machine.
        *value = (*value - top).round().max((height / 2.0).ceil());
    }
    middle
}

/// Puts the places between each arrow's ends to one height, as far along as the places above and below leave room.
fn straighten(layered: &Layered, heights: &[f64], middle: &mut [f64]) {
    let mut beside = vec![(None, None); layered.items.len()];
    for layer in &layered.layers {
        for pair in layer.windows(2) {
            beside[pair[0]].1 = Some(pair[1]);
            beside[pair[1]].0 = Some(pair[0]);
        }
    }
    for way in &layered.ways {
        straighten_one(layered, way, &beside, heights, middle);
    }
}

fn straighten_one(
    layered: &Layered,
    way: &[usize],
    beside: &[Beside],
    heights: &[f64],
    middle: &mut [f64],
) {
    let inner = way.get(1..way.len().saturating_sub(1)).unwrap_or_default();
    let wanted = lonely_end(layered, way).map(|place| middle[place]);
    let mut run: &[usize] = &[];
    let mut room = (f64::NEG_INFINITY, f64::INFINITY);
    for (at, &place) in inner.iter().enumerate() {
        let here = free(layered, place, beside[place], heights, middle);
        let both = (room.0.max(here.0), room.1.min(here.1));
        let begin = at - run.len();
        if both.0 <= both.1 {
            (run, room) = (&inner[begin..=at], both);
        } else {
            level(run, room, wanted, middle);
            (run, room) = (&inner[at..=at], here);
        }
    }
    level(run, room, wanted, middle);
}

/// The end at which an arrow is alone, so that it meets the middle of the box's side.
fn lonely_end(layered: &Layered, way: &[usize]) -> Option<usize> {
    let (&first, &last) = (way.first()?, way.last()?);
    if layered.right[first].len() == 1 {
        return Some(first);
    }
    (layered.left[last].len() == 1).then_some(last)
}

/// Moves a run of places to the height of the arrow's lonely end, or else to what they have in common; as near to it
/// as there is room.
fn level(run: &[usize], (least, most): (f64, f64), wanted: Option<f64>, middle: &mut [f64]) {
    let sum: f64 = run.iter().map(|&place| middle[place]).sum();
    let mean = sum / run.len().max(1) as f64;
    let height = wanted.unwrap_or(mean).max(least).min(most);
    for &place in run {
        middle[place] = height;
    }
}

/// Between which heights a place can move while its neighbours stay. A place where it is counts as free.
fn free(
    layered: &Layered,
    place: usize,
    (above, below): Beside,
    heights: &[f64],
    middle: &[f64],
) -> (f64, f64) {
    let least = above.map_or(f64::NEG_INFINITY, |above| {
        middle[above] + distance(layered, heights, above, place)
    });
    let most = below.map_or(f64::INFINITY, |below| {
        middle[below] - distance(layered, heights, place, below)
    });
    (least.min(middle[place]), most.max(middle[place]))
}

/// The least distance between the middles of two places of a layer.
fn distance(layered: &Layered, heights: &[f64], above: usize, below: usize) -> f64 {
    let is_box = |place: usize| matches!(layered.items[place], Item::Box(_));
    let gap = if is_box(above) && is_box(below) {
        BOX_GAP
    } else {
        GAP
    };
    heights[above] / 2.0 + gap + heights[below] / 2.0
}

/// Where a place wants to be, and how much. Long arrows want to be straight most of all.
fn wish(
    layered: &Layered,
    place: usize,
    (left, right): (bool, bool),
    middle: &[f64],
) -> (f64, f64) {
    let on_way = |place: usize| !matches!(layered.items[place], Item::Box(_));
    let mut sum = 0.0;
    let mut weight = 0.0;
    let mut add = |others: &[usize]| {
        for &other in others {
            let here = match (on_way(place), on_way(other)) {
                (true, true) => 8.0,
                (true, false) | (false, true) => 2.0,
                (false, false) => 1.0,
            };
            sum += here * middle[other];
            weight += here;
        }
    };
    if left || layered.right[place].is_empty() {
        add(&layered.left[place]);
    }
    if right || layered.left[place].is_empty() {
        add(&layered.right[place]);
    }
    if weight > 0.0 {
        (sum / weight, weight)
    } else {
        (middle[place], 0.1)
    }
}

/// Puts a layer's places as near to their wishes as order and distances allow: the least sum of weighted squares,
/// found by pooling places that would overlap (isotonic regression).
fn settle(
    layered: &Layered,
    layer: &[usize],
    heights: &[f64],
    wanted: &[(f64, f64)],
    middle: &mut [f64],
) {
    let offsets = offsets(layered, layer, heights);
    // Blocks as (sum of weight × wish, sum of weights, places); offsets are taken off, so that a block shares one value.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (offset, (wish, weight)) in offsets.iter().zip(wanted) {
        let mut block = (weight * (wish - offset), *weight, 1);
        while let Some(above) = blocks.last()
            && above.0 / above.1 > block.0 / block.1
        {
            block = (above.0 + block.0, above.1 + block.1, above.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let values = blocks
        .iter()
        .flat_map(|&(sum, weight, count)| std::iter::repeat_n(sum / weight, count));
    for ((&place, value), offset) in layer.iter().zip(values).zip(&offsets) {
        middle[place] = value + offset;
    }
}

/// How far each place is below the first at least.
fn offsets(layered: &Layered, layer: &[usize], heights: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(layer.len());
    let mut at = 0.0;
    let mut above: Option<usize> = None;
    for &place in layer {
        at += above.map_or(0.0, |above| distance(layered, heights, above, place));
        out.push(at);
        above = Some(place);
    }
    out
}

/// Layers as wide as what they hold, and between them room for the steepest arrow.
fn columns(graph: &Graph, layered: &Layered, middle: &[f64]) -> Vec<(f64, f64)> {
    let mut out = Vec::with_capacity(layered.layers.len());
    let mut x = 0.0;
    for layer in &layered.layers {
        let width = layer
            .iter()
            .map(|&place| layered.size(graph, place).width)
            .fold(0.0, f64::max);
        out.push((x, width));
        let steepest = layer
            .iter()
            .flat_map(|&place| {
                let here = middle[place];
                layered.right[place]
                    .iter()
                    .map(move |&to| (middle[to] - here).abs())
            })
            .fold(0.0, f64::max);
        x += width + (22.0 + steepest / 6.0).clamp(26.0, 96.0).round();
    }
    out
}
