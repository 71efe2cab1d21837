//! Deployment templates found among the inputs: which files they are and which parameters go with them.
//!
//! Evaluation itself lives in `arm_template`.

pub(crate) mod detect;
pub(crate) mod links;
pub(crate) mod read;
