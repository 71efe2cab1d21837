//! The rules of a mapping, one attribute after the other.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use stance_model::Cloud;

use super::body::{Body, Source, pointer};
use super::rules::{Change, Rule, Segment};
use super::values::{changed, flag, restyled};
use super::{Style, TypeMapping};
use crate::json::escape_pointer;

/// Attributes that no style names: they stand elsewhere or are Terraform's own.
const COMMON: &[&str] = &[
    "id",
    "arn",
    "tags",
    "tags_all",
    "labels",
    "terraform_labels",
    "effective_labels",
    "location",
    "project",
    "self_link",
    "timeouts",
    "deletion_protection",
    "deletion_policy",
];

/// Puts what one resource declares into its body.
pub(super) struct Applier<'a, 'd> {
    pub(super) mapping: &'static TypeMapping,
    pub(super) source: &'a Source<'d>,
    pub(super) body: &'a mut Body,
}

impl<'d> Applier<'_, 'd> {
    pub(super) fn rule(&mut self, rule: &Rule) {
        for change in &rule.changes {
            if let Change::When(path, wanted) = change
                && self.flag(path) != Some(*wanted)
            {
                return;
            }
        }
        let Some((first, _)) = rule.from.split_first() else {
            return;
        };
        let value = self.source.values.get(&first.name);
        let at = format!("/{}", escape_pointer(&first.name));
        self.walk(rule, 0, value, &at, &mut Vec::new());
    }

    /// A flag of the source: what is not written is false, what is unknown neither.
    fn flag(&self, path: &[Segment]) -> Option<bool> {
        let mut at = String::new();
        let mut value = None;
        for (number, segment) in path.iter().enumerate() {
            let _ = write!(at, "/{}", segment.name);
            if self.source.gap(&at).is_some() {
                return None;
            }
            value = match number {
                0 => self.source.values.get(&segment.name),
                _ => value.and_then(|value: &Json| value.get(&segment.name)),
            };
            if let Some(Json::Array(items)) = value
                && number + 1 < path.len()
            {
                at.push_str("/0");
                value = items.first();
            }
        }
        Some(value.and_then(flag).unwrap_or(false))
    }

    /// Follows `from` to its end; `at` is where `value` stands.
    fn walk(
        &mut self,
        rule: &Rule,
        step: usize,
        value: Option<&'d Json>,
        at: &str,
        indices: &mut Vec<usize>,
    ) {
        if let Some(expression) = self.source.gap(at) {
            return self.put_unknown(rule, value, expression, at, indices);
        }
        let last = step + 1 == rule.from.len();
        let each = rule.from[step].each;
        // An empty text is how older resources of a plan or state say that nothing is set.
        let value = value.filter(|value| !value.is_null() && value.as_str() != Some(""));
        match value {
            Some(Json::Array(items)) if each => {
                for (index, item) in items.iter().enumerate() {
                    indices.push(index);
                    let at = format!("{at}/{index}");
                    if let Some(expression) = self.source.gap(&at) {
                        self.put_unknown(rule, Some(item), expression, &at, indices);
                    } else {
                        self.further(rule, step, Some(item), &at, indices);
                    }
                    indices.pop();
                }
            }
            Some(single) if each => {
                indices.push(0);
                self.further(rule, step, Some(single), at, indices);
                indices.pop();
            }
            Some(Json::Array(items)) if !last => {
                if let Some(first) = items.first() {
                    let at = format!("{at}/0");
                    match self.source.gap(&at) {
                        Some(expression) => {
                            self.put_unknown(rule, Some(first), expression, &at, indices);
                        }
                        None => self.further(rule, step, Some(first), &at, indices),
                    }
                }
            }
            None if each => {}
            value => self.further(rule, step, value, at, indices),
        }
    }

    fn further(
        &mut self,
        rule: &Rule,
        step: usize,
        value: Option<&'d Json>,
        at: &str,
        indices: &mut Vec<usize>,
    ) {
        match rule.from.get(step + 1) {
            Some(next) => {
                let Some(Json::Object(members)) = value else {
                    return;
                };
                let at = format!("{at}/{}", escape_pointer(&next.name));
                self.walk(rule, step + 1, members.get(&next.name), &at, indices);
            }
            None => self.put(rule, value, at, indices),
        }
    }

    fn target<'r>(rule: &'r Rule, indices: &[usize]) -> Vec<(&'r str, Option<usize>)> {
        // A single value that belongs into a list is its only element.
        let single = !rule.from.iter().any(|segment| segment.each);
        let mut indices = indices.iter().copied();
        rule.to
            .iter()
            .map(|segment| {
                let next = if segment.each { indices.next() } else { None };
                let index = next.or((segment.each && single).then_some(0));
                (segment.name.as_str(), index)
            })
            .collect()
    }

    fn put_unknown(
        &mut self,
        rule: &Rule,
        value: Option<&Json>,
        expression: &str,
        at: &str,
        indices: &[usize],
    ) {
        let mut target = Self::target(rule, indices);
        // A list of which nothing is known is unknown as a whole.
        let open = rule
            .to
            .iter()
            .zip(&target)
            .position(|(to, (_, index))| to.each && index.is_none());
        if let Some(open) = open {
            target.truncate(open + 1);
        }
        let to = pointer(&target);
        // Of many the double ones are taken out at the end.
        let few = self.body.unknowns.len() < 1_000;
        let mut unknowns = self.body.unknowns.iter();
        if few && unknowns.any(|unknown| unknown.pointer == to) {
            return;
        }
        let shown = match value {
            Some(Json::String(text)) => text.clone(),
            _ => format!("{{{expression}}}"),
        };
        let shown = if open.is_some() {
            json!([])
        } else {
            Json::String(shown)
        };
        self.body.put(&target, shown);
        self.body.unknown(&to, expression);
        self.body.position(&to, self.source.place(at));
    }

    fn put(&mut self, rule: &Rule, value: Option<&'d Json>, at: &str, indices: &[usize]) {
        let target = Self::target(rule, indices);
        let to = pointer(&target);
        let Some(value) = value else {
            if let Some(default) = rule.default() {
                let made = Self::changes(rule, default.clone());
                if let Some(made) = made {
                    self.body.put(&target, made);
                }
            }
            return;
        };
        if let Some(Change::Value(fixed)) = rule.changes.first() {
            if is_nothing(value) {
                return;
            }
            self.body.put(&target, fixed.clone());
            self.body.position(&to, self.source.place(at));
            return;
        }
        if !rule.keeps_shape() {
            if let Some(expression) = self.source.gap_below(at) {
                return self.put_unknown(rule, None, expression, at, indices);
            }
            if let Some(made) = Self::changes(rule, value.clone()) {
                self.body.put(&target, made);
                self.body.position(&to, self.source.place(at));
            }
            return;
        }
        let style = rule.changes.iter().find_map(|change| match change {
            Change::Camel => Some(Style::Camel),
            Change::Pascal => Some(Style::Pascal),
            _ => None,
        });
        let json = value
            .as_str()
            .filter(|_| rule.changes.contains(&Change::JsonText));
        let made = if let Some(text) = json {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        } else {
            let name = rule.from.last().map_or("", |segment| segment.name.as_str());
            self.restyle(value, name, style, at, &to)
        };
        self.body.put(&target, made);
        self.body.position(&to, self.source.place(at));
    }

    fn changes(rule: &Rule, value: Json) -> Option<Json> {
        rule.changes
            .iter()
            .filter(|change| !matches!(change, Change::Default(_) | Change::When(..)))
            .try_fold(value, changed)
    }

    /// The value with its members renamed; what is unknown of it is told under its new place.
    fn restyle(
        &mut self,
        value: &Json,
        name: &str,
        style: Option<Style>,
        at: &str,
        to: &str,
    ) -> Json {
        if let Some(expression) = self.source.gap(at) {
            self.body.unknown(to, expression);
            return value.clone();
        }
        match value {
            Json::Array(items) => {
                let single = style.is_some()
                    && items.len() == 1
                    && items.first().is_some_and(Json::is_object)
                    && !self.mapping.data.lists.iter().any(|list| list == name);
                if let (true, Some(only)) = (single, items.first()) {
                    return self.restyle(only, name, style, &format!("{at}/0"), to);
                }
                let each = items.iter().enumerate();
                let made = each.map(|(index, item)| {
                    self.restyle(
                        item,
                        name,
                        style,
                        &format!("{at}/{index}"),
                        &format!("{to}/{index}"),
                    )
                });
                Json::Array(made.collect())
            }
            Json::Object(members) => {
                let verbatim = self.mapping.maps.iter().any(|map| map == name);
                let mut made = Map::new();
                for (key, item) in members {
                    let own = match style.filter(|_| !verbatim) {
                        // Blocks that are not there, attributes that are not set.
                        Some(_) if is_nothing(item) => continue,
                        Some(style) => self.named(key, style),
                        None => key.clone(),
                    };
                    let (at, to) = (
                        format!("{at}/{}", escape_pointer(key)),
                        format!("{to}/{}", escape_pointer(&own)),
                    );
                    if style.is_some() {
                        self.body.position(&to, self.source.place(&at));
                    }
                    let style = style.filter(|_| !verbatim);
                    let item = self.restyle(item, key, style, &at, &to);
                    made.insert(own, item);
                }
                Json::Object(made)
            }
            value => value.clone(),
        }
    }

    fn named(&self, name: &str, style: Style) -> String {
        match self.mapping.names.get(name) {
            Some(known) => known.clone(),
            None => restyled(name, style == Style::Pascal),
        }
    }

    /// Attributes that no rule names, under the names that the style gives them.
    pub(super) fn the_rest(&mut self, style: Style) {
        let data = &self.mapping.data;
        let own = match self.mapping.cloud {
            Cloud::Aws => "region",
            Cloud::Azure | Cloud::Gcp => "zone",
        };
        let names: Vec<&String> =
            self.source
                .values
                .keys()
                .filter(|name| {
                    let ruled =
                        self.mapping.rules.iter().any(|rule| {
                            rule.from.first().is_some_and(|first| first.name == **name)
                        });
                    // The name of a REST resource is its full name, not the one that is asked for.
                    let left_out = (style == Style::Camel && name.as_str() == "name")
                        || data.omit.contains(name)
                        || COMMON.contains(&name.as_str())
                        || name.as_str() == own;
                    !ruled && !left_out
                })
                .collect();
        for name in names {
            let Some(value) = self
                .source
                .values
                .get(name)
                .filter(|value| !is_nothing(value))
            else {
                continue;
            };
            let own = self.named(name, style);
            let at = format!("/{}", escape_pointer(name));
            let to = format!("/properties/{}", escape_pointer(&own));
            let made = self.restyle(value, name, Some(style), &at, &to);
            self.body.put(&[("properties", None), (&own, None)], made);
            self.body.position(&to, self.source.place(&at));
        }
    }
}

fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}
