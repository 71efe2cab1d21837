//! `new_activity_metrics`: which of the ids first seen in one period are seen in later ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::RecordBatch;
use datafusion::common::Result;
use stance_base::ScalarType;

use super::events::Events;
use super::{Activity, Periods};
use crate::operators::{OperatorContext, RowSink};
use crate::value::{ColumnReader, Value};

/// Most periods that are compared with one another.
const MAX_COMPARED: usize = 4_096;

impl Activity {
    pub(super) fn cohorts(
        events: &Events,
        periods: &Periods,
        (only, earlier): (Option<i64>, &[RecordBatch]),
        context: &OperatorContext,
    ) -> Result<()> {
        let known = earlier_ids(earlier)?;
        let starts: Vec<i64> = periods.all().into_iter().take(MAX_COMPARED).collect();
        let none = HashSet::new();
        let mut sink = RowSink::new(context);
        for (_, events_of_group) in events.by_group() {
            let mut ids: BTreeMap<i64, HashSet<u32>> = BTreeMap::new();
            let mut first: HashMap<u32, i64> = HashMap::new();
            for event in events_of_group {
                let text = usize::try_from(event.id)
                    .ok()
                    .and_then(|id| events.ids.get(id));
                if periods.holds(event.time) && !text.is_some_and(|text| known.contains(text)) {
                    let start = periods.start(event.time);
                    ids.entry(start).or_default().insert(event.id);
                    first.entry(event.id).or_insert(start);
                }
            }
            for from in &starts {
                context.check()?;
                if only.is_some_and(|only| periods.start(only) != *from) {
                    continue;
                }
                let cohort: HashSet<u32> = first
                    .iter()
                    .filter(|(_, seen)| *seen == from)
                    .map(|(id, _)| *id)
                    .collect();
                if cohort.is_empty() {
                    continue;
                }
                for to in starts.iter().filter(|to| *to >= from) {
                    let now = ids.get(to).unwrap_or(&none);
                    let is_new = |id: &&u32| {
                        let seen = first.get(id).copied().unwrap_or(*to);
                        if to == from {
                            seen == *from
                        } else {
                            seen > *from
                        }
                    };
                    let new = now.iter().filter(is_new).count();
                    let retained = cohort.intersection(now).count();
                    let rate = retained as f64 / cohort.len() as f64;
                    let counts = [new, retained, cohort.len() - retained];
                    let mut row = vec![events.value(*from), events.value(*to)];
                    row.extend(counts.map(|n| Value::Long(i64::try_from(n).unwrap_or(i64::MAX))));
                    row.extend([Value::Real(rate), Value::Real(1.0 - rate)]);
                    sink.push(row)?;
                }
            }
        }
        sink.finish()
    }
}

/// The last column of the table of ids that were seen before the analysis.
fn earlier_ids(batches: &[RecordBatch]) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    for batch in batches {
        let Some(column) = batch.columns().last() else {
            continue;
        };
        let reader = ColumnReader::of_array(column, ScalarType::String)?;
        ids.extend((0..batch.num_rows()).map(|row| reader.get(row).as_text().into_owned()));
    }
    Ok(ids)
}
