//! Union and intersection of polygons.
//!
//! The edges of both are cut where they meet. What is left of an edge lies wholly inside, outside
//! or on the border of the other; the parts that bound the result are joined to rings again. A
//! ring starts after the part of the last edge that was put in, which is how S2 orders its own.

use std::collections::{BTreeMap, HashMap, HashSet};

use s2::r3::vector::Vector;

use super::shape::{MAX_VERTICES, Polygon};
use super::sphere::{SAME_POINT, crossing, middle, on_edge, ring_area, ring_edges, same, turn};

/// Most pairs of edges that are looked at.
const MAX_PAIRS: usize = 400_000_000;

/// What becomes of two polygons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Union,
    Intersection,
}

/// The result: areas, and for an intersection what the borders share beside them.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    pub(super) polygons: Vec<Polygon>,
    pub(super) lines: Vec<Vec<Vector>>,
    pub(super) points: Vec<Vector>,
}

/// Points by number: those that are one point have one number.
#[derive(Debug, Default)]
pub(super) struct Vertices {
    points: Vec<Vector>,
    grid: HashMap<[i64; 3], Vec<usize>>,
}

impl Vertices {
    /// The number of a point, new or known.
    pub(super) fn number(&mut self, point: Vector) -> usize {
        const SIZE: f64 = SAME_POINT * 4.0;
        let place = [point.x, point.y, point.z].map(|part| (part / SIZE).floor() as i64);
        for dx in -1..=1 {
            for dy in -1..=1 {
                for dz in -1..=1 {
                    let near = [place[0] + dx, place[1] + dy, place[2] + dz];
                    let found = self.grid.get(&near).into_iter().flatten();
                    if let Some(known) = found
                        .copied()
                        .find(|at| self.points.get(*at).is_some_and(|p| same(*p, point)))
                    {
                        return known;
                    }
                }
            }
        }
        self.points.push(point);
        self.grid
            .entry(place)
            .or_default()
            .push(self.points.len() - 1);
        self.points.len() - 1
    }

    /// The point of a number.
    pub(super) fn point(&self, number: usize) -> Vector {
        self.points
            .get(number)
            .copied()
            .unwrap_or(Vector::new(1.0, 0.0, 0.0))
    }
}

/// A part of an edge between two numbered points; `source` counts the edges as they were put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) source: usize,
}

/// Cuts two sets of edges where they meet each other; the sources of the second follow the first's.
pub(super) fn cut(
    first: &[(Vector, Vector)],
    second: &[(Vector, Vector)],
    vertices: &mut Vertices,
) -> Option<(Vec<Part>, Vec<Part>)> {
    if first.len().saturating_mul(second.len()) > MAX_PAIRS {
        return None;
    }
    let mut cuts = (
        vec![Vec::new(); first.len()],
        vec![Vec::new(); second.len()],
    );
    for (own, (a, b)) in cuts.0.iter_mut().zip(first) {
        for (other, (c, d)) in cuts.1.iter_mut().zip(second) {
            let reach = f64::midpoint((*b - *a).norm(), (*d - *c).norm()) + SAME_POINT;
            // Arcs stay close to their chords only while they are short.
            if reach < 0.5 && (((*a + *b) - (*c + *d)) * 0.5).norm() > reach * 1.2 {
                continue;
            }
            if let Some(point) = crossing(*a, *b, *c, *d) {
                own.push(point);
                other.push(point);
            }
            own.extend([*c, *d].into_iter().filter(|point| on_edge(*point, *a, *b)));
            other.extend([*a, *b].into_iter().filter(|point| on_edge(*point, *c, *d)));
        }
    }
    let after = first.len();
    let own = parts(first, cuts.0, 0, vertices);
    let other = parts(second, cuts.1, after, vertices);
    Some((own, other))
}

fn parts(
    edges: &[(Vector, Vector)],
    cuts: Vec<Vec<Vector>>,
    sources: usize,
    vertices: &mut Vertices,
) -> Vec<Part> {
    let mut found = Vec::with_capacity(edges.len());
    for (at, ((a, b), mut cuts)) in edges.iter().zip(cuts).enumerate() {
        cuts.sort_by(|left, right| (*left - *a).norm2().total_cmp(&(*right - *a).norm2()));
        let mut from = vertices.number(*a);
        for point in cuts.into_iter().chain([*b]) {
            let to = vertices.number(point);
            if to != from {
                found.push(Part {
                    from,
                    to,
                    source: sources + at,
                });
                from = to;
            }
        }
    }
    found
}

/// Where a part lies to the other shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    /// On its border, in the same direction.
    Along,
    /// On its border, in the other direction.
    Against,
}

