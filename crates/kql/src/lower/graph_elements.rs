//! Which elements of a graph pattern an expression reads, and the expression over one of them.

use std::collections::BTreeSet;

use stance_base::ScalarType;
use stance_kql_syntax::bound::{
    BoundExpression, ColumnReference, ExpressionKind, GraphElement, GraphElementKind, GraphMatch,
    Literal,
};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Span};

use super::Lowered;
use crate::error::LowerError;

/// What an expression of `where` or `project` reads.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Positions of elements.
    pub(super) elements: BTreeSet<usize>,
    /// `all`, `any`, `map`, or a function of the whole graph.
    pub(super) is_of_path: bool,
}

/// The elements of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<'s> {
    pub(super) search: &'s GraphMatch,
}

/// Names of the functions about elements.
fn is_graph_function(function: &str) -> bool {
    matches!(
        function,
        "all"
            | "any"
            | "map"
            | "inner_nodes"
            | "node_id"
            | "labels"
            | "node_degree_in"
            | "node_degree_out"
    )
}

/// A construct of a graph pattern that does not run, and what to write for it.
pub(super) fn not_supported(message: &str, help: &str, span: Span) -> LowerError {
    LowerError::Diagnostic(
        Diagnostic::error(DiagnosticCode::NotSupported, span, message).with_help(help),
    )
}

impl<'s> Elements<'s> {
    pub(super) fn get(self, position: usize) -> Option<&'s GraphElement> {
        self.search.elements.get(position)
    }

    pub(super) fn is_node(self, position: usize) -> bool {
        self.get(position)
            .is_some_and(|element| element.kind == GraphElementKind::Node)
    }

    /// Number of columns of an element.
    pub(super) fn width(self, position: usize) -> usize {
        if self.is_node(position) {
            self.search.graph.nodes.len()
        } else {
            self.search.graph.edges.len()
        }
    }

    /// The element that a column of the row of all elements belongs to, and its place there.
    pub(super) fn of_column(self, index: usize) -> Option<(usize, usize)> {
        let mut elements = self.search.elements.iter().enumerate();
        elements.find_map(|(position, element)| {
            let place = index.checked_sub(element.first_column)?;
            (place < self.width(position)).then_some((position, place))
        })
    }

    /// The element that an argument names; of `inner_nodes(edge)` the edge, and true.
    pub(super) fn of_argument(self, argument: Option<&BoundExpression>) -> Option<(usize, bool)> {
        match &argument?.kind {
            ExpressionKind::Column(reference) => {
                let name = Some(&reference.name);
                let mut elements = self.search.elements.iter();
                let position = elements.position(|element| element.name.as_ref() == name)?;
                Some((position, false))
            }
            ExpressionKind::Call {
                function: "inner_nodes",
                arguments,
            } => Some((self.of_argument(arguments.first())?.0, true)),
            _ => None,
        }
    }

    /// What an expression reads.
    pub(super) fn uses(self, expression: &BoundExpression) -> Uses {
        let mut uses = Uses::default();
        self.add_uses(expression, &mut uses);
        uses
    }

    fn add_uses(self, expression: &BoundExpression, uses: &mut Uses) {
        match &expression.kind {
            ExpressionKind::Column(reference) => {
                let element = self.of_column(reference.index);
                uses.elements.extend(element.map(|(position, _)| position));
            }
            ExpressionKind::PackRow { columns, .. } => {
                let found = columns
                    .iter()
                    .filter_map(|column| self.of_column(column.index));
                uses.elements.extend(found.map(|(position, _)| position));
            }
            ExpressionKind::Call {
                function,
                arguments,
            } if is_graph_function(function) => {
                let element = self.of_argument(arguments.first());
                uses.elements.extend(element.map(|(position, _)| position));
                uses.is_of_path |= !matches!(*function, "node_id" | "labels");
            }
            _ => {
                for child in expression.children() {
                    self.add_uses(child, uses);
                }
            }
        }
    }

    /// An expression over the columns of one element alone (for nodes with the id as text behind
    /// them), made of one over the row of all elements where `first` is its first column.
    ///
    /// # Errors
    /// Where it reads anything else.
    pub(super) fn local(
        self,
        expression: &BoundExpression,
        (first, is_node): (usize, bool),
    ) -> Lowered<BoundExpression> {
        let width = if is_node {
            self.search.graph.nodes.len()
        } else {
            self.search.graph.edges.len()
        };
        let mut local = expression.clone();
        localise(&mut local, first, width)?;
        Ok(local)
    }
}

/// No labels: graphs made by `make-graph` have none.
pub(super) fn no_labels() -> ExpressionKind {
    let empty = serde_json::Value::Array(Vec::new());
    ExpressionKind::Literal(Literal::Dynamic(empty.into()))
}

fn localise(expression: &mut BoundExpression, first: usize, width: usize) -> Lowered<()> {
    let span = expression.span;
    let shift = |reference: &mut ColumnReference| {
        let place = reference.index.checked_sub(first);
        match place.filter(|place| *place < width) {
            Some(place) => {
                reference.index = place;
                Ok(())
            }
            None => Err(not_supported(
                "a condition on every step of a path cannot read other elements of the pattern",
                "compare with a constant, or take the values out with `map()` in `project`",
                span,
            )),
        }
    };
    match &mut expression.kind {
        ExpressionKind::Column(reference) => return shift(reference),
        ExpressionKind::PackRow { columns, .. } => {
            for column in columns {
                shift(column)?;
            }
            return Ok(());
        }
        ExpressionKind::Call { function, .. } if is_graph_function(function) => {
            expression.kind = match *function {
                "labels" => no_labels(),
                "node_id" => ExpressionKind::Column(ColumnReference {
                    index: width,
                    name: "node_id".into(),
                }),
                _ => {
                    return Err(not_supported(
                        &format!("`{function}()` cannot stand inside `all()`, `any()` or `map()`"),
                        "use it in `project`, on a node of the pattern",
                        span,
                    ));
                }
            };
            return Ok(());
        }
        _ => {}
    }
    for child in expression.children_mut() {
        localise(child, first, width)?;
    }
    Ok(())
}

/// All of these hold.
pub(super) fn conjunction(mut conditions: Vec<BoundExpression>) -> Option<BoundExpression> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let span = conditions.first()?.span;
    Some(BoundExpression {
        kind: ExpressionKind::And(conditions),
        scalar_type: ScalarType::Bool,
        span,
    })
}

/// The conditions that must all hold.
pub(super) fn conjuncts(expression: &BoundExpression) -> Vec<BoundExpression> {
    match &expression.kind {
        ExpressionKind::And(operands) => operands.iter().flat_map(conjuncts).collect(),
        _ => vec![expression.clone()],
    }
}
