//! Which rows of a batch differ in the arguments of a function.
//!
//! Columns of logs repeat their values. Texts that Parquet keeps in a dictionary arrive as equal views into one
//! buffer, so that equal values are found without reading the texts. Views that differ may still hold equal texts:
//! then the value is computed twice, which costs time only.

use crate::value::ColumnReader;

/// Fewer rows are not worth the search.
const LEAST_ROWS: usize = 128;
/// Rows after which the search is given up where most values differ.
const SAMPLE: usize = 1_024;
/// Most different values among the rows of the sample.
const MOST_IN_SAMPLE: usize = 640;
const EMPTY: u32 = u32::MAX;

/// One row for each different list of arguments.
#[derive(Debug)]
pub(crate) struct Distinct {
    /// The first row of each list.
    pub(crate) rows: Vec<usize>,
    /// For every row of the batch the position in `rows` of the one that stands for it.
    pub(crate) slots: Vec<u32>,
}

/// A value of each varying column; of nulls there is none.
type Key<const COLUMNS: usize> = [Option<u128>; COLUMNS];

/// Spreads the bits; any function serves, a bad one only costs time.
fn hash<const COLUMNS: usize>(key: &Key<COLUMNS>) -> u64 {
    let mut hash = 0;
    for value in key {
        let bits = value.unwrap_or(u128::MAX);
        let halves = bits as u64 ^ ((bits >> 64) as u64).rotate_left(32);
        hash = (hash ^ halves).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 32;
    }
    hash
}

/// The different rows, or nothing where there are too many of them. Datetimes within one `steady_time` (microseconds)
/// count as equal.
pub(crate) fn distinct_rows(
    readers: &[ColumnReader],
    steady_time: i64,
    rows: usize,
) -> Option<Distinct> {
    let varying: Vec<&ColumnReader> = readers
        .iter()
        .filter(|reader| !reader.is_constant())
        .collect();
    if rows < LEAST_ROWS {
        return None;
    }
    match varying.as_slice() {
        [one] => search(rows, |row| [one.bits(row, steady_time)]),
        [one, two] => search(rows, |row| {
            [one.bits(row, steady_time), two.bits(row, steady_time)]
        }),
        _ => None,
    }
}

fn search<const COLUMNS: usize>(
    rows: usize,
    key_of: impl Fn(usize) -> Key<COLUMNS>,
) -> Option<Distinct> {
    let mut search = Search {
        table: vec![EMPTY; (rows * 2).next_power_of_two()],
        keys: Vec::new(),
        rows: Vec::new(),
    };
    let mut slots = Vec::with_capacity(rows);
    let first = key_of(0);
    let mut last = (first, search.slot(first, 0));
    for row in 0..rows {
        let key = key_of(row);
        if key != last.0 {
            last = (key, search.slot(key, row));
        }
        slots.push(last.1);
        if row == SAMPLE && search.rows.len() > MOST_IN_SAMPLE {
            return None;
        }
    }
    Some(Distinct {
        rows: search.rows,
        slots,
    })
}

/// An open hash table of positions in `keys`.
struct Search<const COLUMNS: usize> {
    table: Vec<u32>,
    keys: Vec<Key<COLUMNS>>,
    rows: Vec<usize>,
}

impl<const COLUMNS: usize> Search<COLUMNS> {
    /// The position of a key, a new one where it was not met before. The table is never more than half full.
    fn slot(&mut self, key: Key<COLUMNS>, row: usize) -> u32 {
        let mask = self.table.len() - 1;
        let mut at = hash(&key) as usize & mask;
        loop {
            let known = self.table[at];
            if known == EMPTY {
                let slot = self.keys.len() as u32;
                self.table[at] = slot;
                self.keys.push(key);
                self.rows.push(row);
                return slot;
            }
            if self.keys[known as usize] == key {
                return known;
            }
            at = (at + 1) & mask;
        }
    }
}
