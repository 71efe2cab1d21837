//! `geo_line_densify`, `geo_polygon_densify`: edges that are straight on a flat map, as chains of
//! great circles that keep within a tolerance of them.

use serde_json::{Value as Json, json};

use super::shape::{lines, number, polygons};
use super::sphere::{EARTH_RADIUS, edge_distance, point};
use super::{flag, given, json, real_or};
use crate::functions::{CallContext, ScalarFunction};
use crate::value::Value;

/// Most points of a result, as documented.
const MAX_POINTS: usize = 10_485_760;
/// Halving an edge this often leaves millimetres of half the Earth.
const MAX_HALVINGS: u32 = 34;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_line_densify", |context, values| {
        lines(&json(values, 0)?)?;
        densified(context, values)
    }),
    ScalarFunction::new("geo_polygon_densify", |context, values| {
        polygons(&json(values, 0)?)?;
        densified(context, values)
    }),
];

/// Longitude and latitude in degrees.
type Place = (f64, f64);

fn densified<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let tolerance = real_or(values, 1, 10.0)?;
    if !(0.1..=10_000.0).contains(&tolerance) {
        return None;
    }
    let mut shape = json(values, 0)?;
    let mut made = Chain {
        tolerance: tolerance / EARTH_RADIUS,
        over_antimeridian: flag(values, 2),
        points: 0,
    };
    let coordinates = shape.get_mut("coordinates")?;
    made.densify(coordinates)?;
    Some(given(&shape))
}

struct Chain {
    /// In radians.
    tolerance: f64,
    over_antimeridian: bool,
    points: usize,
}

impl Chain {
    /// Densifies every list of places, however deep it lies.
    fn densify(&mut self, coordinates: &mut Json) -> Option<()> {
        let list = coordinates.as_array_mut()?;
        let is_list_of_places = list
            .first()
            .and_then(|first| first.get(0))
            .is_some_and(Json::is_number);
        if !is_list_of_places {
            return list.iter_mut().try_for_each(|inner| self.densify(inner));
        }
        let places: Vec<Place> = list.iter().map(place).collect::<Option<_>>()?;
        let mut dense = vec![*places.first()?];
        for pair in places.windows(2) {
            let (from, to) = (pair[0], self.unwrapped(pair[0], pair[1]));
            self.edge(&mut dense, from, to, MAX_HALVINGS)?;
        }
        *list = dense
            .into_iter()
            .map(|(longitude, latitude)| json!([number(wrapped(longitude)), number(latitude)]))
            .collect();
        Some(())
    }

    /// The end moved round the Earth where the edge goes the short way over the antimeridian.
    fn unwrapped(&self, from: Place, to: Place) -> Place {
        let distance = to.0 - from.0;
        if !self.over_antimeridian || distance.abs() <= 180.0 {
            return to;
        }
        (to.0 - 360.0_f64.copysign(distance), to.1)
    }

    /// Adds what comes after `from`.
    fn edge(
        &mut self,
        dense: &mut Vec<Place>,
        from: Place,
        to: Place,
        halvings: u32,
    ) -> Option<()> {
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let at = |place: Place| point(wrapped(place.0), place.1);
        let away = edge_distance(at(middle)?, at(from)?, at(to)?);
        if halvings == 0 || away <= self.tolerance {
            self.points += 1;
            dense.push(to);
            return (self.points <= MAX_POINTS).then_some(());
        }
        self.edge(dense, from, middle, halvings - 1)?;
        self.edge(dense, middle, to, halvings - 1)
    }
}

fn place(pair: &Json) -> Option<Place> {
    Some((pair.get(0)?.as_f64()?, pair.get(1)?.as_f64()?))
}

/// The longitude within [-180, 180].
fn wrapped(longitude: f64) -> f64 {
    if longitude > 180.0 {
        longitude - 360.0
    } else if longitude < -180.0 {
        longitude + 360.0
    } else {
        longitude
    }
}
