//! Terraform source, plans and states.

mod support;

mod expressions;
mod folders;
mod golden;
mod mappings;
mod plans;
mod twins;
mod limits;
mod secrets;
