//! `geo_line_simplify`, `geo_polygon_simplify`: fewer vertices within a tolerance (Douglas and
//! Peucker, 1973, with distances on the sphere).

use s2::r3::vector::Vector;

use super::overlay::union_of;
use super::shape::{Lines, Polygon, lines_json, polygons_json};
use super::sphere::{EARTH_RADIUS, angle, edge_distance};
use super::union::{polygons_of_array, union_of_lines};
use super::{given, lines, polygons, real_or};
use crate::functions::ScalarFunction;
use crate::value::Value;

/// The greatest tolerance that Kusto documents, in metres.
const MAX_TOLERANCE: f64 = 7_800_000.0;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_line_simplify", |_, values| {
        let (lines, tolerance) = (lines(values, 0)?, tolerance(values)?);
        let lines = if lines.len() > 1 {
            union_of_lines(&lines)?
        } else {
            lines
        };
        let simple: Lines = lines
            .iter()
            .filter_map(|line| simple_line(line, tolerance))
            .collect();
        Some(given(&lines_json(&simple)?))
    }),
    ScalarFunction::new("geo_polygon_simplify", |_, values| {
        simplified(polygons(values, 0)?, tolerance(values)?)
    }),
    ScalarFunction::new("geo_simplify_polygons_array", |_, values| {
        simplified(polygons_of_array(values)?, tolerance(values)?)
    }),
];

/// In radians.
fn tolerance(values: &[Value<'_>]) -> Option<f64> {
    let metres = real_or(values, 1, 10.0)?;
    (0.0..MAX_TOLERANCE)
        .contains(&metres)
        .then(|| metres / EARTH_RADIUS)
}

fn simplified<'a>(polygons: Vec<Polygon>, tolerance: f64) -> Option<Value<'a>> {
    let polygons = if polygons.len() > 1 {
        union_of(polygons)?
    } else {
        polygons
    };
    let simple: Vec<Polygon> = polygons
        .iter()
        .filter_map(|polygon| simple_polygon(polygon, tolerance))
        .collect();
    Some(given(&polygons_json(&simple)?))
}

/// Nothing where the shell is too small to be seen.
fn simple_polygon(polygon: &Polygon, tolerance: f64) -> Option<Polygon> {
    let (shell, holes) = polygon.rings.split_first()?;
    let mut rings = vec![simple_ring(shell, tolerance)?];
    rings.extend(holes.iter().filter_map(|hole| simple_ring(hole, tolerance)));
    Some(Polygon { rings })
}

/// The ring as two lines, from its start to the farthest vertex and back.
fn simple_ring(ring: &[Vector], tolerance: f64) -> Option<Vec<Vector>> {
    let start = *ring.first()?;
    let far = (0..ring.len()).max_by(|a, b| {
        let away = |at: usize| (ring[at] - start).norm2();
        away(*a).total_cmp(&away(*b))
    })?;
    let mut kept = vec![start];
    reduce(ring.get(..=far)?, tolerance, &mut kept);
    let back: Vec<Vector> = ring.get(far..)?.iter().copied().chain([start]).collect();
    reduce(&back, tolerance, &mut kept);
    kept.pop();
    let kept = spread(&kept, tolerance);
    (kept.len() >= 3 && angle(start, *kept.last()?) > tolerance).then_some(kept)
}

fn simple_line(line: &[Vector], tolerance: f64) -> Option<Vec<Vector>> {
    let mut kept = vec![*line.first()?];
    reduce(line, tolerance, &mut kept);
    let last = kept.pop()?;
    let mut kept = spread(&kept, tolerance);
    while kept.len() > 1 && angle(*kept.last()?, last) <= tolerance {
        kept.pop();
    }
    if angle(*kept.last()?, last) <= tolerance {
        return None;
    }
    kept.push(last);
    Some(kept)
}

/// Adds the vertices after the first that must stay.
fn reduce(line: &[Vector], tolerance: f64, kept: &mut Vec<Vector>) {
    let mut waiting = vec![(0, line.len().saturating_sub(1))];
    let mut stays = vec![false; line.len()];
    while let Some((from, to)) = waiting.pop() {
        let farthest = (from + 1..to)
            .map(|at| (at, edge_distance(line[at], line[from], line[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some(last) = stays.get_mut(to) {
            *last = true;
        }
        if let Some((at, away)) = farthest
            && away > tolerance
        {
            waiting.push((from, at));
            waiting.push((at, to));
        }
    }
    let vertices = line.iter().zip(&stays).skip(1);
    kept.extend(
        vertices
            .filter(|(_, stays)| **stays)
            .map(|(vertex, _)| *vertex),
    );
}

/// Without the vertices too close to the one before.
fn spread(vertices: &[Vector], tolerance: f64) -> Vec<Vector> {
    let mut kept: Vec<Vector> = Vec::with_capacity(vertices.len());
    for vertex in vertices {
        if kept
            .last()
            .is_none_or(|last| angle(*last, *vertex) > tolerance)
        {
            kept.push(*vertex);
        }
    }
    kept
}
