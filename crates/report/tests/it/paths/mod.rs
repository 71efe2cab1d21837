//! Attack paths in every format.

mod fixture;
mod golden;
