//! Sequences of states or conditions that ids go through.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use datafusion::common::{Result, exec_err};
use serde_json::Value as Json;

use super::events::{Event, Events};
use super::{Activity, Periods};
use crate::operators::{OperatorContext, RowSink};
use crate::value::Value;

/// Most ids that are named as samples, as in Kusto.
const MAX_SAMPLES: usize = 128;
/// Most sequences that are found.
const MAX_FOUND: usize = 1_000_000;

fn state(event: &Event) -> String {
    event
        .own
        .first()
        .map_or_else(String::new, |state| state.as_text().into_owned())
}

/// The events of each id within the analysis, in the order of time.
fn by_id<'e>(events: &'e Events, periods: &Periods) -> BTreeMap<u32, Vec<&'e Event>> {
    let mut ids: BTreeMap<u32, Vec<&Event>> = BTreeMap::new();
    for event in events.all.iter().filter(|event| periods.holds(event.time)) {
        ids.entry(event.id).or_default().push(event);
    }
    ids
}

impl Activity {
    /// What ids did before and after a sequence of states.
    pub(super) fn funnel(
        events: &Events,
        periods: &Periods,
        (step, sequence): (i64, &[String]),
        context: &OperatorContext,
    ) -> Result<()> {
        let mut found: BTreeMap<(i64, String, String), BTreeSet<u32>> = BTreeMap::new();
        for (id, events_of_id) in by_id(events, periods) {
            context.check()?;
            // A state that is met several times in a row counts once.
            let mut path: Vec<(i64, String)> = Vec::new();
            for event in events_of_id {
                let state = state(event);
                if path.last().is_none_or(|(_, last)| *last != state) {
                    path.push((event.time, state));
                }
            }
            for start in 0..path.len() {
                let Some(part) = path.get(start..start + sequence.len()) else {
                    break;
                };
                let same = part
                    .iter()
                    .zip(sequence)
                    .all(|((_, own), wanted)| own == wanted);
                let close = part.windows(2).all(|pair| pair[1].0 - pair[0].0 <= step);
                if !same || !close || part.is_empty() {
                    continue;
                }
                let at = |position: Option<usize>| {
                    let neighbour = position.and_then(|position| path.get(position));
                    neighbour.map_or_else(String::new, |(_, state)| state.clone())
                };
                let key = (
                    periods.start(part[0].0),
                    at(start.checked_sub(1)),
                    at(Some(start + sequence.len())),
                );
                found.entry(key).or_default().insert(id);
            }
        }
        let mut sink = RowSink::new(context);
        for ((start, before, after), ids) in found {
            let samples = ids.iter().take(MAX_SAMPLES).filter_map(|id| {
                let text = usize::try_from(*id)
                    .ok()
                    .and_then(|id| events.ids.get(id))?;
                Some(
                    text.parse::<i64>()
                        .map_or_else(|_| Json::from(text.as_str()), Json::from),
                )
            });
            let samples = Json::Array(samples.collect());
            sink.push([
                events.value(start),
                Value::string(before),
                Value::string(after),
                Value::Long(i64::try_from(ids.len()).unwrap_or(i64::MAX)),
                Value::json(&samples),
            ])?;
        }
        sink.finish()
    }

    /// How many ids come how far in a sequence of states, within each span of time.
    pub(super) fn completion(
        &self,
        events: &Events,
        periods: &Periods,
        (sequence, spans): (&[String], &[i64]),
        context: &OperatorContext,
    ) -> Result<()> {
        let ids = by_id(events, periods);
        let mut sink = RowSink::new(context);
        for span in spans {
            // Ids that reached a step, by the period in which they began.
            let mut reached: BTreeMap<(i64, usize), BTreeSet<u32>> = BTreeMap::new();
            for (id, events_of_id) in &ids {
                context.check()?;
                let path: Vec<(i64, String)> = events_of_id
                    .iter()
                    .map(|event| (event.time, state(event)))
                    .collect();
                for (position, (began, own)) in path.iter().enumerate() {
                    if sequence.first() != Some(own) {
                        continue;
                    }
                    let start = periods.start(*began);
                    reached.entry((start, 0)).or_default().insert(*id);
                    let mut step = 1;
                    for (time, state) in path.get(position + 1..).unwrap_or_default() {
                        if time - began > *span || step >= sequence.len() {
                            break;
                        }
                        if sequence.get(step) == Some(state) {
                            reached.entry((start, step)).or_default().insert(*id);
                            step += 1;
                        }
                    }
                }
            }
            let mut starts: Vec<i64> = reached.keys().map(|(start, _)| *start).collect();
            starts.dedup();
            for start in starts {
                for (step, state) in sequence.iter().enumerate() {
                    let count = reached.get(&(start, step)).map_or(0, BTreeSet::len);
                    sink.push([
                        events.value(start),
                        Value::string(state.as_str()),
                        // Spans are in the unit of the time; periods are shown as timespans.
                        self.span_value(*span),
                        Value::Long(i64::try_from(count).unwrap_or(i64::MAX)),
                    ])?;
                }
            }
        }
        sink.finish()
    }

    fn span_value(&self, span: i64) -> Value<'static> {
        match self.timeline {
            stance_base::ScalarType::DateTime => Value::TimeSpan(span.saturating_mul(10)),
            _ => Value::TimeSpan(span),
        }
    }

    /// Events that meet one condition after the other.
    pub(super) fn detect(
        &self,
        events: &Events,
        (steps, step_span, span): (usize, i64, i64),
        context: &OperatorContext,
    ) -> Result<()> {
        let mut found: BTreeSet<(u32, Vec<i64>)> = BTreeSet::new();
        for (group, events_of_group) in events.by_group() {
            // Moments at which each condition holds.
            let mut moments: HashMap<usize, Vec<i64>> = HashMap::new();
            for event in events_of_group {
                for (step, flag) in event.own.iter().enumerate() {
                    if flag.as_text() == "true" {
                        moments.entry(step).or_default().push(event.time);
                    }
                }
            }
            let mut open: Vec<Vec<i64>> = Vec::new();
            for time in moments.get(&0).into_iter().flatten() {
                open.push(vec![*time]);
            }
            open.dedup();
            for step in 1..steps {
                context.check()?;
                let mut longer = Vec::new();
                for path in open {
                    let (Some(first), Some(last)) = (path.first(), path.last()) else {
                        continue;
                    };
                    let latest = last
                        .saturating_add(step_span)
                        .min(first.saturating_add(span));
                    for time in moments.get(&step).into_iter().flatten() {
                        if time > last && *time <= latest {
                            let mut next = path.clone();
                            next.push(*time);
                            longer.push(next);
                        }
                    }
                    if longer.len() > MAX_FOUND {
                        return exec_err!(
                            "`sequence_detect` finds too many sequences; narrow its windows"
                        );
                    }
                }
                longer.sort();
                longer.dedup();
                open = longer;
            }
            found.extend(open.into_iter().map(|path| (group, path)));
        }
        let mut sink = RowSink::new(context);
        for (group, path) in found {
            let (Some(first), Some(last)) = (path.first(), path.last()) else {
                continue;
            };
            let mut row: Vec<Value<'static>> = events.heading(0, group).split_off(1);
            row.extend(path.iter().map(|time| events.value(*time)));
            row.push(self.span_value(last - first));
            sink.push(row)?;
        }
        sink.finish()
    }
}
