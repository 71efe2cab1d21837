//! `mv-expand`, `mv-apply`, `partition`.

use datafusion::common::{Column, UnnestOptions};
use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ScalarUDF};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{MvApply, MvExpand, Partition};

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::ordering::sorted;
use super::relation::{OrderKey, Relation, plan_column};
use super::window::row_number_expr;
use super::{Lowered, Lowerer};
use crate::functions::elements::ElementsFunction;

/// Most rows that one row expands to, where the query names no limit.
const MAX_EXPANSION: usize = 1 << 20;

impl Lowerer<'_> {
    pub(super) fn mv_expand(
        &self,
        input: Relation,
        expand: &MvExpand,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let limit = match &expand.limit {
            Some(limit) => self.constant_count(limit)?.min(MAX_EXPANSION),
            None => MAX_EXPANSION,
        };
        let input = self.with_row_rank(input)?;
        let mut scope = Scope::of(&input);
        let mut arrays = Vec::with_capacity(expand.columns.len());
        for column in &expand.columns {
            let (array, from) = self.typed(&mut scope, &column.expression)?;
            arrays.push(as_type(array, from, ScalarType::Dynamic)?);
        }
        let input = self.with_windows(input, scope)?;

        let mut outputs: Vec<Expr> = input
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        let mut unnested = Vec::new();
        let mut filled: Vec<(usize, String, ScalarType)> = Vec::new();
        for (column, array) in expand.columns.iter().zip(&arrays) {
            let function = ElementsFunction::elements(column.to, expand.bag_as_array, limit);
            let name = self.fresh("element");
            outputs.push(
                ScalarUDF::new_from_impl(function)
                    .call(vec![array.clone()])
                    .alias(&name),
            );
            unnested.push(Column::new_unqualified(&name));
            filled.push((column.output, name, column.to));
        }
        let index = self.fresh("index");
        // One column alone says how many rows there are; who wants their positions needs them counted.
        if arrays.len() > 1 || expand.item_index.is_some() || !input.ordering.is_empty() {
            let positions = ElementsFunction::positions(limit, arrays.len());
            outputs.push(
                ScalarUDF::new_from_impl(positions)
                    .call(arrays)
                    .alias(&index),
            );
            unnested.push(Column::new_unqualified(&index));
        }
        if let Some(position) = expand.item_index {
            filled.push((position, index.clone(), ScalarType::Long));
        }
        let plan = LogicalPlanBuilder::from(input.plan.clone())
            .project(outputs)?
            .unnest_columns_with_options(unnested, UnnestOptions::default())?
            .build()?;
        let relation = Self::expanded_columns(Relation { plan, ..input }, &filled, schema)?;
        self.expanded_order(relation, index, schema)
    }

    /// The columns of the step's schema over the plan after the expansion, not yet projected.
    fn expanded_columns(
        input: Relation,
        filled: &[(usize, String, ScalarType)],
        schema: &Schema,
    ) -> Lowered<(Relation, Vec<Expr>)> {
        let mut outputs = Vec::with_capacity(schema.len());
        for (position, column) in schema.columns().iter().enumerate() {
            if let Some((_, name, scalar_type)) = filled.iter().find(|entry| entry.0 == position) {
                let value = plan_column(name);
                // Shorter arrays are filled up with null, which a string never is.
                outputs.push(if *scalar_type == ScalarType::String {
                    coalesce(vec![value, null_expr(ScalarType::String)?])
                } else {
                    value
                });
                continue;
            }
            match input.schema.index_of(&column.name) {
                Some(index) => outputs.push(input.column(index)),
                None => outputs.push(null_expr(column.scalar_type)?),
            }
        }
        Ok((input, outputs))
    }

    fn expanded_order(
        &self,
        (input, outputs): (Relation, Vec<Expr>),
        index: String,
        schema: &Schema,
    ) -> Lowered<Relation> {
        if input.ordering.is_empty() {
            return input.select(self, outputs, schema);
        }
        let mut ordering = input.ordering.clone();
        ordering.push(OrderKey {
            column: index,
            descending: false,
            nulls_first: false,
        });
        let relation = Relation {
            ordering: ordering.clone(),
            ..input
        };
        sorted(relation.select(self, outputs, schema)?, ordering, None)
    }

    /// Sorted rows get their rank as the one sort key, which survives an expansion.
    pub(super) fn with_row_rank(&self, input: Relation) -> Lowered<Relation> {
        if input.ordering.is_empty() {
            return Ok(input);
        }
        let mut scope = Scope::of(&input);
        let name = self.fresh("rank");
        scope
            .windows
            .push((row_number_expr(&input.ordering, &[]), name.clone()));
        let relation = self.with_windows(input, scope)?;
        let key = OrderKey {
            column: name,
            descending: false,
            nulls_first: false,
        };
        Ok(Relation {
            ordering: vec![key],
            ..relation
        })
    }

    /// Each input row is a partition of its own, on which the subquery runs.
    pub(super) fn mv_apply(
        &self,
        input: Relation,
        apply: &MvApply,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let outer = input.partition.clone();
        let mut scope = Scope::of(&input);
        let row = self.fresh("row");
        scope
            .windows
            .push((row_number_expr(&input.ordering, &[]), row.clone()));
        let input = self.with_windows(input, scope)?;
        // The input's columns are the same for all rows of a partition, so they can be keys too;
        // that is how they come out at the other end.
        let mut partition = vec![row];
        partition.extend(outer.iter().cloned());
        partition.extend(input.columns.iter().cloned());
        let input_columns = input.columns.clone();
        let keyed = Relation { partition, ..input };
        let expanded = self.mv_expand(keyed, &apply.expand, &apply.expanded_schema)?;
        let inner = self.tabular(&apply.subquery, Some(&expanded))?;
        let mut outputs: Vec<Expr> = apply
            .input_outputs
            .iter()
            .filter_map(|index| input_columns.get(*index))
            .map(|name| plan_column(name))
            .collect();
        outputs.extend(
            apply
                .subquery_outputs
                .iter()
                .map(|index| inner.column(*index)),
        );
        let inner = Relation {
            partition: outer,
            ..inner
        };
        inner.select(self, outputs, schema)
    }

    pub(super) fn partition(
        &self,
        input: Relation,
        partition: &Partition,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let outer = input.partition.clone();
        let Some(key) = input.columns.get(partition.by.index).cloned() else {
            return Ok(input);
        };
        let mut keys = outer.clone();
        keys.push(key);
        let keyed = Relation {
            partition: keys,
            ordering: Vec::new(),
            ..input
        };
        let inner = self.tabular(&partition.subquery, Some(&keyed))?;
        Ok(Relation {
            partition: outer,
            schema: schema.clone(),
            ordering: Vec::new(),
            ..inner
        })
    }
}
