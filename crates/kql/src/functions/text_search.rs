//! One search over the texts of many rows at once.
//!
//! Texts that Parquet keeps plainly lie one behind the other in a buffer, with four bytes of length between them.
//! Searching the buffer instead of each text saves the start of a search for every row, which costs more than the
//! search itself where texts are short or hits are rare.

use arrow::array::{Array, StringViewArray};
use arrow::array::{ByteView, MAX_INLINE_VIEW_LEN};
use arrow::buffer::{BooleanBuffer, NullBuffer};

use super::term::{Needle, TermBorders};

/// How many bytes a stretch of a buffer may hold for each byte of its texts.
const MOST_WASTE: usize = 2;

/// Rows one behind the other in one buffer.
struct Stretch {
    buffer: usize,
    rows: std::ops::Range<usize>,
    start: usize,
    end: usize,
    text_bytes: usize,
}

/// Which texts hold the needle, with borders of a term around it where given. Nothing where the texts do not lie one
/// behind the other, or the needle cannot be found byte by byte.
pub(super) fn search_texts(
    texts: &StringViewArray,
    needle: &Needle,
    borders: Option<TermBorders>,
) -> Option<BooleanBuffer> {
    needle.searched_bytes()?;
    let stretches = stretches(texts)?;
    let mut found = vec![false; texts.len()];
    for stretch in &stretches {
        search_stretch(texts, stretch, needle, borders, &mut found);
    }
    for (row, view) in texts.views().iter().enumerate() {
        // Short texts lie in the view itself.
        if ByteView::from(*view).length <= MAX_INLINE_VIEW_LEN {
            let text = texts.value(row);
            found[row] = match borders {
                Some(borders) => needle.is_term_in(text, borders),
                None => needle.is_in(text),
            };
        }
    }
    let found = BooleanBuffer::from(found);
    Some(match texts.nulls().map(NullBuffer::inner) {
        Some(valid) => &found & valid,
        None => found,
    })
}

/// The stretches that the texts lie in; nothing where they are scattered.
fn stretches(texts: &StringViewArray) -> Option<Vec<Stretch>> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (row, view) in texts.views().iter().enumerate() {
        let view = ByteView::from(*view);
        if view.length <= MAX_INLINE_VIEW_LEN || texts.is_null(row) {
            continue;
        }
        let (buffer, start) = (view.buffer_index as usize, view.offset as usize);
        let length = view.length as usize;
        match stretches.last_mut() {
            Some(last) if last.buffer == buffer && start >= last.end => {
                last.end = start + length;
                last.rows.end = row + 1;
                last.text_bytes += length;
            }
            _ => stretches.push(Stretch {
                buffer,
                rows: row..row + 1,
                start,
                end: start + length,
                text_bytes: length,
            }),
        }
    }
    // A stretch for every few rows, or much else between the texts: the search would gain nothing.
    let dense = |stretch: &Stretch| stretch.end - stretch.start <= stretch.text_bytes * MOST_WASTE;
    let few = stretches.len() <= 4 + texts.len() / 64;
    (few && stretches.iter().all(dense)).then_some(stretches)
}

/// Marks the rows of a stretch that hold the needle.
fn search_stretch(
    texts: &StringViewArray,
    stretch: &Stretch,
    needle: &Needle,
    borders: Option<TermBorders>,
    found: &mut [bool],
) {
    let views = texts.views();
    let Some(haystack) = texts
        .data_buffers()
        .get(stretch.buffer)
        .and_then(|buffer| buffer.as_slice().get(stretch.start..stretch.end))
    else {
        return;
    };
    let length = needle.searched_bytes().map_or(0, <[u8]>::len);
    let mut row = stretch.rows.start;
    let mut from = 0;
    while let Some(at) = needle.find(haystack, from) {
        // The row whose text ends behind the place: texts in views and nulls do not lie here.
        let place = at + stretch.start;
        let (start, end) = loop {
            if row >= stretch.rows.end {
                return;
            }
            let view = ByteView::from(views[row]);
            let (start, size) = (view.offset as usize, view.length as usize);
            let lies_here = size > MAX_INLINE_VIEW_LEN as usize && !texts.is_null(row);
            if lies_here && start + size > place {
                break (start, start + size);
            }
            row += 1;
        };
        from = at + 1;
        if place < start || place + length > end {
            continue;
        }
        let holds = borders
            .is_none_or(|borders| needle.has_borders(texts.value(row), place - start, borders));
        if holds {
            found[row] = true;
            from = end - stretch.start;
        }
    }
}
