//! The height of each place, and where each layer begins.

use super::Graph;
use super::layers::{Item, Layered};

/// Sweeps; the last ones look to both sides.
const SWEEPS: usize = 20;
/// Least distance between two boxes of a layer, in pixels; room for the marks above them.
const BOX_GAP: f64 = 30.0;
/// Least distance where a label or an arrow on its way is one of the two.
const GAP: f64 = 12.0;

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
    let top = (0..middle.len())
        .map(|place| middle[place] - heights[place] / 2.0)
        .fold(f64::INFINITY, f64::min);
    for value in &mut middle {
        // Whole pixels: the same text on every machine.
        *value = (*value - top).round();
    }
    middle
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
    let is_box = |place: usize| matches!(layered.items[place], Item::Box(_));
    let mut out = Vec::with_capacity(layer.len());
    let mut at = 0.0;
    let mut above: Option<usize> = None;
    for &place in layer {
        if let Some(above) = above {
            let gap = if is_box(above) && is_box(place) {
                BOX_GAP
            } else {
                GAP
            };
            at += heights[above] / 2.0 + gap + heights[place] / 2.0;
        }
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
