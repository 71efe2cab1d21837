//! How the filters of one column and one row group lie in the file.
//!
//! They all have the same number of lines. Line 0 of every filter comes first, then line 1 of every
//! filter, and so on: a question about one term reads one line of each, which lie together. Lines
//! are gathered in pages, each followed by the XXH3 checksum of its bytes.

use twox_hash::XxHash3_64;

use crate::bloom::LINE;

/// Bytes that a page should have.
const PAGE: usize = 4096;

/// Bytes of a checksum.
pub(crate) const CHECKSUM: usize = 8;

/// Measures of a segment: the filters of one column and one row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Blocks of rows, each with a filter.
    pub(crate) filters: usize,
    /// Lines of each filter.
    pub(crate) lines: usize,
}

impl Layout {
    /// Bytes of one line of every filter.
    pub(crate) fn row(self) -> usize {
        self.filters * LINE
    }

    /// Rows of lines in a page.
    pub(crate) fn rows_of_page(self) -> usize {
        (PAGE / self.row().max(1)).max(1)
    }

    /// Bytes of the segment with its checksums.
    pub(crate) fn size(self) -> usize {
        self.lines * self.row() + self.lines.div_ceil(self.rows_of_page()) * CHECKSUM
    }

    /// The page that holds a line: where it starts, its bytes without checksum, and where the row of
    /// the line starts in it.
    pub(crate) fn page_of(self, line: usize) -> (usize, usize, usize) {
        let rows = self.rows_of_page();
        let page = line / rows;
        let rows_here = rows.min(self.lines.saturating_sub(page * rows));
        let start = page * (rows * self.row() + CHECKSUM);
        (start, rows_here * self.row(), (line % rows) * self.row())
    }
}

/// Cuts rows of lines into pages with checksums.
pub(crate) fn with_checksums(rows: &[u8], layout: Layout) -> Vec<u8> {
    let mut out = Vec::with_capacity(layout.size());
    for page in rows.chunks((layout.rows_of_page() * layout.row()).max(1)) {
        out.extend_from_slice(page);
        out.extend_from_slice(&checksum(page).to_le_bytes());
    }
    out
}

/// The page without its checksum, where that is right.
pub(crate) fn checked(page: &[u8]) -> Option<&[u8]> {
    let (bytes, sum) = page.split_at_checked(page.len().checked_sub(CHECKSUM)?)?;
    (checksum(bytes).to_le_bytes() == *sum).then_some(bytes)
}

/// The checksum of anything in the file.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}
