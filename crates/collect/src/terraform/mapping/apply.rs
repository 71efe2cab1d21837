//! One declared resource to the resource of its cloud.

use serde_json::{Map, Value as Json, json};
use stance_model::{Cloud, Origin, Resource, SourceLocation, Unknown};
use std::fmt::Write as _;

use super::body::{Body, Source, pointer};
use super::identity::Filler;
use super::rules::{Change, Rule, Segment};
use super::values::{changed, flag, restyled};
use super::{Style, TypeMapping, azapi, google_iam, mappings};
use crate::json::escape_pointer;
use crate::stream::Place;
use crate::terraform::evaluate::Surroundings;
use crate::terraform::value::Gap;

/// A resource as source, plan and state tell it: blocks are lists of objects.
#[derive(Debug, Clone)]
pub(in crate::terraform) struct Declared {
    pub(in crate::terraform) address: String,
    pub(in crate::terraform) kind: String,
    pub(in crate::terraform) values: Map<String, Json>,
    pub(in crate::terraform) gaps: Vec<Gap>,
    pub(in crate::terraform) positions: Vec<(String, Place)>,
    pub(in crate::terraform) file: String,
    pub(in crate::terraform) place: Place,
    /// Why it may not exist.
    pub(in crate::terraform) doubt: Option<String>,
    pub(in crate::terraform) origin: Origin,
}

/// What became of it.
#[derive(Debug)]
pub(in crate::terraform) enum Mapped {
    Resource(Box<Resource>),
    /// It only adds to another resource.
    Part {
        target: String,
        part: Body,
        file: String,
        place: Place,
        doubt: Option<String>,
    },
    /// The type is not mapped.
    Not,
}

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

pub(in crate::terraform) fn map(declared: &Declared, around: &Surroundings) -> Mapped {
    let filler = Filler {
        address: &declared.address,
        values: &declared.values,
        gaps: &declared.gaps,
        around,
        mapping: mappings().get(&declared.kind),
    };
    if azapi::TYPES.contains(&declared.kind.as_str()) {
        return azapi::map(declared, &filler);
    }
    if let Some(found) = google_iam::map(declared, &filler) {
        return found;
    }
    let Some(mapping) = filler.mapping else {
        return Mapped::Not;
    };
    let source = Source::new(&declared.values, &declared.gaps, &declared.positions);
    let mut body = Body::default();
    let mut applier = Applier {
        mapping,
        source: &source,
        body: &mut body,
    };
    for rule in &mapping.rules {
        applier.rule(rule);
    }
    if let Some(style) = mapping.data.style {
        applier.the_rest(style);
    }
    for (path, value) in &mapping.data.defaults {
        set_default(&mut body, path, value);
    }
    if let Some(target) = &mapping.data.merge {
        return match filler.fill(target, true) {
            Some(target) => Mapped::Part {
                target,
                part: body,
                file: declared.file.clone(),
                place: declared.place,
                doubt: declared.doubt.clone(),
            },
            None => Mapped::Not,
        };
    }
    let Some(id) = super::id_of(
        &declared.kind,
        &declared.address,
        &declared.values,
        &declared.gaps,
        around,
    ) else {
        return Mapped::Not;
    };
    let names = if mapping.data.name.is_empty() {
        vec!["{name}".to_owned(), "{address}".to_owned()]
    } else {
        mapping.data.name.clone()
    };
    let name = filler.first(&names).unwrap_or_default();
    let frame = Frame {
        id,
        name,
        native: mapping.data.native.clone(),
        cloud: mapping.cloud,
        parent: mapping
            .data
            .parent
            .as_ref()
            .and_then(|parent| filler.fill(parent, false)),
    };
    Mapped::Resource(Box::new(finished(declared, &source, &filler, body, frame)))
}

