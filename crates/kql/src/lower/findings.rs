//! What must be run before the plan around it can be made, and what came of it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, ScalarValue, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::BoundTabular;

use super::ordering::sorted;
use super::relation::{OrderKey, Relation};
use super::{Lowered, Lowerer};
use crate::error::LowerError;

/// Rows that have been run, by their identity in the bound query.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// First columns of `toscalar` and `in (table)`.
    pub(crate) values: HashMap<u32, Vec<ScalarValue>>,
    /// Rows of `materialize`.
    pub(crate) tables: HashMap<u32, HeldTable>,
}

/// The rows of `materialize(...)`. Columns are those of the KQL schema, by position; where the rows
/// were in order, their rank (a long) stands behind them.
#[derive(Debug, Clone)]
pub(crate) struct HeldTable {
    pub(crate) rows: HeldRows,
    pub(crate) ranked: bool,
}

/// Where held rows are.
#[derive(Debug, Clone)]
pub(crate) enum HeldRows {
    /// So few that they stand in the plan.
    Few(Vec<RecordBatch>),
    /// In a file of their own.
    File(Arc<dyn TableProvider>),
}

/// A plan whose rows are to be held.
#[derive(Debug)]
pub(crate) struct TableToHold {
    pub(crate) plan: LogicalPlan,
    /// Names and types of its columns.
    pub(crate) columns: Vec<(String, ScalarType)>,
    pub(crate) ranked: bool,
}

impl Lowerer<'_> {
    /// The plan of rows that will be held.
    pub(crate) fn lower_to_hold(&self, tabular: &BoundTabular) -> Lowered<TableToHold> {
        let relation = self.with_row_rank(self.tabular(tabular, None)?)?;
        let ranked = !relation.ordering.is_empty();
        let types = relation.schema.columns().iter().map(|c| c.scalar_type);
        let mut columns: Vec<(String, ScalarType)> = types
            .enumerate()
            .map(|(position, scalar_type)| (format!("c{position}"), scalar_type))
            .collect();
        let mut outputs: Vec<Expr> = (0..columns.len())
            .map(|index| relation.column(index).alias(format!("c{index}")))
            .collect();
        // Rows without columns must be counted all the same.
        if ranked || columns.is_empty() {
            let rank = relation.ordering.first();
            let rank = rank.map_or_else(
                || lit(0_i64),
                |key| super::relation::plan_column(&key.column),
            );
            let rank =
                datafusion::logical_expr::cast(rank, crate::types::arrow_type(ScalarType::Long));
            outputs.push(rank.alias("rank"));
            columns.push(("rank".to_owned(), ScalarType::Long));
        }
        let plan = LogicalPlanBuilder::from(relation.plan)
            .project(outputs)?
            .build()?;
        Ok(TableToHold {
            plan,
            columns,
            ranked,
        })
    }

    /// The rows of `materialize(...)`, which are run once for all that read them.
    pub(super) fn materialized(&self, id: u32, plan: &Arc<BoundTabular>) -> Lowered<Relation> {
        let Some(table) = self.findings.tables.get(&id) else {
            return Err(LowerError::Materialize {
                id,
                plan: Arc::clone(plan),
            });
        };
        let schema = plan.schema();
        let mut names: Vec<String> = schema
            .columns()
            .iter()
            .map(|column| self.fresh(&column.name))
            .collect();
        let rank = (table.ranked || names.is_empty()).then(|| self.fresh("rank"));
        names.extend(rank.clone());
        let held = match &table.rows {
            HeldRows::Few(batches) => self.held_values(batches, schema, &names)?,
            HeldRows::File(provider) => self.held_scan(provider, &names)?,
        };
        if rank.is_some() {
            names.pop();
        }
        let relation = Relation::new(held, names, schema);
        match rank.filter(|_| table.ranked) {
            None => Ok(relation),
            Some(column) => {
                let key = OrderKey {
                    column,
                    descending: false,
                    nulls_first: false,
                };
                sorted(relation, vec![key], None)
            }
        }
    }

    fn held_scan(
        &self,
        provider: &Arc<dyn TableProvider>,
        names: &[String],
    ) -> Lowered<LogicalPlan> {
        let reference = TableReference::bare(self.fresh("held"));
        let fields = provider.schema();
        let outputs: Vec<Expr> = fields
            .fields()
            .iter()
            .zip(names)
            .map(|(field, name)| {
                Expr::Column(Column::new(Some(reference.clone()), field.name())).alias(name)
            })
            .collect();
        let source = provider_as_source(Arc::clone(provider));
        Ok(LogicalPlanBuilder::scan(reference, source, None)?
            .project(outputs)?
            .build()?)
    }

    fn held_values(
        &self,
        batches: &[RecordBatch],
        schema: &Schema,
        names: &[String],
    ) -> Lowered<LogicalPlan> {
        let mut rows = Vec::new();
        for batch in batches {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter();
                let cells = cells.map(|column| Ok(lit(ScalarValue::try_from_array(column, row)?)));
                rows.push(cells.collect::<Lowered<Vec<Expr>>>()?);
            }
        }
        let types = schema.columns().iter().map(|column| column.scalar_type);
        let types = types.chain(std::iter::once(ScalarType::Long));
        let columns: Schema = names
            .iter()
            .zip(types)
            .map(|(name, scalar_type)| stance_kql_syntax::Column::new(name.as_str(), scalar_type))
            .collect();
        let held = self.rows(rows, &columns)?;
        let outputs: Vec<Expr> = (0..names.len())
            .zip(names)
            .map(|(index, name)| held.column(index).alias(name))
            .collect();
        Ok(LogicalPlanBuilder::from(held.plan)
            .project(outputs)?
            .build()?)
    }
}
