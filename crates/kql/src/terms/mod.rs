//! Term filters: which parts of Parquet files a search by terms need not read.
//!
//! A side file beside a Parquet file knows the terms of each block of rows of its text columns (see
//! `stance_term_filter` and `docs/decisions/0006-term-filters.md`). [`TermPruning`] is a rule of the
//! physical optimiser: it finds what the condition of a scan demands of the terms of columns, asks
//! the side files, and tells the scan which rows it may leave out. The condition itself stays where
//! it is, so that filters only ever save work. [`index_parquet`] makes the side files.

mod condition;
mod index;
mod prune;
mod rule;

pub use index::{IndexedFile, index_parquet, parquet_files};
pub(crate) use rule::{ROWS_LEFT_OUT, TermPruning};

#[cfg(test)]
mod tests;
