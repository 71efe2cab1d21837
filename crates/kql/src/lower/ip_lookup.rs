//! `evaluate ipv4_lookup(...)`, `ipv6_lookup(...)`.

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::Expr;
use stance_base::ScalarType;
use stance_kql_syntax::Column;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, Evaluate, ExpressionKind};

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::relation::{Relation, schema_with};
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::operators::{IpLookup, TableOperator};

impl Lowerer<'_> {
    /// `ip_lookup(table, address, network [, further keys] [, return_unmatched])`.
    pub(super) fn ip_lookup(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let (Some(table), Some(address), Some(network)) = (
            evaluate.tables.first(),
            evaluate.arguments.first(),
            evaluate.arguments.get(1),
        ) else {
            return Err(unsupported("a lookup without table and keys", step.span));
        };
        let table = self.tabular(table, None)?;
        let mut unmatched = false;
        let mut further: Vec<&BoundExpression> = Vec::new();
        for argument in evaluate.arguments.iter().skip(2) {
            if matches!(argument.kind, ExpressionKind::Column(_)) {
                further.push(argument);
            } else {
                unmatched = self.constant(argument)?.as_bool().unwrap_or(false);
            }
        }
        let lookup_keys: Vec<&BoundExpression> = std::iter::once(network)
            .chain(further.iter().copied())
            .collect();
        let keys: Vec<&BoundExpression> = std::iter::once(address)
            .chain(further.iter().copied())
            .collect();

        let mut scope = Scope::of(&input);
        let mut outputs: Vec<Expr> = (0..input.columns.len())
            .map(|at| input.column(at))
            .collect();
        for key in keys {
            outputs.push(self.text(&mut scope, key)?);
        }
        let input = self.with_windows(input, scope)?;
        let rows = self.operator_input(input.plan, outputs)?;

        // Columns that the rows have already are left out.
        let looked = table.schema.columns().iter().enumerate();
        let looked: Vec<(usize, Column)> = looked
            .filter(|(_, column)| input.schema.column(&column.name).is_none())
            .map(|(index, column)| (index, column.clone()))
            .collect();
        let mut outputs: Vec<Expr> = looked
            .iter()
            .map(|(index, _)| table.column(*index))
            .collect();
        for key in lookup_keys {
            let ExpressionKind::Column(column) = &key.kind else {
                return Err(unsupported("a lookup key that is no column", key.span));
            };
            let Some(index) = table.schema.index_of(&column.name) else {
                return Err(unsupported("a lookup key that the table lacks", key.span));
            };
            let from = table.schema.columns()[index].scalar_type;
            outputs.push(as_type(table.column(index), from, ScalarType::String)?);
        }
        let networks = self.operator_input(table.plan.clone(), outputs)?;

        let operator = IpLookup {
            kept: input.schema.len(),
            looked: looked.len(),
            further_keys: further.len(),
            unmatched,
        };
        let added = looked.iter().map(|(_, column)| column.clone());
        let schema = schema_with(&input.schema, added);
        let inputs = vec![rows, networks];
        let operator = TableOperator::IpLookup(operator);
        let joined = self.table_operator(operator, inputs, Vec::new(), &schema)?;
        let outputs = schema.columns().iter().enumerate().map(|(index, column)| {
            let value = joined.column(index);
            // A row without a network has nulls, which a string never is.
            if unmatched && column.scalar_type == ScalarType::String && index >= input.schema.len()
            {
                return Ok(coalesce(vec![value, null_expr(ScalarType::String)?]));
            }
            Ok(value)
        });
        let outputs = outputs.collect::<Lowered<Vec<Expr>>>()?;
        joined.select(self, outputs, &step.schema)
    }
}