fn places(parts: &[Part], others: &[Part], shape: &[Polygon], vertices: &Vertices) -> Vec<Place> {
    let border: HashSet<(usize, usize)> = others.iter().map(|part| (part.from, part.to)).collect();
    let on_border: HashSet<usize> = others.iter().map(|part| part.from).collect();
    let mut last: Option<(usize, Place)> = None;
    parts
        .iter()
        .map(|part| {
            let place = if border.contains(&(part.from, part.to)) {
                Place::Along
            } else if border.contains(&(part.to, part.from)) {
                Place::Against
            } else if let Some((end, place)) = last
                && end == part.from
                && !on_border.contains(&end)
            {
                // Only at its border does one pass from inside to outside.
                place
            } else {
                let middle = middle(vertices.point(part.from), vertices.point(part.to));
                if shape.iter().any(|polygon| polygon.holds_inside(middle)) {
                    Place::Inside
                } else {
                    Place::Outside
                }
            };
            last = Some((part.to, place));
            place
        })
        .collect()
}

/// Unites or intersects two areas; the polygons of each must not overlap one another.
pub(super) fn overlay(
    first: &[Polygon],
    second: &[Polygon],
    operation: Operation,
) -> Option<Overlay> {
    let edges = |shape: &[Polygon]| shape.iter().flat_map(Polygon::edges).collect::<Vec<_>>();
    let mut vertices = Vertices::default();
    let (own, other) = cut(&edges(first), &edges(second), &mut vertices)?;
    let wanted = match operation {
        Operation::Union => Place::Outside,
        Operation::Intersection => Place::Inside,
    };
    let own_places = places(&own, &other, second, &vertices);
    let other_places = places(&other, &own, first, &vertices);
    let mut kept: Vec<Part> = Vec::new();
    let own_kept = own.iter().zip(&own_places);
    kept.extend(
        own_kept
            .filter(|(_, place)| **place == wanted || **place == Place::Along)
            .map(|(part, _)| *part),
    );
    let other_kept = other.iter().zip(&other_places);
    kept.extend(
        other_kept
            .filter(|(_, place)| **place == wanted)
            .map(|(part, _)| *part),
    );
    let mut result = Overlay {
        polygons: polygons_of(rings(kept.clone(), &vertices)?),
        ..Overlay::default()
    };
    if operation == Operation::Intersection {
        let against = own.iter().zip(&own_places);
        let touching: Vec<Part> = against
            .filter(|(_, place)| **place == Place::Against)
            .map(|(part, _)| *part)
            .collect();
        result.points = shared_points(&own, &other, &[&kept, &touching], &vertices);
        result.lines = chains(&touching, &vertices);
    }
    Some(result)
}

/// Points where both sets of parts meet and none of `covered` passes.
pub(super) fn shared_points(
    own: &[Part],
    other: &[Part],
    covered: &[&[Part]],
    vertices: &Vertices,
) -> Vec<Vector> {
    let ends = |parts: &[Part]| -> HashSet<usize> {
        parts.iter().flat_map(|part| [part.from, part.to]).collect()
    };
    let covered: HashSet<usize> = covered.iter().flat_map(|parts| ends(parts)).collect();
    let other = ends(other);
    let mut seen = HashSet::new();
    own.iter()
        .flat_map(|part| [part.from, part.to])
        .filter(|end| other.contains(end) && !covered.contains(end) && seen.insert(*end))
        .map(|end| vertices.point(end))
        .collect()
}

