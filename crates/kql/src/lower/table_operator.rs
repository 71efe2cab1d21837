//! Plans of operators that the engine has no node for.

use stance_kql_syntax::Schema;

use super::relation::{OrderKey, Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::operators::{InputOrder, OperatorColumn, TableNode, TableOperator};
use crate::types::{arrow_type, scalar_type_of};
use datafusion::common::{Column, ExprSchema};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast};
use stance_base::ScalarType;

impl Lowerer<'_> {
    /// The rows that an operator makes of these inputs, in its own column order.
    pub(super) fn table_operator(
        &self,
        operator: TableOperator,
        inputs: Vec<LogicalPlan>,
        order: Vec<InputOrder>,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let columns: Vec<OperatorColumn> = schema
            .columns()
            .iter()
            .map(|column| OperatorColumn {
                name: self.fresh(&column.name),
                scalar_type: column.scalar_type,
            })
            .collect();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let plan = TableNode::plan(operator, inputs, columns, order)?;
        Ok(Relation::new(plan, names, schema))
    }

    /// The partition columns of a relation as columns of KQL types, which an operator can hold.
    pub(super) fn carried_columns(input: &Relation) -> Lowered<Vec<(Expr, ScalarType)>> {
        let columns = input.partition.iter().map(|name| {
            let column = Column::new_unqualified(name);
            let field = input.plan.schema().field_from_column(&column)?;
            let scalar_type = scalar_type_of(field);
            Ok((
                cast(Expr::Column(column), arrow_type(scalar_type)),
                scalar_type,
            ))
        });
        columns.collect()
    }

    /// A plan of exactly these expressions, named freshly: what an operator reads by position.
    pub(super) fn operator_input(
        &self,
        plan: LogicalPlan,
        expressions: Vec<Expr>,
    ) -> Lowered<LogicalPlan> {
        let outputs: Vec<Expr> = expressions
            .into_iter()
            .map(|expression| expression.alias(self.fresh("input")))
            .collect();
        Ok(LogicalPlanBuilder::from(plan).project(outputs)?.build()?)
    }
}

/// The order of a relation, for an operator whose input is the relation's columns followed by
/// these hidden keys: gives the keys as columns, and the order over positions from `first`.
pub(super) fn order_of_keys(keys: &[OrderKey], first: usize) -> (Vec<Expr>, Vec<InputOrder>) {
    keys.iter()
        .enumerate()
        .map(|(index, key)| {
            let order = InputOrder {
                column: first + index,
                descending: key.descending,
                nulls_first: key.nulls_first,
            };
            (plan_column(&key.column), order)
        })
        .unzip()
}
