//! `evaluate plugin(...)`.

use datafusion::logical_expr::Expr;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, Evaluate, ExpressionKind};

use super::calls::literal_text;
use super::expression::{Scope, as_type, known_call};
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::error::unsupported;

impl Lowerer<'_> {
    pub(super) fn evaluate(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        match evaluate.plugin {
            "bag_unpack" if !evaluate.open_schema => self.bag_unpack(input, evaluate, step),
            "bag_unpack" => Err(unsupported(
                "`bag_unpack` without a declared schema (write `: (name:type, ...)` after it)",
                step.span,
            )),
            other => Err(unsupported(&format!("the plugin `{other}`"), step.span)),
        }
    }

    /// `bag_unpack(column [, prefix]) : (a:string, ...)`: properties become columns.
    fn bag_unpack(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let Some(bag) = evaluate.arguments.first() else {
            return Err(unsupported("`bag_unpack` without a column", step.span));
        };
        let prefix = match evaluate.arguments.get(1) {
            Some(prefix) => self.constant(prefix)?.as_text().into_owned(),
            None => String::new(),
        };
        let unpacked = match &bag.kind {
            ExpressionKind::Column(column) => Some(column.index),
            _ => None,
        };
        let mut scope = Scope::of(&input);
        let (bag, from) = self.typed(&mut scope, bag)?;
        let bag = as_type(bag, from, ScalarType::Dynamic)?;
        let input = self.with_windows(input, scope)?;
        let mut outputs: Vec<Expr> = Vec::with_capacity(step.schema.len());
        for column in step.schema.columns() {
            let own = input
                .schema
                .index_of(&column.name)
                .filter(|index| Some(*index) != unpacked);
            if let Some(index) = own {
                let from = input.schema.columns()[index].scalar_type;
                outputs.push(as_type(input.column(index), from, column.scalar_type)?);
                continue;
            }
            let key = column.name.strip_prefix(&prefix).unwrap_or(&column.name);
            let arguments = vec![(bag.clone(), ScalarType::Dynamic), literal_text(key)?];
            let value = known_call("dynamic_get", arguments, ScalarType::Dynamic)?;
            outputs.push(as_type(value, ScalarType::Dynamic, column.scalar_type)?);
        }
        input.select(self, outputs, &step.schema)
    }
}
