//! `geo_from_wkt`: well-known text (OGC 06-103r4) as `GeoJSON`.

use serde_json::{Value as Json, json};

use super::given;
use super::shape::number;
use crate::functions::ScalarFunction;
use crate::value::to_text;

/// Deepest nesting of collections that is read.
const MAX_DEPTH: usize = 32;

pub(super) const FUNCTIONS: &[ScalarFunction] =
    &[ScalarFunction::new("geo_from_wkt", |_, values| {
        let text = to_text(values.first()?);
        let mut reader = Reader { rest: &text };
        let shape = reader.shape(0)?;
        reader.skip_space();
        reader.rest.is_empty().then(|| given(&shape))
    })];

/// The types, and how many lists lie around their places.
const TYPES: [(&str, &str, u32); 6] = [
    ("POINT", "Point", 0),
    ("LINESTRING", "LineString", 1),
    ("POLYGON", "Polygon", 2),
    ("MULTIPOINT", "MultiPoint", 1),
    ("MULTILINESTRING", "MultiLineString", 2),
    ("MULTIPOLYGON", "MultiPolygon", 3),
];

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, character: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn shape(&mut self, depth: usize) -> Option<Json> {
        self.skip_space();
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        if word.eq_ignore_ascii_case("GEOMETRYCOLLECTION") && depth < MAX_DEPTH {
            let shapes = self.list(|reader| reader.shape(depth + 1))?;
            return Some(json!({ "type": "GeometryCollection", "geometries": shapes }));
        }
        let (_, name, lists) = TYPES
            .iter()
            .find(|known| known.0.eq_ignore_ascii_case(word))?;
        let coordinates = if *lists == 0 {
            self.eat('(')?;
            let place = self.place()?;
            self.eat(')')?;
            place
        } else {
            self.coordinates(*lists)?
        };
        Some(json!({ "type": name, "coordinates": coordinates }))
    }

    fn coordinates(&mut self, lists: u32) -> Option<Json> {
        self.list(|reader| match lists {
            1 => reader.place(),
            _ => reader.coordinates(lists - 1),
        })
    }

    fn list(&mut self, item: impl Fn(&mut Self) -> Option<Json>) -> Option<Json> {
        self.eat('(')?;
        let mut items = vec![item(self)?];
        while self.eat(',').is_some() {
            items.push(item(self)?);
        }
        self.eat(')')?;
        Some(Json::Array(items))
    }

    /// `1 2`, in a `MULTIPOINT` also `(1 2)`.
    fn place(&mut self) -> Option<Json> {
        let enclosed = self.eat('(').is_some();
        let mut numbers = Vec::new();
        while let Some(number) = self.number() {
            numbers.push(number);
        }
        if enclosed {
            self.eat(')')?;
        }
        (2..=4)
            .contains(&numbers.len())
            .then(|| json!([number(numbers[0]), number(numbers[1])]))
    }

    fn number(&mut self) -> Option<f64> {
        self.skip_space();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(self.rest.len());
        let number = self.rest.get(..end)?.parse::<f64>().ok()?;
        self.rest = self.rest.get(end..)?;
        number.is_finite().then_some(number)
    }
}
