//! The order of places in each layer: few crossings.

use super::layers::Layered;

/// Sweeps to and fro; more rarely help.
const SWEEPS: usize = 24;
/// Above so many places neighbours are not tried the other way round any more.
const MOST_SWAPPED: usize = 6_000;

/// Orders every layer by the mean of its neighbours' positions, from both sides in turn, and keeps the best order.
pub(super) fn reduce_crossings(layered: &mut Layered) {
    let mut position = positions(layered);
    let mut best = layered.layers.clone();
    let mut fewest = all_crossings(layered, &position);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let rightwards = sweep % 2 == 0;
        let count = layered.layers.len();
        for step in 0..count {
            let layer = if rightwards { step } else { count - 1 - step };
            order_by_mean(layered, layer, rightwards, &mut position);
        }
        if layered.items.len() <= MOST_SWAPPED {
            swap_neighbours(layered, &mut position);
        }
        let crossings = all_crossings(layered, &position);
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&layered.layers);
        }
    }
    layered.layers = best;
}

fn positions(layered: &Layered) -> Vec<usize> {
    let mut position = vec![0; layered.items.len()];
    for layer in &layered.layers {
        for (at, &place) in layer.iter().enumerate() {
            position[place] = at;
        }
    }
    position
}

fn order_by_mean(layered: &mut Layered, layer: usize, rightwards: bool, position: &mut [usize]) {
    let neighbours = if rightwards {
        &layered.left
    } else {
        &layered.right
    };
    let mut keyed: Vec<(f64, usize)> = layered.layers[layer]
        .iter()
        .map(|&place| {
            let beside = &neighbours[place];
            let sum: usize = beside.iter().map(|&other| position[other]).sum();
            let mean = if beside.is_empty() {
                position[place] as f64
            } else {
                sum as f64 / beside.len() as f64
            };
            (mean, place)
        })
        .collect();
    // Stable: equal means keep their order.
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    layered.layers[layer] = keyed.into_iter().map(|(_, place)| place).collect();
    for (at, &place) in layered.layers[layer].iter().enumerate() {
        position[place] = at;
    }
}

/// Exchanges neighbours wherever that takes crossings away.
fn swap_neighbours(layered: &mut Layered, position: &mut [usize]) {
    for layer in 0..layered.layers.len() {
        for at in 1..layered.layers[layer].len() {
            let (upper, lower) = (layered.layers[layer][at - 1], layered.layers[layer][at]);
            let mut now = 0;
            let mut then = 0;
            for side in [&layered.left, &layered.right] {
                let (kept, swapped) = pair_crossings(&side[upper], &side[lower], position);
                now += kept;
                then += swapped;
            }
            if then < now {
                layered.layers[layer].swap(at - 1, at);
                position[upper] = at;
                position[lower] = at - 1;
            }
        }
    }
}

/// Crossings between the arrows of two places, in this order and in the other.
fn pair_crossings(upper: &[usize], lower: &[usize], position: &[usize]) -> (usize, usize) {
    let (mut kept, mut swapped) = (0, 0);
    for &one in upper {
        for &other in lower {
            match position[one].cmp(&position[other]) {
                std::cmp::Ordering::Greater => kept += 1,
                std::cmp::Ordering::Less => swapped += 1,
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    (kept, swapped)
}

fn all_crossings(layered: &Layered, position: &[usize]) -> usize {
    layered
        .layers
        .iter()
        .map(|layer| crossings_after(layered, layer, position))
        .sum()
}

/// Crossings between a layer and the next: inversions, counted with a Fenwick tree.
fn crossings_after(layered: &Layered, layer: &[usize], position: &[usize]) -> usize {
    let mut ends = Vec::new();
    for &place in layer {
        let mut here: Vec<usize> = layered.right[place]
            .iter()
            .map(|&other| position[other])
            .collect();
        here.sort_unstable();
        ends.extend(here);
    }
    let size = ends.iter().copied().max().map_or(0, |most| most + 1);
    let mut tree = vec![0_usize; size + 1];
    let mut crossings = 0;
    for (before, &end) in ends.iter().enumerate() {
        let mut not_above = 0;
        let mut at = end + 1;
        while at > 0 {
            not_above += tree[at];
            at &= at - 1;
        }
        crossings += before - not_above;
        let mut at = end + 1;
        while at <= size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    crossings
}
