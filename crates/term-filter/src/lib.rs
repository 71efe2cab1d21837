//! Which blocks of rows of a Parquet file can hold a term.
//!
//! A term is a run of letters and digits, as `has` of KQL has it. For each text column and each
//! block of rows a filter is kept that knows the terms of the block, with some terms too many and
//! none too few. The filters of a file lie in a side file next to it, `<file>.parquet.terms`. A
//! side file that is missing, damaged or made for another Parquet file tells nothing; the answer of
//! a query never depends on it.
//!
//! [`FilterBuilder`] takes the texts of a column, [`encode`] makes the side file of the columns,
//! [`FilterFile`] reads it, [`pattern_terms`] gives the terms that a text must hold to
//! match.

mod bloom;
mod build;
mod format;
mod identity;
mod json;
mod pages;
mod place;
mod read;
mod terms;

pub use build::{BLOCK_ROWS, ColumnFilters, FilterBuilder};
pub use format::{ColumnOfFile, FilterError, encode};
pub use identity::ParquetIdentity;
pub use place::{SUFFIX, place, side_path};
pub use read::FilterFile;
pub use terms::{Borders, TermHash, pattern_terms, text_terms};