fn set_default(body: &mut Body, path: &str, value: &Json) {
    let Ok(segments) = super::rules::segments(path) else {
        return;
    };
    let named: Vec<(&str, Option<usize>)> = segments
        .iter()
        .map(|segment| (segment.name.as_str(), None))
        .collect();
    let at = pointer(&named);
    let unknown = body.unknowns.iter().any(|unknown| {
        at.strip_prefix(unknown.pointer.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if !unknown && body.at(&segments).is_none() {
        body.put(&named, value.clone());
    }
}

/// What stands around the properties.
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) native: String,
    pub(super) cloud: Cloud,
    pub(super) parent: Option<String>,
}

/// A body with its frame, as a resource.
pub(super) fn finished(
    declared: &Declared,
    source: &Source<'_>,
    filler: &Filler<'_>,
    mut body: Body,
    frame: Frame,
) -> Resource {
    let mut whole = Map::new();
    whole.insert("id".to_owned(), Json::from(frame.id.as_str()));
    whole.insert("name".to_owned(), Json::from(frame.name));
    whole.insert("type".to_owned(), Json::from(frame.native));
    if let Some(parent) = frame.parent {
        whole.insert("parentId".to_owned(), Json::from(parent));
    }
    for (attribute, field) in [
        ("tags", "tags"),
        ("effective_labels", "tags"),
        ("labels", "tags"),
        ("location", "location"),
    ] {
        let Some(value) = declared.values.get(attribute) else {
            continue;
        };
        if value.is_null() || whole.contains_key(field) || !is_common(attribute, frame.cloud) {
            continue;
        }
        copy(
            source,
            &mut body,
            &format!("/{attribute}"),
            &format!("/{field}"),
        );
        whole.insert(field.to_owned(), value.clone());
    }
    place_of(&mut whole, filler, frame.cloud, &frame.id);
    for (key, value) in std::mem::take(&mut body.value) {
        whole.insert(key, value);
    }
    whole
        .entry("properties")
        .or_insert_with(|| Json::Object(Map::new()));
    if let Some(expression) = source.gap("/name") {
        body.unknown("/name", expression);
    }
    if let Some(doubt) = &declared.doubt {
        body.unknown("", doubt);
    }
    let mut resource = Resource::new(
        frame.cloud,
        declared.origin,
        SourceLocation {
            file: declared.file.clone(),
            line: declared.place.line,
            column: declared.place.column,
        },
        whole,
    );
    resource.unknowns = body.unknowns;
    resource.positions = body.positions;
    resource
}

fn is_common(attribute: &str, cloud: Cloud) -> bool {
    match cloud {
        Cloud::Azure => matches!(attribute, "tags" | "location"),
        Cloud::Aws => attribute == "tags",
        Cloud::Gcp => matches!(attribute, "labels" | "effective_labels"),
    }
}

/// Location and container.
fn place_of(whole: &mut Map<String, Json>, filler: &Filler<'_>, cloud: Cloud, id: &str) {
    match cloud {
        Cloud::Azure => {
            if let Some(Json::String(text)) = whole.get_mut("location") {
                // `East US` and `eastus` are one place.
                if !text.contains('{') {
                    *text = text.replace(' ', "").to_lowercase();
                }
            }
            let id = stance_model::ResourceId::new(id);
            if let Some(group) = id.resource_group() {
                whole.insert("resourceGroup".to_owned(), Json::from(group));
            }
            if let Some(subscription) = id.subscription_id() {
                whole.insert("subscriptionId".to_owned(), Json::from(subscription));
            }
        }
        Cloud::Aws => {
            let mut parts = id.split(':');
            let (region, account) = (parts.nth(3), parts.next());
            let region = region.filter(|text| !text.is_empty());
            let global = region.is_none() && !id.starts_with("arn:aws:s3:");
            let region = match region {
                Some(region) => region.to_owned(),
                None if global => "global".to_owned(),
                None => filler.region(),
            };
            whole.insert("location".to_owned(), Json::from(region));
            let account = account.filter(|text| !text.is_empty());
            let account = account.map_or_else(|| "000000000000".to_owned(), str::to_owned);
            whole.insert("subscriptionId".to_owned(), Json::from(account));
        }
        Cloud::Gcp => {
            whole.insert("location".to_owned(), Json::from(filler.region()));
            let project = id
                .split_once("/projects/")
                .and_then(|(_, rest)| rest.split('/').next())
                .map_or_else(|| filler.project(), str::to_owned);
            whole.insert("subscriptionId".to_owned(), Json::from(project));
        }
    }
}

/// Tells where a value and what is unknown of it stand, once it is copied whole.
pub(super) fn copy(source: &Source<'_>, body: &mut Body, from: &str, to: &str) {
    if let Some(expression) = source.gap(from) {
        body.unknown(to, expression);
    } else if let Some(value) = at(source.values, from) {
        copy_gaps(source, body, value, from, to);
    }
    body.position(to, source.place(from));
}

fn copy_gaps(source: &Source<'_>, body: &mut Body, value: &Json, from: &str, to: &str) {
    let mut each = |key: &str, value: &Json| {
        let (from, to) = (format!("{from}/{key}"), format!("{to}/{key}"));
        match source.gap(&from) {
            Some(expression) => body.unknown(&to, expression),
            None => copy_gaps(source, body, value, &from, &to),
        }
    };
    match value {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| each(&index.to_string(), item)),
        Json::Object(members) => members
            .iter()
            .for_each(|(key, item)| each(&escape_pointer(key), item)),
        _ => {}
    }
}

