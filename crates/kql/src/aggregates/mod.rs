//! Aggregates with Kusto's semantics, where the engine's own differ.
//!
//! [`collecting`] ones take in value by value, each kind in a [`fold`] of its own; [`row`] ones
//! keep one row of a group (`arg_max`, `take_any`). As with scalar functions, the name in a plan
//! holds the signature.

mod collecting;
mod distinct_count;
mod elements;
mod fold;
mod folding;
mod groups;
mod percentile;
mod ranked;
mod row;
mod row_groups;
mod schema;
mod sketched;

use datafusion::logical_expr::AggregateUDF;

pub(crate) use collecting::{CollectingAggregate, is_collecting};
pub(crate) use row::{RowAggregate, RowChoice, result_field};

use crate::functions::signature::{NAME_PREFIX, PlanSignature};

/// The aggregate of a name that stands in a plan; nothing where it is none of ours.
pub fn resolve(name: &str) -> Option<AggregateUDF> {
    let signature = PlanSignature::parse(name.strip_prefix(NAME_PREFIX)?)?;
    let arguments = signature.arguments.as_slice();
    if let Some(choice) = RowChoice::from_name(signature.function) {
        return Some(AggregateUDF::new_from_impl(RowAggregate::new(
            choice, arguments,
        )));
    }
    let result = signature.result_type()?;
    let aggregate = CollectingAggregate::new(signature.function, arguments, result)?;
    Some(AggregateUDF::new_from_impl(aggregate))
}
