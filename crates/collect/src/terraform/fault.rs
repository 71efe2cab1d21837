//! What goes wrong while a value is made.

use crate::codes::{self, DiagnosticCode};
use crate::stream::Place;

/// An expression that has no value. `try` and `can` catch it.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) code: DiagnosticCode,
    pub(super) message: String,
    /// The file, where it is another than the one that is read.
    pub(super) file: Option<String>,
    pub(super) place: Option<Place>,
}

impl Fault {
    /// The expression is wrong.
    pub(super) fn wrong(message: impl Into<String>) -> Self {
        Self {
            code: codes::TERRAFORM_EXPRESSION,
            message: message.into(),
            file: None,
            place: None,
        }
    }

    /// Evaluation went as far as it may.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self {
            code: codes::TERRAFORM_LIMIT,
            ..Self::wrong(message)
        }
    }

    pub(super) fn is_limit(&self) -> bool {
        self.code.code == codes::TERRAFORM_LIMIT.code
    }

    /// Where it happened, unless that is known already.
    pub(super) fn at(mut self, file: &str, place: Place) -> Self {
        if self.place.is_none() {
            self.file = Some(file.to_owned());
            self.place = Some(place);
        }
        self
    }
}
