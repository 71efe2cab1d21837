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
const MOST_IN_SAMPLE: usize = 700;
/// Most columns that vary.
const MOST_COLUMNS: usize = 2;
const EMPTY: u32 = u32::MAX;

/// One row for each different list of arguments.
#[derive(Debug)]
pub(crate) struct Distinct {
    /// The first row of each list.
    pub(crate) rows: Vec<usize>,
    /// For every row of the batch the position in `rows` of the one that stands for it.
    pub(crate) slots: Vec<u32>,
}

/// A value of each varying column, and which of them are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    values: [u128; MOST_COLUMNS],
    nulls: u8,
}

impl Key {
    /// Spreads the bits; any function serves, a bad one only costs time.
    fn hash(self) -> u64 {
        let mut hash = u64::from(self.nulls);
        for value in self.values {
            for half in [value as u64, (value >> 64) as u64] {
                hash = (hash ^ half).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                hash ^= hash >> 32;
            }
        }
        hash
    }
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
    if rows < LEAST_ROWS || varying.is_empty() || varying.len() > MOST_COLUMNS {
        return None;
    }
    let key_of = |row: usize| {
        let mut key = Key {
            values: [0; MOST_COLUMNS],
            nulls: 0,
        };
        for (position, reader) in varying.iter().enumerate() {
            match reader.bits(row, steady_time) {
                Some(bits) => key.values[position] = bits,
                None => key.nulls |= 1 << position,
            }
        }
        key
    };
    let capacity = (rows * 2).next_power_of_two();
    let mut search = Search {
        table: vec![EMPTY; capacity],
        keys: Vec::new(),
        rows: Vec::new(),
    };
    let mut slots = Vec::with_capacity(rows);
    let mut last = (key_of(0), search.slot(key_of(0), 0));
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
struct Search {
    table: Vec<u32>,
    keys: Vec<Key>,
    rows: Vec<usize>,
}

impl Search {
    /// The position of a key, a new one where it was not met before. The table is never more than half full.
    fn slot(&mut self, key: Key, row: usize) -> u32 {
        let mask = self.table.len() - 1;
        let mut at = key.hash() as usize & mask;
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
