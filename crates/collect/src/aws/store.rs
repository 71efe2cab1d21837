//! What the answers of one input say, put together before it is handed on.
//!
//! One resource is often told in several answers: a list, its details, its policy, its tags. Some name neither
//! account nor region, which another answer beside them does. So they wait here until the input is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use stance_model::{Coverage, CoverageStatus, Origin, SourceLocation, Unknown};

use crate::codes;
use crate::context::FileContext;
use crate::ledger::{Asked, Basis, Tally};
use crate::stream;

use super::answers::table;
use super::arn::last_segment;
use super::draft::Draft;
use super::place::{Hints, Place};
use super::secrets;
use super::types;

/// Answers that wait, at most; then they are handed on as they are.
const MOST: usize = 100_000;

/// One answer about one resource.
#[derive(Debug)]
struct Reading {
    draft: Draft,
    file: String,
    at: stream::Place,
    folder: String,
    account: Option<String>,
    region: Option<String>,
    standing: Standing,
}

/// How much an answer tells about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It only adds to a resource that another answer is about.
    Addition,
    /// A line of a list; the details are told elsewhere.
    Summary,
    /// Everything that its kind of answer tells.
    Details,
}

/// An answer that lists everything of a type in its place.
#[derive(Debug)]
struct Listed {
    what: String,
    file: String,
    folder: String,
    account: Option<String>,
    region: Option<String>,
    /// Told by the things in the list.
    place: Option<Place>,
    more: Option<String>,
    count: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Store {
    readings: Vec<Reading>,
    lists: Vec<Listed>,
    /// Places met in each folder.
    places: BTreeMap<String, BTreeSet<Place>>,
}

/// Placeholders of an id that is not complete.
pub(crate) const PARTITION: &str = "{partition}";
pub(crate) const REGION: &str = "{region}";
pub(crate) const ACCOUNT: &str = "{account}";

impl Store {
    pub(crate) fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.lists.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.readings.len() >= MOST
    }

    /// Remembers that a folder holds answers of a place.
    pub(crate) fn meet(&mut self, hints: &Hints, place: Place) {
        let met = self.places.entry(hints.folder.clone()).or_default();
        if met.len() < 64 {
            met.insert(place);
        }
    }

    /// Takes what an answer says about a resource.
    pub(crate) fn take(
        &mut self,
        hints: &Hints,
        file: &str,
        at: stream::Place,
        draft: Draft,
        standing: Standing,
    ) {
        if let Some(place) = Place::of_arn(&draft.id) {
            self.meet(hints, place);
        }
        self.readings.push(Reading {
            draft,
            file: file.to_owned(),
            at,
            folder: hints.folder.clone(),
            account: hints.account.clone(),
            region: hints.region.clone(),
            standing,
        });
    }

    /// Takes the fact that everything of a type was listed.
    pub(crate) fn list(
        &mut self,
        hints: &Hints,
        file: &str,
        what: &str,
        place: Option<Place>,
        more: Option<&str>,
        count: u64,
    ) {
        self.lists.push(Listed {
            what: what.to_owned(),
            file: file.to_owned(),
            folder: hints.folder.clone(),
            account: hints.account.clone(),
            region: hints.region.clone(),
            place,
            more: more.map(str::to_owned),
            count,
        });
    }

    /// The only place that the answers of a folder name.
    fn place_of(
        &self,
        folder: &str,
        account: Option<&str>,
        region: Option<&str>,
        regional: bool,
    ) -> Option<Place> {
        let met = self.places.get(folder);
        let met = || met.into_iter().flatten();
        let account = match account {
            Some(account) => account.to_owned(),
            None => one(met().map(|place| place.account.as_str()))?.to_owned(),
        };
        let region = match region {
            _ if !regional => String::new(),
            Some(region) => region.to_owned(),
            None => one(met()
                .map(|place| place.region.as_str())
                .filter(|region| !region.is_empty()))?
            .to_owned(),
        };
        let partition = one(met().map(|place| place.partition.as_str()));
        let partition = partition
            .unwrap_or_else(|| partition_of(&region))
            .to_owned();
        Some(Place {
            partition,
            account,
            region,
        })
    }
}

