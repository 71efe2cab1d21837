//! Plugins that follow users over time.

use datafusion::logical_expr::Expr;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, Evaluate, ExpressionKind};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Span};

use super::expression::{Scope, as_type};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::instant::ticks_to_micros;
use crate::operators::{Activity, ActivityKind, Period, RollingPercentile, TableOperator};
use crate::value::{Value, convert};

/// The constants of a call, read in the unit of its timeline.
struct Constants {
    values: Vec<Value<'static>>,
    timeline: ScalarType,
    span: Span,
}

impl Constants {
    fn value(&self, position: usize) -> Lowered<&Value<'static>> {
        self.values.get(position).ok_or_else(|| {
            let message = "the plugin wants more arguments than it is given";
            LowerError::Diagnostic(Diagnostic::error(
                DiagnosticCode::ArgumentCount,
                self.span,
                message,
            ))
        })
    }

    fn wrong(&self, what: &str) -> LowerError {
        let message = format!("{what} does not fit the type of the time column");
        let code = DiagnosticCode::TypeMismatch;
        LowerError::Diagnostic(Diagnostic::error(code, self.span, message))
    }

    /// A moment.
    fn moment(&self, position: usize) -> Lowered<i64> {
        match convert(self.value(position)?, self.timeline) {
            Value::DateTime(number) | Value::TimeSpan(number) | Value::Long(number) => Ok(number),
            _ => Err(self.wrong("a start or end")),
        }
    }

    /// A length of time.
    fn length(&self, position: usize) -> Lowered<i64> {
        self.length_of(self.value(position)?)
    }

    fn length_of(&self, value: &Value<'_>) -> Lowered<i64> {
        let length = match (value, self.timeline) {
            (Value::TimeSpan(ticks), ScalarType::DateTime) => Some(ticks_to_micros(*ticks)),
            (value, ScalarType::DateTime) => match convert(value, ScalarType::TimeSpan) {
                Value::TimeSpan(ticks) => Some(ticks_to_micros(ticks)),
                _ => None,
            },
            (value, ScalarType::TimeSpan) => match convert(value, ScalarType::TimeSpan) {
                Value::TimeSpan(ticks) => Some(ticks),
                _ => None,
            },
            (value, _) => value.as_long(),
        };
        length
            .filter(|length| *length > 0)
            .ok_or_else(|| self.wrong("a window or step"))
    }

    fn period(&self, position: usize) -> Lowered<Period> {
        let value = self.value(position)?;
        Ok(match (value.as_text().to_lowercase().as_str(), value) {
            ("week", Value::String(_)) => Period::Week,
            ("month", Value::String(_)) => Period::Month,
            ("year", Value::String(_)) => Period::Year,
            _ => Period::Width(self.length(position)?),
        })
    }

    fn texts(&self, position: usize) -> Lowered<Vec<String>> {
        let Value::Dynamic(list) = self.value(position)? else {
            return Ok(Vec::new());
        };
        let texts = list.elements().unwrap_or_default();
        let texts = texts
            .iter()
            .map(|text| Value::json(text).as_text().into_owned());
        Ok(texts.collect())
    }

    fn lengths(&self, position: usize) -> Lowered<Vec<i64>> {
        let Value::Dynamic(list) = self.value(position)? else {
            return Ok(Vec::new());
        };
        let elements = list.elements().unwrap_or_default();
        elements
            .iter()
            .map(|length| self.length_of(&Value::json(length)))
            .collect()
    }
}

fn is_column(argument: &BoundExpression) -> bool {
    matches!(argument.kind, ExpressionKind::Column(_))
}

