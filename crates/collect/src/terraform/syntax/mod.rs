//! The language of Terraform: its native syntax and its JSON form, to one tree.
//!
//! The native syntax is read by `hcl-edit`, which keeps where everything stands and refuses text that nests too deep;
//! here its tree becomes ours. A fault of syntax costs the whole file, as in Terraform itself.
//!
//! What Terraform reads and `hcl-edit` 0.9 refuses: a key that an object holds twice, a line end before an operator in
//! the value of a `for` object, whole numbers beyond 64 bits. Such a file is left out with a diagnostic.
//! Source: github.com/hashicorp/hcl, `hclsyntax/spec.md` and `json/spec.md`.

mod expression;
mod hcl;
mod json;
mod pieces;
mod template;
mod tree;

pub(super) use hcl::parse;
pub(super) use json::{parse_json, plain_json};
pub(super) use tree::{
    Attribute, Block, Body, Expression, ForExpression, Kind, Operator, Part, Spread, Step,
    SyntaxFault,
};
