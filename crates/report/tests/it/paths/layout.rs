//! What holds for every picture, whatever the graph.

use proptest::prelude::*;
use stance_report::paths::layout::{ArrowSize, Graph, Layout, Rectangle, Size, place};

/// Boxes and labels of realistic sizes; arrows between any two boxes.
fn graph(acyclic: bool) -> impl Strategy<Value = Graph> {
    (1_usize..60).prop_flat_map(move |count| {
        let boxes = prop::collection::vec(54_u32..90, count);
        let arrows = prop::collection::vec((0..count, 0..count, 20_u32..150), 0..count * 2);
        let entries = prop::collection::vec(0..count, 0..3);
        (boxes, arrows, entries).prop_map(move |(boxes, arrows, entries)| Graph {
            boxes: boxes
                .into_iter()
                .map(|height| Size {
                    width: 200.0,
                    height: f64::from(height),
                })
                .collect(),
            entries,
            arrows: arrows
                .into_iter()
                .map(|(one, other, width)| ArrowSize {
                    from: if acyclic { one.min(other) } else { one },
                    to: if acyclic { one.max(other) } else { other },
                    label: Size {
                        width: f64::from(width),
                        height: 22.0,
                    },
                })
                .collect(),
        })
    })
}

/// Everything that takes room, and what it is.
fn things(layout: &Layout) -> Vec<(String, Rectangle)> {
    let boxes = layout.boxes.iter().enumerate();
    let boxes = boxes.map(|(index, place)| (format!("box {index}"), *place));
    let arrows = layout.arrows.iter().enumerate();
    let labels = arrows.filter_map(|(index, arrow)| {
        let label = arrow.as_ref()?.label;
        Some((format!("label {index}"), label))
    });
    boxes.chain(labels).collect()
}

fn check_no_overlap(layout: &Layout) -> Result<(), TestCaseError> {
    let things = things(layout);
    for (index, (what, place)) in things.iter().enumerate() {
        prop_assert!(
            place.x >= 0.0
                && place.y >= 0.0
                && place.x + place.width <= layout.size.width
                && place.y + place.height <= layout.size.height,
            "{what} lies outside: {place:?}"
        );
        for (other, there) in &things[..index] {
            prop_assert!(
                !place.overlaps(there),
                "{what} {place:?} lies on {other} {there:?}"
            );
        }
    }
    Ok(())
}

/// Each arrow begins at the side of one box and ends at the side of the other, and no straight part of it runs through
/// a box. Parts that swing run between the columns, where no box is.
fn check_arrows(graph: &Graph, layout: &Layout) -> Result<(), TestCaseError> {
    for (arrow, place) in graph.arrows.iter().zip(&layout.arrows) {
        let Some(place) = place else {
            prop_assert_eq!(arrow.from, arrow.to);
            continue;
        };
        let (start, end) = (place.points[0], place.points[place.points.len() - 1]);
        for ((x, y), index) in [(start, arrow.from), (end, arrow.to)] {
            let there = layout.boxes[index];
            prop_assert!(
                (x - there.x).abs() < 0.01 || (x - there.x - there.width).abs() < 0.01,
                "{x} of {there:?}"
            );
            prop_assert!(
                y > there.y && y < there.y + there.height,
                "{y} of {there:?}"
            );
        }
        for pair in place.points.windows(2) {
            let (left, right) = (pair[0].0.min(pair[1].0), pair[0].0.max(pair[1].0));
            let (above, below) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
            for there in &layout.boxes {
                let beside = right <= there.x || left >= there.x + there.width;
                let apart = below <= there.y || above >= there.y + there.height;
                prop_assert!(beside || apart, "{pair:?} runs through {there:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_lies_on_anything_and_arrows_lead_from_box_to_box(graph in graph(false)) {
        let layout = place(&graph);
        check_no_overlap(&layout)?;
        check_arrows(&graph, &layout)?;
        prop_assert_eq!(&layout, &place(&graph), "the same graph, another picture");
    }

    #[test]
    fn without_cycles_every_arrow_runs_to_the_right(graph in graph(true)) {
        let layout = place(&graph);
        check_no_overlap(&layout)?;
        check_arrows(&graph, &layout)?;
        for place in layout.arrows.iter().flatten() {
            prop_assert!(place.points.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        }
    }
}

fn chain(length: usize) -> Graph {
    let size = Size {
        width: 200.0,
        height: 78.0,
    };
    Graph {
        boxes: vec![size; length],
        entries: vec![0],
        arrows: (1..length)
            .map(|to| ArrowSize {
                from: to - 1,
                to,
                label: Size {
                    width: 90.0,
                    height: 22.0,
                },
            })
            .collect(),
    }
}

#[test]
fn a_chain_is_a_straight_line() {
    let layout = place(&chain(6));
    let heights: Vec<f64> = layout.boxes.iter().map(|place| place.y).collect();
    assert_eq!(heights, vec![0.0; 6]);
    assert!(layout.boxes.windows(2).all(|pair| pair[0].x < pair[1].x));
}

#[test]
fn a_ring_is_drawn_with_one_arrow_back() {
    let mut graph = chain(4);
    graph.arrows.push(ArrowSize {
        from: 3,
        to: 0,
        label: graph.arrows[0].label,
    });
    let layout = place(&graph);
    let back = layout
        .arrows
        .iter()
        .flatten()
        .filter(|arrow| arrow.points[0].0 > arrow.points[arrow.points.len() - 1].0);
    assert_eq!(back.count(), 1);
}

#[test]
fn two_ways_that_need_not_cross_do_not() {
    let mut graph = chain(2);
    graph.boxes = vec![graph.boxes[0]; 4];
    graph.entries = vec![0, 1];
    let label = graph.arrows[0].label;
    graph.arrows = [(0, 3), (1, 2)]
        .map(|(from, to)| ArrowSize { from, to, label })
        .to_vec();
    let layout = place(&graph);
    let above = |one: usize, other: usize| layout.boxes[one].y < layout.boxes[other].y;
    assert_eq!(above(0, 1), above(3, 2));
}

#[test]
fn nothing_at_all_takes_no_room() {
    assert_eq!(place(&Graph::default()).size, Size::default());
}
