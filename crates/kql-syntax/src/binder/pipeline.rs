//! Pipelines: a source, then operator after operator.

use super::table::nothing;
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, PipeExpression};
use crate::bound::{BoundStep, BoundTabular, Operator, Render, SourceKind};
use crate::diagnostics::DiagnosticCode;
use crate::schema::Schema;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_pipeline(&mut self, pipe: &PipeExpression, span: Span) -> BoundTabular {
        let environment = self.environment.clone();
        let graph = self.graph.take();
        let mut flow = if let Some(source) = pipe.source() {
            self.bind_tabular(&source)
        } else {
            self.error(
                DiagnosticCode::UnknownTable,
                span,
                "this pipeline starts without a table",
            );
            nothing(Schema::default(), self.span(span))
        };
        // Names given by `as` are seen by the operators after it.
        for operator in pipe.operators() {
            self.bind_operator(&mut flow, &operator);
        }
        self.environment = environment;
        self.graph = graph;
        flow
    }

    /// The operators of a subquery, on rows of this schema.
    pub(super) fn bind_operators_on(
        &mut self,
        subquery: &SyntaxNode,
        input: &Schema,
    ) -> BoundTabular {
        let before = self.input.replace(input.clone());
        let pipeline = subquery
            .children()
            .next()
            .filter(|first| subquery.has_word("{") || is_pipeline(first.kind()));
        let result = if let Some(pipeline) = pipeline {
            self.with_row(RowScope::default(), |binder| binder.bind_tabular(&pipeline))
        } else {
            let mut flow = self.input_source(input, subquery.span());
            for operator in subquery.children() {
                self.bind_operator(&mut flow, &operator);
            }
            flow
        };
        self.input = before;
        result
    }

    /// The rows that the operator around hands in.
    pub(super) fn input_source(&mut self, input: &Schema, span: Span) -> BoundTabular {
        BoundTabular {
            source: SourceKind::Input,
            source_schema: input.clone(),
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    /// Adds an operator to the pipeline.
    pub(super) fn push(
        &mut self,
        flow: &mut BoundTabular,
        operator: Operator,
        schema: Schema,
        span: Span,
    ) {
        let span = self.span(span);
        flow.span = flow.span.cover(span);
        flow.steps.push(BoundStep {
            operator,
            schema,
            span,
        });
    }

    /// Runs `work` with the rows so far in scope.
    pub(super) fn on_rows<R>(
        &mut self,
        flow: &BoundTabular,
        work: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let scope = RowScope::of(flow.schema());
        self.with_row(scope, work)
    }

    pub(super) fn bind_operator(&mut self, flow: &mut BoundTabular, node: &SyntaxNode) {
        let span = node.span();
        if !self.count_nodes(1, span) || self.depth >= super::MAX_BIND_DEPTH {
            return;
        }
        self.depth += 1;
        self.check_parameters(node);
        self.check_input(flow, node, span);
        self.dispatch(flow, node, span);
        self.depth -= 1;
    }

    /// Operators that give several results, or none, end a pipeline; those that start one cannot
    /// stand in the middle.
    fn check_input(&mut self, flow: &BoundTabular, node: &SyntaxNode, span: Span) {
        let ended = match flow.steps.last().map(|step| &step.operator) {
            Some(Operator::Fork(_)) => "fork",
            Some(Operator::Facet { .. }) => "facet",
            Some(Operator::Consume) => "consume",
            Some(Operator::GraphToTable(tables)) if tables.outputs.len() > 1 => "graph-to-table",
            _ => "",
        };
        if !ended.is_empty() {
            let message = format!("nothing can follow `{ended}`: it does not give one table");
            self.error(DiagnosticCode::TabularMismatch, span, message);
        }
        if matches!(
            node.kind(),
            K::PrintOperator | K::RangeOperator | K::FindOperator
        ) {
            let message = "this operator starts a pipeline; it cannot follow `|`";
            self.error(DiagnosticCode::TabularMismatch, span, message);
        }
    }

    fn dispatch(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        match node.kind() {
            K::WhereOperator => self.bind_where(flow, node, span),
            K::ExtendOperator => self.bind_extend(flow, node, span),
            K::ProjectOperator => self.bind_project(flow, node, span),
            K::ProjectAwayOperator => self.bind_project_away(flow, node, span),
            K::ProjectKeepOperator => self.bind_project_keep(flow, node, span),
            K::ProjectByNamesOperator => self.bind_project_by_names(flow, node, span),
            K::ProjectRenameOperator => self.bind_project_rename(flow, node, span),
            K::ProjectReorderOperator => self.bind_project_reorder(flow, node, span),
            K::SerializeOperator => self.bind_serialize(flow, node, span),
            K::TakeOperator => self.bind_take(flow, node, span, Operator::Take),
            K::SampleOperator => self.bind_take(flow, node, span, Operator::Sample),
            K::SampleDistinctOperator => self.bind_sample_distinct(flow, node, span),
            K::SortOperator => self.bind_sort(flow, node, span),
            K::TopOperator => self.bind_top(flow, node, span),
            K::DistinctOperator => self.bind_distinct(flow, node, span),
            K::CountOperator => self.bind_count(flow, node, span),
            K::GetschemaOperator => self.bind_getschema(flow, node, span),
            K::PrintOperator
            | K::RangeOperator
            | K::FindOperator
            | K::ExecuteAndCacheOperator
            | K::AssertSchemaOperator => {}
            K::AsOperator => self.bind_as(flow, node, span),
            K::ConsumeOperator => self.push(flow, Operator::Consume, Schema::default(), span),
            K::SummarizeOperator => self.bind_summarize(flow, node, span),
            K::MakeSeriesOperator => self.bind_make_series(flow, node, span),
            K::TopNestedOperator => self.bind_top_nested(flow, node, span),
            K::TopHittersOperator => self.bind_top_hitters(flow, node, span),
            K::ReduceOperator => self.bind_reduce(flow, node, span),
            K::JoinOperator => self.bind_join(flow, node, span),
            K::LookupOperator => self.bind_lookup(flow, node, span),
            K::UnionOperator => self.bind_union(flow, node, span),
            K::SearchOperator => self.bind_search(flow, node, span),
            K::MvExpandOperator => self.bind_mv_expand(flow, node, span),
            K::MvApplyOperator => self.bind_mv_apply(flow, node, span),
            K::ParseOperator | K::ParseWhereOperator => self.bind_parse(flow, node, span),
            K::ParseKvOperator => self.bind_parse_kv(flow, node, span),
            K::EvaluateOperator => self.bind_evaluate(flow, node, span),
            K::InvokeOperator => self.bind_invoke(flow, node, span),
            K::RenderOperator => self.bind_render(node),
            K::PartitionOperator => self.bind_partition(flow, node, span),
            K::ForkOperator => self.bind_fork(flow, node, span),
            K::FacetOperator => self.bind_facet(flow, node, span),
            K::ScanOperator => self.bind_scan(flow, node, span),
            _ => self.bind_graph_operator(flow, node, span),
        }
    }

    fn bind_render(&mut self, node: &SyntaxNode) {
        const CHARTS: &[&str] = &[
            "table",
            "list",
            "barchart",
            "piechart",
            "ladderchart",
            "timechart",
            "linechart",
            "anomalychart",
            "pivotchart",
            "areachart",
            "stackedareachart",
            "scatterchart",
            "timepivot",
            "columnchart",
            "timeline",
            "3Dchart",
            "card",
            "treemap",
            "plotly",
            "graph",
            "sankey",
        ];
        let chart = node.name().unwrap_or_default();
        if !chart.is_empty() && !CHARTS.contains(&chart.as_str()) {
            let help = crate::diagnostics::suggest(&chart, CHARTS.iter().copied());
            let message = format!("there is no chart `{chart}`");
            self.error_with_help(DiagnosticCode::UnknownParameter, node.span(), message, help);
        }
        let mut properties = Vec::new();
        for property in node
            .child(K::WithClause)
            .map(|clause| clause.children_of(K::OperatorParameter))
            .unwrap_or_default()
        {
            let name = property.name().unwrap_or_default().to_ascii_lowercase();
            let values: Vec<String> = property.expressions().iter().map(plain_text).collect();
            properties.push((name.into(), values.join(", ").into()));
        }
        let visualization = node.name().unwrap_or_default().to_ascii_lowercase().into();
        self.render = Some(Render {
            visualization,
            properties,
        });
    }
}

/// Whether a node starts a pipeline of its own, rather than being an operator on given rows.
fn is_pipeline(kind: K) -> bool {
    crate::ast::is_expression(kind)
        && !matches!(
            kind,
            K::UnionOperator | K::SearchOperator | K::EvaluateOperator | K::FindOperator
        )
}

/// A word or a literal as its author meant it.
fn plain_text(node: &SyntaxNode) -> String {
    let token = node.first_token().filter(|token| token.kind() == K::String);
    match (token, node.kind()) {
        (Some(token), K::Literal) => crate::literal::decode_string(token.text()),
        (_, K::NameExpression) => node.name().unwrap_or_default(),
        _ => node.text().to_string().trim().to_owned(),
    }
}
