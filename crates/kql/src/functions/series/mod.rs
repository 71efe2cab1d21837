//! Functions over arrays of numbers (`series_...`).
//!
//! A function of several results is called `..._tuple` here and gives an array of them, in the
//! order in which the binder names the columns.

mod decompose;
mod elementwise;
mod fill;
mod filters;
mod fit;
mod fourier;
mod numbers;
mod outliers;
mod periods;
mod stats;

use super::{CallContext, ScalarFunction};

pub(super) const GROUPS: [&[ScalarFunction]; 8] = [
    decompose::FUNCTIONS,
    elementwise::FUNCTIONS,
    fill::FUNCTIONS,
    filters::FUNCTIONS,
    fit::FUNCTIONS,
    outliers::FUNCTIONS,
    periods::FUNCTIONS,
    stats::FUNCTIONS,
];
