//! Why a value of a stream could not be handed out.

use std::io;

use super::Place;

/// Why a value could not be handed out.
#[derive(Debug)]
pub(crate) enum FaultKind {
    /// The text ended inside the value.
    Truncated,
    /// The value is larger than this many bytes.
    TooLarge(usize),
    /// The value is nested deeper than allowed.
    TooDeep,
    /// Something else stood where this was expected.
    Syntax(&'static str),
    /// The file could not be read on.
    Read(io::Error),
    /// Faults cost too much reading over again.
    GaveUp,
    /// Already told.
    Reported,
}

/// A value that could not be handed out.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) place: Place,
    /// Nothing more can be read behind it.
    pub(crate) ended: bool,
}
