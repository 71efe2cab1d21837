//! What a graph search reads of its graph and what it gives.

use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, ExpressionKind, GraphElement};

use super::Lowered;
use super::graph_elements::{Elements, conjunction, no_labels, not_supported};
use super::graph_inputs::{GraphInputs, column_expression};
use super::graph_pattern::{Conditions, Shape};
use crate::operators::graph::{EdgePart, GraphOutput, NodePart};

/// Makes the inputs and the outputs of the search.
pub(super) struct Builder<'g, 's> {
    pub(super) inputs: GraphInputs<'g>,
    pub(super) elements: Elements<'s>,
    pub(super) shape: &'s Shape,
    pub(super) outputs: Vec<(GraphOutput, ScalarType)>,
}

impl Builder<'_, '_> {
    /// Nodes and edges of the pattern with the columns of their conditions.
    pub(super) fn parts(
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
        for ((edge, steps), inner) in edges
            .into_iter()
            .zip(&conditions.steps)
            .zip(&conditions.inner)
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
    pub(super) fn over_outputs(
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
            .is_some_and(GraphElement::is_variable_length);
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
                Ok(Some(
                    self.output(GraphOutput::Node(at, column), ScalarType::String),
                ))
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
                self.path_call(function, (position, is_inner), body)
                    .map(Some)
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
