//! Attack paths in every format.

mod access;
mod fixture;
mod golden;
mod hostile;
mod layout;
mod limits;
