//! Attack paths in every format.

mod fixture;
mod golden;
mod hostile;
mod layout;
mod limits;
