//! Amazon Web Services: templates of CloudFormation, snapshots of AWS Config, answers of the services.
//!
//! Everything arrives at the shape of decision record 0008: CloudFormation's type in lower case, its names of
//! properties, the ARN as id. Templates are read in `crate::cloudformation`.

pub(crate) mod answers;
pub(crate) mod arn;
pub(crate) mod config;
pub(crate) mod draft;
pub(crate) mod iam_details;
pub(crate) mod secrets;
pub(crate) mod store;
pub(crate) mod types;

mod place;
mod policy_text;
mod rebuild;
mod shape;
