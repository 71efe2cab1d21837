//! The pattern of a graph search, its conditions, and what of its result is wanted.

use stance_kql_syntax::bound::{
    BoundExpression, BoundStep, ColumnReference, ExpressionKind, GraphDirection, GraphElement,
    GraphElementKind, GraphMatch, Operator,
};

use super::Lowered;
use super::graph_elements::{Elements, conjuncts, not_supported};
use crate::graph::{Cycles, Direction};
use crate::operators::graph::EdgePart;

/// Aggregates to which it makes no difference how often a row comes.
const BLIND_TO_REPEATS: &[&str] = &["dcount", "count_distinct", "min", "max", "make_set"];

/// What the operator behind a search asks of it.
pub(super) struct Demand {
    /// For each column of the search, whether it is read.
    pub(super) columns: Vec<bool>,
    /// How often a row comes is not asked.
    pub(super) distinct: bool,
}

/// Conditions sorted by what they concern.
#[derive(Default)]
pub(super) struct Conditions {
    /// For each node of the pattern.
    pub(super) nodes: Vec<Vec<BoundExpression>>,
    /// For each edge of the pattern: every step.
    pub(super) steps: Vec<Vec<BoundExpression>>,
    /// For each edge of the pattern: every node between two steps.
    pub(super) inner: Vec<Vec<BoundExpression>>,
    /// All else.
    pub(super) rest: Vec<BoundExpression>,
}

/// The pattern of a search by positions.
pub(super) struct Shape {
    /// For each element its position among nodes or among edges.
    pub(super) place: Vec<usize>,
    pub(super) nodes: usize,
    pub(super) edges: Vec<EdgePart>,
}

pub(super) fn cycles(word: &str) -> Cycles {
    match word.to_ascii_lowercase().as_str() {
        "all" => Cycles::All,
        "none" => Cycles::None,
        _ => Cycles::UniqueEdges,
    }
}

/// The pattern by positions; refuses what cannot be searched.
pub(super) fn shape(search: &GraphMatch, step: &BoundStep) -> Lowered<Shape> {
    let (mut nodes, mut edge_count) = (0, 0);
    let mut place = Vec::with_capacity(search.elements.len());
    for element in &search.elements {
        let count = if element.kind == GraphElementKind::Node {
            &mut nodes
        } else {
            &mut edge_count
        };
        place.push(*count);
        *count += 1;
    }
    let mut edges = Vec::with_capacity(edge_count);
    let mut joined: Vec<usize> = (0..nodes).collect();
    for pattern in &search.patterns {
        for part in pattern.path.windows(3).step_by(2) {
            let [left, edge, right] = part else {
                continue;
            };
            let element = search.elements.get(*edge);
            let Some(GraphElementKind::Edge { direction, range }) = element.map(|e| &e.kind) else {
                continue;
            };
            let at = |element: &usize| place.get(*element).copied().unwrap_or_default();
            let (from, to) = (at(left), at(right));
            if at(edge) != edges.len() {
                return Err(not_supported(
                    "an edge of a pattern cannot stand in it twice",
                    "give each edge a name of its own, and compare them in `where`",
                    step.span,
                ));
            }
            let (old, new) = (joined[from], joined[to]);
            for group in &mut joined {
                if *group == old {
                    *group = new;
                }
            }
            edges.push(EdgePart {
                from,
                to,
                direction: match direction {
                    GraphDirection::Forward => Direction::Forward,
                    GraphDirection::Backward => Direction::Backward,
                    GraphDirection::Any => Direction::Any,
                },
                steps: range.map_or((1, 1), |range| (range.minimum, range.maximum)),
                condition: None,
                inner: None,
            });
        }
    }
    if joined.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(not_supported(
            "the parts of a graph pattern must share nodes",
            "name a node of one part in the other, or join two searches",
            step.span,
        ));
    }
    Ok(Shape {
        place,
        nodes,
        edges,
    })
}

/// A shortest path is searched along one chain with a variable-length edge.
pub(super) fn check_path(search: &GraphMatch, shape: &Shape, step: &BoundStep) -> Lowered<()> {
    let is_chain = search.patterns.len() == 1 && {
        let edges = shape.edges.len();
        shape.nodes == edges + 1
            || (shape.nodes == edges
                && shape.edges.first().map(|edge| edge.from)
                    == shape.edges.last().map(|edge| edge.to))
    };
    let has_range = search.elements.iter().any(GraphElement::is_variable_length);
    if is_chain && has_range {
        return Ok(());
    }
    Err(not_supported(
        "`graph-shortest-paths` needs one chain of nodes with a variable-length edge",
        "write `(a)-[e*1..5]->(b)`",
        step.span,
    ))
}

