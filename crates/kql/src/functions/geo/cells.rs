//! Cells of S2: `geo_point_to_s2cell` and its kin.

use s2::cell::Cell;
use s2::cellid::CellID;
use s2::latlng::LatLng;
use s2::point::Point;
use s2::r3::vector::Vector;
use serde_json::json;

use super::cover::{cells_of_lines, cells_of_polygons};
use super::shape::{Polygon, point_json, polygons_json};
use super::{given, level_or, lines, point, polygons, real, real_or};
use crate::functions::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

/// The level where a query names none.
const DEFAULT_LEVEL: i64 = 11;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_point_to_s2cell", |_, values| {
        point(values, 0)?;
        let place = LatLng::from_degrees(real(values, 1)?, real(values, 0)?);
        let cell = CellID::from(place).parent(level(values, 2)?);
        Some(Value::string(cell.to_token()))
    }),
    ScalarFunction::new("geo_s2cell_to_central_point", |_, values| {
        let center = Point::from(read(&to_text(values.first()?))?);
        Some(given(&point_json(center.0)))
    }),
    ScalarFunction::new("geo_s2cell_to_polygon", |_, values| {
        let cell = Cell::from(read(&to_text(values.first()?))?);
        let ring = cell.vertices().map(|vertex| vertex.0).to_vec();
        Some(given(&polygons_json(&[Polygon { rings: vec![ring] }])?))
    }),
    ScalarFunction::new("geo_s2cell_neighbors", neighbors),
    ScalarFunction::new("geo_polygon_to_s2cells", |_, values| {
        let polygons = polygons(values, 0)?;
        let polygons = super::buffer::enlarged(polygons, radius(values)?)?;
        Some(tokens(&cells_of_polygons(&polygons, level(values, 1)?)?))
    }),
    ScalarFunction::new("geo_line_to_s2cells", |_, values| {
        let (lines, level, radius) = (lines(values, 0)?, level(values, 1)?, radius(values)?);
        if radius == 0.0 {
            return Some(tokens(&cells_of_lines(&lines, level)?));
        }
        Some(tokens(&cells_of_polygons(
            &super::buffer::around_lines(&lines, radius)?,
            level,
        )?))
    }),
];

fn level(values: &[Value<'_>], at: usize) -> Option<u64> {
    u64::try_from(level_or(values, at, DEFAULT_LEVEL)?)
        .ok()
        .filter(|level| *level <= 30)
}

/// The third argument: how far around the shape the cells go, in metres.
fn radius(values: &[Value<'_>]) -> Option<f64> {
    real_or(values, 2, 0.0).filter(|radius| *radius >= 0.0 && radius.is_finite())
}

fn tokens<'a>(cells: &[CellID]) -> Value<'a> {
    let tokens: Vec<String> = cells.iter().map(CellID::to_token).collect();
    given(&json!(tokens))
}

/// A token of up to 16 hexadecimal digits.
fn read(token: &str) -> Option<CellID> {
    let plain = !token.is_empty() && token.len() <= 16;
    let plain = plain && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let cell = plain.then(|| CellID::from_token(token))?;
    cell.is_valid().then_some(cell)
}

/// The cells of the same level that touch this one, in the order of the documentation.
fn neighbors<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    /// Where each stands among the neighbours as the library gives them.
    const ORDER: [usize; 8] = [7, 0, 1, 2, 3, 5, 4, 6];
    let cell = read(&to_text(values.first()?))?;
    let all = cell.all_neighbors(cell.level());
    let mut found: Vec<CellID> = Vec::new();
    for at in ORDER {
        let neighbor = all.get(at)?;
        if !found.contains(neighbor) {
            found.push(*neighbor);
        }
    }
    Some(tokens(&found))
}

/// The corners of a cell, counterclockwise.
pub(super) fn corners(cell: CellID) -> [Vector; 4] {
    Cell::from(cell).vertices().map(|vertex| vertex.0)
}
