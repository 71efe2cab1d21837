//! Filters of one column in one row group, made of its texts.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use crate::bloom::{LINE, line_of, lines_for, mask};
use crate::pages::{Layout, with_checksums};
use crate::terms::{TermHash, text_terms};

/// Rows of a block, the unit that a filter stands for; see `docs/decisions/0006-term-filters.md`.
pub const BLOCK_ROWS: usize = 16 * 1024;

/// Most different terms in the blocks of one row group, counted by block (256 MB of hashes); a column
/// with more gets no filters there.
const MAX_TERMS: usize = 1 << 25;

/// Terms are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

type Terms = HashSet<TermHash, BuildHasherDefault<AsIs>>;

/// Takes the texts of one column in one row group, in the order of the rows.
#[derive(Default)]
pub struct FilterBuilder {
    rows: u64,
    current: Terms,
    /// The terms of the full blocks.
    blocks: Vec<Vec<TermHash>>,
    kept: usize,
}

impl std::fmt::Debug for FilterBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FilterBuilder")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl FilterBuilder {
    /// A row group without rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of the next row; null is the empty text.
    pub fn push(&mut self, text: &str) {
        if self.rows > 0 && self.rows.is_multiple_of(BLOCK_ROWS as u64) {
            self.end_block();
        }
        self.rows += 1;
        if self.gave_up() {
            return;
        }
        let current = &mut self.current;
        text_terms(text, &mut |term| {
            current.insert(term);
        });
    }

    /// Bytes held, about.
    pub fn memory(&self) -> usize {
        let full: usize = self.blocks.iter().map(Vec::capacity).sum();
        // A hash set keeps a byte of its own for each place.
        full * size_of::<TermHash>() + self.current.capacity() * (size_of::<TermHash>() + 1)
    }

    /// The filters of a row group of so many rows; nothing where another number of texts was given,
    /// or more terms than a filter is kept for.
    pub fn finish(mut self, rows: u64) -> Option<ColumnFilters> {
        if rows == 0 || self.rows != rows {
            return None;
        }
        self.end_block();
        if self.gave_up() {
            return None;
        }
        let most = self.blocks.iter().map(Vec::len).max().unwrap_or(0);
        let layout = Layout {
            filters: self.blocks.len(),
            lines: lines_for(most),
        };
        let lines = u32::try_from(layout.lines).ok()?;
        let mut all = vec![0_u8; layout.lines * layout.row()];
        for (number, terms) in self.blocks.iter().enumerate() {
            for term in terms {
                let start = line_of(*term, lines) as usize * layout.row() + number * LINE;
                let line = all.get_mut(start..start + LINE)?;
                for (byte, bits) in line.iter_mut().zip(mask(*term)) {
                    *byte |= bits;
                }
            }
        }
        Some(ColumnFilters {
            lines,
            bytes: with_checksums(&all, layout),
        })
    }

    fn gave_up(&self) -> bool {
        self.kept + self.current.len() > MAX_TERMS
    }

    fn end_block(&mut self) {
        if self.gave_up() {
            // The count stays beyond the limit, so that the column stays given up.
            self.blocks = Vec::new();
            self.kept = MAX_TERMS + 1;
            self.current = Terms::default();
            return;
        }
        self.kept += self.current.len();
        self.blocks.push(self.current.drain().collect());
    }
}

/// The filters of one column in one row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFilters {
    pub(crate) lines: u32,
    pub(crate) bytes: Vec<u8>,
}
