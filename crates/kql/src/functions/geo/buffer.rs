//! `geo_point_buffer`, `geo_line_buffer`, `geo_polygon_buffer`: all points within a distance.
//!
//! A circle is a ring of so many vertices that none of its edges comes closer to the centre than
//! the radius, and no vertex lies farther than the tolerance outside. A line is the union of the
//! outlines of its edges.

use std::f64::consts::PI;

use s2::r3::vector::Vector;

use super::overlay::union_of;
use super::shape::{Lines, Polygon, polygons_json};
use super::sphere::EARTH_RADIUS;
use super::{given, lines, point, polygons, real, real_or};
use crate::functions::ScalarFunction;
use crate::value::Value;

/// The tolerance where a query names none, in metres.
const DEFAULT_TOLERANCE: f64 = 10.0;
/// The least tolerance as a part of the radius.
const LEAST_TOLERANCE: f64 = 1e-6;
/// Greatest radius: an eighth of the way round the Earth.
const MAX_RADIUS: f64 = EARTH_RADIUS * PI / 4.0;
/// Most vertices of all outlines together.
const MAX_VERTICES: usize = 200_000;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_point_buffer", |_, values| {
        let (center, outline) = (point(values, 0)?, Outline::of(values, 2)?);
        let ring = outline.circle(center);
        Some(given(&polygons_json(&[Polygon { rings: vec![ring] }])?))
    }),
    ScalarFunction::new("geo_line_buffer", |_, values| {
        let (lines, outline) = (lines(values, 0)?, Outline::of(values, 1)?);
        Some(given(&polygons_json(&union_of(outline.around(&lines)?)?)?))
    }),
    ScalarFunction::new("geo_polygon_buffer", |_, values| {
        let (polygons, outline) = (polygons(values, 0)?, Outline::of(values, 1)?);
        Some(given(&polygons_json(&outline.enlarged(polygons)?)?))
    }),
];

/// The polygons and all within a radius of them; the polygons themselves where it is zero.
pub(super) fn enlarged(polygons: Vec<Polygon>, radius: f64) -> Option<Vec<Polygon>> {
    if radius == 0.0 {
        return Some(polygons);
    }
    Outline::new(radius, DEFAULT_TOLERANCE)?.enlarged(polygons)
}

/// All within a radius of the lines.
pub(super) fn around_lines(lines: &Lines, radius: f64) -> Option<Vec<Polygon>> {
    union_of(Outline::new(radius, DEFAULT_TOLERANCE)?.around(lines)?)
}

/// How round an outline is.
struct Outline {
    /// From the centre to the vertices, in radians.
    reach: f64,
    /// Vertices of a whole circle.
    vertices: usize,
}

impl Outline {
    /// The radius at a position and the tolerance after it.
    fn of(values: &[Value<'_>], at: usize) -> Option<Self> {
        Self::new(
            real(values, at)?,
            real_or(values, at + 1, DEFAULT_TOLERANCE)?,
        )
    }

    fn new(radius: f64, tolerance: f64) -> Option<Self> {
        let valid = radius > 0.0 && radius <= MAX_RADIUS && tolerance > 0.0;
        if !valid {
            return None;
        }
        let tolerance = tolerance.clamp(radius * LEAST_TOLERANCE, radius * 0.5);
        let half_step = (radius / (radius + tolerance)).acos();
        let vertices = ((PI / half_step).ceil() as usize).max(8);
        let reach = ((radius / EARTH_RADIUS).tan() / (PI / vertices as f64).cos()).atan();
        Some(Self { reach, vertices })
    }

    /// The vertex in a direction, counterclockwise from the east.
    fn vertex(&self, center: Vector, direction: f64) -> Vector {
        let east = if center.x.hypot(center.y) < 1e-15 {
            Vector::new(1.0, 0.0, 0.0)
        } else {
            Vector::new(-center.y, center.x, 0.0).normalize()
        };
        let north = center.cross(&east);
        let sideways = east * direction.cos() + north * direction.sin();
        (center * self.reach.cos() + sideways * self.reach.sin()).normalize()
    }

    fn step(&self) -> f64 {
        2.0 * PI / self.vertices as f64
    }

    fn circle(&self, center: Vector) -> Vec<Vector> {
        (0..self.vertices)
            .map(|at| self.vertex(center, self.step() * at as f64))
            .collect()
    }

    /// The vertices of a half circle, from one direction round to the other side. All but the ends
    /// are vertices of the whole circle, so that neighbours share them.
    fn half_circle(&self, center: Vector, from: f64) -> Vec<Vector> {
        let mut half = vec![self.vertex(center, from)];
        let mut at = (from / self.step()).floor() as i64 + 1;
        while (at as f64) * self.step() < from + PI - 1e-9 {
            if (at as f64) * self.step() > from + 1e-9 {
                half.push(self.vertex(center, at as f64 * self.step()));
            }
            at += 1;
        }
        half.push(self.vertex(center, from + PI));
        half
    }

    /// All within the radius of an edge.
    fn capsule(&self, a: Vector, b: Vector) -> Polygon {
        let heading = |center: Vector, towards: Vector| {
            let east = Vector::new(-center.y, center.x, 0.0).normalize();
            let north = center.cross(&east);
            towards.dot(&north).atan2(towards.dot(&east))
        };
        // Counterclockwise: round the far side of `b`, then round that of `a`.
        let mut ring = self.half_circle(b, heading(b, a) + PI / 2.0);
        ring.extend(self.half_circle(a, heading(a, b) + PI / 2.0));
        Polygon { rings: vec![ring] }
    }

    fn around(&self, lines: &Lines) -> Option<Vec<Polygon>> {
        let edges = lines.iter().flat_map(|line| line.windows(2));
        let edges: Vec<_> = edges.map(|edge| (edge[0], edge[1])).collect();
        self.capsules(&edges)
    }

    fn capsules(&self, edges: &[(Vector, Vector)]) -> Option<Vec<Polygon>> {
        if edges.len().saturating_mul(self.vertices) > MAX_VERTICES {
            return None;
        }
        Some(edges.iter().map(|(a, b)| self.capsule(*a, *b)).collect())
    }

    fn enlarged(&self, mut polygons: Vec<Polygon>) -> Option<Vec<Polygon>> {
        let edges: Vec<_> = polygons.iter().flat_map(Polygon::edges).collect();
        polygons.extend(self.capsules(&edges)?);
        union_of(polygons)
    }
}
