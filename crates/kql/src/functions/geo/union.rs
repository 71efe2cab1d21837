//! `geo_union_polygons_array`, `geo_union_lines_array`.

use std::collections::{HashMap, HashSet};

use s2::r3::vector::Vector;
use serde_json::Value as Json;

use super::overlay::{Vertices, union_of};
use super::shape::{Lines, Polygon, lines, lines_json, polygons, polygons_json};
use super::{given, json};
use crate::functions::ScalarFunction;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("geo_union_polygons_array", |_, values| {
        Some(given(&polygons_json(&union_of(polygons_of_array(
            values,
        )?)?)?))
    }),
    ScalarFunction::new("geo_union_lines_array", |_, values| {
        let Json::Array(shapes) = json(values, 0)? else {
            return None;
        };
        let lines: Vec<Lines> = shapes.iter().map(lines).collect::<Option<_>>()?;
        Some(given(&lines_json(&union_of_lines(&lines.concat())?)?))
    }),
];

/// The polygons of an array of shapes; nothing where one is invalid.
pub(super) fn polygons_of_array(values: &[Value<'_>]) -> Option<Vec<Polygon>> {
    let Json::Array(shapes) = json(values, 0)? else {
        return None;
    };
    let polygons: Vec<Vec<Polygon>> = shapes.iter().map(polygons).collect::<Option<_>>()?;
    Some(polygons.concat())
}

/// Every edge once, joined to lines as long as they do not branch.
pub(super) fn union_of_lines(lines: &Lines) -> Option<Lines> {
    let mut vertices = Vertices::default();
    let mut seen = HashSet::new();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut degrees: HashMap<usize, usize> = HashMap::new();
    for edge in lines.iter().flat_map(|line| line.windows(2)) {
        let (from, to) = (vertices.number(edge[0]), vertices.number(edge[1]));
        if from != to && seen.insert((from.min(to), from.max(to))) {
            edges.push((from, to));
            *degrees.entry(from).or_default() += 1;
            *degrees.entry(to).or_default() += 1;
        }
    }
    let passes = |vertex: usize| degrees.get(&vertex) == Some(&2);
    let mut leaving: HashMap<usize, usize> = HashMap::new();
    let mut arriving = HashSet::new();
    for (at, (from, to)) in edges.iter().enumerate() {
        leaving.entry(*from).or_insert(at);
        arriving.insert(*to);
    }
    let mut used = vec![false; edges.len()];
    let mut united: Lines = Vec::new();
    // First the lines that start somewhere, then closed ones.
    for closed in [false, true] {
        for start in 0..edges.len() {
            let (from, _) = edges[start];
            let starts = closed || !passes(from) || !arriving.contains(&from);
            if used[start] || !starts {
                continue;
            }
            let mut line: Vec<Vector> = vec![vertices.point(from)];
            let mut at = Some(start);
            while let Some(edge) = at.filter(|edge| !used[*edge]) {
                used[edge] = true;
                let (_, to) = edges[edge];
                line.push(vertices.point(to));
                at = leaving.get(&to).copied().filter(|_| passes(to));
            }
            united.push(line);
        }
    }
    (!united.is_empty()).then_some(united)
}
