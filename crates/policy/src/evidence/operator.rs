//! The 19 condition operators. Semantics: learn.microsoft.com, policy rule structure, conditions; where the
//! page is silent (absent values, mixed types), the tests that regorus publishes.

use std::cmp::Ordering;

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::{Number, Value};

use super::datum::{Datum, Truth};

/// Applies an operator. An unknown on either side makes the result unknown, save where the known part
/// already decides.
pub(crate) fn apply(operator: OperatorKind, left: &Datum<'_>, right: &Datum<'_>) -> Truth {
    use OperatorKind as Op;
    if let Some(known) = decided_by_shape(operator, left, right) {
        return known;
    }
    if left.expression().is_some() || right.expression().is_some() {
        return Truth::Unknown;
    }
    let (left, right) = (left.known(), right.known());
    let negated = matches!(
        operator,
        Op::NotEquals
            | Op::NotIn
            | Op::NotContains
            | Op::NotContainsKey
            | Op::NotLike
            | Op::NotMatch
            | Op::NotMatchInsensitively
    );
    let holds = match operator {
        Op::Equals | Op::NotEquals => match left {
            None => matches!(right, Some(Value::Null)),
            Some(left) => right.is_some_and(|right| equals(left, right)),
        },
        Op::In | Op::NotIn => is_in(left, right),
        Op::Greater => ordered(left, right, Ordering::is_gt),
        Op::GreaterOrEquals => ordered(left, right, Ordering::is_ge),
        Op::Less => ordered(left, right, Ordering::is_lt),
        Op::LessOrEquals => ordered(left, right, Ordering::is_le),
        Op::Exists => {
            let there = left.is_some_and(|value| !value.is_null());
            there == right.and_then(as_bool).unwrap_or(false)
        }
        _ => {
            let Some(left) = left else {
                return negated.into();
            };
            // An absent right side satisfies neither `contains` nor `notContains`.
            let Some(right) = right else {
                let always = matches!(
                    operator,
                    Op::NotLike | Op::NotMatch | Op::NotMatchInsensitively
                );
                return always.into();
            };
            textual(operator, left, right)
        }
    };
    (holds != negated).into()
}

fn textual(operator: OperatorKind, left: &Value, right: &Value) -> bool {
    use OperatorKind as Op;
    let texts = || Some((text_of(left)?, text_of(right)?));
    match operator {
        Op::Contains | Op::NotContains => contains(left, right),
        Op::ContainsKey | Op::NotContainsKey => left.as_object().is_some_and(|object| {
            object
                .keys()
                .any(|key| equals(&Value::String(key.clone()), right))
        }),
        Op::Like | Op::NotLike => texts()
            .is_some_and(|(text, pattern)| like(&text.to_lowercase(), &pattern.to_lowercase())),
        Op::Match | Op::NotMatch => {
            texts().is_some_and(|(text, pattern)| matches_pattern(&text, &pattern))
        }
        _ => texts().is_some_and(|(text, pattern)| {
            matches_pattern(&text.to_lowercase(), &pattern.to_lowercase())
        }),
    }
}

/// What the known part of a partly known side decides.
fn decided_by_shape(operator: OperatorKind, left: &Datum<'_>, right: &Datum<'_>) -> Option<Truth> {
    use OperatorKind as Op;
    let Datum::Partial(value, _) = left else {
        return None;
    };
    match operator {
        Op::Exists => {
            let expected = right.known().and_then(as_bool).unwrap_or(false);
            Some(expected.into())
        }
        Op::ContainsKey | Op::NotContainsKey => {
            let right = right.known()?;
            let has = textual(Op::ContainsKey, value, right);
            Some((has == (operator == Op::ContainsKey)).into())
        }
        _ => None,
    }
}

fn is_in(left: Option<&Value>, right: Option<&Value>) -> bool {
    let has_null = |right: &Value| {
        right
            .as_array()
            .is_some_and(|list| list.contains(&Value::Null))
    };
    match (left, right) {
        (None, Some(right)) => has_null(right),
        (None | Some(Value::Null), _) | (_, None) => false,
        (Some(left), Some(Value::Array(items))) => items
            .iter()
            .any(|item| !item.is_null() && equals(item, left)),
        (Some(left), Some(one)) => equals(one, left),
    }
}

fn ordered(left: Option<&Value>, right: Option<&Value>, test: fn(Ordering) -> bool) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => order(left, right).is_some_and(test),
        _ => false,
    }
}

/// Order of two values, where there is one: text without case, numbers, numbers in text, false before true.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::Number(b)) => order_numbers(&number_in(a)?, b),
        (Value::Number(a), Value::String(b)) => order_numbers(a, &number_in(b)?),
        _ => None,
    }
}

fn order_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (left.as_i64(), right.as_i64()) {
        return Some(a.cmp(&b));
    }
    left.as_f64()?.partial_cmp(&right.as_f64()?)
}

/// A number written as text.
pub(super) fn number_in(text: &str) -> Option<Number> {
    let trimmed = text.trim();
    match trimmed.parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => Number::from_f64(trimmed.parse().ok()?),
    }
}

