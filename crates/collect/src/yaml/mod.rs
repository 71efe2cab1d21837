//! YAML text to the value tree with positions that JSON gives too.
//!
//! Tags stay: `!Ref X` becomes `{"!Ref": "X"}`. Scalars without quotes are read by JSON's grammar plus `true`,
//! `false` and `null` in any usual case; dates, octal numbers and `yes` stay text, as CloudFormation takes them.

mod embedded;
mod reader;
mod scalar;

pub(crate) use embedded::parse;
pub(crate) use reader::{Limits, ProblemKind, read};
