//! Points, edges and rings on the sphere.
//!
//! A point is a unit vector, an edge the shorter arc of a great circle between two points that are
//! not antipodes. Angles are in radians. The formulas are those of vector trigonometry; the sphere
//! and its radius are those of the S2 library, which Kusto documents as its model.

use s2::r3::vector::Vector;

/// Radius of the sphere that stands for the Earth, in metres.
pub(super) const EARTH_RADIUS: f64 = 6_371_010.0;
/// Points closer than this are one point: some 6 micrometres on the ground.
pub(super) const SAME_POINT: f64 = 1e-12;

/// A point of these degrees; nothing outside of [-180, 180] and [-90, 90].
pub(super) fn point(longitude: f64, latitude: f64) -> Option<Vector> {
    let valid = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
    let (longitude, latitude) = (longitude.to_radians(), latitude.to_radians());
    valid.then(|| Vector {
        x: longitude.cos() * latitude.cos(),
        y: longitude.sin() * latitude.cos(),
        z: latitude.sin(),
    })
}

/// Longitude and latitude in degrees.
pub(super) fn degrees(point: Vector) -> (f64, f64) {
    let longitude = point.y.atan2(point.x).to_degrees();
    let latitude = point.z.atan2(point.x.hypot(point.y)).to_degrees();
    (longitude, latitude)
}

/// The angle between two points.
pub(super) fn angle(a: Vector, b: Vector) -> f64 {
    a.cross(&b).norm().atan2(a.dot(&b))
}

/// Whether the two are one point.
pub(super) fn same(a: Vector, b: Vector) -> bool {
    (a - b).norm2() < SAME_POINT * SAME_POINT
}

/// The point at a fraction of the way from `a` to `b`.
pub(super) fn interpolate(a: Vector, b: Vector, fraction: f64) -> Vector {
    let whole = angle(a, b);
    if whole < SAME_POINT {
        return a;
    }
    let (from, to) = (((1.0 - fraction) * whole).sin(), (fraction * whole).sin());
    (a * from + b * to).normalize()
}

/// The middle of an edge.
pub(super) fn middle(a: Vector, b: Vector) -> Vector {
    (a + b).normalize()
}

/// The normal of the great circle through an edge, well conditioned for short edges.
pub(super) fn normal(a: Vector, b: Vector) -> Vector {
    (b + a).cross(&(b - a)) * 0.5
}

/// The point of the edge that is closest.
pub(super) fn closest_on_edge(point: Vector, a: Vector, b: Vector) -> Vector {
    let normal = normal(a, b);
    if normal.norm2() < SAME_POINT * SAME_POINT {
        return a;
    }
    let normal = normal.normalize();
    let foot = point - normal * point.dot(&normal);
    // The foot of the perpendicular, where it lies between the ends.
    if foot.norm2() > 1e-30
        && normal.cross(&a).dot(&foot) > 0.0
        && normal.cross(&b).dot(&foot) < 0.0
    {
        return foot.normalize();
    }
    if (point - a).norm2() <= (point - b).norm2() {
        a
    } else {
        b
    }
}

/// The angle from a point to an edge.
pub(super) fn edge_distance(point: Vector, a: Vector, b: Vector) -> f64 {
    angle(point, closest_on_edge(point, a, b))
}

/// Whether the point lies on the edge, ends included.
pub(super) fn on_edge(point: Vector, a: Vector, b: Vector) -> bool {
    (point - closest_on_edge(point, a, b)).norm2() < SAME_POINT * SAME_POINT
}

/// Where the inner parts of two edges cross; nothing where they only touch.
pub(super) fn crossing(a: Vector, b: Vector, c: Vector, d: Vector) -> Option<Vector> {
    let (first, second) = (normal(a, b), normal(c, d));
    let sides = [first.dot(&c), first.dot(&d), second.dot(&a), second.dot(&b)];
    let crosses =
        sides[0] * sides[1] < 0.0 && sides[2] * sides[3] < 0.0 && sides[0] * sides[3] > 0.0;
    if !crosses {
        return None;
    }
    let found = first.cross(&second);
    if found.norm2() < 1e-60 {
        return None;
    }
    let found = found.normalize();
    Some(if found.dot(&(a + b)) < 0.0 {
        found * -1.0
    } else {
        found
    })
}

