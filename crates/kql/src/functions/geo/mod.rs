//! Geography: `geo_*`.
//!
//! The Earth is a sphere and edges are arcs of great circles, as Kusto documents, who follows the
//! S2 library. Longitudes and latitudes are degrees, lengths metres. An invalid argument gives
//! null. Cells of S2 and H3 come from the crates `s2` and `h3o`.

mod buffer;
mod cells;
mod cover;
mod densify;
mod geohash;
mod h3;
mod intersect;
mod measure;
mod overlay;
mod position;
mod shape;
mod simplify;
mod sphere;
mod union;
mod wkt;

use s2::r3::vector::Vector;
use serde_json::Value as Json;

use super::ScalarFunction;
use crate::value::Value;

/// The functions of every file of this folder.
pub(super) const GROUPS: [&[ScalarFunction]; 11] = [
    buffer::FUNCTIONS,
    cells::FUNCTIONS,
    densify::FUNCTIONS,
    geohash::FUNCTIONS,
    h3::FUNCTIONS,
    intersect::FUNCTIONS,
    measure::FUNCTIONS,
    position::FUNCTIONS,
    simplify::FUNCTIONS,
    union::FUNCTIONS,
    wkt::FUNCTIONS,
];

/// The number at a position.
fn real(values: &[Value<'_>], at: usize) -> Option<f64> {
    values.get(at)?.as_real()
}

/// The number at a position: its default where the argument is not given, nothing where it is null.
fn real_or(values: &[Value<'_>], at: usize, default: f64) -> Option<f64> {
    match values.get(at) {
        None => Some(default),
        Some(value) => value.as_real(),
    }
}

/// The whole number at a position, or its default where the argument is not given.
fn level_or(values: &[Value<'_>], at: usize, default: i64) -> Option<i64> {
    match values.get(at) {
        None => Some(default),
        Some(value) => value.as_long(),
    }
}

/// A flag at a position, given as bool or number; false where there is none.
fn flag(values: &[Value<'_>], at: usize) -> bool {
    match values.get(at) {
        Some(Value::Bool(flag)) => *flag,
        Some(other) => other.as_real().is_some_and(|number| number != 0.0),
        None => false,
    }
}

/// The point of the longitude at a position and the latitude after it.
fn point(values: &[Value<'_>], at: usize) -> Option<Vector> {
    sphere::point(real(values, at)?, real(values, at + 1)?)
}

fn json(values: &[Value<'_>], at: usize) -> Option<Json> {
    match values.get(at)? {
        Value::Dynamic(dynamic) => Some(dynamic.to_json()),
        _ => None,
    }
}

/// The line or lines at a position.
fn lines(values: &[Value<'_>], at: usize) -> Option<shape::Lines> {
    shape::lines(&json(values, at)?)
}

/// The polygon or polygons at a position.
fn polygons(values: &[Value<'_>], at: usize) -> Option<Vec<shape::Polygon>> {
    shape::polygons(&json(values, at)?)
}

fn given<'a>(shape: &Json) -> Value<'a> {
    Value::json(shape)
}
