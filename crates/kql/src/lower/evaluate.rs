//! `evaluate plugin(...)`.

use stance_kql_syntax::bound::{BoundExpression, BoundStep, Evaluate};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema, Span};

use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};

/// The argument of a name, or else the one at a position that was given without a name.
pub(super) fn argument<'e>(
    evaluate: &'e Evaluate,
    position: usize,
    name: &str,
) -> Option<&'e BoundExpression> {
    let names = &evaluate.argument_names;
    let named = names.iter().position(|given| {
        given
            .as_deref()
            .is_some_and(|given| given.eq_ignore_ascii_case(name))
    });
    if let Some(named) = named {
        return evaluate.arguments.get(named);
    }
    match names.get(position) {
        Some(Some(_)) => None,
        _ => evaluate.arguments.get(position),
    }
}

impl Lowerer<'_> {
    pub(super) fn evaluate(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        match evaluate.plugin {
            "active_users_count"
            | "activity_counts_metrics"
            | "activity_engagement"
            | "activity_metrics"
            | "funnel_sequence"
            | "funnel_sequence_completion"
            | "new_activity_metrics"
            | "sequence_detect"
            | "session_count"
            | "sliding_window_counts" => self.activity(input, evaluate, step),
            "autocluster" | "basket" | "diffpatterns" => self.patterns(input, evaluate, step),
            "bag_unpack" => self.bag_unpack(input, evaluate, step),
            "ipv4_lookup" | "ipv6_lookup" => self.ip_lookup(input, evaluate, step),
            "geo_polygon_lookup" | "geo_line_lookup" => self.geo_lookup(input, evaluate, step),
            "estimate_rows_count" => self.count(input, &step.schema),
            "narrow" => self.narrow(input, step),
            "pivot" => self.pivot(input, evaluate, step),
            "preview" => match evaluate.arguments.first() {
                Some(count) => self.take(input, count),
                None => Ok(input),
            },
            "rolling_percentile" => self.rolling_percentile(input, evaluate, step),
            "rows_near" => self.rows_near(input, evaluate, step),
            other => Err(refused(other, step.span)),
        }
    }

    /// A plugin without an input.
    pub(super) fn plugin_source(evaluate: &Evaluate, _: &Schema, span: Span) -> Lowered<Relation> {
        Err(refused(evaluate.plugin, span))
    }
}

/// Why a plugin does not run.
fn refused(plugin: &str, span: Span) -> LowerError {
    let (why, help) = match plugin {
        "http_request"
        | "http_request_post"
        | "sql_request"
        | "mysql_request"
        | "postgresql_request"
        | "cosmosdb_sql_request"
        | "dax_request"
        | "execute_query"
        | "execute_show_command"
        | "azure_digital_twins_query_request" => (
            "it would send data to another service",
            "fetch the data beforehand and give it with `--table`",
        ),
        "python" | "r" | "csharp" => (
            "it would run code of another language",
            "write the step in KQL, or run it on the exported rows",
        ),
        "ai_embed_text" | "ai_embeddings" | "ai_chat_completion" | "ai_chat_completion_prompt" => (
            "it would send data to a model of another service",
            "export the rows and call the model there",
        ),
        "infer_storage_schema" | "infer_storage_schema_with_suggestions" => (
            "it would read from the storage of another service",
            "a file given with `--table` has its schema worked out: `T | getschema`",
        ),
        _ => return unsupported(&format!("the plugin `{plugin}`"), span),
    };
    let message = format!("the plugin `{plugin}` is refused: {why}");
    LowerError::Diagnostic(
        Diagnostic::error(DiagnosticCode::NotSupported, span, message).with_help(help),
    )
}
