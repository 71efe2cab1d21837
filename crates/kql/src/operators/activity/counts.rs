//! Counts of events and of the ids they have, period by period.

use std::collections::{BTreeMap, HashMap, HashSet};

use datafusion::common::Result;

use super::events::{Event, Events};
use super::{Activity, Periods};
use crate::operators::{OperatorContext, RowSink};
use crate::value::Value;

fn long(count: usize) -> Value<'static> {
    Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Ids of each period, of the events within the analysis.
fn ids_of_periods(events: &[&Event], periods: &Periods) -> BTreeMap<i64, HashSet<u32>> {
    let mut ids: BTreeMap<i64, HashSet<u32>> = BTreeMap::new();
    for event in events.iter().filter(|event| periods.holds(event.time)) {
        ids.entry(periods.start(event.time))
            .or_default()
            .insert(event.id);
    }
    ids
}

/// How many times each id is in a window that moves over time.
#[derive(Default)]
struct Window {
    counts: HashMap<u32, usize>,
    events: usize,
}

impl Window {
    fn add(&mut self, id: u32) {
        *self.counts.entry(id).or_default() += 1;
        self.events += 1;
    }

    fn remove(&mut self, id: u32) {
        if let Some(count) = self.counts.get_mut(&id) {
            *count -= 1;
            self.events -= 1;
            if *count == 0 {
                self.counts.remove(&id);
            }
        }
    }
}

impl Activity {
    /// Events, ids, ids not seen before, ids so far.
    pub(super) fn counts(
        events: &Events,
        periods: &Periods,
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        for (group, events_of_group) in events.by_group() {
            let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
            for event in events_of_group
                .iter()
                .filter(|event| periods.holds(event.time))
            {
                *counts.entry(periods.start(event.time)).or_default() += 1;
            }
            let mut seen: HashSet<u32> = HashSet::new();
            for (start, ids) in ids_of_periods(&events_of_group, periods) {
                let before = seen.len();
                seen.extend(&ids);
                let mut row = events.heading(start, group);
                row.push(long(counts.get(&start).copied().unwrap_or(0)));
                row.extend([ids.len(), seen.len() - before, seen.len()].map(long));
                sink.push(row)?;
            }
        }
        sink.finish()
    }

    /// Ids, ids that were not in the period before, and which share of those came back.
    pub(super) fn metrics(
        events: &Events,
        periods: &Periods,
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        let none = HashSet::new();
        for (group, events_of_group) in events.by_group() {
            let ids = ids_of_periods(&events_of_group, periods);
            let mut before: Option<(i64, &HashSet<u32>)> = None;
            for (start, now) in &ids {
                let previous = before
                    .filter(|(earlier, _)| periods.next(*earlier) == *start)
                    .map_or(&none, |(_, ids)| ids);
                let returned = now.intersection(previous).count();
                let retention = returned as f64 / previous.len() as f64;
                let mut row = events.heading(*start, group);
                row.extend([now.len(), now.len() - returned].map(long));
                row.extend([Value::Real(retention), Value::Real(1.0 - retention)]);
                sink.push(row)?;
                before = Some((*start, now));
            }
        }
        sink.finish()
    }

    /// Ids of each period, ids of the longer window that ends with it, and their ratio.
    pub(super) fn engagement(
        events: &Events,
        periods: &Periods,
        outer: i64,
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        for (group, events_of_group) in events.by_group() {
            let mut window = Window::default();
            let (mut entered, mut left) = (0, 0);
            for (start, ids) in ids_of_periods(&events_of_group, periods) {
                context.check()?;
                let end = periods.next(start);
                while let Some(event) = events_of_group.get(entered).filter(|e| e.time < end) {
                    window.add(event.id);
                    entered += 1;
                }
                while let Some(event) = events_of_group
                    .get(left)
                    .filter(|event| left < entered && event.time < end.saturating_sub(outer))
                {
                    window.remove(event.id);
                    left += 1;
                }
                let wide = window.counts.len();
                let mut row = events.heading(start, group);
                row.extend([ids.len(), wide].map(long));
                row.push(Value::Real(ids.len() as f64 / wide as f64));
                sink.push(row)?;
            }
        }
        sink.finish()
    }

    /// Ids that are active: seen in enough periods within the time before one of their events.
    pub(super) fn active_users(
        events: &Events,
        periods: &Periods,
        (lookback, period, least): (i64, i64, i64),
        context: &OperatorContext,
    ) -> Result<()> {
        let short = Periods {
            period: super::Period::Width(period),
            ..*periods
        };
        let mut sink = RowSink::new(context);
        for (group, events_of_group) in events.by_group() {
            context.check()?;
            let mut times: HashMap<u32, Vec<i64>> = HashMap::new();
            for event in &events_of_group {
                times.entry(event.id).or_default().push(event.time);
            }
            let mut active: BTreeMap<i64, HashSet<u32>> = BTreeMap::new();
            for (id, times) in &times {
                let mut first = 0;
                // Periods of the window with the number of events in each.
                let mut seen: BTreeMap<i64, usize> = BTreeMap::new();
                for time in times {
                    *seen.entry(short.start(*time)).or_default() += 1;
                    while let Some(old) = times.get(first).filter(|old| **old <= time - lookback) {
                        let start = short.start(*old);
                        if let Some(count) = seen.get_mut(&start) {
                            *count -= 1;
                            if *count == 0 {
                                seen.remove(&start);
                            }
                        }
                        first += 1;
                    }
                    let enough = i64::try_from(seen.len()).unwrap_or(i64::MAX) >= least;
                    if enough && periods.holds(*time) {
                        active.entry(periods.start(*time)).or_default().insert(*id);
                    }
                }
            }
            for (start, ids) in active {
                let mut row = events.heading(start, group);
                row.push(long(ids.len()));
                sink.push(row)?;
            }
        }
        sink.finish()
    }

    /// Events and ids of a window that ends with each period.
    pub(super) fn sliding_counts(
        events: &Events,
        periods: &Periods,
        lookback: i64,
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        for (group, events_of_group) in events.by_group() {
            let mut window = Window::default();
            let (mut entered, mut left) = (0, 0);
            for start in periods.all() {
                context.check()?;
                let of = |position: usize| events_of_group.get(position);
                while let Some(event) = of(entered).filter(|e| periods.start(e.time) <= start) {
                    window.add(event.id);
                    entered += 1;
                }
                let oldest = start.saturating_sub(lookback);
                while let Some(event) =
                    of(left).filter(|e| left < entered && periods.start(e.time) <= oldest)
                {
                    window.remove(event.id);
                    left += 1;
                }
                if window.events > 0 {
                    let mut row = events.heading(start, group);
                    row.extend([window.events, window.counts.len()].map(long));
                    sink.push(row)?;
                }
            }
        }
        sink.finish()
    }

    /// Sessions that start in each period: events of an id not seen within the time before.
    pub(super) fn sessions(
        events: &Events,
        periods: &Periods,
        lookback: i64,
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        for (group, events_of_group) in events.by_group() {
            context.check()?;
            let mut last: HashMap<u32, i64> = HashMap::new();
            let mut started: BTreeMap<i64, usize> = BTreeMap::new();
            for event in events_of_group {
                let before = last.insert(event.id, event.time);
                let goes_on = before.is_some_and(|before| event.time - before <= lookback);
                if periods.holds(event.time) {
                    *started.entry(periods.start(event.time)).or_default() += usize::from(!goes_on);
                }
            }
            for (start, count) in started {
                let mut row = events.heading(start, group);
                row.push(long(count));
                sink.push(row)?;
            }
        }
        sink.finish()
    }
}
