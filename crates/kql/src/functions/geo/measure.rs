//! Distances, lengths, areas, angles and centres.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use s2::point::{Point, true_centroid};
use s2::r3::vector::Vector;

use super::overlay::union_of;
use super::shape::{Lines, Polygon, point_json};
use super::sphere::{
    EARTH_RADIUS, angle, degrees, edge_distance, ring_area, ring_edges, same, turn,
};
use super::union::union_of_lines;
use super::{flag, lines, point, polygons};
use crate::functions::ScalarFunction;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_distance_2points", |_, values| {
        let (from, to) = (point(values, 0)?, point(values, 2)?);
        Some(Value::Real(distance(from, to, flag(values, 4))))
    }),
    ScalarFunction::new("geo_distance_point_to_line", |_, values| {
        let (point, lines) = (point(values, 0)?, lines(values, 2)?);
        Some(Value::Real(line_distance(point, &lines)? * EARTH_RADIUS))
    }),
    ScalarFunction::new("geo_distance_point_to_polygon", |_, values| {
        let (point, polygons) = (point(values, 0)?, polygons(values, 2)?);
        Some(Value::Real(
            polygon_distance(point, &polygons)? * EARTH_RADIUS,
        ))
    }),
    ScalarFunction::new("geo_azimuth", |_, values| {
        azimuth(point(values, 0)?, point(values, 2)?).map(Value::Real)
    }),
    ScalarFunction::new("geo_angle", |_, values| {
        let (first, corner, last) = (point(values, 0)?, point(values, 2)?, point(values, 4)?);
        let usable = !same(first, corner) && !same(corner, last);
        usable.then(|| Value::Real(-turn(first, corner, last)))
    }),
    ScalarFunction::new("geo_line_length", |_, values| {
        let lines = one_by_one(lines(values, 0)?)?;
        Some(Value::Real(
            lines.iter().map(|line| length(line)).sum::<f64>() * EARTH_RADIUS,
        ))
    }),
    ScalarFunction::new("geo_polygon_perimeter", |_, values| {
        let edges: f64 = united(values)?
            .iter()
            .flat_map(Polygon::edges)
            .map(|(a, b)| angle(a, b))
            .sum();
        Some(Value::Real(edges * EARTH_RADIUS))
    }),
    ScalarFunction::new("geo_polygon_area", |_, values| {
        let area: f64 = united(values)?.iter().map(area).sum();
        Some(Value::Real(area * EARTH_RADIUS * EARTH_RADIUS))
    }),
    ScalarFunction::new("geo_line_centroid", |_, values| {
        let lines = one_by_one(lines(values, 0)?)?;
        let edges = lines.iter().flat_map(|line| line.windows(2));
        let sum = edges.fold(Vector::new(0.0, 0.0, 0.0), |sum, edge| {
            sum + edge_centre(edge[0], edge[1])
        });
        centre(sum)
    }),
    ScalarFunction::new("geo_polygon_centroid", |_, values| {
        let polygons = united(values)?;
        let rings = polygons.iter().flat_map(|polygon| &polygon.rings);
        let sum = rings.fold(Vector::new(0.0, 0.0, 0.0), |sum, ring| {
            sum + ring_centre(ring)
        });
        centre(sum)
    }),
];

/// The shortest way in metres, on the sphere or on the WGS-84 spheroid.
pub(super) fn distance(from: Vector, to: Vector, on_spheroid: bool) -> f64 {
    if !on_spheroid {
        return angle(from, to) * EARTH_RADIUS;
    }
    let ((from_longitude, from_latitude), (longitude, latitude)) = (degrees(from), degrees(to));
    Geodesic::wgs84().inverse(from_latitude, from_longitude, latitude, longitude)
}

/// The angle from a point to the closest of these lines.
pub(super) fn line_distance(point: Vector, lines: &Lines) -> Option<f64> {
    lines
        .iter()
        .flat_map(|line| line.windows(2))
        .map(|edge| edge_distance(point, edge[0], edge[1]))
        .reduce(f64::min)
}

/// The angle from a point to the closest of these polygons, zero inside.
pub(super) fn polygon_distance(point: Vector, polygons: &[Polygon]) -> Option<f64> {
    if polygons.iter().any(|polygon| polygon.holds(point)) {
        return Some(0.0);
    }
    polygons
        .iter()
        .flat_map(Polygon::edges)
        .map(|(a, b)| edge_distance(point, a, b))
        .reduce(f64::min)
}

/// The direction from one point to another, clockwise from north.
fn azimuth(from: Vector, to: Vector) -> Option<f64> {
    if same(from, to) {
        return None;
    }
    let east = Vector::new(-from.y, from.x, 0.0);
    let north = from.cross(&east);
    Some(to.dot(&east).atan2(to.dot(&north)))
}

pub(super) fn length(line: &[Vector]) -> f64 {
    line.windows(2).map(|edge| angle(edge[0], edge[1])).sum()
}

/// Area in steradians: holes turn the other way and count down.
pub(super) fn area(polygon: &Polygon) -> f64 {
    polygon.rings.iter().map(|ring| ring_area(ring)).sum()
}

/// The polygons of the first argument without what they share.
fn united(values: &[Value<'_>]) -> Option<Vec<Polygon>> {
    let polygons = polygons(values, 0)?;
    if polygons.len() == 1 {
        return Some(polygons);
    }
    union_of(polygons)
}

/// Several lines without what they share.
fn one_by_one(lines: Lines) -> Option<Lines> {
    if lines.len() == 1 {
        return Some(lines);
    }
    union_of_lines(&lines)
}

/// The centre of mass of an edge times its length.
fn edge_centre(a: Vector, b: Vector) -> Vector {
    let (difference, sum) = (a - b, a + b);
    if sum.norm2() == 0.0 {
        return sum;
    }
    sum * (difference.norm2() / sum.norm2()).sqrt()
}

/// The centre of mass of a ring times its signed area.
fn ring_centre(ring: &[Vector]) -> Vector {
    let Some(first) = ring.first() else {
        return Vector::new(0.0, 0.0, 0.0);
    };
    ring_edges(ring)
        .filter(|(a, b)| !same(*a, *first) && !same(*b, *first))
        .fold(Vector::new(0.0, 0.0, 0.0), |sum, (a, b)| {
            sum + true_centroid(&Point(*first), &Point(a), &Point(b)).0
        })
}

fn centre<'a>(sum: Vector) -> Option<Value<'a>> {
    (sum.norm2() > 0.0).then(|| Value::json(&point_json(sum.normalize())))
}