/// The angle at `b` from the edge to `a`, counterclockwise, to the edge to `c`, in [-pi, pi].
pub(super) fn turn(a: Vector, b: Vector, c: Vector) -> f64 {
    let (from, to) = (b.cross(&a), b.cross(&c));
    from.cross(&to).dot(&b).atan2(from.dot(&to))
}

/// Signed area of a triangle in steradians, positive where it turns counterclockwise (Eriksson,
/// "On the measure of solid angles", 1990).
pub(super) fn triangle_area(a: Vector, b: Vector, c: Vector) -> f64 {
    // As differences from `a`, so that little triangles keep their digits.
    let volume = a.dot(&(b - a).cross(&(c - a)));
    2.0 * volume.atan2(1.0 + a.dot(&b) + b.dot(&c) + c.dot(&a))
}

/// Signed area on the left of a ring in steradians, in [-2 pi, 2 pi].
pub(super) fn ring_area(ring: &[Vector]) -> f64 {
    let Some((first, rest)) = ring.split_first() else {
        return 0.0;
    };
    let area: f64 = rest
        .windows(2)
        .map(|pair| triangle_area(*first, pair[0], pair[1]))
        .sum();
    let sphere = 4.0 * std::f64::consts::PI;
    let area = area % sphere;
    if area > sphere / 2.0 {
        area - sphere
    } else if area < -sphere / 2.0 {
        area + sphere
    } else {
        area
    }
}

/// The edges of a ring: each vertex with the next, and the last with the first.
pub(super) fn ring_edges(ring: &[Vector]) -> impl Iterator<Item = (Vector, Vector)> + '_ {
    let next = ring.iter().skip(1).chain(ring.first());
    ring.iter().copied().zip(next.copied())
}

/// How often a ring goes round a point, counterclockwise.
pub(super) fn winding(ring: &[Vector], point: Vector) -> i64 {
    let sum: f64 = ring_edges(ring).map(|(a, b)| turn(a, point, b)).sum();
    (sum / (2.0 * std::f64::consts::PI)).round() as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lengths_and_areas_are_those_of_the_sphere() {
        let quarter = angle(point(0.0, 0.0).unwrap(), point(90.0, 0.0).unwrap());
        assert!((quarter - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
        let octant = [(0.0, 0.0), (90.0, 0.0), (0.0, 90.0)].map(|(x, y)| point(x, y).unwrap());
        assert!((ring_area(&octant) - std::f64::consts::FRAC_PI_2).abs() < 1e-14);
        assert!(point(180.1, 0.0).is_none() && point(f64::NAN, 0.0).is_none());
    }

    #[test]
    fn edges_cross_in_one_point() {
        let at = |x, y| point(x, y).unwrap();
        let found = crossing(at(-1.0, 0.0), at(1.0, 0.0), at(0.0, -1.0), at(0.0, 1.0)).unwrap();
        assert!(same(found, at(0.0, 0.0)));
        assert!(crossing(at(-1.0, 0.0), at(1.0, 0.0), at(2.0, -1.0), at(2.0, 1.0)).is_none());
        assert!(crossing(at(179.0, 0.0), at(-179.0, 0.0), at(0.0, -1.0), at(0.0, 1.0)).is_none());
    }

    #[test]
    fn a_ring_winds_round_what_it_holds() {
        let ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        let ring = ring.map(|(x, y)| point(x, y).unwrap());
        assert_eq!(winding(&ring, point(5.0, 5.0).unwrap()), 1);
        assert_eq!(winding(&ring, point(15.0, 5.0).unwrap()), 0);
        assert_eq!(winding(&ring, point(-175.0, -5.0).unwrap()), -1);
    }
}