/// Behind a search for shortest paths only their ends can be filtered: a shorter path that is
/// filtered out would hide a longer one.
pub(super) fn check_rest(
    elements: Elements<'_>,
    rest: &[BoundExpression],
    search: &GraphMatch,
) -> Lowered<()> {
    let path = search
        .patterns
        .first()
        .map(|pattern| pattern.path.as_slice());
    let ends = path
        .map(|path| [path.first(), path.last()])
        .unwrap_or_default();
    for condition in rest {
        let uses = elements.uses(condition);
        let is_of_ends = uses
            .elements
            .iter()
            .all(|element| ends.contains(&Some(element)));
        if uses.is_of_path || !is_of_ends {
            return Err(not_supported(
                "in `graph-shortest-paths` a condition concerns one element, `all()` steps of an \
                 edge, or the two ends of the path",
                "use `graph-match` with `summarize` for others",
                condition.span,
            ));
        }
    }
    Ok(())
}

/// Sorts the conditions of `where`.
pub(super) fn sorted_conditions(elements: Elements<'_>, shape: &Shape) -> Lowered<Conditions> {
    let mut sorted = Conditions {
        nodes: vec![Vec::new(); shape.nodes],
        steps: vec![Vec::new(); shape.edges.len()],
        inner: vec![Vec::new(); shape.edges.len()],
        rest: Vec::new(),
    };
    let predicate = elements.search.predicate.as_ref();
    for condition in predicate.map(conjuncts).unwrap_or_default() {
        if let ExpressionKind::Call {
            function: "all",
            arguments,
        } = &condition.kind
            && let [argument, body] = arguments.as_slice()
            && let Some((element, is_inner)) = elements.of_argument(Some(argument))
            && !elements.is_node(element)
        {
            let place = shape.place[element];
            let lists = if is_inner {
                &mut sorted.inner
            } else {
                &mut sorted.steps
            };
            if let Some(list) = lists.get_mut(place) {
                list.push(elements.local(body, (0, is_inner))?);
                continue;
            }
        }
        let uses = elements.uses(&condition);
        let one = uses.elements.first().filter(|_| uses.elements.len() == 1);
        let one = one.filter(|_| !uses.is_of_path);
        let Some((position, element)) = one.and_then(|one| Some((*one, elements.get(*one)?)))
        else {
            sorted.rest.push(condition);
            continue;
        };
        let is_node = elements.is_node(position);
        let local = elements.local(&condition, (element.first_column, is_node))?;
        let lists = if is_node {
            &mut sorted.nodes
        } else {
            &mut sorted.steps
        };
        lists[shape.place[position]].push(local);
    }
    Ok(sorted)
}

/// What the next operator reads of a search. Where rows are filtered behind the search, each of
/// them counts.
pub(super) fn demand(next: Option<&BoundStep>, width: usize, is_unfiltered: bool) -> Demand {
    let all = Demand {
        columns: vec![true; width],
        distinct: false,
    };
    let mut read = vec![false; width];
    let mut distinct = is_unfiltered;
    match next.map(|step| &step.operator) {
        Some(Operator::Count) => distinct = false,
        Some(Operator::Distinct(expressions)) => {
            for value in expressions {
                note_columns(value, &mut read);
            }
        }
        Some(Operator::Summarize(summarize)) => {
            for key in &summarize.keys {
                note_columns(&key.expression, &mut read);
            }
            for aggregate in &summarize.aggregates {
                distinct &= BLIND_TO_REPEATS.contains(&aggregate.function);
                aggregate
                    .arguments
                    .iter()
                    .for_each(|value| note_columns(value, &mut read));
            }
        }
        _ => return all,
    }
    Demand {
        columns: read,
        distinct,
    }
}

fn note_columns(expression: &BoundExpression, read: &mut [bool]) {
    let mut note = |reference: &ColumnReference| {
        if let Some(slot) = read.get_mut(reference.index) {
            *slot = true;
        }
    };
    match &expression.kind {
        ExpressionKind::Column(reference) => note(reference),
        ExpressionKind::PackRow { columns, .. } => columns.iter().for_each(note),
        _ => {
            for child in expression.children() {
                note_columns(child, read);
            }
        }
    }
}
