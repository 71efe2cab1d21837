//! Which argument belongs to which parameter, and whether it fits.

use stance_base::ScalarType as T;

use super::types::is_number;
use crate::functions::{Accepts, Parameter, Signature};

/// An overload with, for each argument, the position of its parameter.
#[derive(Debug, Clone)]
pub(super) struct Matched {
    pub(super) signature: &'static Signature,
    pub(super) parameters: Vec<usize>,
}

impl Matched {
    pub(super) fn parameter(&self, argument: usize) -> &'static Parameter {
        &self.signature.parameters[self.parameters[argument]]
    }
}

/// The parameter of each argument by position; nothing where the count does not fit.
///
/// Parameters that repeat stand side by side and repeat together (`case(predicate, then, ..., else)`).
/// `typeof(...)` parameters are left out: the caller has taken them away. `with_optional` takes the
/// last arguments for the optional parameters after the repeating ones.
pub(super) fn assign(
    signature: &'static Signature,
    count: usize,
    with_optional: bool,
) -> Option<Vec<usize>> {
    let wanted: Vec<usize> = (0..signature.parameters.len())
        .filter(|index| signature.parameters[*index].accepts != Accepts::Type)
        .collect();
    let repeats = |position: &usize| signature.parameters[*position].repeats;
    let Some(start) = wanted.iter().position(&repeats) else {
        let least = wanted
            .iter()
            .filter(|index| signature.parameters[**index].minimum > 0)
            .count();
        return (least <= count && count <= wanted.len()).then(|| wanted[..count].to_vec());
    };
    let group: Vec<usize> = wanted[start..]
        .iter()
        .copied()
        .take_while(|index| repeats(index))
        .collect();
    let after = &wanted[start + group.len()..];
    let needed = after
        .iter()
        .filter(|index| signature.parameters[**index].minimum > 0)
        .count();
    let taken_after = if with_optional { after.len() } else { needed };
    let rest = count.checked_sub(start + taken_after)?;
    let least = group
        .iter()
        .map(|index| signature.parameters[*index].minimum)
        .max()
        .unwrap_or(0);
    if rest < least * group.len() || rest % group.len() != 0 {
        return None;
    }
    let mut assigned = wanted[..start].to_vec();
    assigned.extend((0..rest).map(|position| group[position % group.len()]));
    assigned.extend(
        after
            .iter()
            .copied()
            .filter(|index| with_optional || signature.parameters[*index].minimum > 0),
    );
    Some(assigned)
}

/// How far the arguments are from what is wanted: 0 is exact. An error is the first that does not
/// fit. A type that only the data know fits everywhere.
pub(super) fn match_score(matched: &Matched, types: &[Option<T>]) -> Result<u32, usize> {
    let mut total = 0;
    for (index, scalar_type) in types.iter().enumerate() {
        total += match scalar_type {
            Some(given) => fit(&matched.parameter(index).accepts, *given).ok_or(index)?,
            None => 1,
        };
    }
    Ok(total)
}

fn fit(accepts: &Accepts, given: T) -> Option<u32> {
    let exact = |fits: bool| fits.then_some(0);
    match accepts {
        Accepts::Types(accepted) => accepted
            .iter()
            .filter_map(|wanted| type_fit(*wanted, given))
            .min(),
        Accepts::Scalar | Accepts::Common | Accepts::Star => Some(0),
        Accepts::Number => exact(is_number(given)),
        Accepts::Summable => exact(is_number(given) || matches!(given, T::DateTime | T::TimeSpan)),
        Accepts::Integer => exact(matches!(given, T::Int | T::Long)),
        Accepts::Orderable | Accepts::NotDynamic => exact(given != T::Dynamic),
        Accepts::Dynamic => exact(given == T::Dynamic),
        Accepts::StringOrDynamic => exact(matches!(given, T::String | T::Dynamic)),
        Accepts::IntegerOrDynamic => exact(matches!(given, T::Int | T::Long | T::Dynamic)),
        Accepts::NumberOrBool => exact(is_number(given) || given == T::Bool),
        Accepts::Type | Accepts::Table => None,
    }
}

fn type_fit(wanted: T, given: T) -> Option<u32> {
    match (given, wanted) {
        _ if given == wanted => Some(0),
        (T::Int, T::Long) | (T::Long, T::Int) => Some(1),
        (T::Int | T::Long, T::Real) => Some(2),
        (T::Int | T::Long | T::Real, T::Decimal) => Some(3),
        // A text function reads a dynamic as its text.
        (T::Dynamic, T::String) => Some(4),
        _ => None,
    }
}

/// What a parameter takes, in words.
pub(super) fn describe(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Types(types) => {
            let names: Vec<String> = types.iter().map(|name| format!("a {name}")).collect();
            names.join(" or ")
        }
        Accepts::Number => "a number".into(),
        Accepts::Summable => "a number, datetime or timespan".into(),
        Accepts::Integer => "a whole number".into(),
        Accepts::Dynamic => "a dynamic".into(),
        Accepts::StringOrDynamic => "a string or a dynamic".into(),
        Accepts::IntegerOrDynamic => "a whole number or a dynamic".into(),
        Accepts::NumberOrBool => "a number or a bool".into(),
        Accepts::Orderable | Accepts::NotDynamic => "anything but a dynamic".into(),
        Accepts::Type => "typeof(...)".into(),
        Accepts::Table => "a table".into(),
        Accepts::Scalar | Accepts::Common | Accepts::Star => "a value".into(),
    }
}
