//! Values written in the query text.

use std::sync::Arc;

use stance_base::ScalarType;

/// Ticks of 100 nanoseconds in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;
/// Ticks between 0001-01-01 and 1970-01-01.
pub const TICKS_AT_UNIX_EPOCH: i64 = 719_162 * TICKS_PER_DAY;

/// A constant. Its type is that of the expression which holds it; `Null` may have any type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `int(null)`, `dynamic(null)` and the like. A string is never null.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `int(5)`.
    Int(i32),
    /// `5`, `0xff`.
    Long(i64),
    /// `1.5`, `real(nan)`.
    Real(f64),
    /// The digits of `decimal(1.5)`, with a sign where written and without an exponent.
    Decimal(Arc<str>),
    /// Text with its escapes resolved.
    String(Arc<str>),
    /// Lower case with dashes: `74be27de-1e4e-49d9-b579-fe0b331d3642`.
    Guid(Arc<str>),
    /// Ticks of 100 nanoseconds since 0001-01-01 UTC, as Kusto counts. See [`TICKS_AT_UNIX_EPOCH`].
    DateTime(i64),
    /// Ticks of 100 nanoseconds.
    TimeSpan(i64),
    /// The JSON value of `dynamic(...)`. A `datetime(...)` inside becomes ISO 8601 text.
    Dynamic(Arc<serde_json::Value>),
}

impl Literal {
    /// The type of the value by itself; nothing for `Null`.
    pub fn scalar_type(&self) -> Option<ScalarType> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ScalarType::Bool,
            Self::Int(_) => ScalarType::Int,
            Self::Long(_) => ScalarType::Long,
            Self::Real(_) => ScalarType::Real,
            Self::Decimal(_) => ScalarType::Decimal,
            Self::String(_) => ScalarType::String,
            Self::Guid(_) => ScalarType::Guid,
            Self::DateTime(_) => ScalarType::DateTime,
            Self::TimeSpan(_) => ScalarType::TimeSpan,
            Self::Dynamic(_) => ScalarType::Dynamic,
        })
    }

    /// For a datetime, its distance from the Unix epoch in microseconds (the last digit of the
    /// tick is cut off towards the past).
    pub fn unix_micros(&self) -> Option<i64> {
        match self {
            Self::DateTime(ticks) => Some((ticks - TICKS_AT_UNIX_EPOCH).div_euclid(10)),
            _ => None,
        }
    }
}
