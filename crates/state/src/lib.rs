//! Mutable state in SQL: the life cycle of findings.
