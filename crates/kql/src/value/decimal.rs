//! Decimals: whole numbers scaled by 10^[`DECIMAL_SCALE`].

use std::fmt::Write as _;

use arrow::datatypes::i256;

use crate::types::DECIMAL_SCALE;

const ONE: i128 = 10_i128.pow(DECIMAL_SCALE.unsigned_abs() as u32);
/// Greatest magnitude of 38 digits.
const LIMIT: i128 = 10_i128.pow(38) - 1;

/// A decimal as the nearest real.
pub(crate) fn decimal_to_f64(value: i128) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    {
        value as f64 / ONE as f64
    }
}

/// A real as the nearest decimal; nothing where it does not fit.
pub(crate) fn decimal_from_f64(value: f64) -> Option<i128> {
    if !value.is_finite() {
        return None;
    }
    parse_decimal(&format!("{value}"))
}

/// Reads digits with an optional sign, point and exponent; further digits are cut off.
pub(crate) fn parse_decimal(text: &str) -> Option<i128> {
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let scale = i32::from(DECIMAL_SCALE)
        .checked_add(exponent)?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let mut value: i128 = 0;
    let significant = whole.len() + fraction.len();
    let dropped = usize::try_from(-scale.min(0)).ok()?;
    for digit in whole
        .bytes()
        .chain(fraction.bytes())
        .take(significant.saturating_sub(dropped))
    {
        value = value
            .checked_mul(10)?
            .checked_add(i128::from(digit - b'0'))?;
    }
    if scale > 0 {
        value = value.checked_mul(10_i128.checked_pow(u32::try_from(scale).ok()?)?)?;
    }
    (value <= LIMIT).then_some(if negative { -value } else { value })
}

/// Writes the digits without needless zeros.
pub(crate) fn write_decimal(out: &mut String, value: i128) {
    if value < 0 {
        out.push('-');
    }
    let magnitude = value.unsigned_abs();
    let one = ONE.unsigned_abs();
    let _ = write!(out, "{}", magnitude / one);
    let fraction = magnitude % one;
    if fraction > 0 {
        let digits = format!(
            "{fraction:0width$}",
            width = usize::from(DECIMAL_SCALE.unsigned_abs())
        );
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

/// The product, nothing where it does not fit.
pub(crate) fn multiply_decimals(left: i128, right: i128) -> Option<i128> {
    let product = i256::from_i128(left).checked_mul(i256::from_i128(right))?;
    in_limit(product.checked_div(i256::from_i128(ONE))?)
}

/// The quotient, nothing where the divisor is zero or it does not fit.
pub(crate) fn divide_decimals(left: i128, right: i128) -> Option<i128> {
    let scaled = i256::from_i128(left).checked_mul(i256::from_i128(ONE))?;
    in_limit(scaled.checked_div(i256::from_i128(right))?)
}

fn in_limit(value: i256) -> Option<i128> {
    value
        .to_i128()
        .filter(|value| value.unsigned_abs() <= LIMIT.unsigned_abs())
}