fn partition_of(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The only one of several equal texts.
fn one<'t>(mut texts: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}

/// The end of an input, or of what may wait: everything is handed on.
pub(crate) fn deliver(context: &mut FileContext<'_>) -> ControlFlow<()> {
    let mut store = std::mem::take(&mut context.input.aws);
    if store.is_empty() {
        return ControlFlow::Continue(());
    }
    let readings = std::mem::take(&mut store.readings);
    let mut unplaced = Unplaced::default();
    let mut merged: IndexMap<(String, String), Reading> = IndexMap::new();
    let mut additions = Vec::new();
    for mut reading in readings {
        let placed = settle(&store, &mut reading, &mut unplaced);
        let mut id = reading.draft.id.to_lowercase();
        if !placed {
            // Two of unknown accounts need not be the same.
            id.push_str(&reading.folder);
        }
        let key = (reading.draft.resource_type.clone(), id);
        match merged.get_mut(&key) {
            Some(earlier) => join(earlier, reading),
            None if reading.standing == Standing::Addition => additions.push((key, reading)),
            None => {
                merged.insert(key, reading);
            }
        }
    }
    for (key, addition) in additions {
        let known = match merged.get_mut(&key) {
            Some(earlier) => Some(earlier),
            // The path of a role is not known to every answer.
            None => namesake(&mut merged, &addition.draft),
        };
        match known {
            Some(earlier) => join(earlier, addition),
            // A tag alone is no resource; a policy or a setting shows that there is one.
            None if addition.draft.properties.is_empty() => {}
            None => {
                merged.insert(key, addition);
            }
        }
    }
    unplaced.report(context);
    let lists = std::mem::take(&mut store.lists);
    let covered = cover(context, &store, lists);
    let Some(tally) = send(context, merged, &covered) else {
        return ControlFlow::Break(());
    };
    let file = context.file.to_owned();
    tally.close(None, &file, &mut context.input.ledger);
    // What comes later in the same input may still need to know the places.
    context.input.aws.places = store.places;
    ControlFlow::Continue(())
}

/// The only resource of that type and name.
fn namesake<'m>(
    merged: &'m mut IndexMap<(String, String), Reading>,
    draft: &Draft,
) -> Option<&'m mut Reading> {
    let name = last_segment(&draft.id);
    let mut same = merged
        .values_mut()
        .filter(|reading| reading.draft.resource_type == draft.resource_type)
        .filter(|reading| last_segment(&reading.draft.id) == name);
    let first = same.next()?;
    same.next().is_none().then_some(first)
}

/// Answers whose account or region is not known.
#[derive(Debug, Default)]
struct Unplaced {
    count: u64,
    first: Option<(String, String)>,
}

impl Unplaced {
    fn report(self, context: &mut FileContext<'_>) {
        let Some((file, kind)) = self.first else {
            return;
        };
        let message = format!(
            "{} resources have no account or region in their id; the first is of `{kind}` in {file}",
            self.count
        );
        context.report(codes::AWS_UNPLACED, stream::Place::NONE, &message);
    }
}

/// Completes an id with what the path or the folder tells. `false`: neither does.
fn settle(store: &Store, reading: &mut Reading, unplaced: &mut Unplaced) -> bool {
    let id = &reading.draft.id;
    if ![PARTITION, REGION, ACCOUNT]
        .iter()
        .any(|hole| id.contains(hole))
    {
        return true;
    }
    let account = reading
        .draft
        .account
        .as_deref()
        .or(reading.account.as_deref());
    let region = reading
        .draft
        .region
        .as_deref()
        .or(reading.region.as_deref());
    let regional = id.contains(REGION);
    let place = store.place_of(&reading.folder, account, region, regional);
    if place.is_none() {
        unplaced.count += 1;
        unplaced
            .first
            .get_or_insert_with(|| (reading.file.clone(), reading.draft.resource_type.clone()));
    }
    let placed = place.is_some();
    let place = place.unwrap_or_else(|| Place {
        partition: partition_of(region.unwrap_or_default()).to_owned(),
        account: account.unwrap_or_default().to_owned(),
        region: region.unwrap_or_default().to_owned(),
    });
    let fill = |text: &str| {
        text.replace(PARTITION, &place.partition)
            .replace(REGION, &place.region)
            .replace(ACCOUNT, &place.account)
    };
    let filled = fill(id);
    reading.draft.parent = reading.draft.parent.take().map(|parent| fill(&parent));
    reading.draft.id = filled;
    placed
}

