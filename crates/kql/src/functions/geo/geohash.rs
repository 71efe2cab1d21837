//! Geohashes: `geo_point_to_geohash` and its kin (G. Niemeyer's scheme, base 32).

use serde_json::{Value as Json, json};

use super::shape::number;
use super::{given, level_or, point, real};
use crate::functions::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// Most characters of a geohash.
const MAX_LENGTH: usize = 18;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_point_to_geohash", point_to_geohash),
    ScalarFunction::new("geo_geohash_to_central_point", |_, values| {
        let cell = Cell::read(&to_text(values.first()?))?;
        let (longitude, latitude) = cell.center();
        Some(given(&json!({
            "type": "Point",
            "coordinates": [number(longitude), number(latitude)],
        })))
    }),
    ScalarFunction::new("geo_geohash_to_polygon", |_, values| {
        Some(given(&Cell::read(&to_text(values.first()?))?.polygon()))
    }),
    ScalarFunction::new("geo_geohash_neighbors", neighbors),
];

/// A range of longitudes and one of latitudes.
struct Cell {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

impl Cell {
    const EARTH: Self = Self {
        west: -180.0,
        east: 180.0,
        south: -90.0,
        north: 90.0,
    };

    /// Nothing where the text is no geohash. Of one character Kusto knows none with an `a`, and
    /// neither do we: the letters a, i, l and o are no digits.
    fn read(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_LENGTH {
            return None;
        }
        let mut cell = Self::EARTH;
        let mut halves_longitude = true;
        for byte in text.bytes() {
            let lower = byte.to_ascii_lowercase();
            let digit = DIGITS.iter().position(|known| *known == lower)?;
            for bit in (0..5).rev() {
                let upper = digit >> bit & 1 == 1;
                cell.halve(halves_longitude, upper);
                halves_longitude = !halves_longitude;
            }
        }
        Some(cell)
    }

    fn halve(&mut self, longitude: bool, upper: bool) {
        let (low, high) = if longitude {
            (&mut self.west, &mut self.east)
        } else {
            (&mut self.south, &mut self.north)
        };
        let middle = f64::midpoint(*low, *high);
        if upper {
            *low = middle;
        } else {
            *high = middle;
        }
    }

    fn center(&self) -> (f64, f64) {
        (
            f64::midpoint(self.west, self.east),
            f64::midpoint(self.south, self.north),
        )
    }

    fn polygon(&self) -> Json {
        let corners = [
            (self.west, self.south),
            (self.east, self.south),
            (self.east, self.north),
            (self.west, self.north),
            (self.west, self.south),
        ];
        let ring: Vec<Json> = corners
            .iter()
            .map(|(longitude, latitude)| json!([number(*longitude), number(*latitude)]))
            .collect();
        json!({ "type": "Polygon", "coordinates": [ring] })
    }
}

/// The geohash of a point, of so many characters.
fn encode(longitude: f64, latitude: f64, length: usize) -> String {
    let mut cell = Cell::EARTH;
    let mut halves_longitude = true;
    let mut out = String::with_capacity(length);
    for _ in 0..length {
        let mut digit = 0;
        for _ in 0..5 {
            let (middle_longitude, middle_latitude) = cell.center();
            let upper = if halves_longitude {
                longitude >= middle_longitude
            } else {
                latitude >= middle_latitude
            };
            digit = digit << 1 | usize::from(upper);
            cell.halve(halves_longitude, upper);
            halves_longitude = !halves_longitude;
        }
        out.extend(DIGITS.get(digit).map(|byte| char::from(*byte)));
    }
    out
}

fn point_to_geohash<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    point(values, 0)?;
    let (longitude, latitude) = (real(values, 0)?, real(values, 1)?);
    let length = usize::try_from(level_or(values, 2, 5)?).ok()?;
    let valid = (1..=MAX_LENGTH).contains(&length);
    valid.then(|| Value::string(encode(longitude, latitude, length)))
}

/// The cells that touch this one, in the order of the documentation; beyond the poles there are
/// none.
fn neighbors<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    const STEPS: [(f64, f64); 8] = [
        (-1.0, -1.0),
        (-1.0, 1.0),
        (1.0, -1.0),
        (0.0, 1.0),
        (-1.0, 0.0),
        (1.0, 1.0),
        (1.0, 0.0),
        (0.0, -1.0),
    ];
    let text = to_text(values.first()?);
    let cell = Cell::read(&text)?;
    let (longitude, latitude) = cell.center();
    let found: Vec<String> = STEPS
        .iter()
        .map(|(east, north)| {
            let longitude = longitude + east * (cell.east - cell.west);
            let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
            (longitude, latitude + north * (cell.north - cell.south))
        })
        .filter(|(_, latitude)| (-90.0..=90.0).contains(latitude))
        .map(|(longitude, latitude)| encode(longitude, latitude, text.len()))
        .collect();
    Some(given(&json!(found)))
}
