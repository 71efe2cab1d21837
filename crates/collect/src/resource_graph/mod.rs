//! Azure Resource Graph exports: `az graph query -o json`, the REST answers, CSV from the portal.

pub(crate) mod csv_rows;
pub(crate) mod detect;
pub(crate) mod read;
