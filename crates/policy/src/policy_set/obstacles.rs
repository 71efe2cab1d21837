//! Why a definition is not evaluated, in words.

use stance_model::{Diagnostic, DiagnosticLevel};

use super::plan::Titled;
use crate::compile::Obstacle;
use crate::definition::{Definition, WrongValue};
use crate::diagnostics::{self as codes, diagnostic};
use crate::mode::Mode;

/// A diagnostic about something with a title.
pub(super) fn note(
    about: &Titled<'_>,
    (level, code): (DiagnosticLevel, &str),
    message: impl Into<String>,
    help: &str,
) -> Diagnostic {
    diagnostic(level, code, about.at, message, help)
}

/// A parameter's value of another type, or not among those allowed.
pub(super) fn wrong_value(about: &Titled<'_>, wrong: &WrongValue) -> Diagnostic {
    let WrongValue { name, value, .. } = wrong;
    let title = &about.title;
    let error = |code, message, help| note(about, (DiagnosticLevel::Error, code), message, help);
    match &wrong.wanted_type {
        Some(kind) => error(
            codes::PARAMETER_TYPE,
            format!(
                "{title} wants a value of type {kind} for the parameter `{name}`, not {value}; it was not evaluated"
            ),
            "give a value of that type",
        ),
        None => error(
            codes::PARAMETER_NOT_ALLOWED,
            format!(
                "{title} does not allow {value} for the parameter `{name}`; it was not evaluated"
            ),
            "give one of the values under `allowedValues`",
        ),
    }
}

/// A definition that was given up.
pub(super) fn deprecated(definition: &Definition) -> Diagnostic {
    let about = Titled::from(definition);
    note(
        &about,
        (DiagnosticLevel::Note, codes::DEPRECATED),
        format!("{} is deprecated and was not evaluated", about.title),
        "load its successor, or ask for deprecated definitions",
    )
}

/// A mode that is enforced inside a service.
pub(super) fn enforced(definition: &Definition, mode: &Mode) -> Option<Diagnostic> {
    let Mode::Enforced(name) = mode else {
        return None;
    };
    let about = Titled::from(definition);
    Some(note(
        &about,
        (DiagnosticLevel::Note, codes::NOT_EVALUATED),
        format!(
            "{} has the mode {name}, which is enforced inside the service; it was not evaluated",
            about.title
        ),
        "its compliance can be read from Azure only",
    ))
}

/// What stood in the way of compiling.
pub(super) fn explain(definition: &Definition, obstacle: Obstacle) -> Diagnostic {
    let about = Titled::from(definition);
    let title = about.title.clone();
    match obstacle {
        Obstacle::Compile { line, reason } => {
            let help = if reason.contains("unknown alias") {
                "give Azure's own alias list with --aliases (`az provider list --expand resourceTypes/aliases`)"
            } else if reason.contains("uniquestring") || reason.contains("guid") {
                "the function needs a deployment; the compliance of this definition can be read from Azure only"
            } else {
                "correct the rule; nothing of it is evaluated until then"
            };
            diagnostic(
                DiagnosticLevel::Error,
                codes::NOT_COMPILED,
                (&definition.file, line),
                format!("{title} does not compile: {reason}"),
                help,
            )
        }
        Obstacle::ParametersMissing(names) => note(
            &about,
            (DiagnosticLevel::Warning, codes::PARAMETER_MISSING),
            format!(
                "{title} needs a value for {}; it was not evaluated",
                names.join(", ")
            ),
            "assign the parameters through an initiative, or give the definition default values",
        ),
        Obstacle::WrongValue(wrong) => wrong_value(&about, &wrong),
        Obstacle::OverrideImpossible(effect) => note(
            &about,
            (DiagnosticLevel::Error, codes::ASSIGNMENT),
            format!(
                "{title} cannot have the effect {effect} that an assignment gives it: its rule does not say what to look for; it was not evaluated"
            ),
            "override it by an effect that the rule can carry out",
        ),
        Obstacle::Disabled => note(
            &about,
            (DiagnosticLevel::Note, codes::DISABLED),
            format!("{title} has the effect Disabled and was not evaluated"),
            "assign another effect, or ask for disabled definitions to be audited",
        ),
        Obstacle::NotEvaluated(effect) => note(
            &about,
            (DiagnosticLevel::Note, codes::NOT_EVALUATED),
            format!(
                "{title} has the effect {effect}, which says nothing about existing resources; it was not evaluated"
            ),
            "its compliance can be read from Azure only",
        ),
    }
}
