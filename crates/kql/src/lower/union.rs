//! `union`, and `find` and `search`, which the binder makes of it.

use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundUnion, UnionColumn, UnionInput};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema};

use super::calls::literal_text;
use super::constant::null_expr;
use super::expression::{as_type, known_call};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::LowerError;

/// Most inputs times columns of one union; `union *` over a whole workspace is far above.
const MAX_UNION_CELLS: usize = 50_000;

impl Lowerer<'_> {
    pub(super) fn union(
        &self,
        union: &BoundUnion,
        input: Option<&Relation>,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let cells = union.inputs.len().saturating_mul(schema.len());
        if cells > MAX_UNION_CELLS {
            let span = union
                .inputs
                .first()
                .map(|part| part.plan.span)
                .unwrap_or_default();
            let message = format!(
                "this `union` of {} tables has {} columns, more than can be planned",
                union.inputs.len(),
                schema.len()
            );
            return Err(LowerError::Diagnostic(
                Diagnostic::error(DiagnosticCode::QueryTooComplex, span, message)
                    .with_help("name the tables, or a narrower wildcard"),
            ));
        }
        let columns: Vec<String> = schema
            .columns()
            .iter()
            .map(|column| self.fresh(&column.name))
            .collect();
        let partition: Vec<String> = input
            .map(|input| &input.partition)
            .into_iter()
            .flatten()
            .map(|name| self.fresh(name))
            .collect();
        let mut all: Option<LogicalPlanBuilder> = None;
        for part in &union.inputs {
            let rows = self.tabular(&part.plan, input)?;
            let mut outputs = Vec::with_capacity(columns.len());
            for ((source, column), name) in part.columns.iter().zip(schema.columns()).zip(&columns)
            {
                let value = Self::union_column(part, &rows, source, column.scalar_type)?;
                outputs.push(value.alias(name));
            }
            for (key, name) in rows.partition.iter().zip(&partition) {
                outputs.push(plan_column(key).alias(name));
            }
            let plan = LogicalPlanBuilder::from(rows.plan)
                .project(outputs)?
                .build()?;
            all = Some(match all {
                None => LogicalPlanBuilder::from(plan),
                Some(before) => before.union(plan)?,
            });
        }
        match all {
            Some(all) => {
                let relation = Relation::new(all.build()?, columns, schema);
                Ok(Relation {
                    partition,
                    ..relation
                })
            }
            None => self.rows(Vec::new(), schema),
        }
    }

    fn union_column(
        part: &UnionInput,
        rows: &Relation,
        source: &UnionColumn,
        to: ScalarType,
    ) -> Lowered<Expr> {
        let own = part.plan.schema().columns();
        match source {
            UnionColumn::Column(index) => {
                let from = own.get(*index).map_or(to, |column| column.scalar_type);
                as_type(rows.column(*index), from, to)
            }
            UnionColumn::Missing => null_expr(to),
            UnionColumn::SourceName(name) => Ok(literal_text(name)?.0),
            UnionColumn::Pack(indexes) => {
                let mut arguments = Vec::with_capacity(indexes.len() * 2);
                for index in indexes {
                    let Some(column) = own.get(*index) else {
                        continue;
                    };
                    arguments.push(literal_text(&column.name)?);
                    arguments.push((rows.column(*index), column.scalar_type));
                }
                known_call("bag_pack_not_empty", arguments, ScalarType::Dynamic)
            }
        }
    }
}
