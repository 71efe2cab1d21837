//! A body while it is put together: values, what is unknown of it, where it was written.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use stance_model::{Position, Unknown};

use super::rules::Segment;
use crate::json::escape_pointer;
use crate::stream::Place;
use crate::terraform::value::Gap;

/// What is declared, with its attributes found by pointer.
pub(super) struct Source<'d> {
    pub(super) values: &'d Map<String, Json>,
    gaps: HashMap<&'d str, &'d str>,
    places: HashMap<&'d str, Place>,
}

impl<'d> Source<'d> {
    pub(super) fn new(
        values: &'d Map<String, Json>,
        gaps: &'d [Gap],
        positions: &'d [(String, Place)],
    ) -> Self {
        Self {
            values,
            gaps: gaps
                .iter()
                .map(|gap| (gap.pointer.as_str(), gap.expression.as_str()))
                .collect(),
            places: positions
                .iter()
                .map(|(pointer, place)| (pointer.as_str(), *place))
                .collect(),
        }
    }

    /// Why the value at the pointer is unknown.
    pub(super) fn gap(&self, pointer: &str) -> Option<&'d str> {
        self.gaps.get(pointer).copied()
    }

    /// Something at or below the pointer is unknown.
    pub(super) fn gap_below(&self, pointer: &str) -> Option<&'d str> {
        if self.gaps.is_empty() {
            return None;
        }
        let below = |at: &&str| {
            at.strip_prefix(pointer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut found: Vec<&&str> = self.gaps.keys().filter(|at| below(at)).collect();
        found.sort();
        found.first().and_then(|at| self.gaps.get(**at).copied())
    }

    /// Where the attribute stands, else what encloses it.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        let mut at = pointer;
        loop {
            if let Some(place) = self.places.get(at) {
                return Some(*place);
            }
            at = &at[..at.rfind('/')?];
        }
    }
}

/// What is made.
#[derive(Debug, Default, Clone)]
pub(in crate::terraform) struct Body {
    pub(in crate::terraform) value: Map<String, Json>,
    pub(in crate::terraform) unknowns: Vec<Unknown>,
    pub(in crate::terraform) positions: Vec<Position>,
}

impl Body {
    pub(super) fn unknown(&mut self, pointer: &str, expression: &str) {
        self.unknowns.push(Unknown {
            pointer: pointer.to_owned(),
            expression: expression.to_owned(),
        });
    }

    pub(super) fn position(&mut self, pointer: &str, place: Option<Place>) {
        if let Some(place) = place.filter(|place| place.line > 0) {
            self.positions.push(Position {
                pointer: pointer.to_owned(),
                line: place.line,
                column: place.column,
            });
        }
    }

    /// The value at a pointer of names alone.
    pub(super) fn at(&self, path: &[Segment]) -> Option<&Json> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.value.get(&first.name)?, |at, segment| {
                at.get(&segment.name)
            })
    }

    /// Puts a value where the path leads; lists and objects on the way are made.
    pub(super) fn put(&mut self, path: &[(&str, Option<usize>)], value: Json) {
        let Some(((name, index), rest)) = path.split_first() else {
            return;
        };
        let slot = self.value.entry((*name).to_owned()).or_insert(Json::Null);
        put_into(slot, *index, rest, value);
    }
}

fn put_into(slot: &mut Json, index: Option<usize>, rest: &[(&str, Option<usize>)], value: Json) {
    let slot = match index {
        Some(index) => {
            if !slot.is_array() {
                *slot = Json::Array(Vec::new());
            }
            let Json::Array(items) = slot else { return };
            while items.len() <= index {
                items.push(Json::Null);
            }
            match items.get_mut(index) {
                Some(slot) => slot,
                None => return,
            }
        }
        None => slot,
    };
    let Some(((name, index), rest)) = rest.split_first() else {
        merge(slot, value);
        return;
    };
    if !slot.is_object() {
        *slot = Json::Object(Map::new());
    }
    if let Json::Object(members) = slot {
        let slot = members.entry((*name).to_owned()).or_insert(Json::Null);
        put_into(slot, *index, rest, value);
    }
}

/// Objects are joined, lists are put one behind the other; of single values the new one counts.
pub(in crate::terraform) fn merge(into: &mut Json, value: Json) {
    match (into, value) {
        (Json::Object(into), Json::Object(members)) => {
            for (key, value) in members {
                merge(into.entry(key).or_insert(Json::Null), value);
            }
        }
        (Json::Array(into), Json::Array(mut items)) => into.append(&mut items),
        (into, value) => *into = value,
    }
}

/// A pointer to what a path leads to.
pub(super) fn pointer(path: &[(&str, Option<usize>)]) -> String {
    path.iter().fold(String::new(), |mut text, (name, index)| {
        text.push('/');
        text.push_str(&escape_pointer(name));
        if let Some(index) = index {
            let _ = write!(text, "/{index}");
        }
        text
    })
}
