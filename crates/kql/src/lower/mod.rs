//! The bound tree becomes a DataFusion plan.
//!
//! Inside a plan every column has a name of its own (`Name#17`), so that joins, unions and columns
//! that nobody sees (sort keys, group keys of `partition`) never clash; [`Relation`] says which
//! plan column stands for which KQL column. The names of the query come back at the very end.
//!
//! The rows of `toscalar(...)` and `in (table)` are needed before the plan around them can be
//! made: lowering then stops with [`LowerError::Subquery`], the engine runs it and starts again.

mod activity;
mod aggregate;
mod bag_unpack;
mod calls;
mod comparison;
mod constant;
mod evaluate;
mod expand;
mod expression;
mod external;
mod findings;
mod fused;
mod geo_lookup;
mod graph;
mod graph_elements;
mod graph_inputs;
mod graph_match;
mod graph_outputs;
mod graph_pattern;
mod graph_tables;
mod ip_lookup;
mod join;
mod make_series;
mod narrow;
mod open_schema;
mod ordering;
mod parse;
mod patterns;
mod pivot;
mod project;
mod reduce;
mod relation;
mod results;
mod rows_near;
mod scan;
mod set;
mod source;
mod summarize;
mod table_operator;
mod top_nested;
mod union;
mod window;

use std::cell::Cell;

use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use stance_kql_syntax::bound::{BoundStep, BoundTabular, Operator};

use crate::catalog::Catalog;
use crate::engine::EngineOptions;
use crate::error::{LowerError, unsupported};

pub(crate) use findings::{Findings, HeldRows, HeldTable, TableToHold};
pub(crate) use open_schema::OpenStep;
pub(crate) use relation::Relation;
pub(crate) use results::ResultPlan;

pub(crate) type Lowered<T> = Result<T, LowerError>;

/// Most operators of one plan, once shared parts are put in place.
const MAX_OPERATORS: usize = 20_000;

/// Makes plans of one query.
#[derive(Debug)]
pub(crate) struct Lowerer<'a> {
    catalog: &'a dyn Catalog,
    /// The instant of `now()`, in microseconds from 1970.
    now: i64,
    findings: &'a Findings,
    options: &'a EngineOptions,
    names: Cell<usize>,
    operators: Cell<usize>,
}

impl<'a> Lowerer<'a> {
    pub(crate) fn new(
        catalog: &'a dyn Catalog,
        now: i64,
        findings: &'a Findings,
        options: &'a EngineOptions,
    ) -> Self {
        Self {
            catalog,
            now,
            findings,
            options,
            names: Cell::new(0),
            operators: Cell::new(0),
        }
    }

    /// The plan of a tabular expression; its columns have the names of the KQL schema.
    pub(crate) fn lower(&self, tabular: &BoundTabular) -> Lowered<LogicalPlan> {
        let relation = self.tabular(tabular, None)?;
        relation.with_visible_names()
    }

    /// A plan name that no other column has.
    fn fresh(&self, name: &str) -> String {
        let number = self.names.get();
        self.names.set(number + 1);
        format!("{name}#{number}")
    }

    /// Lowers a pipeline; `input` is what [`SourceKind::Input`] stands for in it.
    ///
    /// [`SourceKind::Input`]: stance_kql_syntax::bound::SourceKind::Input
    fn tabular(&self, tabular: &BoundTabular, input: Option<&Relation>) -> Lowered<Relation> {
        let relation = self.source(tabular, input)?;
        self.steps(relation, &tabular.steps)
    }

    fn steps(&self, mut relation: Relation, steps: &[BoundStep]) -> Lowered<Relation> {
        for (position, step) in steps.iter().enumerate() {
            let count = self.operators.get() + 1;
            self.operators.set(count);
            if count > MAX_OPERATORS {
                return Err(unsupported("a query of this size", step.span));
            }
            relation = self.step(relation, step, steps.get(position + 1))?;
        }
        Ok(relation)
    }

    /// Lowers an operator; the one after it tells what is wanted of a graph search.
    fn step(
        &self,
        input: Relation,
        step: &BoundStep,
        next: Option<&BoundStep>,
    ) -> Lowered<Relation> {
        match &step.operator {
            Operator::Where(predicate) => self.filter(input, predicate),
            Operator::Project { expressions, .. } => self.project(input, expressions, &step.schema),
            Operator::Serialize(expressions) if expressions.is_empty() => Ok(input),
            Operator::Serialize(expressions) => self.serialize(input, expressions, &step.schema),
            Operator::Take(count) | Operator::Sample(count) => self.take(input, count),
            Operator::Sort(keys) => self.sort(input, keys),
            Operator::Top { count, keys } => self.top(input, count, keys),
            Operator::Distinct(expressions) => self.distinct(input, expressions, &step.schema),
            Operator::SampleDistinct { count, of } => {
                let distinct = self.distinct(input, std::slice::from_ref(of), &step.schema)?;
                self.take(distinct, count)
            }
            Operator::Count => self.count(input, &step.schema),
            Operator::Summarize(summarize) => self.summarize(input, summarize, &step.schema),
            Operator::Join(join) => self.join(input, join, &step.schema),
            Operator::Union(union) => self.union(union, Some(&input), &step.schema),
            Operator::MvExpand(expand) => self.mv_expand(input, expand, &step.schema),
            Operator::MvApply(apply) => self.mv_apply(input, apply, &step.schema),
            Operator::Parse(parse) => self.parse(input, parse, &step.schema),
            Operator::ParseKeyValue(parse) => self.parse_kv(input, parse, step),
            Operator::MakeSeries(series) => self.make_series(input, series, step),
            Operator::TopHitters { count, of, by } => {
                self.top_hitters(input, count, of, by.as_ref(), &step.schema)
            }
            Operator::Partition(partition) => self.partition(input, partition, &step.schema),
            Operator::GetSchema(schema) => self.get_schema(schema, &step.schema),
            Operator::As(_) => Ok(input),
            Operator::Consume => {
                let plan = LogicalPlanBuilder::from(input.plan.clone())
                    .limit(0, Some(0))?
                    .build()?;
                Ok(Relation { plan, ..input })
            }
            Operator::Evaluate(evaluate) => self.evaluate(input, evaluate, step),
            Operator::TopNested(nested) => self.top_nested(input, nested, step),
            Operator::Scan(scan) => self.scan(input, scan, step),
            Operator::Reduce { by, options } => self.reduce(input, by, options, &step.schema),
            Operator::Fork(branches) => self.first_branch(input, branches, step),
            Operator::Facet { by, .. } => self.first_facet(input, by, step),
            Operator::MakeGraph(make) => self.make_graph(input, make, step),
            Operator::GraphMatch(search) => self.graph_match(&input, search, None, step, next),
            Operator::GraphShortestPaths(paths) => {
                self.graph_match(&input, &paths.search, Some(paths.all), step, next)
            }
            Operator::GraphMarkComponents { strong, column } => {
                self.graph_mark_components(&input, *strong, column, step)
            }
            Operator::GraphToTable(tables) => self.graph_to_table(&input, tables, step),
            Operator::GraphWhere { nodes, predicate } => {
                self.graph_where(&input, *nodes, predicate, step)
            }
        }
    }
}
