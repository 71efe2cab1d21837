//! `evaluate bag_unpack(...)`: properties of a bag become columns.

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, Evaluate, ExpressionKind};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema};

use super::calls::literal_text;
use super::evaluate::argument;
use super::expression::{Scope, as_type, known_call};
use super::open_schema::{Conflict, OpenColumns, OpenStep};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::value::Value;

/// The arguments after the bag.
struct Options {
    prefix: String,
    conflict: Conflict,
    ignored: Vec<String>,
}

impl Lowerer<'_> {
    fn bag_options(&self, evaluate: &Evaluate) -> Lowered<Options> {
        let text = |position: usize, name: &str| -> Lowered<Option<String>> {
            argument(evaluate, position, name)
                .map(|value| Ok(self.constant(value)?.as_text().into_owned()))
                .transpose()
        };
        let conflict = match argument(evaluate, 2, "columnsConflict") {
            None => Conflict::Error,
            Some(value) => {
                let name = self.constant(value)?.as_text().into_owned();
                Conflict::from_name(&name).ok_or_else(|| {
                    let message = format!(
                        "`columnsConflict` is `error`, `replace_source` or `keep_source`, not `{name}`"
                    );
                    let code = DiagnosticCode::UnknownParameter;
                    LowerError::Diagnostic(Diagnostic::error(code, value.span, message))
                })?
            }
        };
        let ignored = match argument(evaluate, 3, "ignoredProperties") {
            None => Vec::new(),
            Some(value) => match self.constant(value)? {
                Value::Dynamic(names) => {
                    let names = names.elements().unwrap_or_default();
                    let names = names.iter().filter_map(|name| name.as_str());
                    names.map(str::to_owned).collect()
                }
                _ => Vec::new(),
            },
        };
        Ok(Options {
            prefix: text(1, "OutputColumnPrefix")?.unwrap_or_default(),
            conflict,
            ignored,
        })
    }

    /// `bag_unpack(column [, prefix, columnsConflict, ignoredProperties]) [: (a:string, ...)]`.
    pub(super) fn bag_unpack(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let Some(bag) = evaluate.arguments.first() else {
            return Err(unsupported("`bag_unpack` without a column", step.span));
        };
        let options = self.bag_options(evaluate)?;
        let unpacked = match &bag.kind {
            ExpressionKind::Column(column) => Some(column.index),
            _ => None,
        };
        let mut scope = Scope::of(&input);
        let (bag, from) = self.typed(&mut scope, bag)?;
        let bag = as_type(bag, from, ScalarType::Dynamic)?;
        let input = self.with_windows(input, scope)?;
        if let (true, Some(index)) = (evaluate.open_schema, evaluate.open_index) {
            let kept = input.schema.columns().iter().enumerate();
            let kept = kept.filter(|(position, _)| Some(*position) != unpacked);
            let source: Schema = kept.map(|(_, column)| column.clone()).collect();
            let columns = OpenColumns::Bag {
                source,
                prefix: options.prefix,
                conflict: options.conflict,
                ignored: options.ignored,
            };
            let probe = self.bag_probe(input, bag)?;
            return Err(LowerError::OpenSchema(Box::new(OpenStep {
                index,
                probe,
                columns,
                span: step.span,
            })));
        }
        let mut outputs: Vec<Expr> = Vec::with_capacity(step.schema.len());
        for column in step.schema.columns() {
            let to = column.scalar_type;
            let own = input
                .schema
                .index_of(&column.name)
                .filter(|index| Some(*index) != unpacked);
            let own = match own {
                Some(index) => {
                    let from = input.schema.columns()[index].scalar_type;
                    Some(as_type(input.column(index), from, to)?)
                }
                None => None,
            };
            if let (Some(own), true) = (&own, options.conflict != Conflict::ReplaceSource) {
                outputs.push(own.clone());
                continue;
            }
            let key = column.name.strip_prefix(&options.prefix);
            let key = key.unwrap_or(&column.name);
            let arguments = vec![(bag.clone(), ScalarType::Dynamic), literal_text(key)?];
            let property = known_call("dynamic_get", arguments, ScalarType::Dynamic)?;
            let value = as_type(property.clone(), ScalarType::Dynamic, to)?;
            outputs.push(match own {
                Some(own) if to == ScalarType::String => {
                    datafusion::logical_expr::when(property.is_not_null(), value).otherwise(own)?
                }
                Some(own) => coalesce(vec![value, own]),
                None => value,
            });
        }
        input.select(self, outputs, &step.schema)
    }

    /// The different shapes of the bags.
    fn bag_probe(
        &self,
        input: Relation,
        bag: Expr,
    ) -> Lowered<datafusion::logical_expr::LogicalPlan> {
        let arguments = vec![(bag, ScalarType::Dynamic)];
        let shape = known_call("bag_shape", arguments, ScalarType::String)?;
        let name = self.fresh("shape");
        Ok(LogicalPlanBuilder::from(input.plan)
            .project(vec![shape.alias(&name)])?
            .aggregate(vec![plan_column(&name)], Vec::<Expr>::new())?
            .build()?)
    }
}
