//! `graph-match`, `graph-shortest-paths`.
//!
//! The condition is taken apart: what concerns one element of the pattern becomes a column of the
//! nodes or edges that the search reads; what is left is a filter behind the search. The search
//! gives the properties that the filter and `project` need, and no others.

use datafusion::logical_expr::LogicalPlanBuilder;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{
    BoundExpression, BoundStep, ColumnReference, ExpressionKind, GraphDirection, GraphElementKind,
    GraphMatch, Literal, Operator,
};
use stance_kql_syntax::{Column, Schema};

use super::expression::{Scope, as_type};
use super::graph::graph_of;
use super::graph_elements::{
    Elements, conjunction, conjuncts, no_labels, not_supported,
};
use super::graph_inputs::{GraphInputs, column_expression};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::graph::{Cycles, Direction};
use crate::operators::TableOperator;
use crate::operators::graph::{EdgePart, GraphMatchOperator, GraphOutput, NodePart};

/// Aggregates to which it makes no difference how often a row comes.
const BLIND_TO_REPEATS: &[&str] = &["dcount", "count_distinct", "min", "max", "make_set"];

/// What the operator behind a search asks of it.
struct Demand {
    /// For each column of the search, whether it is read.
    columns: Vec<bool>,
    /// How often a row comes is not asked.
    distinct: bool,
}

/// Conditions sorted by what they concern.
#[derive(Default)]
struct Conditions {
    /// For each node of the pattern.
    nodes: Vec<Vec<BoundExpression>>,
    /// For each edge of the pattern: every step.
    steps: Vec<Vec<BoundExpression>>,
    /// For each edge of the pattern: every node between two steps.
    inner: Vec<Vec<BoundExpression>>,
    /// All else.
    rest: Vec<BoundExpression>,
}

/// The pattern of a search by positions.
struct Shape {
    /// For each element its position among nodes or among edges.
    place: Vec<usize>,
    nodes: usize,
    edges: Vec<EdgePart>,
}

/// Makes the inputs and the outputs of the search.
struct Builder<'g, 's> {
    inputs: GraphInputs<'g>,
    elements: Elements<'s>,
    shape: &'s Shape,
    outputs: Vec<(GraphOutput, ScalarType)>,
}

impl Lowerer<'_> {
    pub(super) fn graph_match(
        &self,
        input: &Relation,
        search: &GraphMatch,
        shortest: Option<bool>,
        step: &BoundStep,
        next: Option<&BoundStep>,
    ) -> Lowered<Relation> {
        let graph = graph_of(input, step.span)?;
        let elements = Elements { search };
        let mut shape = shape(search, step)?;
        if shortest.is_some() {
            check_path(search, &shape, step)?;
        }
        let conditions = sorted_conditions(elements, &shape)?;
        if shortest.is_some() {
            check_rest(elements, &conditions.rest, search)?;
        }
        let demand = demand(next, search.outputs.len(), conditions.rest.is_empty());

        let inputs = GraphInputs::new(self, graph)?;
        let edges = std::mem::take(&mut shape.edges);
        let mut builder = Builder {
            inputs,
            elements,
            shape: &shape,
            outputs: Vec::new(),
        };
        let (nodes, edges) = builder.parts(&conditions, edges)?;
        let mut rest = Vec::with_capacity(conditions.rest.len());
        for condition in &conditions.rest {
            rest.push(builder.over_outputs(condition, false)?);
        }
        let mut outputs = Vec::with_capacity(search.outputs.len());
        for (output, is_wanted) in search.outputs.iter().zip(&demand.columns) {
            outputs.push(if *is_wanted {
                builder.over_outputs(&output.expression, true)?
            } else {
                BoundExpression {
                    kind: ExpressionKind::Literal(Literal::Null),
                    ..output.expression.clone()
                }
            });
        }
        let partition = builder.inputs.partition_column();
        let has_partition = partition.is_some();
        if let Some(column) = partition {
            let scalar_type = column.scalar_type;
            builder.outputs.push((GraphOutput::Node(0, column), scalar_type));
        }
        let Builder {
            inputs,
            outputs: given,
            ..
        } = builder;
        let schema: Schema = given
            .iter()
            .map(|(_, scalar_type)| Column::new("value", *scalar_type))
            .collect();
        let (source, plans) = inputs.plans()?;
        let operator = GraphMatchOperator {
            graph: source,
            nodes,
            edges,
            cycles: cycles(&search.cycles),
            shortest,
            distinct: demand.distinct,
            outputs: given.into_iter().map(|(output, _)| output).collect(),
        };
        let operator = TableOperator::GraphMatch(operator);
        let mut relation = self.table_operator(operator, plans, Vec::new(), &schema)?;
        if has_partition {
            relation.partition = relation.columns.last().cloned().into_iter().collect();
        }
        let relation = self.where_rest(relation, rest)?;
        self.project(relation, &outputs, &step.schema)
    }

    fn where_rest(&self, relation: Relation, rest: Vec<BoundExpression>) -> Lowered<Relation> {
        let Some(condition) = conjunction(rest) else {
            return Ok(relation);
        };
        let mut scope = Scope::of(&relation);
        let lowered = self.predicate(&mut scope, &condition)?;
        let lowered = as_type(lowered, condition.scalar_type, ScalarType::Bool)?;
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .filter(lowered)?
            .build()?;
        Ok(Relation { plan, ..relation })
    }
}

