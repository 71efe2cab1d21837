//! The template evaluator: whole templates with what is expected of them, functions one by one, any text.

mod any_text;
mod functions;
mod golden;
mod limits;
mod scenarios;
mod support;
