//! A template met among the inputs.

use std::ops::ControlFlow;

use crate::codes;
use crate::context::FileContext;
use crate::stream::Place;

use super::detect::parameters_for;

/// Evaluates a template with the parameter file that belongs to it.
pub(crate) fn template(
    context: &mut FileContext<'_>,
    _text: &[u8],
    start: Place,
) -> ControlFlow<()> {
    let parameters = context
        .path
        .and_then(|path| parameters_for(path, &context.options.parameter_files));
    context.input.parameters_used.extend(parameters);
    context.report(codes::TEMPLATE_UNREAD, start, "deployment templates are not read yet");
    ControlFlow::Continue(())
}

/// A parameter file is read with its template; one that has none is named at the end of the input.
pub(crate) fn parameters(context: &mut FileContext<'_>) {
    context.coverage_rows += 1;
    if let Some(path) = context.path {
        let shown = context.file.to_owned();
        context.input.parameter_files.push((path.to_owned(), shown));
    }
}
