//! `evaluate narrow()`: each cell becomes a row.

use datafusion::common::{Column, UnnestOptions};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ScalarUDF, cast, lit};
use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql_syntax::bound::BoundStep;

use super::constant::value_expr;
use super::expression::{Scope, as_type, known_call};
use super::relation::{Relation, plan_column};
use super::window::row_number_expr;
use super::{Lowered, Lowerer};
use crate::functions::elements::ElementsFunction;
use crate::types::arrow_type;
use crate::value::Value;

impl Lowerer<'_> {
    /// The number of the row (from 0), the name of the column, and its value as text.
    pub(super) fn narrow(&self, input: Relation, step: &BoundStep) -> Lowered<Relation> {
        let count = input.columns.len();
        let mut texts = Vec::with_capacity(count);
        for (name, from) in input.typed_columns() {
            let text = as_type(plan_column(&name), from, ScalarType::String)?;
            texts.push((text, ScalarType::String));
        }
        let names = input.schema.columns().iter();
        let names = Json::Array(
            names
                .map(|column| Json::from(column.name.as_ref()))
                .collect(),
        );
        let mut scope = Scope::of(&input);
        let row = self.fresh("row");
        let number = row_number_expr(&input.ordering, &input.partition);
        scope.windows.push((number, row.clone()));
        let input = self.with_windows(input, scope)?;

        let cells = known_call("pack_array", texts, ScalarType::Dynamic)?;
        let (cell, position) = (self.fresh("cell"), self.fresh("position"));
        let elements = ElementsFunction::elements(ScalarType::String, false, count);
        let positions = ElementsFunction::positions(count, 1);
        let mut outputs: Vec<Expr> = input.partition.iter().map(|key| plan_column(key)).collect();
        outputs.push(plan_column(&row));
        outputs.push(
            ScalarUDF::new_from_impl(elements)
                .call(vec![cells.clone()])
                .alias(&cell),
        );
        outputs.push(
            ScalarUDF::new_from_impl(positions)
                .call(vec![cells])
                .alias(&position),
        );
        let unnested = [&cell, &position].map(Column::new_unqualified);
        let plan = LogicalPlanBuilder::from(input.plan)
            .project(outputs)?
            .unnest_columns_with_options(unnested.to_vec(), UnnestOptions::default())?
            .build()?;

        let names = value_expr(&Value::json(&names), ScalarType::Dynamic)?;
        let arguments = vec![
            (names, ScalarType::Dynamic),
            (plan_column(&position), ScalarType::Long),
        ];
        let name = known_call("dynamic_get", arguments, ScalarType::Dynamic)?;
        let outputs = vec![
            cast(plan_column(&row), arrow_type(ScalarType::Long)) - lit(1_i64),
            as_type(name, ScalarType::Dynamic, ScalarType::String)?,
            plan_column(&cell),
        ];
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: stance_kql_syntax::Schema::default(),
            ordering: Vec::new(),
            partition: input.partition,
            graph: None,
        };
        relation.select(self, outputs, &step.schema)
    }
}