/// Joins parts that follow each other to lines.
pub(super) fn chains(parts: &[Part], vertices: &Vertices) -> Vec<Vec<Vector>> {
    let mut lines: Vec<(usize, Vec<Vector>)> = Vec::new();
    for part in parts {
        let end = vertices.point(part.to);
        match lines.last_mut() {
            Some((last, line)) if *last == part.from => {
                line.push(end);
                *last = part.to;
            }
            _ => lines.push((part.to, vec![vertices.point(part.from), end])),
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A ring with the source of the edge that starts at each vertex.
type SourcedRing = Vec<(Vector, usize)>;

/// Follows the parts round, turning left where there is a choice, so that rings only touch.
fn rings(parts: Vec<Part>, vertices: &Vertices) -> Option<Vec<SourcedRing>> {
    let mut leaving: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    let total = parts.len();
    for part in &parts {
        leaving.entry(part.from).or_default().push(*part);
    }
    let mut rings = Vec::new();
    for start in parts {
        let Some(first) = take(&mut leaving, start.from, |part| *part == start) else {
            continue;
        };
        let mut ring = vec![first];
        while ring.last()?.to != start.from {
            let last = *ring.last()?;
            let next = next_part(&mut leaving, last, vertices);
            match next {
                Some(next) if ring.len() <= total => ring.push(next),
                // A ring that does not close is left out: it comes of rounding.
                _ => {
                    ring.clear();
                    break;
                }
            }
        }
        if ring.len() >= 3 {
            rings.push(in_order(&ring, vertices));
        }
    }
    rings.sort_by_key(|ring| ring.first().map(|vertex| vertex.1));
    Some(rings)
}

fn take(
    leaving: &mut BTreeMap<usize, Vec<Part>>,
    from: usize,
    is_it: impl Fn(&Part) -> bool,
) -> Option<Part> {
    let parts = leaving.get_mut(&from)?;
    let at = parts.iter().position(is_it)?;
    Some(parts.swap_remove(at))
}

fn next_part(
    leaving: &mut BTreeMap<usize, Vec<Part>>,
    last: Part,
    vertices: &Vertices,
) -> Option<Part> {
    let (before, here) = (vertices.point(last.from), vertices.point(last.to));
    let clockwise = |part: &Part| {
        let angle = -turn(before, here, vertices.point(part.to));
        let whole = 2.0 * std::f64::consts::PI;
        let angle = angle.rem_euclid(whole);
        if angle < 1e-12 { whole } else { angle }
    };
    let chosen = leaving
        .get(&last.to)?
        .iter()
        .min_by(|a, b| clockwise(a).total_cmp(&clockwise(b)))
        .copied()?;
    take(leaving, last.to, |part| *part == chosen)
}

/// Turned so that it starts after the part of its last edge.
fn in_order(ring: &[Part], vertices: &Vertices) -> SourcedRing {
    let greatest = ring.iter().map(|part| part.source).max().unwrap_or(0);
    let following = |at: usize| ring.get((at + 1) % ring.len()).map(|part| part.source);
    let last = (0..ring.len()).rev().find(|at| {
        ring.get(*at).is_some_and(|part| part.source == greatest)
            && following(*at) != Some(greatest)
    });
    let start = last.map_or(0, |last| (last + 1) % ring.len());
    ring.iter()
        .cycle()
        .skip(start)
        .take(ring.len())
        .map(|part| (vertices.point(part.from), part.source))
        .collect()
}

/// Shells with the holes that lie in them.
fn polygons_of(rings: Vec<SourcedRing>) -> Vec<Polygon> {
    let rings = rings
        .into_iter()
        .map(|ring| ring.into_iter().map(|vertex| vertex.0).collect::<Vec<_>>());
    let (shells, holes): (Vec<_>, Vec<_>) = rings
        .filter(|ring| ring_area(ring).abs() > SAME_POINT * SAME_POINT)
        .partition(|ring| ring_area(ring) > 0.0);
    let mut polygons: Vec<Polygon> = shells
        .into_iter()
        .map(|shell| Polygon { rings: vec![shell] })
        .collect();
    for hole in holes {
        let Some((a, b)) = ring_edges(&hole).next() else {
            continue;
        };
        let inside = middle(a, b);
        let around = polygons.iter_mut().filter(|polygon| {
            let shell = polygon.rings.first().map(Vec::as_slice);
            shell.is_some_and(|shell| super::sphere::winding(shell, inside) > 0)
        });
        let size = |polygon: &Polygon| polygon.rings.first().map_or(0.0, |ring| ring_area(ring));
        if let Some(polygon) = around.min_by(|a, b| size(a).total_cmp(&size(b))) {
            polygon.rings.push(hole);
        }
    }
    polygons
}

/// The union of all: the two with the fewest vertices are united first, as S2 does.
pub(super) fn union_of(polygons: Vec<Polygon>) -> Option<Vec<Polygon>> {
    let size = |shape: &[Polygon]| shape.iter().flat_map(|p| &p.rings).map(Vec::len).sum();
    let mut waiting: BTreeMap<(usize, usize), Vec<Polygon>> = BTreeMap::new();
    let mut count = 0;
    for polygon in polygons {
        let shape = vec![polygon];
        waiting.insert((size(&shape), count), shape);
        count += 1;
    }
    loop {
        let (_, first) = waiting.pop_first()?;
        let Some((_, second)) = waiting.pop_first() else {
            return Some(first);
        };
        let united = overlay(&first, &second, Operation::Union)?.polygons;
        let vertices: usize = size(&united);
        if vertices > MAX_VERTICES {
            return None;
        }
        waiting.insert((vertices, count), united);
        count += 1;
    }
}
