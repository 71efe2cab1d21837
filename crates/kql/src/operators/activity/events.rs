//! Events read from rows.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use datafusion::common::Result;
use stance_base::ScalarType;

use crate::operators::OperatorContext;
use crate::value::{ColumnReader, Value};

/// One event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) time: i64,
    /// Number of the id, see [`Events::ids`].
    pub(super) id: u32,
    /// Number of the dimensions, see [`Events::groups`].
    pub(super) group: u32,
    /// The columns between time and dimensions.
    pub(super) own: Vec<Value<'static>>,
}

/// All events, in the order of time.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) all: Vec<Event>,
    pub(super) ids: Vec<String>,
    pub(super) groups: Vec<Vec<Value<'static>>>,
    pub(super) timeline: ScalarType,
}

/// A number for each text that is met.
#[derive(Default)]
pub(super) struct Numbers {
    known: HashMap<String, u32>,
    pub(super) texts: Vec<String>,
}

impl Numbers {
    pub(super) fn of(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.known.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }
}

pub(super) fn moment(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::DateTime(number) | Value::TimeSpan(number) | Value::Long(number) => Some(*number),
        _ => None,
    }
}

impl Events {
    pub(super) fn read(
        batches: &[RecordBatch],
        own_columns: usize,
        (timeline, dimensions): (ScalarType, &[ScalarType]),
        context: &mut OperatorContext,
    ) -> Result<Self> {
        let mut ids = Numbers::default();
        let mut groups: HashMap<String, u32> = HashMap::new();
        let mut values: Vec<Vec<Value<'static>>> = Vec::new();
        let mut all = Vec::new();
        for batch in batches {
            context.check()?;
            context.reserve(batch.num_rows() * size_of::<Event>())?;
            let reader = |column: usize, scalar_type: ScalarType| {
                ColumnReader::of_array(batch.column(column), scalar_type)
            };
            let id = reader(0, ScalarType::String)?;
            let time = reader(1, timeline)?;
            let own = (2..2 + own_columns)
                .map(|column| reader(column, ScalarType::String))
                .collect::<Result<Vec<_>>>()?;
            let shown = dimensions
                .iter()
                .enumerate()
                .map(|(position, kind)| reader(2 + own_columns + position, *kind))
                .collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let Some(time) = moment(&time.get(row)) else {
                    continue;
                };
                let group: Vec<Value<'_>> = shown.iter().map(|reader| reader.get(row)).collect();
                let key: Vec<String> = group
                    .iter()
                    .map(|value| value.to_json().to_string())
                    .collect();
                let key = key.join("\u{1}");
                let next = u32::try_from(values.len()).unwrap_or(u32::MAX);
                let group = *groups.entry(key).or_insert_with(|| {
                    values.push(group.into_iter().map(Value::into_owned).collect());
                    next
                });
                all.push(Event {
                    time,
                    id: ids.of(&id.get(row).as_text()),
                    group,
                    own: own
                        .iter()
                        .map(|reader| reader.get(row).into_owned())
                        .collect(),
                });
            }
        }
        all.sort_by_key(|event| event.time);
        Ok(Self {
            all,
            ids: ids.texts,
            groups: values,
            timeline,
        })
    }

    /// The first and the last moment.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        Some((self.all.first()?.time, self.all.last()?.time))
    }

    /// A moment as a value of the timeline.
    pub(super) fn value(&self, time: i64) -> Value<'static> {
        match self.timeline {
            ScalarType::DateTime => Value::DateTime(time),
            ScalarType::TimeSpan => Value::TimeSpan(time),
            _ => Value::Long(time),
        }
    }

    /// The moment with the values of the dimensions: how each result row starts.
    pub(super) fn heading(&self, time: i64, group: u32) -> Vec<Value<'static>> {
        let mut row = vec![self.value(time)];
        let dimensions = usize::try_from(group)
            .ok()
            .and_then(|group| self.groups.get(group));
        row.extend(dimensions.into_iter().flatten().cloned());
        row
    }

    /// Events by dimensions, each list in the order of time.
    pub(super) fn by_group(&self) -> BTreeMap<u32, Vec<&Event>> {
        let mut groups: BTreeMap<u32, Vec<&Event>> = BTreeMap::new();
        for event in &self.all {
            groups.entry(event.group).or_default().push(event);
        }
        groups
    }
}
