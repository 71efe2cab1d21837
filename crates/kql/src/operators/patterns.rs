//! `basket`, `autocluster`, `diffpatterns`: combinations of values that many rows share.
//!
//! Combinations are found depth first over sets of rows (M. J. Zaki, "Scalable Algorithms for
//! Association Mining", IEEE TKDE 12(3), 2000). Of combinations that the same rows have only the
//! longest is kept. How Kusto ranks what it finds is not published; the measures here follow what
//! its pages say: <https://learn.microsoft.com/kusto/query/basket-plugin> and its neighbours.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::{OperatorContext, RowSink};
use crate::value::{ColumnReader, Value};

/// Most values, over all columns, that combinations are made of.
const MAX_ITEMS: usize = 512;
/// Most combinations that are kept.
const MAX_PATTERNS: usize = 10_000;
/// Most patterns that `autocluster` and `diffpatterns` give.
const MAX_SEGMENTS: usize = 20;

/// What is looked for. The input holds the columns of patterns, then the weight of the row where
/// there is one, then the side of the row (`A`, `B`) where rows are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Patterns {
    pub(crate) kind: PatternKind,
    /// Types of the columns.
    pub(crate) columns: Vec<ScalarType>,
    pub(crate) weighted: bool,
    /// Most columns of one pattern.
    pub(crate) most_columns: usize,
    /// For each column the text that stands where a pattern says nothing of it.
    pub(crate) wildcards: Vec<Option<String>>,
}

/// Which plugin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PatternKind {
    /// All patterns of at least this share of rows.
    Basket { threshold: f64 },
    /// A few patterns that weigh coverage (1) against detail (0).
    Cluster { size_weight: f64 },
    /// Patterns whose shares of the two sides differ by this much.
    Difference { threshold: f64 },
}

/// A set of rows: one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rows(Vec<u64>);

impl Rows {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    fn within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    fn each(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(position, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| position * 64 + bit)
        })
    }
}

/// A value of a column.
struct Item {
    column: usize,
    value: Value<'static>,
    rows: Rows,
}

/// The rows with their weights.
struct Table {
    items: Vec<Item>,
    weights: Vec<f64>,
    /// Rows of the first side, and of the second; all rows and none where nothing is compared.
    sides: (Rows, Rows),
}

/// Values that rows share.
#[derive(Clone)]
struct Pattern {
    items: Vec<usize>,
    rows: Rows,
    /// Weights of the rows of the two sides.
    counts: (f64, f64),
}

impl Table {
    fn weight(&self, rows: &Rows) -> f64 {
        rows.each().fold(0.0, |sum, row| {
            sum + self.weights.get(row).copied().unwrap_or(0.0)
        })
    }

    fn counts(&self, rows: &Rows) -> (f64, f64) {
        (
            self.weight(&rows.and(&self.sides.0)),
            self.weight(&rows.and(&self.sides.1)),
        )
    }
}

