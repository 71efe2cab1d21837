//! Amazon Web Services: templates of CloudFormation, snapshots of AWS Config, answers of the services.
//!
//! Everything arrives at the shape of decision record 0008: CloudFormation's type in lower case, its names of
//! properties, the ARN as id.

pub(crate) mod arn;
pub(crate) mod draft;
pub(crate) mod secrets;
pub(crate) mod types;
