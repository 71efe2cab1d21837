//! Why reading stopped, and how that is said.

use stance_model::{Diagnostic, DiagnosticLevel};

/// Why reading stopped; the place is the cursor's.
#[derive(Debug)]
pub(super) enum Fault {
    Syntax(String),
    Truncated(String),
    TooDeep(usize),
    TooLarge(String),
    Trailing,
}

/// The one error of a document.
pub(super) fn fault_diagnostic(file: &str, line: u32, column: u32, fault: Fault) -> Diagnostic {
    let (code, message, help) = match fault {
        Fault::Syntax(what) => (
            "JSON0001",
            format!("not JSON: {what}"),
            "Mend the document at this place.".to_owned(),
        ),
        Fault::Truncated(what) => (
            "JSON0003",
            format!("the document ends too early: {what}"),
            "Write or export the file again; it was cut off.".to_owned(),
        ),
        Fault::TooDeep(limit) => (
            "JSON0004",
            format!("arrays and objects are nested deeper than {limit} levels"),
            "Flatten the document; no Azure document nests this deep.".to_owned(),
        ),
        Fault::TooLarge(what) => (
            "JSON0005",
            what,
            "Split the document into smaller files.".to_owned(),
        ),
        Fault::Trailing => (
            "JSON0006",
            "something follows the end of the document".to_owned(),
            "Keep one document in one file, or one document on each line.".to_owned(),
        ),
    };
    Diagnostic {
        level: DiagnosticLevel::Error,
        file: file.to_owned(),
        line,
        column,
        code: code.to_owned(),
        message,
        help,
    }
}
