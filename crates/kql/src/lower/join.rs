//! `join`, `lookup`.

use datafusion::common::{Column, JoinType};
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn as native;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundExpression, BoundJoin, JoinKind, JoinSide};

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};

impl Lowerer<'_> {
    pub(super) fn join(
        &self,
        input: Relation,
        join: &BoundJoin,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let left = Relation {
            ordering: Vec::new(),
            ..input
        };
        let right = self.tabular(&join.right, None)?;
        let right = Relation {
            ordering: Vec::new(),
            ..right
        };

        let key_types: Vec<ScalarType> = join.keys.iter().map(|key| key.left.scalar_type).collect();
        let left_keys: Vec<&BoundExpression> = join.keys.iter().map(|key| &key.left).collect();
        let right_keys: Vec<&BoundExpression> = join.keys.iter().map(|key| &key.right).collect();
        let (mut left, left_keys) = self.join_keys(left, &left_keys, &key_types)?;
        let (right, right_keys) = self.join_keys(right, &right_keys, &key_types)?;
        if join.kind == JoinKind::InnerUnique {
            left = Self::one_row_for_each_key(left, &left_keys)?;
        }

        let filter = match &join.residual {
            None => None,
            Some(residual) => {
                let mut columns = left.typed_columns();
                columns.extend(right.typed_columns());
                let mut scope = Scope::of_columns(columns);
                Some(self.predicate(&mut scope, residual)?)
            }
        };
        let join_type = match join.kind {
            JoinKind::InnerUnique | JoinKind::Inner => JoinType::Inner,
            JoinKind::LeftOuter => JoinType::Left,
            JoinKind::RightOuter => JoinType::Right,
            JoinKind::FullOuter => JoinType::Full,
            JoinKind::LeftAnti => JoinType::LeftAnti,
            JoinKind::RightAnti => JoinType::RightAnti,
            JoinKind::LeftSemi => JoinType::LeftSemi,
            JoinKind::RightSemi => JoinType::RightSemi,
        };
        let builder = LogicalPlanBuilder::from(left.plan.clone());
        let keys = (
            left_keys
                .iter()
                .map(Column::new_unqualified)
                .collect::<Vec<_>>(),
            right_keys
                .iter()
                .map(Column::new_unqualified)
                .collect::<Vec<_>>(),
        );
        let plan = if keys.0.is_empty() && filter.is_none() && join_type == JoinType::Inner {
            builder.cross_join(right.plan.clone())?.build()?
        } else {
            builder
                .join(right.plan.clone(), join_type, keys, filter)?
                .build()?
        };
        self.joined(join, plan, (left, right), schema)
    }

    /// The keys as plan columns of the relation, computed ones as hidden columns.
    fn join_keys(
        &self,
        relation: Relation,
        keys: &[&BoundExpression],
        types: &[ScalarType],
    ) -> Lowered<(Relation, Vec<String>)> {
        let mut scope = Scope::of(&relation);
        let mut lowered = Vec::with_capacity(keys.len());
        for (key, to) in keys.iter().zip(types) {
            let (value, from) = self.typed(&mut scope, key)?;
            lowered.push(as_type(value, from, *to)?);
        }
        let mut relation = self.with_windows(relation, scope)?;
        let mut names = Vec::with_capacity(keys.len());
        for key in lowered {
            if let Expr::Column(column) = &key {
                names.push(column.name.clone());
                continue;
            }
            let (with_key, name) = relation.with_hidden(self, "key", key)?;
            relation = with_key;
            names.push(name);
        }
        Ok((relation, names))
    }

    /// `innerunique`: any one left row of each key.
    fn one_row_for_each_key(relation: Relation, keys: &[String]) -> Lowered<Relation> {
        if keys.is_empty() {
            return Ok(relation);
        }
        let mut on: Vec<Expr> = keys.iter().map(|name| plan_column(name)).collect();
        on.extend(relation.partition.iter().map(|name| plan_column(name)));
        let others: Vec<Expr> = relation
            .plan
            .schema()
            .columns()
            .into_iter()
            .filter(|column| !on.contains(&Expr::Column(column.clone())))
            .map(|column| {
                let name = column.name.clone();
                // The last one met, which is the one that Kusto's documentation shows.
                native::last_value(Expr::Column(column), Vec::new()).alias(name)
            })
            .collect();
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .aggregate(on, others)?
            .build()?;
        Ok(Relation { plan, ..relation })
    }

    /// The columns of the result; those of a side that may lack a row get the empty string for null.
    fn joined(
        &self,
        join: &BoundJoin,
        plan: datafusion::logical_expr::LogicalPlan,
        (left, right): (Relation, Relation),
        schema: &Schema,
    ) -> Lowered<Relation> {
        let left_may_lack = matches!(join.kind, JoinKind::RightOuter | JoinKind::FullOuter);
        let right_may_lack = matches!(join.kind, JoinKind::LeftOuter | JoinKind::FullOuter);
        let mut outputs = Vec::with_capacity(join.outputs.len());
        for (output, column) in join.outputs.iter().zip(schema.columns()) {
            let (side, may_lack) = match output.side {
                JoinSide::Left => (&left, left_may_lack),
                JoinSide::Right => (&right, right_may_lack),
            };
            let value = side.column(output.index);
            outputs.push(if may_lack && column.scalar_type == ScalarType::String {
                coalesce(vec![value, null_expr(ScalarType::String)?])
            } else {
                value
            });
        }
        let keeps_left = !matches!(join.kind, JoinKind::RightAnti | JoinKind::RightSemi);
        let partition = if keeps_left {
            left.partition.clone()
        } else {
            Vec::new()
        };
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition,
            graph: None,
        };
        relation.select(self, outputs, schema)
    }
}
