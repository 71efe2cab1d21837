//! The cells of one level of S2 that a shape touches.

use s2::cell::Cell;
use s2::cellid::CellID;
use s2::point::Point;
use s2::r3::vector::Vector;

use super::cells::corners;
use super::shape::{Lines, Polygon};
use super::sphere::{crossing, on_edge, ring_edges};

/// Most cells of a result, as documented.
const MAX_CELLS: usize = 65_536;

type Edge = (Vector, Vector);

/// How a cell lies to a shape.
enum Relation {
    Apart,
    Touching,
    Inside,
}

/// Sorted by their ids; nothing where there are too many.
pub(super) fn cells_of_polygons(polygons: &[Polygon], level: u64) -> Option<Vec<CellID>> {
    let edges: Vec<Edge> = polygons.iter().flat_map(Polygon::edges).collect();
    let mut found = Vec::new();
    for face in 0..6 {
        descend(CellID::from_face(face), level, &edges, polygons, &mut found)?;
    }
    Some(found)
}

/// Sorted by their ids; nothing where there are too many.
pub(super) fn cells_of_lines(lines: &Lines, level: u64) -> Option<Vec<CellID>> {
    let edges = lines.iter().flat_map(|line| line.windows(2));
    let edges: Vec<Edge> = edges.map(|edge| (edge[0], edge[1])).collect();
    let mut found = Vec::new();
    for face in 0..6 {
        descend(CellID::from_face(face), level, &edges, &[], &mut found)?;
    }
    Some(found)
}

fn descend(
    cell: CellID,
    level: u64,
    edges: &[Edge],
    polygons: &[Polygon],
    found: &mut Vec<CellID>,
) -> Option<()> {
    let touching = edges_touching(cell, edges);
    let relation = if !touching.is_empty() {
        Relation::Touching
    } else if polygons
        .iter()
        .any(|polygon| polygon.holds_inside(Point::from(cell).0))
    {
        Relation::Inside
    } else {
        Relation::Apart
    };
    match relation {
        Relation::Apart => Some(()),
        Relation::Inside => {
            let below = 1_usize.checked_shl(u32::try_from(2 * (level - cell.level())).ok()?)?;
            if level - cell.level() > 8 || found.len() + below > MAX_CELLS {
                return None;
            }
            found.extend(cell.child_iter_at_level(level));
            Some(())
        }
        Relation::Touching if cell.level() == level => {
            found.push(cell);
            (found.len() <= MAX_CELLS).then_some(())
        }
        Relation::Touching => {
            for child in cell.children() {
                descend(child, level, &touching, polygons, found)?;
            }
            Some(())
        }
    }
}

/// The edges that cross the border of the cell or start in it.
fn edges_touching(cell: CellID, edges: &[Edge]) -> Vec<Edge> {
    let (whole, border) = (Cell::from(cell), corners(cell));
    edges
        .iter()
        .filter(|(a, b)| {
            whole.contains_point(&Point(*a))
                || whole.contains_point(&Point(*b))
                || ring_edges(&border).any(|(c, d)| crossing(*a, *b, c, d).is_some())
                // A cell holds its border: an edge may run along it.
                || border.iter().any(|corner| on_edge(*corner, *a, *b))
        })
        .copied()
        .collect()
}
