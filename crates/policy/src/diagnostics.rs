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

/// A reference asks for a version of a definition that was not loaded.
pub(crate) const VERSION_MISSING: &str = "POL0012";
/// A value given for a parameter has another type than the parameter.
pub(crate) const PARAMETER_TYPE: &str = "POL0013";
/// An assignment cannot be evaluated as it is: scope, selectors or overrides are wrong.
pub(crate) const ASSIGNMENT: &str = "POL0014";
/// What an assignment is of was not loaded.
pub(crate) const ASSIGNED_MISSING: &str = "POL0015";
/// An assignment gives parameters that are not declared.
pub(crate) const PARAMETER_UNKNOWN: &str = "POL0016";
/// An exemption is not honoured: something is wrong with it, or its assignment is not known.
pub(crate) const EXEMPTION: &str = "POL0017";
/// A value in an initiative holds an expression that cannot be worked out.
pub(crate) const EXPRESSION: &str = "POL0018";
/// An initiative's reference names a group that the initiative does not declare.
pub(crate) const GROUP_UNDECLARED: &str = "POL0019";
/// Definitions that no assignment names are not evaluated, because assignments were given.
pub(crate) const NOT_ASSIGNED: &str = "POL0020";

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
