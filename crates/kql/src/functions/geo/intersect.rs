//! `geo_intersects_*`, `geo_intersection_*`. A shape holds its border.

use s2::r3::vector::Vector;
use serde_json::Value as Json;

use super::overlay::{
    Operation, Overlay, Part, Vertices, chains, cut, overlay, shared_points, union_of,
};
use super::shape::{Lines, Polygon, collection, lines_json, points_json, polygons_json};
use super::sphere::middle;
use super::{given, lines, polygons};
use crate::functions::ScalarFunction;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_intersects_2lines", |_, values| {
        Some(Value::Bool(is_filled(&two_lines(values)?)))
    }),
    ScalarFunction::new("geo_intersection_2lines", |_, values| {
        Some(shown(&two_lines(values)?))
    }),
    ScalarFunction::new("geo_intersects_line_with_polygon", |_, values| {
        Some(Value::Bool(is_filled(&line_with_polygon(values)?)))
    }),
    ScalarFunction::new("geo_intersection_line_with_polygon", |_, values| {
        Some(shown(&line_with_polygon(values)?))
    }),
    ScalarFunction::new("geo_intersects_2polygons", |_, values| {
        Some(Value::Bool(is_filled(&two_polygons(values)?)))
    }),
    ScalarFunction::new("geo_intersection_2polygons", |_, values| {
        Some(shown(&two_polygons(values)?))
    }),
];

/// Points, then lines, then areas; what is empty gives an empty collection.
fn shown<'a>(found: &Overlay) -> Value<'a> {
    let shapes: Vec<Json> = [
        points_json(&found.points),
        lines_json(&found.lines),
        polygons_json(&found.polygons),
    ]
    .into_iter()
    .flatten()
    .collect();
    given(&collection(shapes))
}

/// Whether the shapes share any point.
fn is_filled(found: &Overlay) -> bool {
    !(found.points.is_empty() && found.lines.is_empty() && found.polygons.is_empty())
}

fn edges(lines: &Lines) -> Vec<(Vector, Vector)> {
    let edges = lines.iter().flat_map(|line| line.windows(2));
    edges.map(|edge| (edge[0], edge[1])).collect()
}

fn two_lines(values: &[Value<'_>]) -> Option<Overlay> {
    let (first, second) = (lines(values, 0)?, lines(values, 1)?);
    let mut vertices = Vertices::default();
    let (own, other) = cut(&edges(&first), &edges(&second), &mut vertices)?;
    let shared = |part: &&Part| {
        other.iter().any(|known| {
            (known.from, known.to) == (part.from, part.to)
                || (known.to, known.from) == (part.from, part.to)
        })
    };
    let kept: Vec<Part> = own.iter().filter(shared).copied().collect();
    Some(Overlay {
        points: shared_points(&own, &other, &[&kept], &vertices),
        lines: chains(&kept, &vertices),
        ..Overlay::default()
    })
}

fn line_with_polygon(values: &[Value<'_>]) -> Option<Overlay> {
    let (lines, polygons) = (lines(values, 0)?, polygons(values, 1)?);
    let border: Vec<(Vector, Vector)> = polygons.iter().flat_map(Polygon::edges).collect();
    let mut vertices = Vertices::default();
    let (own, other) = cut(&edges(&lines), &border, &mut vertices)?;
    let kept: Vec<Part> = own
        .iter()
        .filter(|part| {
            let middle = middle(vertices.point(part.from), vertices.point(part.to));
            polygons.iter().any(|polygon| polygon.holds(middle))
        })
        .copied()
        .collect();
    Some(Overlay {
        points: shared_points(&own, &other, &[&kept], &vertices),
        lines: chains(&kept, &vertices),
        ..Overlay::default()
    })
}

fn two_polygons(values: &[Value<'_>]) -> Option<Overlay> {
    let (first, second) = (polygons(values, 0)?, polygons(values, 1)?);
    let (first, second) = (union_of(first)?, union_of(second)?);
    overlay(&first, &second, Operation::Intersection)
}
