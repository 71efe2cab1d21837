//! What Kusto has and we have not, and why; and what answers differently. `docs/kql-functions.md`
//! is written from here.

/// Scalar functions and aggregates that the binder knows and that do not run, with the reason.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "current_cursor",
        "tables keep no cursor of what was ingested",
    ),
    ("cursor_after", "tables keep no cursor of what was ingested"),
    (
        "cursor_before_or_at",
        "tables keep no cursor of what was ingested",
    ),
    (
        "cursor_current",
        "tables keep no cursor of what was ingested",
    ),
    ("current_node_id", "a query runs in one process"),
    ("passthrough", "of no use outside of Kusto's own plans"),
    ("row_id", "rows have no identity of their own"),
    ("rowstore_ordinal_range", "there is no row store"),
];

/// Functions that run and whose answer may differ from Kusto's, with what differs.
pub const DIFFERENCES: &[(&str, &str)] = &[
    ("current_cluster_endpoint", "always `localhost`"),
    ("current_database", "always `default`"),
    ("current_principal", "always empty: there are no principals"),
    ("current_principal_details", "always null"),
    ("current_principal_is_member_of", "always false"),
    ("dcount", "exact up to 2,048 values"),
    ("dcountif", "exact up to 2,048 values"),
    (
        "endofday",
        "the last microsecond: datetimes have no seventh digit",
    ),
    (
        "endofmonth",
        "the last microsecond: datetimes have no seventh digit",
    ),
    (
        "endofweek",
        "the last microsecond: datetimes have no seventh digit",
    ),
    (
        "endofyear",
        "the last microsecond: datetimes have no seventh digit",
    ),
    ("extent_id", "always the empty guid"),
    ("extent_tags", "always an empty array"),
    (
        "geo_info_from_ip_address",
        "always null: no database of addresses is shipped",
    ),
    (
        "hash_combine",
        "other numbers: Kusto's formula is not public",
    ),
    ("hash_many", "other numbers: Kusto's formula is not public"),
    ("hll", "sketches of Kusto cannot be read"),
    ("hll_if", "sketches of Kusto cannot be read"),
    ("hll_merge", "sketches of Kusto cannot be read"),
    ("ingestion_time", "always null: tables do not keep it"),
    (
        "parse_user_agent",
        "knows the common browsers, systems and devices only",
    ),
    ("percentile", "exact"),
    ("percentiles", "exact"),
    ("percentiles_array", "exact"),
    ("percentilesw", "exact"),
    ("percentilesw_array", "exact"),
    ("percentilew", "exact"),
    (
        "series_decompose",
        "periods are found by autocorrelation: Kusto's way is not public",
    ),
    (
        "series_decompose_anomalies",
        "periods are found by autocorrelation: Kusto's way is not public",
    ),
    (
        "series_decompose_forecast",
        "periods are found by autocorrelation: Kusto's way is not public",
    ),
    (
        "series_periods_detect",
        "by autocorrelation: Kusto's way is not public",
    ),
    (
        "series_periods_validate",
        "by autocorrelation: Kusto's way is not public",
    ),
    ("tdigest", "digests of Kusto cannot be read"),
    ("tdigest_merge", "digests of Kusto cannot be read"),
];
