//! A pattern as KQL.
