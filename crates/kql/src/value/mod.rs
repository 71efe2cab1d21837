//! One KQL value, and Arrow columns read and written value by value.
//!
//! Functions are written over [`Value`]s; what runs over every row of every query (comparisons,
//! arithmetic of numbers, text search) has columnar paths of its own.

mod builder;
mod compare;
mod convert;
mod decimal;
mod order;
mod reader;
mod text;

use std::borrow::Cow;

pub(crate) use builder::ColumnBuilder;
pub(crate) use compare::{compare, equal};
pub(crate) use convert::{convert, parse_json_value};
pub(crate) use decimal::{
    decimal_from_f64, decimal_to_f64, divide_decimals, multiply_decimals, parse_decimal,
    write_decimal,
};
pub(crate) use order::{order_json, total_order};
pub(crate) use reader::ColumnReader;
pub(crate) use text::{real_text, to_json, to_text};

use crate::dynamic::Dynamic;

/// A KQL value. Whether it is an int or a long is its column's matter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    /// Scaled by 10^[`crate::types::DECIMAL_SCALE`].
    Decimal(i128),
    String(Cow<'a, str>),
    Guid(Cow<'a, str>),
    /// Microseconds from 1970-01-01 UTC.
    DateTime(i64),
    /// Ticks of 100 nanoseconds.
    TimeSpan(i64),
    Dynamic(Dynamic<'a>),
}

impl<'a> Value<'a> {
    /// A string.
    pub(crate) fn string(text: impl Into<Cow<'a, str>>) -> Self {
        Self::String(text.into())
    }

    /// A dynamic of a JSON value.
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Dynamic::from_json(value).map_or(Self::Null, Self::Dynamic)
    }

    /// Whether it is null. A string never is.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a string; of other values what `tostring` gives.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::String(text) | Self::Guid(text) => Cow::Borrowed(text),
            other => to_text(other),
        }
    }

    /// A whole number, of whole numbers, timespans and whole reals.
    pub(crate) fn as_long(&self) -> Option<i64> {
        match self {
            Self::Long(number) | Self::TimeSpan(number) => Some(*number),
            Self::Bool(flag) => Some(i64::from(*flag)),
            Self::Real(_) | Self::Decimal(_) | Self::Dynamic(_) => {
                match convert(self, stance_base::ScalarType::Long) {
                    Value::Long(number) => Some(number),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A real number, of any number.
    pub(crate) fn as_real(&self) -> Option<f64> {
        match self {
            Self::Real(number) => Some(*number),
            #[allow(clippy::cast_precision_loss)]
            Self::Long(number) | Self::TimeSpan(number) => Some(*number as f64),
            Self::Decimal(number) => Some(decimal_to_f64(*number)),
            Self::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Self::Dynamic(_) => match convert(self, stance_base::ScalarType::Real) {
                Value::Real(number) => Some(number),
                _ => None,
            },
            _ => None,
        }
    }

    /// A truth value.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Dynamic(_) => match convert(self, stance_base::ScalarType::Bool) {
                Value::Bool(flag) => Some(flag),
                _ => None,
            },
            _ => None,
        }
    }

    /// The JSON form that this value has inside a dynamic.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    /// A copy that borrows nothing.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Long(number) => Value::Long(number),
            Self::Real(number) => Value::Real(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Guid(text) => Value::Guid(Cow::Owned(text.into_owned())),
            Self::DateTime(micros) => Value::DateTime(micros),
            Self::TimeSpan(ticks) => Value::TimeSpan(ticks),
            Self::Dynamic(value) => {
                Value::Dynamic(Dynamic::from_text(value.into_text().into_owned()))
            }
        }
    }
}
