//! Where a point lies: in shapes, closest on them, along a line.

use s2::r3::vector::Vector;

use super::measure::{distance, length};
use super::shape::{Polygon, point_json};
use super::sphere::{EARTH_RADIUS, angle, closest_on_edge, interpolate};
use super::{flag, given, lines, point, polygons, real};
use crate::functions::{CallContext, ScalarFunction};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_point_in_circle", |_, values| {
        let (point, center, radius) = (point(values, 0)?, point(values, 2)?, real(values, 4)?);
        let valid = (0.0..=EARTH_RADIUS * std::f64::consts::PI).contains(&radius);
        valid.then(|| Value::Bool(angle(point, center) * EARTH_RADIUS <= radius))
    }),
    ScalarFunction::new("geo_point_in_polygon", |_, values| {
        let (point, polygons) = (point(values, 0)?, polygons(values, 2)?);
        Some(Value::Bool(
            polygons.iter().any(|polygon| polygon.holds(point)),
        ))
    }),
    ScalarFunction::new("geo_closest_point_on_line", |_, values| {
        let (point, lines) = (point(values, 0)?, lines(values, 2)?);
        let edges = lines.iter().flat_map(|line| line.windows(2));
        closest(point, edges.map(|edge| (edge[0], edge[1])))
    }),
    ScalarFunction::new("geo_closest_point_on_polygon", |_, values| {
        let (point, polygons) = (point(values, 0)?, polygons(values, 2)?);
        if polygons.iter().any(|polygon| polygon.holds(point)) {
            return Some(given(&point_json(point)));
        }
        closest(point, polygons.iter().flat_map(Polygon::edges))
    }),
    ScalarFunction::new("geo_line_interpolate_point", line_interpolate_point),
    ScalarFunction::new("geo_line_locate_point", line_locate_point),
];

fn closest<'a>(point: Vector, edges: impl Iterator<Item = (Vector, Vector)>) -> Option<Value<'a>> {
    let candidates = edges.map(|(a, b)| closest_on_edge(point, a, b));
    let found = candidates.min_by(|a, b| {
        let (a, b) = ((*a - point).norm2(), (*b - point).norm2());
        a.total_cmp(&b)
    })?;
    Some(given(&point_json(found)))
}

/// A single line; several have no order along which to count.
fn one_line(values: &[Value<'_>]) -> Option<Vec<Vector>> {
    let mut lines = lines(values, 0)?;
    (lines.len() == 1).then(|| lines.remove(0))
}

/// The point at a fraction of the length.
fn line_interpolate_point<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let line = one_line(values)?;
    let fraction = real(values, 1)?;
    if !(0.0..=1.0).contains(&fraction) {
        return None;
    }
    let mut rest = length(&line) * fraction;
    for edge in line.windows(2) {
        let own = angle(edge[0], edge[1]);
        if rest <= own {
            return Some(given(&point_json(interpolate(
                edge[0],
                edge[1],
                rest / own,
            ))));
        }
        rest -= own;
    }
    Some(given(&point_json(*line.last()?)))
}

/// The fraction of the length at which the closest point lies.
fn line_locate_point<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let line = one_line(values)?;
    let (point, on_spheroid) = (point(values, 1)?, flag(values, 3));
    let (mut before, mut best) = (0.0, (f64::INFINITY, 0.0));
    for edge in line.windows(2) {
        let foot = closest_on_edge(point, edge[0], edge[1]);
        let away = angle(point, foot);
        if away < best.0 {
            best = (away, before + distance(edge[0], foot, on_spheroid));
        }
        before += distance(edge[0], edge[1], on_spheroid);
    }
    Some(Value::Real((best.1 / before).clamp(0.0, 1.0)))
}
