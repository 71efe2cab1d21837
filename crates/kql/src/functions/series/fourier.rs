//! The discrete Fourier transform: Cooley and Tukey's for powers of two, Bluestein's for other
//! lengths.
//!
//! Written here because the crates that have it switch on features of packages the engine shares,
//! and thereby compile all of it a second time.

use std::f64::consts::PI;

/// A complex number: real and imaginary part.
pub(super) type Complex = (f64, f64);

fn product(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// The point of the unit circle at a share of the whole turn, of whole numbers so that large ones
/// lose nothing.
fn turn(numerator: u64, denominator: u64) -> Complex {
    let share = (numerator % denominator.max(1)) as f64 / denominator.max(1) as f64;
    let (sin, cos) = (2.0 * PI * share).sin_cos();
    (cos, -sin)
}

fn conjugated(series: &mut [Complex]) {
    for number in series {
        number.1 = -number.1;
    }
}

/// The transform, or its inverse times the length.
pub(super) fn transformed(series: &[Complex], inverse: bool) -> Vec<Complex> {
    let mut numbers = series.to_vec();
    if inverse {
        conjugated(&mut numbers);
    }
    if numbers.len() > 1 {
        if numbers.len().is_power_of_two() {
            radix2(&mut numbers);
        } else {
            numbers = bluestein(&numbers);
        }
    }
    if inverse {
        conjugated(&mut numbers);
    }
    numbers
}

/// In place, of a power of two.
fn radix2(numbers: &mut [Complex]) {
    let length = numbers.len();
    let shift = usize::BITS - length.trailing_zeros();
    for at in 0..length {
        let other = at.reverse_bits() >> shift;
        if other > at {
            numbers.swap(at, other);
        }
    }
    let mut size = 2;
    while size <= length {
        let factors: Vec<Complex> = (0..size / 2)
            .map(|at| turn(at as u64, size as u64))
            .collect();
        for block in numbers.chunks_exact_mut(size) {
            let (low, high) = block.split_at_mut(size / 2);
            for ((low, high), factor) in low.iter_mut().zip(high).zip(&factors) {
                let turned = product(*high, *factor);
                *high = (low.0 - turned.0, low.1 - turned.1);
                *low = (low.0 + turned.0, low.1 + turned.1);
            }
        }
        size *= 2;
    }
}

/// As a convolution with a chirp, which a power of two can compute.
fn bluestein(numbers: &[Complex]) -> Vec<Complex> {
    let length = numbers.len();
    let room = (2 * length).next_power_of_two();
    let chirp: Vec<Complex> = (0..length as u64)
        .map(|at| turn(at * at, 2 * length as u64))
        .collect();
    let mut left = vec![(0.0, 0.0); room];
    let mut right = vec![(0.0, 0.0); room];
    for (at, factor) in chirp.iter().enumerate() {
        left[at] = product(numbers[at], *factor);
        right[at] = (factor.0, -factor.1);
        right[(room - at) % room] = right[at];
    }
    radix2(&mut left);
    radix2(&mut right);
    for (left, right) in left.iter_mut().zip(&right) {
        *left = product(*left, *right);
    }
    conjugated(&mut left);
    radix2(&mut left);
    conjugated(&mut left);
    let scale = room as f64;
    left.iter()
        .zip(&chirp)
        .map(|(number, factor)| {
            let turned = product(*number, *factor);
            (turned.0 / scale, turned.1 / scale)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(series: &[Complex]) -> Vec<Complex> {
        let length = series.len() as u64;
        (0..length)
            .map(|frequency| {
                (0..).zip(series).fold((0.0, 0.0), |sum, (at, number)| {
                    let turned = product(*number, turn(at * frequency, length));
                    (sum.0 + turned.0, sum.1 + turned.1)
                })
            })
            .collect()
    }

    fn near(left: &[Complex], right: &[Complex]) -> bool {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|(a, b)| (a.0 - b.0).abs() < 1e-8 && (a.1 - b.1).abs() < 1e-8)
    }

    #[test]
    fn every_length_gives_what_the_definition_gives_and_goes_back() {
        for length in (0..70).chain([127, 128, 100]) {
            let series: Vec<Complex> = (0..length)
                .map(|at| (f64::from(at * 37 % 19) - 7.0, f64::from(at * at % 23)))
                .collect();
            let there = transformed(&series, false);
            assert!(near(&there, &plain(&series)), "{length}");
            let mut back = transformed(&there, true);
            let scale = f64::from(length.max(1));
            for number in &mut back {
                *number = (number.0 / scale, number.1 / scale);
            }
            assert!(near(&back, &series), "{length}");
        }
    }
}
