//! `reduce by`.

use std::sync::Arc;

use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::BoundExpression;

use super::expression::Scope;
use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::operators::{Reduce, TableOperator};

/// Least share of rows of a pattern where the query names none, as in Kusto.
const DEFAULT_THRESHOLD: f64 = 0.1;

impl Lowerer<'_> {
    pub(super) fn reduce(
        &self,
        input: Relation,
        by: &BoundExpression,
        options: &[(Arc<str>, BoundExpression)],
        schema: &Schema,
    ) -> Lowered<Relation> {
        let mut reduce = Reduce {
            threshold: DEFAULT_THRESHOLD,
            characters: String::new(),
        };
        for (name, value) in options {
            let value = self.constant(value)?;
            match name.to_ascii_lowercase().as_str() {
                "threshold" => reduce.threshold = value.as_real().unwrap_or(DEFAULT_THRESHOLD),
                "characters" => reduce.characters = value.as_text().into_owned(),
                _ => {}
            }
        }
        let mut scope = Scope::of(&input);
        let text = self.text(&mut scope, by)?;
        let input = self.with_windows(input, scope)?;
        let plan = self.operator_input(input.plan, vec![text])?;
        self.table_operator(
            TableOperator::Reduce(reduce),
            vec![plan],
            Vec::new(),
            schema,
        )
    }
}
