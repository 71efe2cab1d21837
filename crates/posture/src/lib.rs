//! Recommendations and findings: what a verdict means and what mends it.
