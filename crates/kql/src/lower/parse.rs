//! `parse`, `parse-where`, `parse-kv`.

use std::fmt::Write as _;

use datafusion::logical_expr::{Expr, LogicalPlanBuilder, Operator, ScalarUDF, when};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, Literal, Parse, ParseKeyValue, ParseMode, ParsePart};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema};

use super::calls::literal_text;
use super::constant::{null_expr, value_expr};
use super::expression::{Scope, as_type, balanced, known_call};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::LowerError;
use crate::functions::{
    PairOptions, ParsePattern, ParseStep, are_searchable, compile_regex, write_steps,
};
use crate::value::Value;

impl Lowerer<'_> {
    pub(super) fn parse(
        &self,
        input: Relation,
        parse: &Parse,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let pattern = pattern_regex(parse);
        if compile_regex(&pattern).is_none() {
            let message = "the pattern of `parse` is no regular expression";
            return Err(LowerError::Diagnostic(Diagnostic::error(
                DiagnosticCode::InvalidLiteral,
                parse.source.span,
                message,
            )));
        }
        let mut scope = Scope::of(&input);
        let text = self.text(&mut scope, &parse.source)?;
        let input = self.with_windows(input, scope)?;
        let function = ScalarUDF::new_from_impl(ParsePattern::new());
        let steps = literal_text(&pattern_steps(parse))?.0;
        let found = function.call(vec![text, literal_text(&pattern)?.0, steps]);
        let (relation, found) = input.with_hidden(self, "parsed", found)?;

        let mut outputs = Self::columns_by_name(&relation, schema)?;
        let mut converted = Vec::new();
        let columns = parse.pattern.iter().filter_map(|part| match part {
            ParsePart::Column(column) => Some(column),
            _ => None,
        });
        for (position, column) in columns.enumerate() {
            let position = Value::Long(i64::try_from(position).unwrap_or(i64::MAX));
            let arguments = vec![
                (plan_column(&found), ScalarType::Dynamic),
                (value_expr(&position, ScalarType::Long)?, ScalarType::Long),
            ];
            let text = known_call("dynamic_get", arguments, ScalarType::Dynamic)?;
            let value = as_type(text, ScalarType::Dynamic, column.scalar_type)?;
            if !matches!(column.scalar_type, ScalarType::String | ScalarType::Dynamic) {
                converted.push(value.clone().is_not_null());
            }
            if let Some(output) = outputs.get_mut(column.output) {
                *output = value;
            }
        }
        let whole = parse.mode == ParseMode::Simple && !converted.is_empty();
        let all_converted = balanced(converted, Operator::And, true);
        if whole {
            for part in &parse.pattern {
                if let ParsePart::Column(column) = part
                    && let Some(output) = outputs.get_mut(column.output)
                {
                    let value = output.clone();
                    *output = when(all_converted.clone(), value)
                        .otherwise(null_expr(column.scalar_type)?)?;
                }
            }
        }
        let relation = if parse.drop_unmatched {
            let mut condition = plan_column(&found).is_not_null();
            if whole {
                condition = condition.and(all_converted);
            }
            let plan = LogicalPlanBuilder::from(relation.plan.clone())
                .filter(condition)?
                .build()?;
            Relation { plan, ..relation }
        } else {
            relation
        };
        relation.select(self, outputs, schema)
    }

    /// For each column of the schema the input's column of that name, null where there is none.
    fn columns_by_name(input: &Relation, schema: &Schema) -> Lowered<Vec<Expr>> {
        schema
            .columns()
            .iter()
            .map(|column| match input.schema.index_of(&column.name) {
                Some(index) => Ok(input.column(index)),
                None => null_expr(column.scalar_type),
            })
            .collect()
    }

    pub(super) fn parse_kv(
        &self,
        input: Relation,
        parse: &ParseKeyValue,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let options = pair_options(parse);
        if let Some(pattern) = &options.regex
            && compile_regex(pattern).is_none()
        {
            let message = "the `regex` of `parse-kv` is no regular expression";
            return Err(LowerError::Diagnostic(Diagnostic::error(
                DiagnosticCode::InvalidLiteral,
                step.span,
                message,
            )));
        }
        let options = serde_json::to_string(&options).unwrap_or_default();
        let mut scope = Scope::of(&input);
        let text = self.text(&mut scope, &parse.source)?;
        let input = self.with_windows(input, scope)?;
        let arguments = vec![(text, ScalarType::String), literal_text(&options)?];
        let bag = known_call("parse_pairs", arguments, ScalarType::Dynamic)?;
        let (relation, bag) = input.with_hidden(self, "pairs", bag)?;
        let mut outputs = Self::columns_by_name(&relation, &step.schema)?;
        for (key, column) in &parse.keys {
            let arguments = vec![(plan_column(&bag), ScalarType::Dynamic), literal_text(key)?];
            let value = known_call("dynamic_get", arguments, ScalarType::Dynamic)?;
            if let Some(output) = outputs.get_mut(column.output) {
                *output = as_type(value, ScalarType::Dynamic, column.scalar_type)?;
            }
        }
        relation.select(self, outputs, &step.schema)
    }
}