impl Patterns {
    pub(super) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let batches = inputs.first().map(Vec::as_slice).unwrap_or_default();
        let mut table = self.table(batches, context)?;
        let totals = (table.weight(&table.sides.0), table.weight(&table.sides.1));
        if totals.0 + totals.1 <= 0.0 {
            return Ok(());
        }
        let least = match self.kind {
            PatternKind::Basket { threshold } | PatternKind::Difference { threshold } => threshold,
            PatternKind::Cluster { .. } => 0.05,
        };
        let frequent = |counts: (f64, f64)| {
            let share = |count: f64, total: f64| if total > 0.0 { count / total } else { 0.0 };
            share(counts.0, totals.0) >= least || share(counts.1, totals.1) >= least
        };
        let mut items = std::mem::take(&mut table.items);
        items.retain(|item| frequent(table.counts(&item.rows)));
        items.sort_by(|a, b| table.weight(&b.rows).total_cmp(&table.weight(&a.rows)));
        items.truncate(MAX_ITEMS);
        table.items = items;
        let mut found = Vec::new();
        let everything = all_rows(table.weights.len());
        self.extend(
            &table,
            &frequent,
            (&[], &everything, 0),
            &mut found,
            context,
        )?;
        let chosen = match self.kind {
            PatternKind::Basket { .. } => longest_first(found),
            PatternKind::Cluster { size_weight } => {
                clusters(found, &table, (size_weight, self.columns.len()))
            }
            PatternKind::Difference { threshold } => differences(found, totals, threshold),
        };
        self.give(&chosen, &table, totals, context)
    }

    fn table(&self, batches: &[RecordBatch], context: &mut OperatorContext) -> Result<Table> {
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let mut weights = Vec::with_capacity(count);
        let mut sides = (Rows::none(count), Rows::none(count));
        let mut known: HashMap<(usize, String), usize> = HashMap::new();
        let mut items: Vec<Item> = Vec::new();
        for batch in batches {
            context.check()?;
            let columns = self.columns.iter().enumerate();
            let columns = columns
                .map(|(at, kind)| ColumnReader::of_array(batch.column(at), *kind))
                .collect::<Result<Vec<_>>>()?;
            let mut next = self.columns.len();
            let mut further = |kind: ScalarType| {
                let reader = ColumnReader::of_array(batch.column(next), kind);
                next += 1;
                reader
            };
            let weight = self
                .weighted
                .then(|| further(ScalarType::Real))
                .transpose()?;
            let compares = matches!(self.kind, PatternKind::Difference { .. });
            let side = compares.then(|| further(ScalarType::String)).transpose()?;
            for row in 0..batch.num_rows() {
                let at = weights.len();
                let own = weight
                    .as_ref()
                    .map_or(Some(1.0), |reader| reader.get(row).as_real());
                weights.push(own.unwrap_or(0.0).max(0.0));
                match side.as_ref().map(|reader| reader.get(row)) {
                    Some(Value::String(side)) if side == "B" => sides.1.insert(at),
                    Some(Value::String(side)) if side != "A" => {}
                    _ => sides.0.insert(at),
                }
                for (column, reader) in columns.iter().enumerate() {
                    let value = reader.get(row);
                    let text = value.to_json().to_string();
                    // An empty value would look like a wildcard.
                    if value.is_null() || value == Value::string("") {
                        continue;
                    }
                    let item = if let Some(item) = known.get(&(column, text.clone())) {
                        *item
                    } else {
                        // Each value has a bit for every row.
                        context.reserve(count / 8 + text.len())?;
                        known.insert((column, text), items.len());
                        items.push(Item {
                            column,
                            value: value.into_owned(),
                            rows: Rows::none(count),
                        });
                        items.len() - 1
                    };
                    if let Some(item) = items.get_mut(item) {
                        item.rows.insert(at);
                    }
                }
            }
        }
        Ok(Table {
            items,
            weights,
            sides,
        })
    }

    /// All patterns that begin with these items and go on with later ones.
    fn extend(
        &self,
        table: &Table,
        frequent: &impl Fn((f64, f64)) -> bool,
        (items, rows, from): (&[usize], &Rows, usize),
        found: &mut Vec<Pattern>,
        context: &OperatorContext,
    ) -> Result<()> {
        context.check()?;
        for next in from..table.items.len() {
            let Some(item) = table.items.get(next) else {
                break;
            };
            let column_taken = items.iter().any(|own| {
                table
                    .items
                    .get(*own)
                    .is_some_and(|own| own.column == item.column)
            });
            if column_taken || found.len() >= MAX_PATTERNS || items.len() >= self.most_columns {
                continue;
            }
            let shared = rows.and(&item.rows);
            let counts = table.counts(&shared);
            if !frequent(counts) {
                continue;
            }
            let mut longer = items.to_vec();
            longer.push(next);
            if is_longest(table, &longer, &shared, self.most_columns) {
                found.push(Pattern {
                    items: longer.clone(),
                    rows: shared.clone(),
                    counts,
                });
            }
            self.extend(
                table,
                frequent,
                (&longer, &shared, next + 1),
                found,
                context,
            )?;
        }
        Ok(())
    }

    fn give(
        &self,
        patterns: &[Pattern],
        table: &Table,
        totals: (f64, f64),
        context: &OperatorContext,
    ) -> Result<()> {
        let mut sink = RowSink::new(context);
        let percent = |count: f64, total: f64| {
            if total > 0.0 {
                100.0 * count / total
            } else {
                0.0
            }
        };
        for (segment, pattern) in patterns.iter().enumerate() {
            let mut row = vec![Value::Long(i64::try_from(segment).unwrap_or(i64::MAX))];
            let (a, b) = pattern.counts;
            if matches!(self.kind, PatternKind::Difference { .. }) {
                let (of_a, of_b) = (percent(a, totals.0), percent(b, totals.1));
                row.extend([a, b].map(|count| Value::Long(count.round() as i64)));
                row.extend([of_a, of_b, (of_a - of_b).abs()].map(Value::Real));
            } else {
                row.push(Value::Long(a.round() as i64));
                row.push(Value::Real(percent(a, totals.0)));
            }
            for column in 0..self.columns.len() {
                let mut own = pattern
                    .items
                    .iter()
                    .filter_map(|item| table.items.get(*item));
                row.push(match own.find(|item| item.column == column) {
                    Some(item) => item.value.clone(),
                    None => match self.wildcards.get(column).and_then(Option::as_ref) {
                        Some(text) => Value::string(text.clone()),
                        None => Value::Null,
                    },
                });
            }
            sink.push(row)?;
        }
        sink.finish()
    }
}

