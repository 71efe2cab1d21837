//! Tests only: KQL plans in another process's hands. See `tests/it`.