/// The steps of a pattern that needs no regular expression; the empty text for others.
fn pattern_steps(parse: &Parse) -> String {
    if parse.mode == ParseMode::Regex {
        return String::new();
    }
    let steps = parse.pattern.iter().map(|part| match part {
        ParsePart::Skip => Some(ParseStep::Skip),
        ParsePart::Text(text) => Some(ParseStep::Text(text.to_string())),
        ParsePart::Column(column) => match column.scalar_type {
            ScalarType::Real | ScalarType::Decimal => None,
            ScalarType::Int | ScalarType::Long if parse.mode == ParseMode::Relaxed => None,
            ScalarType::Int | ScalarType::Long => Some(ParseStep::Whole),
            _ => Some(ParseStep::String),
        },
    });
    match steps.collect::<Option<Vec<ParseStep>>>() {
        Some(steps) if are_searchable(&steps) => write_steps(&steps),
        _ => String::new(),
    }
}

fn pair_options(parse: &ParseKeyValue) -> PairOptions {
    let mut options = PairOptions {
        keys: parse.keys.iter().map(|(key, _)| key.to_string()).collect(),
        ..PairOptions::default()
    };
    for (name, value) in &parse.options {
        let text = match value {
            Literal::String(text) => text.to_string(),
            _ => String::new(),
        };
        match &**name {
            "pair_delimiter" => options.pair = Some(text),
            "kv_delimiter" => options.key = Some(text),
            "quote" => options.quotes.push(text),
            "escape" => options.escapes.push_str(&text),
            "greedy" => options.greedy = !matches!(value, Literal::Bool(false)),
            "regex" => options.regex = Some(text),
            _ => {}
        }
    }
    options
}

/// The pattern as one regular expression with a named group for each column.
///
/// The regex mode reads texts greedily, as Kusto does; the others up to the next text.
fn pattern_regex(parse: &Parse) -> String {
    let regex_mode = parse.mode == ParseMode::Regex;
    let mut pattern = if regex_mode && !parse.flags.is_empty() {
        format!("(?{})", parse.flags)
    } else if regex_mode {
        String::new()
    } else {
        "(?s)".to_owned()
    };
    pattern.push('^');
    let last = parse.pattern.len().saturating_sub(1);
    let mut columns = 0;
    for (position, part) in parse.pattern.iter().enumerate() {
        match part {
            ParsePart::Skip if position == last => pattern.push_str(".*"),
            ParsePart::Skip => pattern.push_str(".*?"),
            ParsePart::Text(text) if regex_mode => pattern.push_str(text),
            ParsePart::Text(text) => pattern.push_str(&regex::escape(text)),
            ParsePart::Column(column) => {
                // Numbers end by themselves, unless what is no number must pass too.
                let numbers = parse.mode != ParseMode::Relaxed
                    || matches!(parse.pattern.get(position + 1), Some(ParsePart::Skip));
                let inner = match column.scalar_type {
                    ScalarType::Int | ScalarType::Long if numbers => r"\s*[+-]?\d+",
                    ScalarType::Real | ScalarType::Decimal if numbers => {
                        r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
                    }
                    _ if regex_mode || position == last => ".*",
                    _ => ".*?",
                };
                let _ = write!(pattern, "(?P<c{columns}>{inner})");
                columns += 1;
            }
        }
    }
    pattern
}
