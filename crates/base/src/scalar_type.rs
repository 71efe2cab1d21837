//! The scalar types of KQL, which are also the column types of every table.
//!
//! Source: learn.microsoft.com/kusto/query/scalar-data-types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A KQL scalar type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScalarType {
    /// `true`, `false` or null.
    Bool,
    /// 32-bit signed integer.
    Int,
    /// 64-bit signed integer.
    Long,
    /// 64-bit IEEE 754 floating point number (`double` is an alias).
    Real,
    /// 128-bit decimal number.
    Decimal,
    /// Unicode text; never null.
    String,
    /// A 128-bit identifier.
    Guid,
    /// An instant in UTC.
    DateTime,
    /// A length of time in ticks of 100 nanoseconds.
    TimeSpan,
    /// Any JSON value.
    Dynamic,
}

impl ScalarType {
    /// Every scalar type, in the order of declaration.
    pub const ALL: [Self; 10] = [
        Self::Bool,
        Self::Int,
        Self::Long,
        Self::Real,
        Self::Decimal,
        Self::String,
        Self::Guid,
        Self::DateTime,
        Self::TimeSpan,
        Self::Dynamic,
    ];

    /// The canonical KQL name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Guid => "guid",
            Self::DateTime => "datetime",
            Self::TimeSpan => "timespan",
            Self::Dynamic => "dynamic",
        }
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text is no KQL type name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no KQL type; use bool, int, long, real, decimal, string, guid, datetime, timespan or dynamic"
)]
pub struct UnknownScalarType(pub String);

impl FromStr for ScalarType {
    type Err = UnknownScalarType;

    /// Accepts the canonical names and KQL's aliases (`double`, `date`, `time`, `boolean`, `uuid`, ...).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "bool" | "boolean" => Self::Bool,
            "int" | "int32" | "uint" | "uint32" | "int16" | "uint16" | "int8" | "uint8" => {
                Self::Int
            }
            "long" | "int64" | "ulong" | "uint64" => Self::Long,
            "real" | "double" | "float" => Self::Real,
            "decimal" => Self::Decimal,
            "string" => Self::String,
            "guid" | "uuid" | "uniqueid" => Self::Guid,
            "datetime" | "date" => Self::DateTime,
            "timespan" | "time" => Self::TimeSpan,
            "dynamic" | "object" => Self::Dynamic,
            _ => return Err(UnknownScalarType(text.to_owned())),
        })
    }
}
