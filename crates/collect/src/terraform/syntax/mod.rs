//! The language of Terraform: its native syntax and its JSON form, to one tree.
//!
//! Source: github.com/hashicorp/hcl, `hclsyntax/spec.md` and `json/spec.md`. Written here, because text from outside
//! may nest without bound and one broken block must not cost its file: every level is counted, and reading goes on
//! at the next block.

mod body;
mod cursor;
mod expression;
mod json;
mod text;
mod tree;

pub(super) use body::parse;
pub(super) use json::{parse_json, plain_json};
pub(super) use tree::{
    Attribute, Block, Body, Expression, ForExpression, Kind, Operator, Part, Spread, Step,
    SyntaxFault,
};
