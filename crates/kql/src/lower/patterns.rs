//! `evaluate basket(...)`, `autocluster(...)`, `diffpatterns(...)`.

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, when};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, Evaluate, ExpressionKind};

use super::calls::literal_text;
use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::operators::{PatternKind, Patterns, TableOperator};
use crate::value::Value;

/// The least shares of Kusto.
const BASKET_THRESHOLD: f64 = 0.05;
const DIFFERENCE_THRESHOLD: f64 = 0.05;
const SIZE_WEIGHT: f64 = 0.5;
/// Most columns of one pattern of `basket`, as in Kusto.
const BASKET_COLUMNS: usize = 5;

impl Lowerer<'_> {
    pub(super) fn patterns(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let compares = evaluate.plugin == "diffpatterns";
        let first = if compares { 3 } else { 0 };
        let arguments = evaluate.arguments.get(first..).unwrap_or_default();
        // `~` stands for the default.
        let given = |position: usize| -> Lowered<Option<Value<'static>>> {
            match arguments.get(position) {
                Some(argument) if !matches!(argument.kind, ExpressionKind::Column(_)) => {
                    let value = self.constant(argument)?;
                    Ok((value.as_text() != "~").then_some(value))
                }
                _ => Ok(None),
            }
        };
        // `diffpatterns` names the weight first, the others second.
        let (weight_at, share_at) = if compares { (0, 1) } else { (1, 0) };
        let share = given(share_at)?.and_then(|value| value.as_real());
        let weight = match arguments.get(weight_at) {
            Some(argument) if matches!(argument.kind, ExpressionKind::Column(_)) => Some(argument),
            _ => None,
        };
        let limit = given(2)?.and_then(|value| value.as_long());
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        let (kind, most_columns) = match evaluate.plugin {
            "basket" => {
                let threshold = share.unwrap_or(BASKET_THRESHOLD).clamp(0.0, 1.0);
                (
                    PatternKind::Basket { threshold },
                    limit.unwrap_or(BASKET_COLUMNS),
                )
            }
            "autocluster" => {
                let size_weight = share.unwrap_or(SIZE_WEIGHT).clamp(0.0, 1.0);
                (PatternKind::Cluster { size_weight }, usize::MAX)
            }
            _ => {
                let threshold = share.unwrap_or(DIFFERENCE_THRESHOLD).clamp(0.0, 1.0);
                (
                    PatternKind::Difference { threshold },
                    limit.unwrap_or(usize::MAX),
                )
            }
        };
        let mut wildcard_texts = Vec::new();
        for argument in arguments.iter().skip(3) {
            let value = self.constant(argument)?;
            wildcard_texts.push((argument.scalar_type, value));
        }
        let types: Vec<ScalarType> = input
            .schema
            .columns()
            .iter()
            .map(|c| c.scalar_type)
            .collect();
        let patterns = Patterns {
            kind,
            columns: types.clone(),
            weighted: weight.is_some(),
            most_columns,
            wildcards: types
                .iter()
                .map(|kind| wildcard(&wildcard_texts, *kind))
                .collect(),
        };
        let split = if compares {
            evaluate.arguments.get(..3)
        } else {
            None
        };
        self.pattern_rows(input, patterns, (weight, split), step)
    }

    fn pattern_rows(
        &self,
        input: Relation,
        mut patterns: Patterns,
        (weight, split): (Option<&BoundExpression>, Option<&[BoundExpression]>),
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let mut scope = Scope::of(&input);
        let mut outputs: Vec<Expr> = (0..input.columns.len())
            .map(|at| input.column(at))
            .collect();
        // What rows are weighed and split by is no part of patterns.
        let hidden: Vec<&BoundExpression> = weight
            .into_iter()
            .chain(split.and_then(|split| split.first()))
            .collect();
        for argument in hidden {
            if let ExpressionKind::Column(column) = &argument.kind
                && let (Some(output), Some(kind)) = (
                    outputs.get_mut(column.index),
                    patterns.columns.get(column.index),
                )
            {
                *output = null_expr(*kind)?;
            }
        }
        if let Some(weight) = weight {
            let (value, from) = self.typed(&mut scope, weight)?;
            let value = as_type(value, from, ScalarType::Real)?;
            outputs.push(coalesce(vec![
                value,
                datafusion::logical_expr::lit(0.0_f64),
            ]));
        }
        if let Some([column, a, b]) = split {
            let text = self.text(&mut scope, column)?;
            let (a, b) = (self.text(&mut scope, a)?, self.text(&mut scope, b)?);
            let side = when(text.clone().eq(a), literal_text("A")?.0)
                .when(text.eq(b), literal_text("B")?.0)
                .otherwise(literal_text("")?.0)?;
            outputs.push(side);
        } else if matches!(patterns.kind, PatternKind::Difference { .. }) {
            return Err(unsupported("`diffpatterns` without its sides", step.span));
        }
        let input = self.with_windows(input, scope)?;
        patterns.most_columns = patterns.most_columns.min(patterns.columns.len());
        let inputs = vec![self.operator_input(input.plan, outputs)?];
        let operator = TableOperator::Patterns(patterns);
        self.table_operator(operator, inputs, Vec::new(), &step.schema)
    }
}

/// The text of the wildcard that was given for a type.
fn wildcard(given: &[(ScalarType, Value<'static>)], kind: ScalarType) -> Option<String> {
    let found = given
        .iter()
        .find(|(own, value)| *own == kind && value.as_text() != "~");
    found.map(|(_, value)| value.as_text().into_owned())
}
