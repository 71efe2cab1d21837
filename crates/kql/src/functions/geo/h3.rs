//! Cells of H3: `geo_point_to_h3cell` and its kin.

use std::collections::HashSet;

use h3o::{CellIndex, LatLng, Resolution};
use serde_json::{Value as Json, json};

use super::shape::{Polygon, number};
use super::sphere::degrees;
use super::{given, level_or, point, polygons, real, real_or};
use crate::functions::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

/// The resolution where a query names none.
const DEFAULT_RESOLUTION: i64 = 6;
/// Most cells of a polygon, as documented.
const MAX_CELLS: usize = 61_680;
/// Farthest ring that is read.
const MAX_DISTANCE: i64 = 142;
/// Most children of a cell.
const MAX_CHILDREN: u64 = 1 << 17;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_point_to_h3cell", |_, values| {
        point(values, 0)?;
        let place = LatLng::new(real(values, 1)?, real(values, 0)?).ok()?;
        let resolution = resolution(level_or(values, 2, DEFAULT_RESOLUTION)?)?;
        Some(Value::string(place.to_cell(resolution).to_string()))
    }),
    ScalarFunction::new("geo_h3cell_to_central_point", |_, values| {
        let center = LatLng::from(read(values)?);
        Some(given(
            &json!({ "type": "Point", "coordinates": place(center) }),
        ))
    }),
    ScalarFunction::new("geo_h3cell_to_polygon", |_, values| {
        Some(given(
            &json!({ "type": "Polygon", "coordinates": [border(read(values)?)] }),
        ))
    }),
    ScalarFunction::new("geo_h3cell_neighbors", |_, values| {
        let rings = rings(read(values)?, 1)?;
        Some(given(&json!(rings.get(1)?)))
    }),
    ScalarFunction::new("geo_h3cell_rings", |_, values| {
        let distance = real(values, 1)? as i64;
        Some(given(&json!(rings(read(values)?, distance)?)))
    }),
    ScalarFunction::new("geo_h3cell_level", |_, values| {
        Some(Value::Long(level(read(values)?)))
    }),
    ScalarFunction::new("geo_h3cell_parent", |_, values| {
        let cell = read(values)?;
        let wanted = resolution(level_or(values, 1, level(cell) - 1)?)?;
        let parent = cell.parent(wanted).filter(|parent| *parent != cell)?;
        Some(Value::string(parent.to_string()))
    }),
    ScalarFunction::new("geo_h3cell_children", children),
    ScalarFunction::new("geo_polygon_to_h3cells", polygon_to_cells),
];

fn resolution(number: i64) -> Option<Resolution> {
    Resolution::try_from(u8::try_from(number).ok()?).ok()
}

fn level(cell: CellIndex) -> i64 {
    i64::from(u8::from(cell.resolution()))
}

fn read(values: &[Value<'_>]) -> Option<CellIndex> {
    to_text(values.first()?).parse().ok()
}

fn place(place: LatLng) -> Json {
    json!([number(place.lng()), number(place.lat())])
}

/// The corners, the first one again at the end.
fn border(cell: CellIndex) -> Vec<Json> {
    let border = cell.boundary();
    border
        .iter()
        .chain(border.first())
        .map(|corner| place(*corner))
        .collect()
}

/// The cell by itself, then the cells at each distance.
fn rings(cell: CellIndex, distance: i64) -> Option<Vec<Vec<String>>> {
    let distance = u32::try_from(distance)
        .ok()
        .filter(|distance| i64::from(*distance) <= MAX_DISTANCE)?;
    let mut rings = vec![Vec::new(); usize::try_from(distance).ok()? + 1];
    let cells: Vec<(CellIndex, u32)> = cell.grid_disk_distances(distance);
    for (neighbor, away) in cells {
        rings
            .get_mut(usize::try_from(away).ok()?)?
            .push(neighbor.to_string());
    }
    Some(rings)
}

fn children<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let cell = read(values)?;
    let wanted = level_or(values, 1, level(cell) + 1)?;
    if wanted <= level(cell) || wanted > level(cell) + 5 {
        return None;
    }
    let wanted = resolution(wanted)?;
    if cell.children_count(wanted) > MAX_CHILDREN {
        return None;
    }
    let children: Vec<String> = cell
        .children(wanted)
        .map(|child| child.to_string())
        .collect();
    Some(given(&json!(children)))
}

