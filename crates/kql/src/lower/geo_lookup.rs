//! `evaluate geo_polygon_lookup(...)`, `geo_line_lookup(...)`: rows beside the shapes of a table that
//! their places lie in, or within a distance of. A row meets every such shape.

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlanBuilder, lit};
use stance_base::ScalarType;
use stance_kql_syntax::Column;
use stance_kql_syntax::bound::{BoundStep, Evaluate, ExpressionKind};

use super::constant::null_expr;
use super::evaluate::argument;
use super::expression::{Scope, as_type, known_call};
use super::relation::{Relation, schema_with};
use super::{Lowered, Lowerer};
use crate::error::unsupported;

impl Lowerer<'_> {
    /// `lookup(table, shape, longitude, latitude [, radius] [, return_unmatched] ...)`. What limits
    /// the area of the search changes no row; it is not looked at.
    pub(super) fn geo_lookup(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let (Some(table), [shape, longitude, latitude, ..]) =
            (evaluate.tables.first(), evaluate.arguments.as_slice())
        else {
            return Err(unsupported("a lookup without table and places", step.span));
        };
        let table = self.tabular(table, None)?;
        let ExpressionKind::Column(key) = &shape.kind else {
            return Err(unsupported("a lookup key that is no column", shape.span));
        };
        let Some(key) = table.schema.index_of(&key.name) else {
            return Err(unsupported("a lookup key that the table lacks", shape.span));
        };
        let radius = match argument(evaluate, 3, "radius") {
            Some(radius) => self.constant(radius)?.as_real().unwrap_or(0.0),
            None => 0.0,
        };
        let unmatched = match argument(evaluate, 4, "return_unmatched") {
            Some(flag) => self.constant(flag)?.as_bool().unwrap_or(false),
            None => false,
        };

        let mut scope = Scope::of(&input);
        let mut places = Vec::with_capacity(3);
        for place in [longitude, latitude] {
            let (value, from) = self.typed(&mut scope, place)?;
            places.push((as_type(value, from, ScalarType::Real)?, ScalarType::Real));
        }
        let input = self.with_windows(input, scope)?;
        let key_type = table.schema.columns()[key].scalar_type;
        let shape = as_type(table.column(key), key_type, ScalarType::Dynamic)?;
        places.push((shape, ScalarType::Dynamic));
        let function = if evaluate.plugin == "geo_line_lookup" {
            "geo_distance_point_to_line"
        } else {
            "geo_distance_point_to_polygon"
        };
        let near = known_call(function, places, ScalarType::Real)?.lt_eq(lit(radius));

        // Columns that the rows have already are left out.
        let looked = table.schema.columns().iter().enumerate();
        let looked: Vec<(usize, Column)> = looked
            .filter(|(_, column)| input.schema.column(&column.name).is_none())
            .map(|(index, column)| (index, column.clone()))
            .collect();
        let kind = if unmatched {
            JoinType::Left
        } else {
            JoinType::Inner
        };
        let plan = LogicalPlanBuilder::from(input.plan.clone())
            .join_on(table.plan.clone(), kind, [near])?
            .build()?;
        let mut outputs: Vec<Expr> = (0..input.columns.len())
            .map(|at| input.column(at))
            .collect();
        for (index, column) in &looked {
            let value = table.column(*index);
            // A row without a shape has nulls, which a string never is.
            outputs.push(if unmatched && column.scalar_type == ScalarType::String {
                coalesce(vec![value, null_expr(ScalarType::String)?])
            } else {
                value
            });
        }
        let added = looked.iter().map(|(_, column)| column.clone());
        let schema = schema_with(&input.schema, added);
        let relation = Relation {
            plan,
            ordering: Vec::new(),
            ..input
        };
        let relation = relation.select(self, outputs, &schema)?;
        let outputs = (0..schema.len())
            .map(|index| relation.column(index))
            .collect();
        relation.select(self, outputs, &step.schema)
    }
}
