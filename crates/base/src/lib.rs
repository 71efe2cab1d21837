//! Ground floor: what every other crate may use and what knows none of them.
//!
//! Clock, error codes, KQL scalar types, text made safe for people, secrets removed.

pub mod clock;
pub mod error_code;
pub mod hex;
pub mod redact;
pub mod safe_text;
pub mod scalar_type;

pub use clock::{Clock, FixedClock, SystemClock};
pub use error_code::{Coded, ErrorCode};
pub use scalar_type::ScalarType;
