//! `buildschema`: the least schema that admits all values.
//!
//! A type is a name (`"long"`), a container (`{"key": type}`; of arrays the elements stand under
//! `` `indexer` ``), or an array of these where values differ.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::fold::{Fold, FoldKind};
use crate::value::Value;

/// Most keys of one container.
const MAX_KEYS: usize = 10_000;
const INDEXER: &str = "`indexer`";

pub(super) const KINDS: &[FoldKind] = &[FoldKind {
    name: "buildschema",
    data: 1,
    make: |_| Box::new(BuildSchema::default()),
}];

/// The types that were met in one place, in the order they were met.
#[derive(Debug, Default)]
struct Union {
    names: Vec<String>,
    container: Option<IndexMap<String, Union>>,
}

impl Union {
    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.container.is_none()
    }

    fn add_name(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn member(&mut self, key: &str) -> Option<&mut Self> {
        let members = self.container.get_or_insert_default();
        if members.len() >= MAX_KEYS && !members.contains_key(key) {
            return None;
        }
        Some(members.entry(key.to_owned()).or_default())
    }

    /// Takes in the type of a value. Null fits any type.
    fn add_value(&mut self, value: &Json) {
        match value {
            Json::Null => {}
            Json::Bool(_) => self.add_name("bool"),
            Json::Number(number) if number.is_f64() => self.add_name("double"),
            Json::Number(_) => self.add_name("long"),
            Json::String(_) => self.add_name("string"),
            Json::Array(elements) => {
                if let Some(member) = self.member(INDEXER) {
                    for element in elements {
                        member.add_value(element);
                    }
                }
            }
            Json::Object(bag) => {
                self.container.get_or_insert_default();
                for (key, value) in bag {
                    if let Some(member) = self.member(key) {
                        member.add_value(value);
                    }
                }
            }
        }
    }

    /// Takes in a type as [`Union::to_json`] writes it.
    fn add_type(&mut self, json: &Json) {
        match json {
            Json::String(name) => self.add_name(name),
            Json::Array(types) => {
                for part in types {
                    self.add_type(part);
                }
            }
            Json::Object(members) => {
                self.container.get_or_insert_default();
                for (key, json) in members {
                    if let Some(member) = self.member(key) {
                        member.add_type(json);
                    }
                }
            }
            _ => {}
        }
    }

    fn to_json(&self) -> Json {
        let mut types: Vec<Json> = self.names.iter().cloned().map(Json::String).collect();
        if let Some(members) = &self.container {
            let members = members
                .iter()
                .map(|(key, member)| (key.clone(), member.to_json()));
            types.push(Json::Object(members.collect()));
        }
        match <[Json; 1]>::try_from(types) {
            Ok([only]) => only,
            Err(types) => Json::Array(types),
        }
    }

    fn bytes(&self) -> usize {
        let members = self.container.iter().flatten();
        size_of::<Self>()
            + members
                .map(|(key, member)| key.len() + member.bytes())
                .sum::<usize>()
    }
}

#[derive(Debug, Default)]
struct BuildSchema {
    schema: Union,
}

impl Fold for BuildSchema {
    fn add(&mut self, row: &[Value<'_>]) {
        if let Some(value) = row.first() {
            self.schema.add_value(&value.to_json());
        }
    }

    fn merge(&mut self, state: &Json) {
        self.schema.add_type(state);
    }

    fn state(&mut self) -> Json {
        self.schema.to_json()
    }

    fn finish(&mut self) -> Value<'static> {
        if self.schema.is_empty() {
            return Value::Null;
        }
        Value::json(&self.schema.to_json())
    }

    fn bytes(&self) -> usize {
        self.schema.bytes()
    }
}
