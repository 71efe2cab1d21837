//! The operators after `|`, by name.

use super::cursor::Parser;
use crate::diagnostics::DiagnosticCode;
use crate::diagnostics::suggest;
use crate::syntax::SyntaxKind as K;

/// Every operator that may stand after `|`.
pub(crate) const OPERATOR_NAMES: &[&str] = &[
    "as",
    "assert-schema",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "extend",
    "facet",
    "filter",
    "find",
    "fork",
    "getschema",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "invoke",
    "join",
    "limit",
    "lookup",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "mvapply",
    "mvexpand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "reduce",
    "render",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
];

impl Parser<'_> {
    /// One operator, up to the next `|` or the end of the pipeline.
    pub(super) fn operator(&mut self) {
        match self.operator_rule() {
            Some(rule) => rule(self),
            None => self.unknown_operator(),
        }
        self.operator_end();
    }

    fn operator_end(&mut self) {
        use K::{Comma, End, Pipe, RightBrace, RightBracket, RightParen, Semicolon};
        if !matches!(
            self.kind(),
            Pipe | Semicolon | RightParen | RightBrace | RightBracket | Comma | End
        ) && !self.at_continuation()
        {
            self.error_expected("`|`, `;` or the end of the query");
            self.skip_balanced();
        }
    }

    /// `| print`, which the binder refuses: it starts a pipeline.
    fn piped_print(&mut self) {
        self.start(K::PrintOperator);
        self.bump();
        self.open_list(Self::named_expression);
        self.finish();
    }

    /// Words that an operator around this pipeline goes on with.
    fn at_continuation(&self) -> bool {
        self.at_any_word(&["on", "to", "step", "asc", "desc", "where"]) || self.at(K::DotDot)
    }

    fn unknown_operator(&mut self) {
        let word = self.word();
        if word.is_empty() {
            self.error_expected("an operator such as `where`");
        } else {
            let help = suggest(word, OPERATOR_NAMES.iter().copied());
            self.error(
                DiagnosticCode::UnknownOperator,
                format!("there is no operator `{word}`"),
                help,
            );
        }
        self.skip_balanced();
    }

    pub(super) fn operator_rule(&self) -> Option<fn(&mut Self)> {
        let rule: fn(&mut Self) = match self.word() {
            "where" | "filter" => Self::where_operator,
            "extend" => Self::extend_operator,
            "project" => |parser| parser.project_operator(K::ProjectOperator),
            "project-away" => |parser| parser.project_names(K::ProjectAwayOperator),
            "project-keep" => |parser| parser.project_names(K::ProjectKeepOperator),
            "project-rename" => |parser| parser.project_operator(K::ProjectRenameOperator),
            "project-by-names" => Self::project_by_names_operator,
            "project-reorder" => Self::project_reorder_operator,
            "summarize" => Self::summarize_operator,
            "distinct" => Self::distinct_operator,
            "count" if self.nth(1) != K::LeftParen => Self::count_operator,
            "take" | "limit" => |parser| parser.number_operator(K::TakeOperator),
            "sample" => |parser| parser.number_operator(K::SampleOperator),
            "sample-distinct" => Self::sample_distinct_operator,
            "top" => Self::top_operator,
            "top-nested" => Self::top_nested_operator,
            "top-hitters" => Self::top_hitters_operator,
            "sort" | "order" => Self::sort_operator,
            "join" => Self::join_operator,
            "lookup" => Self::lookup_operator,
            "union" => Self::union_operator,
            "find" => Self::find_operator,
            "search" => Self::search_operator,
            "mv-expand" | "mvexpand" => Self::mv_expand_operator,
            "mv-apply" | "mvapply" => Self::mv_apply_operator,
            "parse" => |parser| parser.parse_operator(K::ParseOperator),
            "parse-where" => |parser| parser.parse_operator(K::ParseWhereOperator),
            "parse-kv" => Self::parse_kv_operator,
            "make-series" => Self::make_series_operator,
            "evaluate" => Self::evaluate_operator,
            "macro-expand" => Self::macro_expand_operator,
            _ => return self.rarer_rule(),
        };
        Some(rule)
    }

    fn rarer_rule(&self) -> Option<fn(&mut Self)> {
        let rule: fn(&mut Self) = match self.word() {
            "serialize" => Self::serialize_operator,
            "invoke" => Self::invoke_operator,
            "render" => Self::render_operator,
            "getschema" => Self::getschema_operator,
            "consume" => Self::consume_operator,
            "reduce" => Self::reduce_operator,
            "fork" => Self::fork_operator,
            "facet" => Self::facet_operator,
            "as" => Self::as_operator,
            "partition" => Self::partition_operator,
            "scan" => Self::scan_operator,
            "assert-schema" => Self::assert_schema_operator,
            "__executeAndCache" => |parser| parser.token_node(K::ExecuteAndCacheOperator),
            "__partitionby" => Self::partition_by_operator,
            "range" if self.nth(1) != K::LeftParen => Self::range_operator,
            "print" => Self::piped_print,
            "make-graph" => Self::make_graph_operator,
            "graph-match" => |parser| parser.graph_match_operator(K::GraphMatchOperator),
            "graph-shortest-paths" => {
                |parser| parser.graph_match_operator(K::GraphShortestPathsOperator)
            }
            "graph-mark-components" => Self::graph_mark_components_operator,
            "graph-to-table" => Self::graph_to_table_operator,
            "graph-where-nodes" => |parser| parser.graph_where(K::GraphWhereNodesOperator),
            "graph-where-edges" => |parser| parser.graph_where(K::GraphWhereEdgesOperator),
            _ => return None,
        };
        Some(rule)
    }
}
