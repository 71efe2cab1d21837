//! Boxes, labels and arrows at their coordinates.

use super::layers::{Item, Layered};
use super::places::Places;
use super::{ArrowPlace, Graph, Layout, Rectangle, Size};

/// Distance between two arrows at the side of a box, in pixels, where there is room.
const PORT_GAP: f64 = 14.0;
/// Part of a box's side that takes no arrows, in pixels at each end.
const CORNER: f64 = 12.0;

pub(super) fn draw(graph: &Graph, layered: &Layered, places: &Places) -> Layout {
    let boxes: Vec<Rectangle> = (0..graph.boxes.len())
        .map(|index| centred(graph, layered, places, index))
        .collect();
    let (leave, arrive) = ports(&boxes, layered, places);
    let arrows: Vec<Option<ArrowPlace>> = layered
        .ways
        .iter()
        .enumerate()
        .map(|(arrow, way)| {
            let (&first, &last) = (way.first()?, way.last()?);
            let label = way
                .iter()
                .copied()
                .find(|&place| matches!(layered.items[place], Item::Label(_)))?;
            let mut points = vec![(boxes[first].x + boxes[first].width, leave[arrow])];
            for &place in &way[1..way.len() - 1] {
                let (x, width) = places.columns[layered.layer_of[place]];
                points.push((x, places.middle[place]));
                points.push((x + width, places.middle[place]));
            }
            points.push((boxes[last].x, arrive[arrow]));
            if layered.turned[arrow] {
                points.reverse();
            }
            Some(ArrowPlace {
                points,
                label: centred(graph, layered, places, label),
            })
        })
        .collect();
    let size = extent(&boxes, &arrows);
    Layout {
        boxes,
        arrows,
        size,
    }
}

fn centred(graph: &Graph, layered: &Layered, places: &Places, place: usize) -> Rectangle {
    let Size { width, height } = layered.size(graph, place);
    let (x, column) = places.columns[layered.layer_of[place]];
    Rectangle {
        x: x + ((column - width) / 2.0).round(),
        y: places.middle[place] - height / 2.0,
        width,
        height,
    }
}

/// The height at which each arrow leaves its left box and reaches its right one: spread over the side of the box in
/// the order of where the arrows come from.
fn ports(boxes: &[Rectangle], layered: &Layered, places: &Places) -> (Vec<f64>, Vec<f64>) {
    let count = layered.ways.len();
    let mut at_right = vec![Vec::new(); boxes.len()];
    let mut at_left = vec![Vec::new(); boxes.len()];
    for (arrow, way) in layered.ways.iter().enumerate() {
        if let [first, second, .., before, last] = way.as_slice() {
            at_right[*first].push((places.middle[*second], arrow));
            at_left[*last].push((places.middle[*before], arrow));
        } else if let [first, middle, last] = way.as_slice() {
            at_right[*first].push((places.middle[*middle], arrow));
            at_left[*last].push((places.middle[*middle], arrow));
        }
    }
    let spread = |sides: &mut [Vec<(f64, usize)>]| {
        let mut out = vec![0.0; count];
        for (side, place) in sides.iter_mut().zip(boxes) {
            side.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            let middle = place.y + place.height / 2.0;
            let room = (place.height - 2.0 * CORNER).max(0.0);
            let gaps = side.len().saturating_sub(1).max(1) as f64;
            let gap = (room / gaps).min(PORT_GAP);
            let first = middle - gap * (side.len().saturating_sub(1)) as f64 / 2.0;
            for (at, &(_, arrow)) in side.iter().enumerate() {
                out[arrow] = ((first + gap * at as f64) * 10.0).round() / 10.0;
            }
        }
        out
    };
    (spread(&mut at_right), spread(&mut at_left))
}

fn extent(boxes: &[Rectangle], arrows: &[Option<ArrowPlace>]) -> Size {
    let labels = arrows.iter().flatten().map(|arrow| &arrow.label);
    let mut size = Size::default();
    for place in boxes.iter().chain(labels) {
        size.width = size.width.max(place.x + place.width);
        size.height = size.height.max(place.y + place.height);
    }
    for &(x, y) in arrows.iter().flatten().flat_map(|arrow| &arrow.points) {
        size.width = size.width.max(x);
        size.height = size.height.max(y);
    }
    size
}
