//! Functions of probability: beta, gamma, error function, Welch's test.

use statrs::function::beta::{beta_reg, ln_beta};

use super::ScalarFunction;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("gamma", |_, values| real(values, libm::tgamma)),
    ScalarFunction::new("loggamma", |_, values| real(values, libm::lgamma)),
    ScalarFunction::new("erf", |_, values| real(values, libm::erf)),
    ScalarFunction::new("erfc", |_, values| real(values, libm::erfc)),
    ScalarFunction::new("beta_cdf", |_, values| beta(values, beta_reg_at)),
    ScalarFunction::new("beta_pdf", |_, values| beta(values, density)),
    ScalarFunction::new("beta_inv", |_, values| {
        let [p, a, b] = three(values)?;
        if a <= 0.0 || b <= 0.0 {
            return Some(Value::Real(f64::NAN));
        }
        (0.0..=1.0)
            .contains(&p)
            .then(|| Value::Real(inverse(p, a, b)))
    }),
    ScalarFunction::new("welch_test", |_, values| {
        let of = |at: usize| values.get(at)?.as_real();
        let (mean1, variance1, count1) = (of(0)?, of(1)?, of(2)?);
        let (mean2, variance2, count2) = (of(3)?, of(4)?, of(5)?);
        let (first, second) = (variance1 / count1, variance2 / count2);
        let squared = (mean1 - mean2).powi(2) / (first + second);
        let freedom = (first + second).powi(2)
            / (first * first / (count1 - 1.0) + second * second / (count2 - 1.0));
        if !freedom.is_finite() || freedom <= 0.0 || !squared.is_finite() {
            return None;
        }
        // Both tails of Student's distribution.
        let tails = beta_reg(freedom / 2.0, 0.5, freedom / (freedom + squared));
        Some(Value::Real(tails))
    }),
];

fn real<'a>(values: &[Value<'a>], function: fn(f64) -> f64) -> Option<Value<'a>> {
    Some(Value::Real(function(values.first()?.as_real()?)))
}

fn three(values: &[Value<'_>]) -> Option<[f64; 3]> {
    Some([
        values.first()?.as_real()?,
        values.get(1)?.as_real()?,
        values.get(2)?.as_real()?,
    ])
}

/// Not a number outside of [0, 1] and for parameters that are not positive.
fn beta<'a>(values: &[Value<'a>], function: fn(f64, f64, f64) -> f64) -> Option<Value<'a>> {
    let [x, a, b] = three(values)?;
    let valid = (0.0..=1.0).contains(&x) && a > 0.0 && b > 0.0;
    let valid = valid && a.is_finite() && b.is_finite();
    Some(Value::Real(if valid {
        function(x, a, b)
    } else {
        f64::NAN
    }))
}

fn beta_reg_at(x: f64, a: f64, b: f64) -> f64 {
    beta_reg(a, b, x)
}

#[allow(clippy::float_cmp, reason = "the two ends themselves are meant")]
fn density(x: f64, a: f64, b: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        // The logarithm below would multiply nothing by infinity.
        let power = if x == 0.0 { a } else { b };
        return match power.total_cmp(&1.0) {
            std::cmp::Ordering::Less => f64::INFINITY,
            std::cmp::Ordering::Equal => (-ln_beta(a, b)).exp(),
            std::cmp::Ordering::Greater => 0.0,
        };
    }
    ((a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln() - ln_beta(a, b)).exp()
}

/// By halving, then Newton's steps as long as they stay inside.
fn inverse(p: f64, a: f64, b: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return p;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta_reg(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut x = f64::midpoint(low, high);
    for _ in 0..3 {
        let step = (beta_reg(a, b, x) - p) / density(x, a, b);
        let next = x - step;
        if !step.is_finite() || !(0.0..=1.0).contains(&next) || step.abs() > 1e-6 {
            break;
        }
        x = next;
    }
    x
}
