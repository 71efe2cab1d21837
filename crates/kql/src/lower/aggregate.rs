//! One call of an aggregate.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn as native;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{AggregateUDF, Expr, cast, lit, when};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundAggregate, BoundExpression};
use std::sync::Arc;

use super::constant::{null_expr, value_expr};
use super::expression::{Scope, as_type, known_call};
use super::relation::{OrderKey, plan_column};
use super::{Lowered, Lowerer};
use crate::aggregates::{
    CollectingAggregate, RowAggregate, RowChoice, is_collecting, result_field,
};
use crate::error::unsupported;
use crate::types::arrow_type;
use crate::value::Value;

/// An aggregate as the engine computes it, and its results made of that.
#[derive(Debug, Default)]
pub(super) struct LoweredAggregates {
    /// Aggregates with their plan names.
    pub(super) computed: Vec<(Expr, String)>,
    /// One for each result column, over the plan columns of `computed`.
    pub(super) results: Vec<(Expr, ScalarType)>,
}

type Typed = (Expr, ScalarType);

impl LoweredAggregates {
    /// The plan column of an aggregate; one that is there already is computed once.
    fn add(&mut self, lowerer: &Lowerer<'_>, aggregate: Expr) -> Expr {
        if let Some((_, name)) = self.computed.iter().find(|(known, _)| *known == aggregate) {
            return plan_column(name);
        }
        let name = lowerer.fresh("aggregate");
        self.computed.push((aggregate, name.clone()));
        plan_column(&name)
    }
}

/// The aggregate that a conditional one is made of, and whether it is conditional.
fn plain_name(function: &str) -> (&str, bool) {
    match function {
        "countif" => ("count", true),
        "sumif" => ("sum", true),
        "minif" => ("min", true),
        "maxif" => ("max", true),
        "avgif" => ("avg", true),
        "dcountif" => ("dcount", true),
        "count_distinctif" => ("count_distinct", true),
        "stdevif" => ("stdev", true),
        "varianceif" => ("variance", true),
        "variancepif" => ("variancep", true),
        "covarianceif" => ("covariance", true),
        "covariancepif" => ("covariancep", true),
        "hll_if" => ("hll", true),
        "make_list_if" => ("make_list", true),
        "make_set_if" => ("make_set", true),
        "make_bag_if" => ("make_bag", true),
        "take_anyif" => ("take_any", true),
        other => (other, false),
    }
}

fn call(
    aggregate: AggregateUDF,
    arguments: Vec<Expr>,
    filter: Option<Expr>,
    ordering: &[OrderKey],
) -> Expr {
    Expr::AggregateFunction(AggregateFunction {
        func: Arc::new(aggregate),
        params: AggregateFunctionParams {
            args: arguments,
            distinct: false,
            filter: filter.map(Box::new),
            order_by: ordering.iter().map(OrderKey::sort_expr).collect(),
            null_treatment: None,
        },
    })
}

/// The value where the condition holds, else null.
fn only_if(value: Expr, condition: Option<Expr>) -> Lowered<Expr> {
    Ok(match condition {
        None => value,
        Some(condition) => when(condition, value).end()?,
    })
}

