//! Calls that are put together into one, so that no JSON is written between them.

use datafusion::logical_expr::Expr;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, ExpressionKind};

use crate::functions::udf;

/// Functions that can give the value they find as any type.
const TYPED: [&str; 2] = ["kql:dynamic_get(", "kql:split_get("];
const GIVES_DYNAMIC: &str = ")->dynamic";

/// `tostring(x.a.b)` as one call: the expression with another result type; nothing where it is none of these calls.
pub(super) fn typed_call(expression: &Expr, to: ScalarType) -> Option<Expr> {
    let Expr::ScalarFunction(called) = expression else {
        return None;
    };
    let name = called.func.name();
    if !TYPED.iter().any(|typed| name.starts_with(typed)) {
        return None;
    }
    let signature = name.strip_suffix(GIVES_DYNAMIC)?;
    let typed = udf::resolve(&format!("{signature})->{to}"))?;
    Some(typed.call(called.args.clone()))
}

/// The arguments of `split(text, delimiter)`; nothing for other expressions.
pub(super) fn split_arguments(
    expression: &BoundExpression,
) -> Option<(&BoundExpression, &BoundExpression)> {
    match &expression.kind {
        ExpressionKind::Call {
            function,
            arguments,
        } if *function == "split" => match arguments.as_slice() {
            [text, delimiter] => Some((text, delimiter)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the function converts its argument as a conversion that Kusto applies by itself does.
pub(super) fn is_conversion(function: &str) -> bool {
    matches!(
        function,
        "tostring"
            | "toint"
            | "tolong"
            | "todouble"
            | "toreal"
            | "todecimal"
            | "tobool"
            | "toboolean"
            | "toguid"
            | "todatetime"
            | "totimespan"
    )
}
