//! Values and truths as the second pass sees them.

use std::borrow::Cow;

use serde_json::Value;

/// Three-valued truth (Kleene).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    /// It depends on a value that is not known yet.
    Unknown,
}

impl Truth {
    pub(crate) fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A function or form this pass does not compute; the reason is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsupported(pub String);

/// A value somewhere in a rule or a resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum<'a> {
    /// Not there at all.
    Absent,
    /// Known entirely.
    Known(Cow<'a, Value>),
    /// An array or object whose own shape is known and something below it is not: with the expression.
    Partial(Cow<'a, Value>, String),
    /// Not known before deployment: the expression.
    Unknown(String),
}

impl<'a> Datum<'a> {
    pub(crate) const NULL: Self = Self::Known(Cow::Owned(Value::Null));

    pub(crate) fn of(value: impl Into<Value>) -> Self {
        Self::Known(Cow::Owned(value.into()))
    }

    pub(crate) fn borrowed(value: &'a Value) -> Self {
        Self::Known(Cow::Borrowed(value))
    }

    /// The known value; `None` where absent or not fully known.
    pub(crate) fn known(&self) -> Option<&Value> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The expression that keeps it from being known.
    pub(crate) fn expression(&self) -> Option<&str> {
        match self {
            Self::Partial(_, expression) | Self::Unknown(expression) => Some(expression),
            _ => None,
        }
    }

    /// Null in place of absent: how a missing field compares.
    pub(crate) fn or_null(self) -> Self {
        match self {
            Self::Absent => Self::NULL,
            other => other,
        }
    }

    /// What evidence shows: the value, null where absent, the expression where unknown.
    pub(crate) fn shown(&self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Known(value) | Self::Partial(value, _) => value.as_ref().clone(),
            Self::Unknown(expression) => Value::String(expression.clone()),
        }
    }

    /// A member of an object, any case; absent where there is none.
    pub(crate) fn member(&self, key: &str) -> Datum<'static> {
        let inner = |value: &Value| {
            let object = value.as_object()?;
            object.get(key).cloned().or_else(|| {
                object
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(key))
                    .map(|(_, value)| value.clone())
            })
        };
        match self {
            Self::Absent => Datum::Absent,
            Self::Known(value) => inner(value).map_or(Datum::Absent, Datum::of),
            Self::Partial(_, expression) | Self::Unknown(expression) => {
                Datum::Unknown(expression.clone())
            }
        }
    }

    /// An element of an array or a member of an object.
    pub(crate) fn index(&self, at: &Datum<'_>) -> Datum<'static> {
        if let Some(expression) = at.expression().or_else(|| self.expression()) {
            return Datum::Unknown(expression.to_owned());
        }
        match (self.known(), at.known()) {
            (Some(Value::Array(items)), Some(Value::Number(number))) => number
                .as_u64()
                .and_then(|index| items.get(usize::try_from(index).ok()?))
                .map_or(Datum::Absent, |value| Datum::of(value.clone())),
            (Some(Value::Object(_)), Some(Value::String(key))) => self.member(key),
            _ => Datum::Absent,
        }
    }
}
