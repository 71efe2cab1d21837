//! KQL scalar types as Arrow types.
//!
//! | KQL | Arrow inside the engine | null |
//! |---|---|---|
//! | bool | `Boolean` | yes |
//! | int | `Int32` | yes |
//! | long | `Int64` | yes |
//! | real | `Float64` | yes |
//! | decimal | `Decimal128(38, 10)` | yes |
//! | string | `Utf8View` | never: the empty string stands for it |
//! | guid | `Utf8View`, lower case with dashes | yes |
//! | datetime | `Timestamp(Microsecond, "UTC")` | yes |
//! | timespan | `Int64`, ticks of 100 ns | yes |
//! | dynamic | `Utf8View`, JSON text | yes |
//!
//! Arrow cannot tell timespan from long, nor guid and dynamic from string: fields carry the KQL
//! name in their metadata under [`TYPE_METADATA_KEY`], and the engine keeps the KQL schema beside
//! each plan. Scale 10 of decimal leaves 28 digits before the point, which `parse_version` needs.

mod normalise;
mod text_or_empty;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use stance_base::ScalarType;

pub(crate) use normalise::{NestedToJson, json_texts, normalise_column};
pub(crate) use text_or_empty::{PlainTextConditions, TEXT_OR_EMPTY, TextOrEmpty};

/// Field metadata key that holds the KQL type name.
pub const TYPE_METADATA_KEY: &str = "stance.type";

/// Digits of a decimal.
pub const DECIMAL_PRECISION: u8 = 38;

/// Digits of a decimal after the point.
pub const DECIMAL_SCALE: i8 = 10;

/// The Arrow type that holds values of a KQL type inside the engine.
pub fn arrow_type(scalar_type: ScalarType) -> DataType {
    match scalar_type {
        ScalarType::Bool => DataType::Boolean,
        ScalarType::Int => DataType::Int32,
        ScalarType::Long | ScalarType::TimeSpan => DataType::Int64,
        ScalarType::Real => DataType::Float64,
        ScalarType::Decimal => DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
        ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => DataType::Utf8View,
        ScalarType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
    }
}

/// A field of a KQL type, its metadata included.
pub fn arrow_field(name: &str, scalar_type: ScalarType) -> Field {
    let metadata = HashMap::from([(
        TYPE_METADATA_KEY.to_owned(),
        scalar_type.as_str().to_owned(),
    )]);
    Field::new(name, arrow_type(scalar_type), true).with_metadata(metadata)
}

/// A schema of KQL columns.
pub fn arrow_schema<'a>(columns: impl IntoIterator<Item = (&'a str, ScalarType)>) -> SchemaRef {
    let fields: Vec<Field> = columns
        .into_iter()
        .map(|(name, scalar_type)| arrow_field(name, scalar_type))
        .collect();
    Arc::new(Schema::new(fields))
}

/// The KQL type of a field: by its metadata, else by the nearest type; what has none is `dynamic`.
pub fn scalar_type_of(field: &Field) -> ScalarType {
    if let Some(name) = field.metadata().get(TYPE_METADATA_KEY)
        && let Ok(scalar_type) = ScalarType::from_str(name)
    {
        return scalar_type;
    }
    match field.data_type() {
        DataType::Boolean => ScalarType::Bool,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            ScalarType::Int
        }
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => ScalarType::Long,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => ScalarType::Real,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => ScalarType::Decimal,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => ScalarType::DateTime,
        DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_) => ScalarType::TimeSpan,
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_)
        | DataType::Null => ScalarType::String,
        DataType::Dictionary(_, values) => {
            scalar_type_of(&Field::new("value", values.as_ref().clone(), true))
        }
        _ => ScalarType::Dynamic,
    }
}
