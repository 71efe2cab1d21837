//! `sort`, `top`, `take`, `serialize`.

use datafusion::logical_expr::{Expr, LogicalPlanBuilder, SortExpr, lit};
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundExpression, SortKey};

use super::expression::Scope;
use super::relation::{OrderKey, Relation, plan_column};
use super::window::row_number_expr;
use super::{Lowered, Lowerer};

impl Lowerer<'_> {
    /// The keys as plan columns; a computed key becomes a hidden one.
    fn order_keys(
        &self,
        relation: Relation,
        keys: &[SortKey],
    ) -> Lowered<(Relation, Vec<OrderKey>)> {
        let mut scope = Scope::of(&relation);
        let lowered = keys
            .iter()
            .map(|key| self.expression(&mut scope, &key.expression))
            .collect::<Lowered<Vec<_>>>()?;
        let mut relation = self.with_windows(relation, scope)?;
        let mut ordering = Vec::with_capacity(keys.len());
        for (key, expression) in keys.iter().zip(lowered) {
            let column = if let Expr::Column(column) = &expression {
                column.name.clone()
            } else {
                let (with_key, name) = relation.with_hidden(self, "key", expression)?;
                relation = with_key;
                name
            };
            ordering.push(OrderKey {
                column,
                descending: key.descending,
                nulls_first: key.nulls_first,
            });
        }
        Ok((relation, ordering))
    }

    pub(super) fn sort(&self, input: Relation, keys: &[SortKey]) -> Lowered<Relation> {
        let (relation, ordering) = self.order_keys(input, keys)?;
        sorted(relation, ordering, None)
    }

    pub(super) fn top(
        &self,
        input: Relation,
        count: &BoundExpression,
        keys: &[SortKey],
    ) -> Lowered<Relation> {
        let count = self.constant_count(count)?;
        let (relation, ordering) = self.order_keys(input, keys)?;
        if relation.partition.is_empty() {
            return sorted(relation, ordering, Some(count));
        }
        let relation = Relation {
            ordering: ordering.clone(),
            ..relation
        };
        let first = self.first_of_partition(relation, count)?;
        sorted(first, ordering, None)
    }

    pub(super) fn take(&self, input: Relation, count: &BoundExpression) -> Lowered<Relation> {
        let count = self.constant_count(count)?;
        if !input.partition.is_empty() {
            return self.first_of_partition(input, count);
        }
        let plan = LogicalPlanBuilder::from(input.plan.clone())
            .limit(0, Some(count))?
            .build()?;
        Ok(Relation { plan, ..input })
    }

    /// The first rows of each partition.
    fn first_of_partition(&self, input: Relation, count: usize) -> Lowered<Relation> {
        let mut scope = Scope::of(&input);
        let name = self.fresh("rank");
        let window = row_number_expr(&input.ordering, &input.partition);
        scope.windows.push((window, name.clone()));
        let relation = self.with_windows(input, scope)?;
        let limit = u64::try_from(count).unwrap_or(u64::MAX);
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .filter(plan_column(&name).lt_eq(lit(limit)))?
            .build()?;
        Ok(Relation { plan, ..relation })
    }

    /// `serialize a = row_number()`: adds or replaces columns as `extend` does.
    pub(super) fn serialize(
        &self,
        input: Relation,
        expressions: &[BoundExpression],
        schema: &Schema,
    ) -> Lowered<Relation> {
        if expressions.len() == schema.len() {
            return self.project(input, expressions, schema);
        }
        // Only the added columns were given: they stand after those of the input.
        let kept = input.columns.len();
        let added = schema.columns().get(kept..).unwrap_or_default().to_vec();
        let (relation, lowered) = self.columns(input, expressions, &Schema::new(added))?;
        let mut outputs: Vec<Expr> = relation
            .columns
            .iter()
            .map(|name| plan_column(name))
            .collect();
        outputs.extend(lowered);
        relation.select(self, outputs, schema)
    }
}

/// The relation sorted by its new ordering.
pub(super) fn sorted(
    relation: Relation,
    ordering: Vec<OrderKey>,
    limit: Option<usize>,
) -> Lowered<Relation> {
    let keys: Vec<SortExpr> = ordering.iter().map(OrderKey::sort_expr).collect();
    let plan = LogicalPlanBuilder::from(relation.plan.clone())
        .sort_with_limit(keys, limit)?
        .build()?;
    Ok(Relation {
        plan,
        ordering,
        ..relation
    })
}
