//! `graph-match`, `graph-shortest-paths`.
//!
//! The condition is taken apart: what concerns one element of the pattern becomes a column of the
//! nodes or edges that the search reads; what is left is a filter behind the search. The search
//! gives the properties that the filter and `project` need, and no others.

use datafusion::logical_expr::LogicalPlanBuilder;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, ExpressionKind, GraphMatch, Literal};
use stance_kql_syntax::{Column, Schema};

use super::expression::{Scope, as_type};
use super::graph::graph_of;
use super::graph_elements::{Elements, conjunction};
use super::graph_inputs::GraphInputs;
use super::graph_outputs::Builder;
use super::graph_pattern::{check_path, check_rest, cycles, demand, shape, sorted_conditions};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::operators::TableOperator;
use crate::operators::graph::{GraphMatchOperator, GraphOutput};

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
            builder
                .outputs
                .push((GraphOutput::Node(0, column), scalar_type));
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