/// Two answers about one resource: what one leaves out the other may tell; the fuller one wins.
fn join(earlier: &mut Reading, later: Reading) {
    let fuller = |reading: &Reading| (reading.standing, reading.draft.properties.len());
    let mut other = later;
    if fuller(&other) > fuller(earlier) {
        std::mem::swap(earlier, &mut other);
    }
    if other.standing == Standing::Addition {
        // Inline policies are answered one at a time.
        for (key, value) in &mut other.draft.properties {
            if let (Value::Array(more), Some(Value::Array(items))) =
                (value, earlier.draft.properties.get_mut(key))
            {
                items.extend(
                    more.drain(..)
                        .filter(|item| !items.contains(item))
                        .collect::<Vec<_>>(),
                );
            }
        }
    }
    complete(&mut earlier.draft.properties, other.draft.properties);
    complete(&mut earlier.draft.tags, other.draft.tags);
    let draft = &mut earlier.draft;
    draft.account = draft.account.take().or(other.draft.account);
    draft.region = draft.region.take().or(other.draft.region);
    draft.parent = draft.parent.take().or(other.draft.parent);
}

fn complete(members: &mut Map<String, Value>, others: Map<String, Value>) {
    for (key, value) in others {
        members.entry(key).or_insert(value);
    }
}

fn send(
    context: &mut FileContext<'_>,
    merged: IndexMap<(String, String), Reading>,
    covered: &[(String, String)],
) -> Option<Tally> {
    let mut tally = Tally::new(Asked::Unknown);
    let mut heard = Tally::new(Asked::Unknown);
    for (_, mut reading) in merged {
        let mut properties = Value::Object(std::mem::take(&mut reading.draft.properties));
        context.run.redacted += secrets::redact_variables(&mut properties) as u64;
        if let Value::Object(properties) = properties {
            reading.draft.properties = properties;
        }
        let source = SourceLocation {
            file: std::mem::take(&mut reading.file),
            line: reading.at.line,
            column: reading.at.column,
        };
        let unknowns = unknowns(&mut reading);
        let mut resource = reading.draft.into_resource(Origin::Live, source);
        resource.unknowns = unknowns;
        let place = resource.place();
        let listed = covered.iter().any(|(scope, what)| {
            *what == resource.resource_type
                && place
                    .strip_prefix(scope.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        // The closest word on coverage counts, and the list has said more.
        let tally = if listed { &mut heard } else { &mut tally };
        if context.send_made(resource, tally).is_break() {
            return None;
        }
    }
    Some(tally)
}

/// What no answer told. Null marks what was asked for and is not set.
fn unknowns(reading: &mut Reading) -> Vec<Unknown> {
    let unknown = |pointer: String| Unknown {
        pointer,
        expression: "not in the answers that were read".to_owned(),
    };
    let properties = &mut reading.draft.properties;
    let mut unknowns = Vec::new();
    if reading.standing == Standing::Summary {
        unknowns.push(unknown("/properties".to_owned()));
    } else if let Some(rules) = table::rules(&reading.draft.resource_type) {
        for names in &rules.asked_apart {
            if !names.split('|').any(|name| properties.contains_key(name)) {
                let pointers = names.split('|').map(|name| format!("/properties/{name}"));
                unknowns.extend(pointers.map(unknown));
            }
        }
    }
    properties.retain(|_, value| !value.is_null());
    unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    unknowns
}

/// A list says that everything of its type was asked for in its place.
/// Gives scopes and types.
fn cover(
    context: &mut FileContext<'_>,
    store: &Store,
    lists: Vec<Listed>,
) -> Vec<(String, String)> {
    let mut covered = Vec::new();
    for list in lists {
        let regional = types::arn_pattern(&list.what).contains(REGION);
        let place = list.place.clone().or_else(|| {
            let (account, region) = (list.account.as_deref(), list.region.as_deref());
            store.place_of(&list.folder, account, region, regional)
        });
        let (scope, basis, status, reason) = match (place, &list.more) {
            (Some(place), None) => (place.scope(), Basis::Listed, CoverageStatus::Complete, ""),
            (Some(place), Some(more)) => (
                place.scope(),
                Basis::Paged,
                CoverageStatus::Partial,
                more.as_str(),
            ),
            (None, _) => (
                list.file.clone(),
                Basis::Seen,
                CoverageStatus::Partial,
                "the answer does not say of which account and region it is",
            ),
        };
        covered.push((scope.to_lowercase(), list.what.clone()));
        context.cover(
            basis,
            Coverage {
                scope,
                what: list.what,
                status,
                reason: reason.to_owned(),
                source: list.file,
                count: list.count,
            },
        );
    }
    covered
}
