//! Where rows come from.

use datafusion::common::{Column, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundTabular, SourceKind};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema, Span};

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::functions::step_count;
use crate::instant::ticks_to_micros;
use crate::operators::{Range, RangeValues, TableOperator};
use crate::types::normalise_column;
use crate::value::{Value, convert};

/// Most rows that `range` makes.
const MAX_RANGE: u64 = 1_000_000_000;

impl Lowerer<'_> {
    pub(super) fn source(
        &self,
        tabular: &BoundTabular,
        input: Option<&Relation>,
    ) -> Lowered<Relation> {
        let schema = &tabular.source_schema;
        match &tabular.source {
            SourceKind::Table(table) | SourceKind::ExternalTable(table) => {
                self.table(&table.name, schema, tabular.span)
            }
            SourceKind::Shared {
                id,
                materialize: true,
                plan,
                ..
            } => self.materialized(*id, plan),
            SourceKind::Shared { plan, .. } => self.tabular(plan, input),
            SourceKind::Nested(inner) => self.tabular(inner, input),
            SourceKind::Input => input
                .cloned()
                .ok_or_else(|| unsupported("an operator without input", tabular.span)),
            SourceKind::DataTable(rows) => self.data_table(rows, schema),
            SourceKind::Print(values) => self.print(values, schema),
            SourceKind::Range { from, to, step } => self.range([from, to, step], schema),
            SourceKind::Union(union) => self.union(union, input, schema),
            SourceKind::ExternalData { uris, options } => {
                self.external_data(uris, options, schema, tabular.span)
            }
            SourceKind::Plugin(plugin) => Self::plugin_source(plugin, schema, tabular.span),
        }
    }

    fn table(&self, name: &str, schema: &Schema, span: Span) -> Lowered<Relation> {
        let table = self.catalog.table(name).ok_or_else(|| {
            let message = format!("the table `{name}` is gone");
            LowerError::Diagnostic(Diagnostic::error(
                DiagnosticCode::UnknownTable,
                span,
                message,
            ))
        })?;
        let held = table.provider.schema();
        let reference = TableReference::bare(name);
        let mut columns = Vec::with_capacity(schema.len());
        let mut outputs = Vec::with_capacity(schema.len());
        for column in schema.columns() {
            let value = match held.field_with_name(&column.name) {
                Ok(field) => {
                    let held = Column::new(Some(reference.clone()), column.name.as_ref());
                    normalise_column(Expr::Column(held), field, column.scalar_type)
                }
                Err(_) => null_expr(column.scalar_type)?,
            };
            let name = self.fresh(&column.name);
            outputs.push(value.alias(&name));
            columns.push(name);
        }
        let plan = LogicalPlanBuilder::scan(reference, provider_as_source(table.provider), None)?
            .project(outputs)?
            .build()?;
        Ok(Relation::new(plan, columns, schema))
    }

    /// Rows given one by one.
    pub(super) fn rows(&self, rows: Vec<Vec<Expr>>, schema: &Schema) -> Lowered<Relation> {
        let columns: Vec<String> = schema
            .columns()
            .iter()
            .map(|column| self.fresh(&column.name))
            .collect();
        if rows.is_empty() || columns.is_empty() {
            return empty(columns, schema);
        }
        let builder = LogicalPlanBuilder::values(rows)?;
        let outputs: Vec<Expr> = builder
            .schema()
            .columns()
            .into_iter()
            .zip(&columns)
            .map(|(column, name)| Expr::Column(column).alias(name))
            .collect();
        Ok(Relation::new(
            builder.project(outputs)?.build()?,
            columns,
            schema,
        ))
    }

    fn data_table(&self, rows: &[Vec<BoundExpression>], schema: &Schema) -> Lowered<Relation> {
        let mut scope = Scope::empty();
        let mut lowered = Vec::with_capacity(rows.len());
        for row in rows {
            lowered.push(self.typed_row(&mut scope, row, schema)?);
        }
        self.rows(lowered, schema)
    }

    fn typed_row(
        &self,
        scope: &mut Scope,
        row: &[BoundExpression],
        schema: &Schema,
    ) -> Lowered<Vec<Expr>> {
        row.iter()
            .zip(schema.columns())
            .map(|(value, column)| {
                let (value, from) = self.typed(scope, value)?;
                as_type(value, from, column.scalar_type)
            })
            .collect()
    }

    /// One row without columns, to compute on.
    pub(super) fn one_row() -> Lowered<LogicalPlan> {
        Ok(LogicalPlanBuilder::empty(true).build()?)
    }

    fn print(&self, values: &[BoundExpression], schema: &Schema) -> Lowered<Relation> {
        let one = Relation::new(Self::one_row()?, Vec::new(), &Schema::default());
        self.project(one, values, schema)
    }

    /// The values are computed here, and put into rows by the engine.
    fn range(&self, bounds: [&BoundExpression; 3], schema: &Schema) -> Lowered<Relation> {
        let scalar_type = schema
            .columns()
            .first()
            .map_or(ScalarType::Long, |c| c.scalar_type);
        let [from, to, step] = bounds;
        let span = from.span;
        let (from, to, step) = (
            self.constant(from)?,
            self.constant(to)?,
            self.constant(step)?,
        );
        let (from, to) = (convert(&from, scalar_type), convert(&to, scalar_type));
        let name = self.fresh(schema.columns().first().map_or("x", |c| &c.name));
        let count = step_count(&from, &to, &step).unwrap_or(0.0);
        if count > MAX_RANGE as f64 {
            let message = format!("`range` makes more than {MAX_RANGE} rows");
            return Err(LowerError::Diagnostic(
                Diagnostic::error(DiagnosticCode::QueryTooComplex, span, message)
                    .with_help("take a wider step or a shorter range"),
            ));
        }
        if count < 1.0 {
            return empty(vec![name], schema);
        }
        let values = match (&from, &step) {
            (Value::Real(first), step) => step.as_real().map(|step| RangeValues::Real {
                first: *first,
                step,
            }),
            (Value::Decimal(first), step) => match convert(step, ScalarType::Decimal) {
                Value::Decimal(step) => Some(RangeValues::Decimal {
                    first: *first,
                    step,
                }),
                _ => None,
            },
            (Value::DateTime(first), step) => step.as_long().map(|ticks| RangeValues::Whole {
                first: *first,
                step: ticks_to_micros(ticks),
            }),
            (Value::Long(first) | Value::TimeSpan(first), step) => {
                step.as_long().map(|step| RangeValues::Whole {
                    first: *first,
                    step,
                })
            }
            _ => None,
        };
        let Some(values) = values else {
            return Err(unsupported("a `range` of this type", span));
        };
        let range = Range {
            scalar_type,
            values,
            count: count as u64,
        };
        self.table_operator(TableOperator::Range(range), Vec::new(), Vec::new(), schema)
    }
}

/// No rows: a row of nulls that is cut off, because the engine's own empty relation loses its
/// columns on the way to another process.
fn empty(columns: Vec<String>, schema: &Schema) -> Lowered<Relation> {
    if columns.is_empty() {
        let none = LogicalPlanBuilder::empty(false).build()?;
        return Ok(Relation::new(none, columns, schema));
    }
    let nulls = schema
        .columns()
        .iter()
        .zip(&columns)
        .map(|(column, name)| Ok(null_expr(column.scalar_type)?.alias(name)))
        .collect::<Lowered<Vec<Expr>>>()?;
    let plan = LogicalPlanBuilder::empty(true)
        .project(nulls)?
        .limit(0, Some(0))?
        .build()?;
    Ok(Relation::new(plan, columns, schema))
}
