//! The second pass: walks a rule in three-valued logic and says which conditions decided.
//!
//! regorus answers whether a rule matches; it does not say why, and it knows no unknown values. This pass
//! does both, over the same parsed rule, reading the resource as it stands (regorus reads a normalised copy).
//! Where nothing is unknown the two must agree; where they do not, the verdict is Unknown and says so.

mod count;
mod datum;
mod explain;
mod expression;
mod field;
mod functions;
mod functions_text;
mod lower;
mod operator;
mod rule;
mod walk;
mod words;

pub(crate) use datum::{Datum, Truth, Unsupported};
pub(crate) use field::Subject;
pub(crate) use lower::{Lowering, lower_constraint, lower_json, lower_right};
pub(crate) use operator::like;
pub(crate) use rule::{Field, FieldPath, Left, Node, Operand};
pub(crate) use walk::Evaluator;
pub(crate) use words::{Witness, brief};