fn cycles(word: &str) -> Cycles {
    match word.to_ascii_lowercase().as_str() {
        "all" => Cycles::All,
        "none" => Cycles::None,
        _ => Cycles::UniqueEdges,
    }
}

/// The pattern by positions; refuses what cannot be searched.
fn shape(search: &GraphMatch, step: &BoundStep) -> Lowered<Shape> {
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
            joined.iter_mut().for_each(|group| {
                if *group == old {
                    *group = new;
                }
            });
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
fn check_path(search: &GraphMatch, shape: &Shape, step: &BoundStep) -> Lowered<()> {
    let is_chain = search.patterns.len() == 1 && {
        let edges = shape.edges.len();
        shape.nodes == edges + 1
            || (shape.nodes == edges
                && shape.edges.first().map(|edge| edge.from) == shape.edges.last().map(|edge| edge.to))
    };
    let has_range = search.elements.iter().any(|e| e.is_variable_length());
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
fn check_rest(
    elements: Elements<'_>,
    rest: &[BoundExpression],
    search: &GraphMatch,
) -> Lowered<()> {
    let path = search.patterns.first().map(|pattern| pattern.path.as_slice());
    let ends = path.map(|path| [path.first(), path.last()]).unwrap_or_default();
    for condition in rest {
        let uses = elements.uses(condition);
        let is_of_ends = uses.elements.iter().all(|element| ends.contains(&Some(element)));
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
fn sorted_conditions(elements: Elements<'_>, shape: &Shape) -> Lowered<Conditions> {
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
fn demand(next: Option<&BoundStep>, width: usize, is_unfiltered: bool) -> Demand {
    let all = Demand {
        columns: vec![true; width],
        distinct: false,
    };
    let mut read = vec![false; width];
    let mut distinct = is_unfiltered;
    match next.map(|step| &step.operator) {
        Some(Operator::Count) => distinct = false,
        Some(Operator::Distinct(expressions)) => {
            expressions.iter().for_each(|value| note_columns(value, &mut read));
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

impl Builder<'_, '_> {
    /// Nodes and edges of the pattern with the columns of their conditions.
    fn parts(
        &mut self,
        conditions: &Conditions,
        edges: Vec<EdgePart>,
    ) -> Lowered<(Vec<NodePart>, Vec<EdgePart>)> {
        let mut nodes = Vec::with_capacity(conditions.nodes.len());
        for list in &conditions.nodes {
            let condition = match conjunction(list.clone()) {
                Some(condition) => Some(self.inputs.node_column(&as_bool(condition))?),
                None => None,
            };
            nodes.push(NodePart { condition });
        }
        let mut parts = Vec::with_capacity(edges.len());
        for ((edge, steps), inner) in edges.into_iter().zip(&conditions.steps).zip(&conditions.inner)
        {
            let condition = match conjunction(steps.clone()) {
                Some(condition) => Some(self.inputs.edge_column(&as_bool(condition))?.column),
                None => None,
            };
            let inner = match conjunction(inner.clone()) {
                Some(condition) => Some(self.inputs.node_column(&as_bool(condition))?),
                None => None,
            };
            parts.push(EdgePart {
                condition,
                inner,
                ..edge
            });
        }
        Ok((nodes, parts))
    }

    fn output(&mut self, output: GraphOutput, scalar_type: ScalarType) -> usize {
        let known = self.outputs.iter().position(|(known, _)| *known == output);
        known.unwrap_or_else(|| {
            self.outputs.push((output, scalar_type));
            self.outputs.len() - 1
        })
    }

    /// An expression over the row of all elements, as one over the columns that the search gives.
    /// `as_lists`: properties of variable-length edges are lists.
    fn over_outputs(
        &mut self,
        expression: &BoundExpression,
        as_lists: bool,
    ) -> Lowered<BoundExpression> {
        let mut rewritten = expression.clone();
        self.rewrite(&mut rewritten, as_lists)?;
        Ok(rewritten)
    }

    fn rewrite(&mut self, expression: &mut BoundExpression, as_lists: bool) -> Lowered<()> {
        let whole = expression.clone();
        match &mut expression.kind {
            ExpressionKind::Column(reference) => {
                reference.index = self.property(reference.index, &whole, as_lists)?;
                return Ok(());
            }
            ExpressionKind::PackRow { columns, .. } => {
                for column in columns {
                    column.index = self.property(column.index, &whole, as_lists)?;
                }
                return Ok(());
            }
            ExpressionKind::Call {
                function,
                arguments,
            } => {
                if let Some(index) = self.graph_call(function, arguments, &whole)? {
                    *expression = column_expression(index, whole.scalar_type, &whole);
                    return Ok(());
                }
                if *function == "labels" {
                    expression.kind = no_labels();
                    return Ok(());
                }
            }
            _ => {}
        }
        for child in expression.children_mut() {
            self.rewrite(child, as_lists)?;
        }
        Ok(())
    }

    /// The output with a property of an element.
    fn property(
        &mut self,
        index: usize,
        whole: &BoundExpression,
        as_lists: bool,
    ) -> Lowered<usize> {
        let found = self.elements.of_column(index);
        let Some((position, place)) = found else {
            return Err(not_supported(
                "an element of a graph pattern is no value",
                "name one of its properties",
                whole.span,
            ));
        };
        let at = self.shape.place[position];
        if self.elements.is_node(position) {
            let scalar_type = self.inputs.graph.node_schema.columns()[place].scalar_type;
            let column = column_expression(place, scalar_type, whole);
            let column = self.inputs.node_column(&column)?;
            return Ok(self.output(GraphOutput::Node(at, column), scalar_type));
        }
        let scalar_type = self.inputs.graph.edge_type(place);
        let column = column_expression(place, scalar_type, whole);
        let is_list = self
            .elements
            .get(position)
            .is_some_and(|element| element.is_variable_length());
        if is_list && !as_lists {
            return Err(not_supported(
                "a variable-length edge has many steps; which one is compared here?",
                "use `all()`, `any()` or `map()`",
                whole.span,
            ));
        }
        let column = self.inputs.edge_column(&column)?;
        Ok(if is_list {
            self.output(GraphOutput::Steps(at, column), ScalarType::Dynamic)
        } else {
            self.output(GraphOutput::Edge(at, column), scalar_type)
        })
    }

    /// The output of a function about an element; nothing for other functions.
    fn graph_call(
        &mut self,
        function: &str,
        arguments: &[BoundExpression],
        whole: &BoundExpression,
    ) -> Lowered<Option<usize>> {
        let element = self.elements.of_argument(arguments.first());
        match (function, element) {
            ("node_id", Some((position, false))) if self.elements.is_node(position) => {
                let id = self.inputs.graph.node_schema.len();
                let id = column_expression(id, ScalarType::String, whole);
                let column = self.inputs.node_column(&id)?;
                let at = self.shape.place[position];
                Ok(Some(self.output(GraphOutput::Node(at, column), ScalarType::String)))
            }
            ("node_degree_in" | "node_degree_out", Some((position, false)))
                if self.elements.is_node(position) =>
            {
                let leaving = function == "node_degree_out";
                let output = GraphOutput::Degree(self.shape.place[position], leaving);
                Ok(Some(self.output(output, ScalarType::Long)))
            }
            ("all" | "any" | "map", Some((position, is_inner)))
                if !self.elements.is_node(position) =>
            {
                let Some(body) = arguments.get(1) else {
                    return Ok(None);
                };
                let body = self.elements.local(body, (0, is_inner))?;
                self.path_call(function, (position, is_inner), body).map(Some)
            }
            ("node_id" | "node_degree_in" | "node_degree_out", _) => Err(not_supported(
                &format!("`{function}()` needs a node of the pattern"),
                "give the node a name: `(n)`",
                whole.span,
            )),
            ("all" | "any" | "map" | "inner_nodes", _) => Err(not_supported(
                &format!("`{function}()` needs a variable-length edge of the pattern"),
                "write `map(e, ...)` or `map(inner_nodes(e), ...)`",
                whole.span,
            )),
            _ => Ok(None),
        }
    }

    fn path_call(
        &mut self,
        function: &str,
        (position, is_inner): (usize, bool),
        body: BoundExpression,
    ) -> Lowered<usize> {
        let at = self.shape.place[position];
        if function == "map" {
            let output = if is_inner {
                GraphOutput::InnerNodes(at, self.inputs.node_column(&body)?)
            } else {
                GraphOutput::Steps(at, self.inputs.edge_column(&body)?)
            };
            return Ok(self.output(output, ScalarType::Dynamic));
        }
        let (all, body) = (function == "all", as_bool(body));
        let output = if is_inner {
            GraphOutput::InnerNodesHold(at, self.inputs.node_column(&body)?, all)
        } else {
            GraphOutput::StepsHold(at, self.inputs.edge_column(&body)?, all)
        };
        Ok(self.output(output, ScalarType::Bool))
    }
}

/// A condition as a bool.
fn as_bool(condition: BoundExpression) -> BoundExpression {
    if condition.scalar_type == ScalarType::Bool {
        return condition;
    }
    let span = condition.span;
    BoundExpression {
        kind: ExpressionKind::Convert(Box::new(condition)),
        scalar_type: ScalarType::Bool,
        span,
    }
}

