//! `evaluate pivot(...)`: values of one column become columns.
//!
//! Rows are grouped by the remaining columns and the pivot column; each group's cell is then moved
//! into the column named after its value.

use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn as native;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, when};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{
    BoundAggregate, BoundExpression, BoundStep, Evaluate, ExpressionKind, NamedExpression,
};
use stance_kql_syntax::{Column, Schema};

use super::calls::literal_text;
use super::constant::value_expr;
use super::expression::{Scope, as_type};
use super::open_schema::{OpenColumns, OpenStep};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::value::Value;

fn column_index(expression: &BoundExpression) -> Option<usize> {
    match &expression.kind {
        ExpressionKind::Column(column) => Some(column.index),
        _ => None,
    }
}

/// Positions of the columns that the rows of the result are grouped by.
fn row_columns(evaluate: &Evaluate, aggregate: &BoundAggregate, input: &Schema) -> Vec<usize> {
    let named = evaluate.arguments.get(1..).unwrap_or_default();
    if !named.is_empty() {
        return named.iter().filter_map(column_index).collect();
    }
    let used: Vec<usize> = evaluate
        .arguments
        .iter()
        .chain(&aggregate.arguments)
        .filter_map(column_index)
        .collect();
    (0..input.len())
        .filter(|index| !used.contains(index))
        .collect()
}

impl Lowerer<'_> {
    pub(super) fn pivot(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let Some(pivot) = evaluate.arguments.first() else {
            return Err(unsupported("`pivot` without a column", step.span));
        };
        let count = BoundAggregate {
            function: "count",
            arguments: Vec::new(),
            results: vec![Column::new("count_", ScalarType::Long)],
            span: step.span,
        };
        let aggregate = evaluate.aggregate.as_ref().unwrap_or(&count);
        let rows = row_columns(evaluate, aggregate, &input.schema);
        let row_schema: Schema = rows
            .iter()
            .filter_map(|index| input.schema.columns().get(*index).cloned())
            .collect();
        if let (true, Some(index)) = (evaluate.open_schema, evaluate.open_index) {
            let cell = aggregate
                .results
                .first()
                .map_or(ScalarType::Long, |c| c.scalar_type);
            let columns = OpenColumns::Pivot {
                rows: row_schema,
                cell,
            };
            let step = self.pivot_probe(input, pivot, (index, columns), step)?;
            return Err(LowerError::OpenSchema(Box::new(step)));
        }
        let mut keys: Vec<NamedExpression> = Vec::new();
        for index in &rows {
            let column = input.schema.columns().get(*index);
            let Some(column) = column else { continue };
            keys.push(NamedExpression {
                name: column.name.clone(),
                expression: column_expression(*index, column, step),
            });
        }
        keys.push(NamedExpression {
            name: "pivot".into(),
            expression: pivot.clone(),
        });
        let ordering = Vec::new();
        let input = Relation { ordering, ..input };
        let grouped = self.group(input, &keys, std::slice::from_ref(aggregate), Vec::new())?;
        self.cells(grouped, &row_schema, aggregate, step)
    }

    fn pivot_probe(
        &self,
        input: Relation,
        pivot: &BoundExpression,
        (index, columns): (usize, OpenColumns),
        step: &BoundStep,
    ) -> Lowered<OpenStep> {
        let mut scope = Scope::of(&input);
        let text = self.text(&mut scope, pivot)?;
        let input = self.with_windows(input, scope)?;
        let name = self.fresh("value");
        let probe = LogicalPlanBuilder::from(input.plan)
            .project(vec![text.alias(&name)])?
            .aggregate(vec![plan_column(&name)], Vec::<Expr>::new())?
            .build()?;
        Ok(OpenStep {
            index,
            probe,
            columns,
            span: step.span,
        })
    }

    /// One row for each group of the row columns, one cell for each value.
    fn cells(
        &self,
        grouped: super::summarize::Grouped,
        rows: &Schema,
        aggregate: &BoundAggregate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let (Some((pivot, pivot_type)), Some((cell, cell_type))) = (
            grouped.columns.get(rows.len()).cloned(),
            grouped.columns.get(rows.len() + 1).cloned(),
        ) else {
            return Err(unsupported("this `pivot`", step.span));
        };
        let pivot = as_type(plan_column(&pivot), pivot_type, ScalarType::String)?;
        let mut keys: Vec<Expr> = grouped
            .columns
            .iter()
            .take(rows.len())
            .map(|(name, _)| plan_column(name))
            .collect();
        keys.extend(grouped.partition.iter().map(|name| plan_column(name)));
        let mut computed = Vec::new();
        let mut outputs = Vec::with_capacity(step.schema.len());
        for column in step.schema.columns() {
            if let Some(index) = rows.index_of(&column.name)
                && let Some((name, from)) = grouped.columns.get(index)
            {
                outputs.push(as_type(plan_column(name), *from, column.scalar_type)?);
                continue;
            }
            let name = self.fresh("cell");
            let held = pivot.clone().eq(literal_text(&column.name)?.0);
            let value = when(held, plan_column(&cell)).end()?;
            computed.push(native::max(value).alias(&name));
            let value = match empty_cell(aggregate.function, cell_type) {
                Some(empty) => coalesce(vec![plan_column(&name), value_expr(&empty, cell_type)?]),
                None => plan_column(&name),
            };
            outputs.push(as_type(value, cell_type, column.scalar_type)?);
        }
        let builder = LogicalPlanBuilder::from(grouped.plan);
        let plan = if keys.is_empty() && computed.is_empty() {
            builder.limit(0, Some(0))?.build()?
        } else {
            builder.aggregate(keys, computed)?.build()?
        };
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: grouped.partition,
            graph: None,
        };
        relation.select(self, outputs, &step.schema)
    }
}

fn column_expression(index: usize, column: &Column, step: &BoundStep) -> BoundExpression {
    let reference = stance_kql_syntax::bound::ColumnReference {
        index,
        name: column.name.clone(),
    };
    BoundExpression {
        kind: ExpressionKind::Column(reference),
        scalar_type: column.scalar_type,
        span: step.span,
    }
}

/// What an aggregate gives of no rows; nothing for null.
fn empty_cell(function: &str, cell_type: ScalarType) -> Option<Value<'static>> {
    let json = |text: &str| {
        serde_json::from_str(text)
            .ok()
            .map(|json| Value::json(&json))
    };
    match function {
        "count" | "countif" | "dcount" | "dcountif" | "sum" | "sumif" => match cell_type {
            ScalarType::Real => Some(Value::Real(0.0)),
            ScalarType::Decimal => Some(Value::Decimal(0)),
            ScalarType::TimeSpan => Some(Value::TimeSpan(0)),
            _ => Some(Value::Long(0)),
        },
        "make_bag" | "make_bag_if" => json("{}"),
        _ if function.starts_with("make_") => json("[]"),
        _ if cell_type == ScalarType::String => Some(Value::string("")),
        _ => None,
    }
}
