//! A fold for each group.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use serde_json::{Value as Json, json};
use stance_base::ScalarType;

use super::fold::{Fold, FoldInput, FoldKind};
use super::groups::{passes, states_of_rows};
use crate::value::{ColumnBuilder, ColumnReader, Value, to_text};

/// The folds of all groups; one is made when the first row of its group is met.
#[derive(Debug)]
pub(super) struct Foldings {
    kind: &'static FoldKind,
    arguments: Vec<ScalarType>,
    result: ScalarType,
    groups: Vec<Option<Group>>,
}

#[derive(Debug)]
struct Group {
    /// Values of the arguments that are the same in all rows of the group.
    parameters: Vec<Value<'static>>,
    fold: Box<dyn Fold>,
}

impl Foldings {
    pub(super) fn new(
        kind: &'static FoldKind,
        arguments: &[ScalarType],
        result: ScalarType,
    ) -> Self {
        Self {
            kind,
            arguments: arguments.to_vec(),
            result,
            groups: Vec::new(),
        }
    }

    fn make(&self, parameters: Vec<Value<'static>>) -> Group {
        let fold = (self.kind.make)(&FoldInput {
            types: &self.arguments,
            parameters: &parameters,
        });
        Group { parameters, fold }
    }

    /// The fold of a group, made with these parameters where there is none yet.
    fn of(
        &mut self,
        group: usize,
        parameters: impl FnOnce() -> Vec<Value<'static>>,
    ) -> Option<&mut Box<dyn Fold>> {
        if self.groups.get(group)?.is_none() {
            let made = self.make(parameters());
            *self.groups.get_mut(group)? = Some(made);
        }
        self.groups
            .get_mut(group)?
            .as_mut()
            .map(|group| &mut group.fold)
    }

    fn merge(&mut self, text: &str, group: usize) {
        let state: Json = serde_json::from_str(text).unwrap_or(Json::Null);
        let parameters = || {
            let parameters = state["p"].as_array().map_or(&[][..], Vec::as_slice);
            parameters.iter().map(Value::json).collect()
        };
        if let Some(fold) = self.of(group, parameters) {
            fold.merge(&state["v"]);
        }
    }
}

impl Group {
    fn state_text(mut self) -> String {
        let parameters: Vec<Json> = self.parameters.iter().map(Value::to_json).collect();
        json!({ "v": self.fold.state(), "p": parameters }).to_string()
    }
}

impl GroupsAccumulator for Foldings {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.groups.resize_with(total, || None);
        let columns = values.iter().zip(&self.arguments);
        let readers = columns
            .map(|(array, scalar_type)| ColumnReader::of_array(array, *scalar_type))
            .collect::<Result<Vec<_>>>()?;
        let (data, constants) = readers.split_at(self.kind.data.min(readers.len()));
        let mut row_values = Vec::with_capacity(data.len());
        for (row, group) in groups.iter().enumerate() {
            if !passes(filter, row) {
                continue;
            }
            row_values.clear();
            row_values.extend(data.iter().map(|reader| reader.get(row)));
            let parameters = || {
                let constants = constants.iter();
                constants
                    .map(|reader| reader.get(row).into_owned())
                    .collect()
            };
            if let Some(fold) = self.of(*group, parameters) {
                fold.add(&row_values);
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.groups.resize_with(total, || None);
        let Some(texts) = values.first() else {
            return Ok(());
        };
        let texts = arrow::compute::cast(texts, &DataType::Utf8View)?;
        for (text, group) in texts.as_string_view().iter().zip(groups) {
            if let Some(text) = text {
                self.merge(text, *group);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = emit.take_needed(&mut self.groups);
        let mut builder = ColumnBuilder::new(self.result, groups.len());
        for group in groups {
            let mut group = group.unwrap_or_else(|| self.make(Vec::new()));
            let value = group.fold.finish();
            if self.result == ScalarType::String {
                builder.push(&Value::String(to_text(&value)));
            } else {
                builder.push(&value);
            }
        }
        Ok(builder.finish())
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit.take_needed(&mut self.groups);
        let texts = groups.into_iter().map(|group| group.map(Group::state_text));
        Ok(vec![Arc::new(texts.collect::<StringViewArray>())])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let empty = Self::new(self.kind, &self.arguments, self.result);
        states_of_rows(empty, values, filter)
    }

    fn size(&self) -> usize {
        let held: usize = self
            .groups
            .iter()
            .flatten()
            .map(|group| group.fold.bytes())
            .sum();
        held * 2 + self.groups.capacity() * (size_of::<Option<Group>>() + 128)
    }
}