fn at<'v>(values: &'v Map<String, Json>, pointer: &str) -> Option<&'v Json> {
    let (first, rest) = match pointer.get(1..)?.split_once('/') {
        Some((first, rest)) => (first, format!("/{rest}")),
        None => (&pointer[1..], String::new()),
    };
    values.get(first)?.pointer(&rest)
}

struct Applier<'a, 'd> {
    mapping: &'static TypeMapping,
    source: &'a Source<'d>,
    body: &'a mut Body,
}

impl<'d> Applier<'_, 'd> {
    fn rule(&mut self, rule: &Rule) {
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
        if self
            .body
            .unknowns
            .iter()
            .any(|unknown| unknown.pointer == to)
        {
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
    fn the_rest(&mut self, style: Style) {
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

/// Adds a part to the resource it belongs to. Lists are put one behind the other.
pub(in crate::terraform) fn add(
    resource: &mut Resource,
    part: Body,
    file: &str,
    place: Place,
    doubt: Option<&str>,
) {
    if let Some(doubt) = doubt {
        // Whether the part is there is not known: what it would write is not known either.
        let mut leaves = Vec::new();
        part.value.iter().for_each(|(key, value)| {
            leaf_pointers(value, &format!("/{}", escape_pointer(key)), &mut leaves);
        });
        resource
            .unknowns
            .extend(leaves.into_iter().map(|pointer| Unknown {
                pointer,
                expression: doubt.to_owned(),
            }));
        return;
    }
    let same_file = resource.source.file == file && place.line > 0;
    for mut unknown in part.unknowns {
        unknown.pointer = moved(&resource.body, &unknown.pointer);
        resource.unknowns.push(unknown);
    }
    for mut position in part.positions.into_iter().filter(|_| same_file) {
        position.pointer = moved(&resource.body, &position.pointer);
        resource.positions.push(position);
    }
    super::body::merge(&mut resource.body, Json::Object(part.value));
}

/// Where a pointer leads once the part stands behind the list that is there already.
fn moved(body: &Json, pointer: &str) -> String {
    let mut at = Some(body);
    let mut out = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = match at {
            Some(Json::Array(items)) => {
                let own: usize = segment.parse().unwrap_or_default();
                at = None;
                (items.len() + own).to_string()
            }
            found => {
                at = found.and_then(|found| found.get(segment));
                segment.to_owned()
            }
        };
        out.push('/');
        out.push_str(&segment);
    }
    out
}

/// Pointers to what a part writes; a list counts as one.
fn leaf_pointers(value: &Json, pointer: &str, out: &mut Vec<String>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                leaf_pointers(value, &format!("{pointer}/{}", escape_pointer(key)), out);
            }
        }
        _ => out.push(pointer.to_owned()),
    }
}
