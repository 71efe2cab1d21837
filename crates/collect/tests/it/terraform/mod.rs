//! Terraform source, plans and states.

mod support;

mod expressions;
mod folders;
mod golden;
mod limits;
mod mappings;
mod plans;
mod secrets;
mod twins;
