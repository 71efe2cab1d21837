//! Shapes on the sphere, and `GeoJSON` (RFC 7946) to and from them.

use s2::r3::vector::Vector;
use serde_json::{Map, Value as Json, json};

use super::sphere::{crossing, degrees, on_edge, point, ring_area, ring_edges, same, winding};

/// Most vertices of one shape that is read or made.
pub(super) const MAX_VERTICES: usize = 1 << 20;
/// Rings up to this length are checked for edges that cross.
const MAX_CHECKED_RING: usize = 2_000;

/// A polygon: the shell counterclockwise, then its holes clockwise; no ring repeats its start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Polygon {
    pub(super) rings: Vec<Vec<Vector>>,
}

/// Polylines, each of two vertices or more.
pub(super) type Lines = Vec<Vec<Vector>>;

impl Polygon {
    /// Whether the point lies inside or on the border.
    pub(super) fn holds(&self, point: Vector) -> bool {
        let on_border = self
            .rings
            .iter()
            .flat_map(|ring| ring_edges(ring))
            .any(|(a, b)| on_edge(point, a, b));
        on_border || self.holds_inside(point)
    }

    /// Whether the point lies inside; said of points on the border it means nothing.
    pub(super) fn holds_inside(&self, point: Vector) -> bool {
        let Some((shell, holes)) = self.rings.split_first() else {
            return false;
        };
        winding(shell, point) > 0 && holes.iter().all(|hole| winding(hole, point) >= 0)
    }

    /// Every edge of every ring.
    pub(super) fn edges(&self) -> impl Iterator<Item = (Vector, Vector)> + '_ {
        self.rings.iter().flat_map(|ring| ring_edges(ring))
    }
}

fn coordinate(value: &Json) -> Option<Vector> {
    let pair = value.as_array()?;
    point(pair.first()?.as_f64()?, pair.get(1)?.as_f64()?)
}

fn coordinates(value: &Json) -> Option<Vec<Vector>> {
    let list = value.as_array()?;
    if list.len() > MAX_VERTICES {
        return None;
    }
    list.iter().map(coordinate).collect()
}

/// Neighbours that are antipodes have no shortest edge.
fn edges_are_short(vertices: &[Vector]) -> bool {
    vertices
        .windows(2)
        .all(|pair| (pair[0] + pair[1]).norm2() > 1e-20)
}

fn line(value: &Json) -> Option<Vec<Vector>> {
    let mut vertices = coordinates(value)?;
    vertices.dedup_by(|next, previous| same(*next, *previous));
    (vertices.len() >= 2 && edges_are_short(&vertices)).then_some(vertices)
}

/// A closed ring of three vertices or more that differ, turned so that the lesser area is on its
/// left.
fn ring(value: &Json) -> Option<Vec<Vector>> {
    let mut vertices = coordinates(value)?;
    if vertices.len() < 4 || !same(*vertices.first()?, vertices.pop()?) {
        return None;
    }
    let edges = ring_edges(&vertices);
    let valid = edges
        .into_iter()
        .all(|(a, b)| !same(a, b) && (a + b).norm2() > 1e-20);
    if vertices.len() < 3 || !valid || crosses_itself(&vertices) {
        return None;
    }
    if ring_area(&vertices) < 0.0 {
        vertices.reverse();
    }
    Some(vertices)
}

fn crosses_itself(ring: &[Vector]) -> bool {
    if ring.len() > MAX_CHECKED_RING {
        return false;
    }
    let edges: Vec<(Vector, Vector)> = ring_edges(ring).collect();
    edges.iter().enumerate().any(|(at, first)| {
        edges
            .iter()
            .skip(at + 2)
            .any(|second| crossing(first.0, first.1, second.0, second.1).is_some())
    })
}

fn polygon(value: &Json) -> Option<Polygon> {
    let mut rings = value
        .as_array()?
        .iter()
        .map(ring)
        .collect::<Option<Vec<_>>>()?;
    if rings.is_empty() {
        return None;
    }
    for hole in rings.iter_mut().skip(1) {
        hole.reverse();
    }
    Some(Polygon { rings })
}

/// The `coordinates` of a shape of this type.
fn of_type<'j>(shape: &'j Json, name: &str) -> Option<&'j Json> {
    let is_it = shape.get("type")?.as_str()? == name;
    is_it.then(|| shape.get("coordinates")).flatten()
}

