//! `where`, `project`, `extend`, `distinct`, `getschema`.

use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::BoundExpression;

use super::constant::value_expr;
use super::expression::{Scope, as_type};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::value::Value;

impl Lowerer<'_> {
    pub(super) fn filter(&self, input: Relation, predicate: &BoundExpression) -> Lowered<Relation> {
        let mut scope = Scope::of(&input);
        let condition = self.predicate(&mut scope, predicate)?;
        let condition = as_type(condition, predicate.scalar_type, ScalarType::Bool)?;
        let relation = self.with_windows(input, scope)?;
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .filter(condition)?
            .build()?;
        Ok(Relation { plan, ..relation })
    }

    /// Lowers expressions over a relation, each to the type of its column; window functions become
    /// columns of the relation that comes back.
    pub(super) fn columns(
        &self,
        input: Relation,
        expressions: &[BoundExpression],
        schema: &Schema,
    ) -> Lowered<(Relation, Vec<Expr>)> {
        let mut scope = Scope::of(&input);
        let mut lowered = Vec::with_capacity(expressions.len());
        for (expression, column) in expressions.iter().zip(schema.columns()) {
            let (value, from) = self.typed(&mut scope, expression)?;
            lowered.push(as_type(value, from, column.scalar_type)?);
        }
        Ok((self.with_windows(input, scope)?, lowered))
    }

    pub(super) fn project(
        &self,
        input: Relation,
        expressions: &[BoundExpression],
        schema: &Schema,
    ) -> Lowered<Relation> {
        let (relation, lowered) = self.columns(input, expressions, schema)?;
        relation.select(self, lowered, schema)
    }

    pub(super) fn distinct(
        &self,
        input: Relation,
        expressions: &[BoundExpression],
        schema: &Schema,
    ) -> Lowered<Relation> {
        let projected = self.project(input, expressions, schema)?;
        let mut keys: Vec<Expr> = projected
            .columns
            .iter()
            .map(|name| plan_column(name))
            .collect();
        keys.extend(projected.partition.iter().map(|name| plan_column(name)));
        let plan = LogicalPlanBuilder::from(projected.plan.clone())
            .aggregate(keys, Vec::<Expr>::new())?
            .build()?;
        Ok(Relation {
            plan,
            ordering: Vec::new(),
            ..projected
        })
    }

    /// The columns of the input as rows.
    pub(super) fn get_schema(&self, described: &Schema, schema: &Schema) -> Lowered<Relation> {
        let mut rows = Vec::new();
        for (ordinal, column) in described.columns().iter().enumerate() {
            let ordinal = i64::try_from(ordinal).unwrap_or(i64::MAX);
            let values = [
                Value::string(column.name.as_ref()),
                Value::Long(ordinal),
                Value::string(system_type(column.scalar_type)),
                Value::string(column.scalar_type.as_str()),
            ];
            let row = values
                .iter()
                .zip(schema.columns())
                .map(|(value, column)| value_expr(value, column.scalar_type))
                .collect::<Lowered<Vec<_>>>()?;
            rows.push(row);
        }
        self.rows(rows, schema)
    }
}

/// The .NET type that Kusto names in `getschema`.
fn system_type(scalar_type: ScalarType) -> &'static str {
    match scalar_type {
        ScalarType::Bool => "System.SByte",
        ScalarType::Int => "System.Int32",
        ScalarType::Long => "System.Int64",
        ScalarType::Real => "System.Double",
        ScalarType::Decimal => "System.Data.SqlTypes.SqlDecimal",
        ScalarType::String => "System.String",
        ScalarType::Guid => "System.Guid",
        ScalarType::DateTime => "System.DateTime",
        ScalarType::TimeSpan => "System.TimeSpan",
        ScalarType::Dynamic => "System.Object",
    }
}
