//! Codes and texts of the diagnostics about rule files.

use stance_model::{Diagnostic, DiagnosticLevel};

/// The file is not text, not JSON, too large or nested too deep.
pub(crate) const UNREADABLE: &str = "POL0001";
/// The JSON holds no policy definition and no initiative.
pub(crate) const NO_DEFINITION: &str = "POL0002";
/// The rule does not compile: syntax, an unknown alias, a function that is not evaluated outside Azure.
pub(crate) const NOT_COMPILED: &str = "POL0003";
/// A parameter without a default value was not assigned.
pub(crate) const PARAMETER_MISSING: &str = "POL0004";
/// The effect is `Disabled`.
pub(crate) const DISABLED: &str = "POL0005";
/// The mode or effect is enforced inside a service and cannot be judged from resources.
pub(crate) const NOT_EVALUATED: &str = "POL0006";
/// The definition is deprecated.
pub(crate) const DEPRECATED: &str = "POL0007";
/// An initiative refers to a definition that was not loaded.
pub(crate) const REFERENCE_MISSING: &str = "POL0008";
/// Two definitions carry the same name; the later one counts.
pub(crate) const DUPLICATE: &str = "POL0009";
/// A value given for a parameter is not among those the definition allows.
pub(crate) const PARAMETER_NOT_ALLOWED: &str = "POL0010";
/// A folder or file could not be opened.
pub(crate) const NOT_OPENED: &str = "POL0011";

/// Builds one diagnostic.
pub(crate) fn diagnostic(
    level: DiagnosticLevel,
    code: &str,
    (file, line): (&str, u32),
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        level,
        file: file.to_owned(),
        line,
        column: 0,
        code: code.to_owned(),
        message: message.into(),
        help: help.into(),
    }
}