/// The cells whose centre lies in the polygon; its edges count as straight on a flat map.
fn polygon_to_cells<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let radius = real_or(values, 2, 0.0).filter(|radius| *radius >= 0.0)?;
    let resolution = resolution(level_or(values, 1, DEFAULT_RESOLUTION)?)?;
    let polygons = super::buffer::enlarged(polygons(values, 0)?, radius)?;
    let mut found: Vec<String> = Vec::new();
    for polygon in &polygons {
        let flat = FlatPolygon::of(polygon);
        let mut seen = HashSet::new();
        let mut waiting = flat.border_cells(resolution)?;
        while let Some(cell) = waiting.pop() {
            if !seen.insert(cell) {
                continue;
            }
            let center = LatLng::from(cell);
            if !flat.holds(center.lng(), center.lat()) {
                continue;
            }
            found.push(cell.to_string());
            if found.len() > MAX_CELLS {
                return None;
            }
            waiting.extend(cell.grid_disk::<Vec<_>>(1));
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(given(&json!(found)))
}

/// Rings of longitudes and latitudes in degrees.
struct FlatPolygon {
    rings: Vec<Vec<(f64, f64)>>,
}

impl FlatPolygon {
    fn of(polygon: &Polygon) -> Self {
        let ring = |ring: &Vec<_>| ring.iter().map(|point| degrees(*point)).collect();
        Self {
            rings: polygon.rings.iter().map(ring).collect(),
        }
    }

    fn edges(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
        self.rings.iter().flat_map(|ring| {
            let next = ring.iter().skip(1).chain(ring.first());
            ring.iter().copied().zip(next.copied()).map(|(a, b)| {
                // An edge over the antimeridian goes the short way.
                let distance = b.0 - a.0;
                if distance.abs() > 180.0 {
                    (a, (b.0 - 360.0_f64.copysign(distance), b.1))
                } else {
                    (a, b)
                }
            })
        })
    }

    /// Whether a line to the east crosses an odd number of edges.
    fn holds(&self, longitude: f64, latitude: f64) -> bool {
        let crossed = |((ax, ay), (bx, by)): ((f64, f64), (f64, f64))| {
            let at = |longitude: f64| {
                (ay > latitude) != (by > latitude)
                    && longitude < ax + (latitude - ay) / (by - ay) * (bx - ax)
            };
            at(longitude)
        };
        self.edges().filter(|edge| crossed(*edge)).count() % 2 == 1
    }

    /// Cells along the border with those around them: whatever lies inside is found from them.
    fn border_cells(&self, resolution: Resolution) -> Option<Vec<CellIndex>> {
        // The least edge of a cell is above half of the mean one.
        let step = resolution.edge_length_rads().to_degrees() / 2.0;
        let mut cells = HashSet::new();
        for ((ax, ay), (bx, by)) in self.edges() {
            let steps = ((bx - ax).hypot(by - ay) / step).ceil().max(1.0);
            if steps > MAX_CELLS as f64 {
                return None;
            }
            for at in 0..steps as usize {
                let fraction = at as f64 / steps;
                let longitude = ax + (bx - ax) * fraction;
                let place = LatLng::new(ay + (by - ay) * fraction, longitude).ok()?;
                cells.extend(place.to_cell(resolution).grid_disk::<Vec<_>>(1));
            }
            if cells.len() > MAX_CELLS * 4 {
                return None;
            }
        }
        Some(cells.into_iter().collect())
    }
}