/// A `LineString` or `MultiLineString`; nothing where it is no valid one.
pub(super) fn lines(shape: &Json) -> Option<Lines> {
    if let Some(one) = of_type(shape, "LineString") {
        return Some(vec![line(one)?]);
    }
    let several = of_type(shape, "MultiLineString")?.as_array()?;
    let lines: Lines = several.iter().map(line).collect::<Option<_>>()?;
    (!lines.is_empty()).then_some(lines)
}

/// A `Polygon` or `MultiPolygon`; nothing where it is no valid one.
pub(super) fn polygons(shape: &Json) -> Option<Vec<Polygon>> {
    if let Some(one) = of_type(shape, "Polygon") {
        return Some(vec![polygon(one)?]);
    }
    let several = of_type(shape, "MultiPolygon")?.as_array()?;
    let polygons: Vec<Polygon> = several.iter().map(polygon).collect::<Option<_>>()?;
    (!polygons.is_empty()).then_some(polygons)
}

fn shape(name: &str, coordinates: Json) -> Json {
    let mut bag = Map::new();
    bag.insert("type".to_owned(), json!(name));
    bag.insert("coordinates".to_owned(), coordinates);
    Json::Object(bag)
}

/// A number without a fraction is written without one, as Kusto does.
pub(super) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// `[longitude, latitude]`.
pub(super) fn pair(point: Vector) -> Json {
    let (longitude, latitude) = degrees(point);
    json!([number(longitude), number(latitude)])
}

fn pairs(points: &[Vector]) -> Json {
    Json::Array(points.iter().map(|point| pair(*point)).collect())
}

fn ring_pairs(ring: &[Vector]) -> Json {
    Json::Array(
        ring.iter()
            .chain(ring.first())
            .map(|point| pair(*point))
            .collect(),
    )
}

fn polygon_pairs(polygon: &Polygon) -> Json {
    Json::Array(polygon.rings.iter().map(|ring| ring_pairs(ring)).collect())
}

/// A `Point`.
pub(super) fn point_json(point: Vector) -> Json {
    shape("Point", pair(point))
}

/// One polygon, or several as one shape; nothing for none.
pub(super) fn polygons_json(polygons: &[Polygon]) -> Option<Json> {
    match polygons {
        [] => None,
        [one] => Some(shape("Polygon", polygon_pairs(one))),
        several => Some(shape(
            "MultiPolygon",
            Json::Array(several.iter().map(polygon_pairs).collect()),
        )),
    }
}

/// One line, or several as one shape; nothing for none.
pub(super) fn lines_json(lines: &[Vec<Vector>]) -> Option<Json> {
    match lines {
        [] => None,
        [one] => Some(shape("LineString", pairs(one))),
        several => Some(shape(
            "MultiLineString",
            Json::Array(several.iter().map(|line| pairs(line)).collect()),
        )),
    }
}

/// One point, or several as one shape; nothing for none.
pub(super) fn points_json(points: &[Vector]) -> Option<Json> {
    match points {
        [] => None,
        [one] => Some(point_json(*one)),
        several => Some(shape("MultiPoint", pairs(several))),
    }
}

/// The only shape as itself, others as a `GeometryCollection`.
pub(super) fn collection(mut shapes: Vec<Json>) -> Json {
    if shapes.len() == 1 {
        return shapes.remove(0);
    }
    json!({ "type": "GeometryCollection", "geometries": shapes })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shapes_that_are_none_are_refused() {
        for text in [
            r#"{"type":"Polygon"}"#,
            r#"{"type":"Polygon","coordinates":[]}"#,
            r#"{"type":"Polygon","coordinates":[[[5,48],[5,48]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,0],[0,1]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[10,10],[0,10],[10,0],[0,0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[190,10],[10,0],[0,0]]]}"#,
        ] {
            assert!(
                polygons(&serde_json::from_str(text).unwrap()).is_none(),
                "{text}"
            );
        }
        let point = json!({ "type": "LineString", "coordinates": [[1, 1]] });
        assert!(lines(&point).is_none());
    }

    #[test]
    fn the_lesser_side_of_a_ring_is_inside() {
        let clockwise =
            json!({ "type": "Polygon", "coordinates": [[[0, 0], [0, 50], [100, 50], [0, 0]]] });
        let polygon = &polygons(&clockwise).unwrap()[0];
        assert!(polygon.holds(point(30.0, 45.0).unwrap()));
        assert!(polygon.holds(point(0.0, 50.0).unwrap()));
        assert!(!polygon.holds(point(-150.0, -45.0).unwrap()));
    }
}
