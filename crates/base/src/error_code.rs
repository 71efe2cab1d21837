//! One list of error kinds for the whole product.
//!
//! Each crate has its own error enum; [`Coded`] maps it onto this list, and the list maps onto
//! exit codes here and HTTP status codes in the server.

/// What kind of failure happened, and so whose move is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The user's input cannot be understood; the message says how to mend it.
    InvalidInput,
    /// Something named by the user does not exist.
    NotFound,
    /// The operating system or a cloud refused access.
    PermissionDenied,
    /// A limit on bytes, rows, depth or time was reached.
    LimitExceeded,
    /// Another process holds what this one needs.
    Busy,
    /// The disk is full or a device failed.
    Storage,
    /// Stored data is of a format this version cannot read.
    Unsupported,
    /// The user or a caller stopped the work.
    Cancelled,
    /// A fault of ours.
    Internal,
}

impl ErrorCode {
    /// The stable name that people search for and scripts match on.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid-input",
            Self::NotFound => "not-found",
            Self::PermissionDenied => "permission-denied",
            Self::LimitExceeded => "limit-exceeded",
            Self::Busy => "busy",
            Self::Storage => "storage",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// Process exit code. 1 is kept for findings at the `--fail-on` bar.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::InvalidInput | Self::NotFound | Self::PermissionDenied | Self::LimitExceeded => 2,
            Self::Busy => 3,
            Self::Storage | Self::Unsupported => 4,
            Self::Cancelled => 130,
            Self::Internal => 70,
        }
    }
}

/// An error that knows its kind.
pub trait Coded: std::error::Error {
    /// The kind of this error.
    fn code(&self) -> ErrorCode;
}