impl Lowerer<'_> {
    pub(super) fn aggregate(
        &self,
        scope: &mut Scope,
        aggregate: &BoundAggregate,
        lowered: &mut LoweredAggregates,
    ) -> Lowered<()> {
        let arguments = aggregate.arguments.as_slice();
        let (function, conditional) = plain_name(aggregate.function);
        if function == "count" {
            let condition = self.condition(scope, arguments.first())?;
            let count = native::count(only_if(lit(1_i64), condition)?);
            let count = lowered.add(self, count);
            lowered.results.push((count, ScalarType::Long));
            return Ok(());
        }
        let values = arguments
            .iter()
            .map(|argument| self.typed(scope, argument))
            .collect::<Lowered<Vec<_>>>()?;
        // The condition stands after the values.
        let data = if function.starts_with("covariance") {
            2
        } else {
            1
        };
        let condition = if conditional {
            values.get(data).cloned()
        } else {
            None
        };
        let condition = match condition {
            Some((condition, from)) => Some(as_type(condition, from, ScalarType::Bool)?),
            None => None,
        };
        // What stands after the value and the condition: limits, percents.
        let rest = if conditional { 2 } else { 1 };
        let Some(value) = values.first().cloned() else {
            return Err(unsupported(
                &format!("`{function}()` without a value"),
                aggregate.span,
            ));
        };
        if let ("covariance" | "covariancep", [x, y, ..]) = (function, values.as_slice()) {
            return self.covariance(function, [x, y], condition, lowered);
        }
        if self.native_aggregate(
            function,
            aggregate,
            value.clone(),
            condition.clone(),
            lowered,
        )? {
            return Ok(());
        }
        match function {
            "arg_max" | "arg_min" | "take_any" => {
                self.row_aggregate(function, aggregate, values, condition, lowered)
            }
            "percentile" | "percentiles" => {
                self.percentiles("percentile", aggregate, values.split_at(1), lowered)
            }
            "percentilew" | "percentilesw" if values.len() > 1 => {
                self.percentiles("percentilew", aggregate, values.split_at(2), lowered)
            }
            "dcount" => {
                self.collecting(function, aggregate, vec![value], (condition, &[]), lowered)
            }
            name if is_collecting(name) => {
                let ordering = if name == "make_list" || name == "make_list_with_nulls" {
                    scope.ordering.clone()
                } else {
                    Vec::new()
                };
                let mut parts = vec![value];
                parts.extend(values.get(rest..).unwrap_or_default().iter().cloned());
                self.collecting(name, aggregate, parts, (condition, &ordering), lowered)
            }
            other => Err(unsupported(
                &format!("the aggregate `{other}()`"),
                aggregate.span,
            )),
        }
    }

    fn condition(
        &self,
        scope: &mut Scope,
        condition: Option<&BoundExpression>,
    ) -> Lowered<Option<Expr>> {
        match condition {
            None => Ok(None),
            Some(condition) => {
                let (lowered, from) = self.typed(scope, condition)?;
                Ok(Some(as_type(lowered, from, ScalarType::Bool)?))
            }
        }
    }

    /// Aggregates that the engine has, with Kusto's defaults for no values.
    fn native_aggregate(
        &self,
        function: &str,
        aggregate: &BoundAggregate,
        (value, from): Typed,
        condition: Option<Expr>,
        lowered: &mut LoweredAggregates,
    ) -> Lowered<bool> {
        use ScalarType::{DateTime, Real, TimeSpan};
        let to = aggregate
            .results
            .first()
            .map_or(from, |column| column.scalar_type);
        let numeric = |value: Expr| as_type(value, from, Real);
        let result = match function {
            "sum" => {
                let value = only_if(as_type(value, from, to)?, condition)?;
                let sum = lowered.add(self, native::sum(value));
                let zero = value_expr(&zero(to), to)?;
                coalesce(vec![cast(sum, arrow_type(to)), zero])
            }
            "min" | "max" => {
                let value = only_if(value, condition)?;
                let extreme = if function == "min" {
                    native::min(value)
                } else {
                    native::max(value)
                };
                let extreme = lowered.add(self, extreme);
                as_type(or_empty(extreme, from)?, from, to)?
            }
            "avg" if matches!(from, DateTime | TimeSpan) || to == ScalarType::Decimal => {
                self.exact_average(value, from, condition, lowered)?
            }
            "avg" => {
                let value = only_if(numeric(value)?, condition)?;
                let average = lowered.add(self, native::avg(value));
                coalesce(vec![average, lit(f64::NAN)])
            }
            "count_distinct" => {
                let value = only_if(value, condition)?;
                lowered.add(self, native::count_distinct(value))
            }
            "stdev" | "stdevp" | "variance" | "variancep" => {
                let value = only_if(numeric(value)?, condition)?;
                let spread = match function {
                    "stdev" => native::stddev(value),
                    "stdevp" => native::stddev_pop(value),
                    "variance" => native::var_sample(value),
                    _ => native::var_pop(value),
                };
                coalesce(vec![lowered.add(self, spread), lit(0.0_f64)])
            }
            _ => return Ok(false),
        };
        lowered.results.push((result, to));
        Ok(true)
    }

    /// `arg_max(by, a, b)`, `take_any(a, b)`: fields of one kept row.
    fn row_aggregate(
        &self,
        function: &str,
        aggregate: &BoundAggregate,
        values: Vec<Typed>,
        condition: Option<Expr>,
        lowered: &mut LoweredAggregates,
    ) -> Lowered<()> {
        let choice = match function {
            "arg_max" => RowChoice::Greatest,
            "arg_min" => RowChoice::Least,
            _ => RowChoice::Any,
        };
        let values: Vec<Typed> = if condition.is_some() {
            values.into_iter().take(1).collect()
        } else {
            values
        };
        let (expressions, types): (Vec<Expr>, Vec<ScalarType>) = values.into_iter().unzip();
        let function = AggregateUDF::new_from_impl(RowAggregate::new(choice, &types));
        let row = lowered.add(self, call(function, expressions, condition, &[]));
        for (position, column) in aggregate.results.iter().enumerate() {
            let from = types.get(position).copied().unwrap_or(column.scalar_type);
            let field = get_field(row.clone(), result_field(position));
            let field = as_type(or_empty(field, from)?, from, column.scalar_type)?;
            lowered.results.push((field, column.scalar_type));
        }
        Ok(())
    }

    /// The average of datetimes, timespans or decimals, without the loss of digits that reals
    /// bring.
    fn exact_average(
        &self,
        value: Expr,
        from: ScalarType,
        condition: Option<Expr>,
        lowered: &mut LoweredAggregates,
    ) -> Lowered<Expr> {
        let value = only_if(value, condition)?;
        let count = lowered.add(self, native::count(value.clone()));
        if from == ScalarType::Decimal {
            let sum = cast(lowered.add(self, native::sum(value)), arrow_type(from));
            let count = (cast(count, arrow_type(from)), from);
            return known_call("divide", vec![(sum, from), count], from);
        }
        let wide = DataType::Decimal128(38, 0);
        let number = cast(cast(value, DataType::Int64), wide.clone());
        let sum = lowered.add(self, native::sum(number));
        // Of nothing there is no average.
        let count = when(count.clone().gt(lit(0_i64)), cast(count, wide)).end()?;
        let average = cast(sum / count, DataType::Int64);
        Ok(cast(average, arrow_type(from)))
    }

    fn covariance(
        &self,
        function: &str,
        [x, y]: [&Typed; 2],
        condition: Option<Expr>,
        lowered: &mut LoweredAggregates,
    ) -> Lowered<()> {
        let x = as_type(x.0.clone(), x.1, ScalarType::Real)?;
        let y = as_type(y.0.clone(), y.1, ScalarType::Real)?;
        let x = only_if(x, condition)?;
        let covariance = if function == "covariance" {
            native::covar_samp(x, y)
        } else {
            native::covar_pop(x, y)
        };
        let covariance = lowered.add(self, covariance);
        lowered.results.push((covariance, ScalarType::Real));
        Ok(())
    }

    /// One aggregate for each percent, over the value and perhaps its weight.
    fn percentiles(
        &self,
        function: &str,
        aggregate: &BoundAggregate,
        (data, percents): (&[Typed], &[Typed]),
        lowered: &mut LoweredAggregates,
    ) -> Lowered<()> {
        for (percent, column) in percents.iter().zip(&aggregate.results) {
            let arguments = data.iter().chain([percent]).cloned();
            let (arguments, types): (Vec<Expr>, Vec<ScalarType>) = arguments.unzip();
            let function = CollectingAggregate::new(function, &types, column.scalar_type)
                .ok_or_else(|| unsupported("`percentile()`", aggregate.span))?;
            let function = AggregateUDF::new_from_impl(function);
            let result = lowered.add(self, call(function, arguments, None, &[]));
            lowered.results.push((result, column.scalar_type));
        }
        Ok(())
    }

    fn collecting(
        &self,
        function: &str,
        aggregate: &BoundAggregate,
        arguments: Vec<Typed>,
        (condition, ordering): (Option<Expr>, &[OrderKey]),
        lowered: &mut LoweredAggregates,
    ) -> Lowered<()> {
        let to = aggregate
            .results
            .first()
            .map_or(ScalarType::Dynamic, |c| c.scalar_type);
        let (expressions, types): (Vec<Expr>, Vec<ScalarType>) = arguments.into_iter().unzip();
        let udaf = CollectingAggregate::new(function, &types, to)
            .ok_or_else(|| unsupported(&format!("`{function}()`"), aggregate.span))?;
        let udaf = AggregateUDF::new_from_impl(udaf);
        let result = lowered.add(self, call(udaf, expressions, condition, ordering));
        let result = if to == ScalarType::Dynamic && function.starts_with("make_") {
            // No rows at all make an empty list, set or bag.
            let empty = if function == "make_bag" { "{}" } else { "[]" };
            coalesce(vec![
                result,
                lit(ScalarValue::Utf8View(Some(empty.to_owned()))),
            ])
        } else {
            result
        };
        lowered.results.push((result, to));
        Ok(())
    }

    /// The array of one column of `make-series`.
    pub(super) fn series_aggregate(
        index: Expr,
        (value, value_type): Typed,
        count: Expr,
        default: &Value<'_>,
    ) -> Lowered<Option<Expr>> {
        let types = [
            ScalarType::Long,
            value_type,
            ScalarType::Long,
            ScalarType::Dynamic,
        ];
        let Some(udaf) = CollectingAggregate::new("series", &types, ScalarType::Dynamic) else {
            return Ok(None);
        };
        let default = Value::json(&default.to_json()).into_owned();
        let arguments = vec![
            index,
            value,
            count,
            value_expr(&default, ScalarType::Dynamic)?,
        ];
        Ok(Some(call(
            AggregateUDF::new_from_impl(udaf),
            arguments,
            None,
            &[],
        )))
    }
}

/// A null that an aggregate gave for a string is the empty string.
fn or_empty(value: Expr, scalar_type: ScalarType) -> Lowered<Expr> {
    if scalar_type != ScalarType::String {
        return Ok(value);
    }
    Ok(coalesce(vec![value, null_expr(ScalarType::String)?]))
}

fn zero(scalar_type: ScalarType) -> Value<'static> {
    match scalar_type {
        ScalarType::Real => Value::Real(0.0),
        ScalarType::Decimal => Value::Decimal(0),
        ScalarType::TimeSpan => Value::TimeSpan(0),
        _ => Value::Long(0),
    }
}
