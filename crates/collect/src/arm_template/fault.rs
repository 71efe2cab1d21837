//! Why an expression has no value.

/// A fault of a template, found while evaluating one expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// `ARM0002` and so on; the list stands in the module's documentation.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// How to mend it.
    pub(super) help: &'static str,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>, help: &'static str) -> Self {
        Self {
            code,
            message: message.into(),
            help,
        }
    }

    /// A function was given something it does not take.
    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new(
            "ARM0004",
            message,
            "Mend the arguments; the template function reference says what each takes.",
        )
    }

    /// A limit of ours was reached.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self::new(
            "ARM0013",
            message,
            "Split the template; Resource Manager itself refuses templates of this size.",
        )
    }

    /// A property or element that is not there.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::new(
            "ARM0016",
            message,
            "Mend the name, or use `.?` or `tryGet` where it may be absent.",
        )
    }
}
