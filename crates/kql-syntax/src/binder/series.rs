//! Functions that give several values, and what their columns are called.

use stance_base::ScalarType as T;

/// The values of a function that gives several: suffix and type of each. None where it gives one.
pub(super) fn elements(function: &str) -> &'static [(&'static str, T)] {
    match function {
        "series_stats" => &[
            ("min", T::Real),
            ("min_idx", T::Long),
            ("max", T::Real),
            ("max_idx", T::Long),
            ("avg", T::Real),
            ("stdev", T::Real),
            ("variance", T::Real),
        ],
        "series_fit_line" => &[
            ("rsquare", T::Real),
            ("slope", T::Real),
            ("variance", T::Real),
            ("rvariance", T::Real),
            ("interception", T::Real),
            ("line_fit", T::Dynamic),
        ],
        "series_fit_2lines" => &[
            ("rsquare", T::Real),
            ("split_idx", T::Long),
            ("variance", T::Real),
            ("rvariance", T::Real),
            ("line_fit", T::Dynamic),
            ("right_rsquare", T::Real),
            ("right_slope", T::Real),
            ("right_interception", T::Real),
            ("right_variance", T::Real),
            ("right_rvariance", T::Real),
            ("left_rsquare", T::Real),
            ("left_slope", T::Real),
            ("left_interception", T::Real),
            ("left_variance", T::Real),
            ("left_rvariance", T::Real),
        ],
        "series_fft" | "series_ifft" => &[("real", T::Dynamic), ("imag", T::Dynamic)],
        "series_periods_detect" | "series_periods_validate" => {
            &[("periods", T::Dynamic), ("scores", T::Dynamic)]
        }
        "series_fit_poly" => &[
            ("rsquare", T::Real),
            ("coefficients", T::Dynamic),
            ("variance", T::Real),
            ("rvariance", T::Real),
            ("poly_fit", T::Dynamic),
        ],
        "series_decompose" | "series_decompose_forecast" => &[
            ("baseline", T::Dynamic),
            ("seasonal", T::Dynamic),
            ("trend", T::Dynamic),
            ("residual", T::Dynamic),
        ],
        "series_decompose_anomalies" => &[
            ("ad_flag", T::Dynamic),
            ("ad_score", T::Dynamic),
            ("baseline", T::Dynamic),
        ],
        _ => &[],
    }
}

/// The first value of such a function.
pub(super) fn first_element(function: &str) -> (&'static str, T) {
    elements(function)
        .first()
        .copied()
        .unwrap_or(("", T::Dynamic))
}