impl Lowerer<'_> {
    pub(super) fn activity(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        if evaluate.plugin == "sequence_detect" {
            return self.sequence_detect(input, evaluate, step);
        }
        let mut columns: Vec<&BoundExpression> = evaluate
            .arguments
            .iter()
            .filter(|argument| is_column(argument))
            .collect();
        let constants = evaluate
            .arguments
            .iter()
            .filter(|argument| !is_column(argument));
        let values = constants
            .map(|argument| self.constant(argument))
            .collect::<Lowered<Vec<_>>>()?;
        let timeline = Self::timeline(columns.get(1).copied(), step)?;
        let constants = Constants {
            values,
            timeline,
            span: step.span,
        };
        let range = |constants: &Constants| -> Lowered<(i64, i64)> {
            Ok((constants.moment(0)?, constants.moment(1)?))
        };
        let (kind, range, period) = match evaluate.plugin {
            "activity_counts_metrics" => (
                ActivityKind::Counts,
                Some(range(&constants)?),
                constants.period(2)?,
            ),
            "activity_metrics" if constants.values.len() < 3 => {
                (ActivityKind::Metrics, None, constants.period(0)?)
            }
            "activity_metrics" => (
                ActivityKind::Metrics,
                Some(range(&constants)?),
                constants.period(2)?,
            ),
            "activity_engagement" if constants.values.len() < 4 => {
                let outer = constants.length(1)?;
                (
                    ActivityKind::Engagement { outer },
                    None,
                    constants.period(0)?,
                )
            }
            "activity_engagement" => {
                let outer = constants.length(3)?;
                let kind = ActivityKind::Engagement { outer };
                (kind, Some(range(&constants)?), constants.period(2)?)
            }
            "active_users_count" => {
                let kind = ActivityKind::ActiveUsers {
                    lookback: constants.length(2)?,
                    period: constants.length(3)?,
                    least: constants.value(4)?.as_long().unwrap_or(1),
                };
                (kind, Some(range(&constants)?), constants.period(5)?)
            }
            "sliding_window_counts" => {
                let lookback = constants.length(2)?;
                let kind = ActivityKind::SlidingCounts { lookback };
                (kind, Some(range(&constants)?), constants.period(3)?)
            }
            "session_count" => {
                let lookback = constants.length(3)?;
                let kind = ActivityKind::Sessions { lookback };
                (kind, Some(range(&constants)?), constants.period(2)?)
            }
            "new_activity_metrics" => {
                let only = constants
                    .values
                    .get(3)
                    .map(|_| constants.moment(3))
                    .transpose()?;
                let kind = ActivityKind::Cohorts { only };
                // The columns of the result do not show dimensions.
                columns.truncate(2);
                (kind, Some(range(&constants)?), constants.period(2)?)
            }
            "funnel_sequence" => {
                let kind = ActivityKind::Funnel {
                    step: constants.length(2)?,
                    sequence: constants.texts(4)?,
                };
                columns.truncate(3);
                (kind, Some(range(&constants)?), constants.period(3)?)
            }
            "funnel_sequence_completion" => {
                let kind = ActivityKind::Completion {
                    sequence: constants.texts(3)?,
                    spans: constants.lengths(4)?,
                };
                columns.truncate(3);
                (kind, Some(range(&constants)?), constants.period(2)?)
            }
            other => return Err(unsupported(&format!("the plugin `{other}`"), step.span)),
        };
        let own = usize::from(matches!(
            kind,
            ActivityKind::Funnel { .. } | ActivityKind::Completion { .. }
        ));
        let dimensions = columns
            .iter()
            .skip(2 + own)
            .map(|column| column.scalar_type)
            .collect();
        let activity = Activity {
            kind,
            timeline,
            range,
            period,
            dimensions,
        };
        let mut scope = Scope::of(&input);
        let mut outputs = Vec::with_capacity(columns.len());
        for (position, column) in columns.iter().enumerate() {
            let (value, from) = self.typed(&mut scope, column)?;
            let to = match position {
                0 => ScalarType::String,
                1 => timeline,
                _ if position < 2 + own => ScalarType::String,
                _ => from,
            };
            outputs.push(as_type(value, from, to)?);
        }
        let input = self.with_windows(input, scope)?;
        let mut inputs = vec![self.operator_input(input.plan, outputs)?];
        if let Some(earlier) = evaluate.tables.first() {
            inputs.push(self.tabular(earlier, None)?.with_visible_names()?);
        }
        let operator = TableOperator::Activity(activity);
        self.table_operator(operator, inputs, Vec::new(), &step.schema)
    }

    /// The type that times are held in.
    fn timeline(column: Option<&BoundExpression>, step: &BoundStep) -> Lowered<ScalarType> {
        match column.map(|column| column.scalar_type) {
            Some(kind @ (ScalarType::DateTime | ScalarType::TimeSpan | ScalarType::Long)) => {
                Ok(kind)
            }
            Some(ScalarType::Int) => Ok(ScalarType::Long),
            _ => Err(unsupported("a timeline of this type", step.span)),
        }
    }

    /// `sequence_detect(time, step window, span, name = condition, ..., dimensions)`.
    fn sequence_detect(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let time = evaluate.arguments.first();
        let timeline = Self::timeline(time, step)?;
        let Some(time) = time else {
            return Err(unsupported("`sequence_detect` without a time", step.span));
        };
        let windows = evaluate.arguments.iter().skip(1).take(2);
        let values = windows
            .map(|argument| self.constant(argument))
            .collect::<Lowered<Vec<_>>>()?;
        let constants = Constants {
            values,
            timeline,
            span: step.span,
        };
        let rest = evaluate.arguments.iter().skip(3);
        let (dimensions, steps): (Vec<&BoundExpression>, Vec<&BoundExpression>) =
            rest.partition(|argument| is_column(argument));
        let mut scope = Scope::of(&input);
        let (value, from) = self.typed(&mut scope, time)?;
        let value = as_type(value, from, timeline)?;
        let none = super::constant::null_expr(ScalarType::String)?;
        let mut outputs: Vec<Expr> = vec![none, value];
        for condition in &steps {
            let (flag, from) = self.typed(&mut scope, condition)?;
            let flag = as_type(flag, from, ScalarType::Bool)?;
            outputs.push(as_type(flag, ScalarType::Bool, ScalarType::String)?);
        }
        for dimension in &dimensions {
            outputs.push(self.expression(&mut scope, dimension)?);
        }
        let input = self.with_windows(input, scope)?;
        let activity = Activity {
            kind: ActivityKind::Detect {
                steps: steps.len(),
                step_span: constants.length(0)?,
                span: constants.length(1)?,
            },
            timeline,
            range: None,
            period: Period::Width(1),
            dimensions: dimensions.iter().map(|column| column.scalar_type).collect(),
        };
        let inputs = vec![self.operator_input(input.plan, outputs)?];
        let operator = TableOperator::Activity(activity);
        self.table_operator(operator, inputs, Vec::new(), &step.schema)
    }

    /// `rolling_percentile(value, percent, index, bin, bins [, dimensions])`.
    pub(super) fn rolling_percentile(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let [value, percent, index, width, bins, dimensions @ ..] = evaluate.arguments.as_slice()
        else {
            return Err(unsupported(
                "`rolling_percentile` without its arguments",
                step.span,
            ));
        };
        let timeline = Self::timeline(Some(index), step)?;
        let width_value = self.constant(width)?;
        let constants = Constants {
            values: vec![width_value.clone()],
            timeline,
            span: width.span,
        };
        let rolling = RollingPercentile {
            percent: self.constant(percent)?.as_real().unwrap_or(50.0),
            bins: self.constant_count(bins)?,
            width: constants.length(0)?,
            value: value.scalar_type,
            index: timeline,
            dimensions: dimensions.iter().map(|column| column.scalar_type).collect(),
        };
        let mut scope = Scope::of(&input);
        let own = self.expression(&mut scope, value)?;
        let (at, from) = self.typed(&mut scope, index)?;
        let arguments = vec![
            (as_type(at, from, timeline)?, timeline),
            (
                super::constant::value_expr(&width_value, width.scalar_type)?,
                width.scalar_type,
            ),
        ];
        let bin = super::expression::known_call("bin", arguments, timeline)?;
        let mut outputs = vec![own, bin];
        for dimension in dimensions {
            outputs.push(self.expression(&mut scope, dimension)?);
        }
        let input = self.with_windows(input, scope)?;
        let inputs = vec![self.operator_input(input.plan, outputs)?];
        let operator = TableOperator::RollingPercentile(rolling);
        self.table_operator(operator, inputs, Vec::new(), &step.schema)
    }
}