/// Equality without case, across text and numbers or booleans, with null equal to the empty text.
pub(super) fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(a), Value::String(b)) => same_text(a, b),
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => text.is_empty(),
        (Value::String(text), Value::Number(number))
        | (Value::Number(number), Value::String(text)) => number_in(text)
            .is_some_and(|parsed| order_numbers(&parsed, number) == Some(Ordering::Equal)),
        (Value::String(_), Value::Bool(flag)) => as_bool(left) == Some(*flag),
        (Value::Bool(flag), Value::String(_)) => as_bool(right) == Some(*flag),
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b) == Some(Ordering::Equal),
        _ => left == right,
    }
}

/// Whether two texts are the same but for case.
pub(super) fn same_text(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!left.is_ascii() && left.to_lowercase() == right.to_lowercase())
}

/// `true` and `false`, also written as text.
pub(super) fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Scalars as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Text in text, element in array, key in object.
pub(super) fn contains(left: &Value, right: &Value) -> bool {
    let within = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
    match left {
        Value::String(text) => text_of(right).is_some_and(|part| within(text, &part)),
        Value::Array(items) => items.iter().any(|item| equals(item, right)),
        Value::Object(object) => object
            .keys()
            .any(|key| equals(&Value::String(key.clone()), right)),
        other => match right {
            Value::String(part) => text_of(other).is_some_and(|text| within(&text, part)),
            _ => false,
        },
    }
}

/// `*` stands for any text. (`?` for one character: what the engine does with several wildcards.)
pub(crate) fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))
        {
            (t, p) = (t + 1, p + 1);
        } else if p < pattern.len() && pattern[p] == '*' {
            star = Some((t, p));
            p += 1;
        } else if let Some((from, at)) = star {
            star = Some((from + 1, at));
            (t, p) = (from + 1, at + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// `#` a digit, `?` a letter, `.` any character.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    text.chars().count() == pattern.chars().count()
        && text.chars().zip(pattern.chars()).all(|(c, p)| match p {
            '.' => true,
            '#' => c.is_ascii_digit(),
            '?' => c.is_ascii_alphabetic(),
            other => other == c,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(operator: OperatorKind, left: Value, right: Value) -> Truth {
        apply(operator, &Datum::of(left), &Datum::of(right))
    }

    #[test]
    fn text_compares_without_case_and_with_numbers_and_booleans() {
        use OperatorKind as Op;
        assert_eq!(
            check(Op::Equals, json!("Enabled"), json!("enabled")),
            Truth::True
        );
        assert_eq!(check(Op::Equals, json!(true), json!("True")), Truth::True);
        assert_eq!(check(Op::Equals, json!("7"), json!(7)), Truth::True);
        assert_eq!(check(Op::Equals, json!(null), json!("")), Truth::True);
        assert_eq!(check(Op::In, json!("A"), json!(["a", "b"])), Truth::True);
        assert_eq!(check(Op::Less, json!("5"), json!(30)), Truth::True);
        assert_eq!(check(Op::Greater, json!("b"), json!("A")), Truth::True);
    }

    #[test]
    fn patterns() {
        use OperatorKind as Op;
        assert_eq!(
            check(
                Op::Like,
                json!("azureml://registries/x"),
                json!("AzureML://*")
            ),
            Truth::True
        );
        assert_eq!(check(Op::Like, json!("a*b"), json!("*a*b")), Truth::True);
        assert_eq!(check(Op::NotLike, json!("abc"), json!("a*d")), Truth::True);
        assert_eq!(
            check(Op::Match, json!("ab-12"), json!("??-##")),
            Truth::True
        );
        assert_eq!(check(Op::Match, json!("AB"), json!("ab")), Truth::False);
        assert_eq!(
            check(Op::MatchInsensitively, json!("AB"), json!("ab")),
            Truth::True
        );
    }

    #[test]
    fn absent_is_neither_like_nor_in() {
        use OperatorKind as Op;
        for (operator, expected) in [
            (Op::Like, Truth::False),
            (Op::NotLike, Truth::True),
            (Op::In, Truth::False),
            (Op::NotIn, Truth::True),
            (Op::Equals, Truth::False),
            (Op::NotEquals, Truth::True),
            (Op::Greater, Truth::False),
        ] {
            let right = if operator == Op::In || operator == Op::NotIn {
                json!(["x"])
            } else {
                json!("x")
            };
            assert_eq!(
                apply(operator, &Datum::Absent, &Datum::of(right)),
                expected,
                "{operator:?}"
            );
        }
    }

    #[test]
    fn unknown_stays_unknown_and_a_known_shape_decides() {
        use OperatorKind as Op;
        let unknown = Datum::Unknown("[parameters('x')]".to_owned());
        assert_eq!(
            apply(Op::NotEquals, &unknown, &Datum::of(true)),
            Truth::Unknown
        );
        let part = Datum::Partial(
            std::borrow::Cow::Owned(json!({"a": "[parameters('x')]"})),
            "[parameters('x')]".to_owned(),
        );
        assert_eq!(apply(Op::Exists, &part, &Datum::of(true)), Truth::True);
        assert_eq!(apply(Op::ContainsKey, &part, &Datum::of("a")), Truth::True);
        assert_eq!(apply(Op::Equals, &part, &Datum::of("a")), Truth::Unknown);
    }
}
