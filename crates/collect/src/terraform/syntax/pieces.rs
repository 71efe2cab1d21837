//! Large files, cut between blocks.
//!
//! `hcl-edit` 0.9 compares each key of an object with all before it, so the time of an object grows with the square of
//! its keys: 10,000 take about a second, 40,000 half a minute. Files with few keys are read whole. Larger ones, as
//! tools that export a whole account write, are read in pieces, none of which may hold many.

/// Keys that one piece may hold.
pub(super) const MOST_KEYS: usize = 5_000;
/// What begins a block of a file.
/// Source: developer.hashicorp.com/terraform/language, "Configuration syntax" and the pages of each block.
const BLOCKS: &[&str] = &[
    "check",
    "data",
    "ephemeral",
    "import",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// A part of a file that can be read by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    pub(super) text: &'t str,
    /// Lines of the file before it.
    pub(super) lines_before: usize,
    signs: usize,
    ends: usize,
}

impl Piece<'_> {
    /// More keys than this no object in it can have: each has a sign behind it and an end behind its value.
    fn most_keys(&self) -> usize {
        self.signs.min(self.ends + 1)
    }

    pub(super) fn too_many_keys(&self) -> bool {
        self.most_keys() > MOST_KEYS
    }
}

/// The text whole, or in pieces where it is large.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let whole = Piece {
        text,
        lines_before: 0,
        signs: signs(text),
        ends: ends(text),
    };
    if !whole.too_many_keys() {
        return vec![whole];
    }
    let mut found = Vec::new();
    let mut start = 0;
    let mut last = Piece {
        text: "",
        lines_before: 0,
        signs: 0,
        ends: 0,
    };
    let (mut at, mut line) = (0, 0);
    for block in blocks(text) {
        let joined = Piece {
            text: text.get(start..at + block.len()).unwrap_or_default(),
            signs: last.signs + signs(block),
            ends: last.ends + ends(block),
            ..last
        };
        if joined.too_many_keys() && !last.text.is_empty() {
            found.push(last);
            start = at;
            last = Piece {
                text: block,
                lines_before: line,
                signs: signs(block),
                ends: ends(block),
            };
        } else {
            last = joined;
        }
        at += block.len();
        line += memchr::memchr_iter(b'\n', block.as_bytes()).count();
    }
    found.push(last);
    found
}

/// The text cut before every line that begins a block.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut length = 0;
        for line in rest.split_inclusive('\n') {
            if length > 0 && begins_block(line) {
                break;
            }
            length += line.len();
        }
        let (block, behind) = rest.split_at(length);
        rest = behind;
        Some(block)
    })
}

fn begins_block(line: &str) -> bool {
    let word = line.split([' ', '\t', '{']).next().unwrap_or_default();
    word.len() < line.trim_end().len() && BLOCKS.contains(&word)
}

fn signs(text: &str) -> usize {
    memchr::memchr2_iter(b'=', b':', text.as_bytes()).count()
}

fn ends(text: &str) -> usize {
    memchr::memchr2_iter(b'\n', b',', text.as_bytes()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_cut_between_blocks_and_nothing_is_lost() {
        let block = "resource \"a\" \"b\" {\n  tags = {\n    a = 1\n  }\n}\n\n";
        let text = block.repeat(20_000);
        let found = pieces(&text);
        assert!(found.len() > 2);
        let joined: String = found.iter().map(|piece| piece.text).collect();
        assert_eq!(joined, text);
        for piece in found {
            assert!(!piece.too_many_keys());
            assert_eq!(piece.lines_before % 6, 0);
            assert!(piece.text.starts_with("resource "));
        }
        assert_eq!(pieces(block).len(), 1);
    }
}