fn all_rows(count: usize) -> Rows {
    let mut rows = Rows::none(count);
    for row in 0..count {
        rows.insert(row);
    }
    rows
}

/// Whether no further value is shared by exactly these rows.
fn is_longest(table: &Table, items: &[usize], rows: &Rows, most: usize) -> bool {
    if items.len() >= most {
        return true;
    }
    let further = table
        .items
        .iter()
        .enumerate()
        .filter(|(at, _)| !items.contains(at));
    !further.into_iter().any(|(_, item)| rows.within(&item.rows))
}

fn longest_first(mut patterns: Vec<Pattern>) -> Vec<Pattern> {
    patterns.sort_by(|a, b| b.counts.0.total_cmp(&a.counts.0));
    patterns
}

/// The patterns of the greatest weighted mean of coverage and detail, each of which covers rows
/// that those before it do not.
fn clusters(
    mut patterns: Vec<Pattern>,
    table: &Table,
    (size_weight, columns): (f64, usize),
) -> Vec<Pattern> {
    let total: f64 = table.weights.iter().sum();
    let score = |pattern: &Pattern| {
        let coverage = pattern.counts.0 / total;
        let detail = pattern.items.len() as f64 / columns.max(1) as f64;
        coverage.powf(size_weight) * detail.powf(1.0 - size_weight)
    };
    patterns.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let mut chosen: Vec<Pattern> = Vec::new();
    for pattern in patterns {
        // One that mostly repeats another says little.
        let repeats = chosen.iter().any(|other| {
            let shared = table.weight(&pattern.rows.and(&other.rows));
            shared > 0.5 * pattern.counts.0.min(other.counts.0)
        });
        if !repeats && chosen.len() < MAX_SEGMENTS {
            chosen.push(pattern);
        }
    }
    longest_first(chosen)
}

/// The patterns whose shares of the two sides differ most; one that says more than another must
/// differ more.
fn differences(mut patterns: Vec<Pattern>, totals: (f64, f64), threshold: f64) -> Vec<Pattern> {
    let share = |count: f64, total: f64| if total > 0.0 { count / total } else { 0.0 };
    let difference = |pattern: &Pattern| {
        (share(pattern.counts.0, totals.0) - share(pattern.counts.1, totals.1)).abs()
    };
    patterns.retain(|pattern| difference(pattern) >= threshold);
    patterns.sort_by(|a, b| {
        let by_difference = difference(b).total_cmp(&difference(a));
        by_difference.then(a.items.len().cmp(&b.items.len()))
    });
    let mut chosen: Vec<Pattern> = Vec::new();
    for pattern in patterns {
        let repeats = chosen
            .iter()
            .any(|other| pattern.rows.within(&other.rows) || other.rows.within(&pattern.rows));
        if !repeats && chosen.len() < MAX_SEGMENTS {
            chosen.push(pattern);
        }
    }
    chosen
}
