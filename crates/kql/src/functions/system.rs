//! What Kusto knows of the service that runs a query, as far as it has a meaning here.
//!
//! There are no clusters, principals or extents: the functions give what Kusto gives where there is
//! nothing to tell. `docs/kql-functions.md` lists them.

use serde_json::json;
use stance_base::ScalarType;

use super::ScalarFunction;
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("current_cluster_endpoint", |_, _| {
        Some(Value::string("localhost"))
    }),
    ScalarFunction::new("current_database", |_, _| Some(Value::string("default"))),
    ScalarFunction::new("current_principal", |_, _| Some(Value::string(""))),
    ScalarFunction::new("current_principal_details", |_, _| None),
    ScalarFunction::new("current_principal_is_member_of", |_, _| {
        Some(Value::Bool(false))
    }),
    // Rows of a query have no extent, and tables keep no time of ingestion.
    ScalarFunction::new("extent_id", |_, _| {
        Some(Value::Guid("00000000-0000-0000-0000-000000000000".into()))
    }),
    ScalarFunction::new("extent_tags", |_, _| Some(Value::json(&json!([])))),
    ScalarFunction::new("ingestion_time", |_, _| None),
    // No database of places is shipped: nothing is known of any address.
    ScalarFunction::new("geo_info_from_ip_address", |_, _| None),
    ScalarFunction::new("estimate_data_size", |context, values| {
        let sizes = context.arguments.iter().zip(values);
        Some(Value::Long(
            sizes
                .map(|(scalar_type, value)| size(*scalar_type, value))
                .sum(),
        ))
    }),
];

/// Bytes: those of the type, or of the text.
fn size(scalar_type: ScalarType, value: &Value<'_>) -> i64 {
    match scalar_type {
        ScalarType::Bool => 1,
        ScalarType::Int => 4,
        ScalarType::Long | ScalarType::Real | ScalarType::DateTime | ScalarType::TimeSpan => 8,
        ScalarType::Guid | ScalarType::Decimal => 16,
        ScalarType::String => to_text(value).len() as i64,
        ScalarType::Dynamic => match value {
            Value::Dynamic(dynamic) => dynamic.as_text().len() as i64 + 1,
            _ => 1,
        },
    }
}
