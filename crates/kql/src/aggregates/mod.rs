//! Aggregates with Kusto's semantics, where the engine's own differ.
//!
//! [`collecting`] ones fold values into a state; [`row`] ones keep one row of a group (`arg_max`,
//! `take_any`). As with scalar functions, the name in a plan holds the signature.

mod collecting;
mod collector;
mod distinct_count;
mod groups;
mod percentile;
mod row;
mod row_groups;

use std::str::FromStr;

use datafusion::logical_expr::AggregateUDF;
use stance_base::ScalarType;

pub(crate) use collecting::{CollectingAggregate, is_collecting};
pub(crate) use row::{RowAggregate, RowChoice, result_field};

use crate::functions::udf::NAME_PREFIX;

/// The aggregate of a name that stands in a plan; nothing where it is none of ours.
pub fn resolve(name: &str) -> Option<AggregateUDF> {
    let rest = name.strip_prefix(NAME_PREFIX)?;
    let (function, rest) = rest.split_once('(')?;
    let (arguments, result) = rest.split_once(")->")?;
    let arguments: Vec<ScalarType> = arguments
        .split(',')
        .filter(|part| !part.is_empty())
        .map(ScalarType::from_str)
        .collect::<Result<_, _>>()
        .ok()?;
    if let Some(choice) = RowChoice::from_name(function) {
        return Some(AggregateUDF::new_from_impl(RowAggregate::new(
            choice, &arguments,
        )));
    }
    let result = ScalarType::from_str(result).ok()?;
    let aggregate = CollectingAggregate::new(function, &arguments, result)?;
    Some(AggregateUDF::new_from_impl(aggregate))
}

/// The name of an aggregate in a plan.
fn plan_name(function: &str, arguments: &[ScalarType], result: &str) -> String {
    let list: Vec<&str> = arguments.iter().map(|argument| argument.as_str()).collect();
    format!("{NAME_PREFIX}{function}({})->{result}", list.join(","))
}
