//! Templates of AWS CloudFormation, in JSON and YAML, with intrinsic functions evaluated.
//!
//! Every resource of a template is kept. What only the cloud can say (region, account, imported values, chosen
//! ids) is unknown, told by the expression that stands for it; references between resources of one template
//! give ids made from their names, as decision record 0008 says.
//!
//! `read` takes a document from the input, `load` its sections, `evaluate` and `functions` its expressions,
//! `identity` makes ids, and `emit` puts resources into the common shape.

pub(crate) mod detect;
pub(crate) mod read;

mod cidr;
mod conditions;
mod emit;
mod evaluate;
mod for_each;
mod functions;
mod identity;
mod load;
mod nested;
mod parameters;
mod serverless;
mod shared;
mod text;
mod value;
mod written;
