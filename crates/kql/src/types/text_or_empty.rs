//! A column of texts in which null reads as the empty text, as KQL has it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringViewArray};
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Filter, LogicalPlan, Operator, ScalarFunctionArgs,
    ScalarUDFImpl, Signature, TableScan, Volatility,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The name in plans.
pub(crate) const TEXT_OR_EMPTY: &str = "kql:text_or_empty";

/// Gives its argument with the empty text in the place of null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextOrEmpty {
    signature: Signature,
}

impl Default for TextOrEmpty {
    fn default() -> Self {
        Self {
            signature: Signature::any(1, Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for TextOrEmpty {
    fn name(&self) -> &'static str {
        TEXT_OR_EMPTY
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.first() {
            Some(ColumnarValue::Array(array)) => Ok(ColumnarValue::Array(filled(array)?)),
            Some(ColumnarValue::Scalar(scalar)) if !scalar.is_null() => {
                Ok(ColumnarValue::Scalar(scalar.cast_to(&DataType::Utf8View)?))
            }
            _ => Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(Some(
                String::new(),
            )))),
        }
    }
}

fn filled(array: &ArrayRef) -> Result<ArrayRef> {
    let array = match array.data_type() {
        DataType::Utf8View => Arc::clone(array),
        _ => arrow::compute::cast(array, &DataType::Utf8View)?,
    };
    let Some(valid) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return Ok(array);
    };
    let valid = BooleanArray::new(valid.inner().clone(), None);
    let empty = StringViewArray::new_scalar("");
    Ok(zip(&valid, &array, &empty)?)
}

/// Makes the conditions of filters simpler and cheaper.
///
/// The function is taken out where null makes no difference, so that the condition can prune files and row groups: a
/// comparison with a text that is not empty, and calls of functions of ours, which read null as the empty text. Cheap
/// conditions come first: the dear ones then look at the rows that are left.
#[derive(Debug)]
pub(crate) struct PlainTextConditions;

impl OptimizerRule for PlainTextConditions {
    fn name(&self) -> &'static str {
        "plain_text_conditions"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Filter(Filter {
                predicate, input, ..
            }) => {
                let plain = plain_condition(predicate)?;
                let plain = plain.transform_data(|plain| Ok(cheap_first(plain)))?;
                let filter = Filter::try_new(plain.data, input)?;
                Ok(Transformed::new_transformed(
                    LogicalPlan::Filter(filter),
                    plain.transformed,
                ))
            }
            LogicalPlan::TableScan(scan) => {
                let mut changed = false;
                let mut filters = Vec::with_capacity(scan.filters.len());
                for filter in scan.filters {
                    let plain = plain_condition(filter)?;
                    changed |= plain.transformed;
                    filters.push(plain.data);
                }
                if !filters.is_sorted_by_key(cost) {
                    filters.sort_by_key(cost);
                    changed = true;
                }
                Ok(Transformed::new_transformed(
                    LogicalPlan::TableScan(TableScan { filters, ..scan }),
                    changed,
                ))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// The condition of a filter, where null and false mean the same.
fn plain_condition(condition: Expr) -> Result<Transformed<Expr>> {
    let calls = condition.transform_up(|expression| Ok(plain_arguments(expression)))?;
    let changed = calls.transformed;
    let compared = plain_comparison(calls.data);
    Ok(Transformed::new_transformed(
        compared.data,
        changed || compared.transformed,
    ))
}

/// The parts of a condition that must all hold, cheap ones first.
fn cheap_first(condition: Expr) -> Transformed<Expr> {
    let parts = split_conjunction(&condition);
    if parts.is_sorted_by_key(|part| cost(part)) {
        return Transformed::no(condition);
    }
    let mut parts: Vec<Expr> = parts.into_iter().cloned().collect();
    parts.sort_by_key(cost);
    match conjunction(parts) {
        Some(sorted) => Transformed::yes(sorted),
        None => Transformed::no(condition),
    }
}

/// Roughly what a condition costs for a row: calls count, searches in texts more, other functions of ours most.
fn cost(condition: &Expr) -> usize {
    let mut cost = 0;
    // The walk itself cannot fail.
    let _ = condition.apply(|expression| {
        cost += match expression {
            Expr::ScalarFunction(called) => match called.func.name() {
                TEXT_OR_EMPTY => 0,
                "kql:text_matches_regex" | "kql:text_like" | "kql:text_matches_regex_cs" => 40,
                name if name.starts_with("kql:text_") => 10,
                name if name.starts_with("kql:") => 30,
                _ => 5,
            },
            _ => 0,
        };
        Ok(TreeNodeRecursion::Continue)
    });
    cost
}

fn inner_of(expression: &Expr) -> Option<Expr> {
    match expression {
        Expr::ScalarFunction(called) if called.func.name() == TEXT_OR_EMPTY => {
            // Only a column is the same text with and without the cast of the function.
            called
                .args
                .first()
                .filter(|inner| matches!(inner, Expr::Column(_) | Expr::Cast(_)))
                .cloned()
        }
        _ => None,
    }
}

fn plain_arguments(expression: Expr) -> Transformed<Expr> {
    match expression {
        Expr::ScalarFunction(mut called)
            if called.func.name().starts_with("kql:text_")
                && called.func.name() != TEXT_OR_EMPTY =>
        {
            let mut changed = false;
            for argument in &mut called.args {
                if let Some(inner) = inner_of(argument) {
                    *argument = inner;
                    changed = true;
                }
            }
            Transformed::new_transformed(Expr::ScalarFunction(called), changed)
        }
        other => Transformed::no(other),
    }
}

fn plain_comparison(condition: Expr) -> Transformed<Expr> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if matches!(op, Operator::And | Operator::Or) =>
        {
            let (left, right) = (plain_comparison(*left), plain_comparison(*right));
            let changed = left.transformed || right.transformed;
            let both = BinaryExpr::new(Box::new(left.data), op, Box::new(right.data));
            Transformed::new_transformed(Expr::BinaryExpr(both), changed)
        }
        Expr::BinaryExpr(mut compared)
            if matches!(compared.op, Operator::Eq | Operator::Gt | Operator::GtEq)
                && is_some_text(&compared.right) =>
        {
            match inner_of(&compared.left) {
                Some(inner) => {
                    *compared.left = inner;
                    Transformed::yes(Expr::BinaryExpr(compared))
                }
                None => Transformed::no(Expr::BinaryExpr(compared)),
            }
        }
        Expr::InList(mut list) if !list.negated && list.list.iter().all(is_some_text) => {
            match inner_of(&list.expr) {
                Some(inner) => {
                    *list.expr = inner;
                    Transformed::yes(Expr::InList(list))
                }
                None => Transformed::no(Expr::InList(list)),
            }
        }
        other => Transformed::no(other),
    }
}

/// Whether the expression is a constant text that is neither null nor empty.
fn is_some_text(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::LargeUtf8(Some(text))
            | ScalarValue::Utf8View(Some(text)),
            _,
        ) => !text.is_empty(),
        _ => false,
    }
}
