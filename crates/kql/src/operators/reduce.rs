//! `reduce by`: texts put together by pattern.
//!
//! Each text is cut into words at every character that is no letter or digit (and at the
//! `characters` given). Texts with the same number of words, of which a large enough share agrees,
//! form one pattern; words that differ become `*`. Kusto does not publish its own clustering; the
//! columns and the meaning of `threshold` follow
//! <https://learn.microsoft.com/kusto/query/reduce-operator>.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::OperatorContext;
use crate::value::ColumnReader;

/// Most patterns that are kept; texts that fit none of them are counted under `*`.
const MAX_PATTERNS: usize = 10_000;

/// What `reduce` groups by; the text is column 0 of the input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reduce {
    /// Least share of rows that a pattern needs to stand for itself, 0 to 1.
    pub(crate) threshold: f64,
    /// Characters that part words, beside those that are no letters or digits.
    pub(crate) characters: String,
}

/// A text that stands for others.
struct Pattern {
    /// Words and, between them, what parted them; nothing where members differ.
    words: Vec<Option<String>>,
    count: i64,
    representative: String,
}

impl Reduce {
    pub(super) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut by_length: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut rest = 0;
        for batch in inputs.iter().flatten() {
            context.check()?;
            let texts = ColumnReader::of_array(batch.column(0), ScalarType::String)?;
            for row in 0..batch.num_rows() {
                let value = texts.get(row);
                let text = value.as_text();
                let words = self.words(&text);
                let alike = by_length.entry(words.len()).or_default();
                let found = alike
                    .iter()
                    .copied()
                    .find(|index| patterns.get(*index).is_some_and(|p| p.holds(&words)));
                let full = patterns.len() >= MAX_PATTERNS;
                match found.and_then(|index| patterns.get_mut(index)) {
                    Some(pattern) => pattern.add(&words),
                    None if full => rest += 1,
                    None => {
                        alike.push(patterns.len());
                        patterns.push(Pattern {
                            words: words.into_iter().map(|w| Some(w.to_owned())).collect(),
                            count: 1,
                            representative: text.into_owned(),
                        });
                    }
                }
            }
        }
        self.give(patterns, rest, context)
    }

    /// Words and separators of a text, in turn.
    fn words<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let parts =
            |character: char| !character.is_alphanumeric() || self.characters.contains(character);
        let mut words = Vec::new();
        let mut start = 0;
        for (position, separator) in text.match_indices(parts) {
            words.push(&text[start..position]);
            words.push(separator);
            start = position + separator.len();
        }
        words.push(&text[start..]);
        words
    }

    fn give(&self, patterns: Vec<Pattern>, rest: i64, context: &OperatorContext) -> Result<()> {
        let total: i64 = rest + patterns.iter().map(|pattern| pattern.count).sum::<i64>();
        let least = self.threshold * total as f64;
        let mut rows: Vec<(String, i64, String)> = Vec::new();
        let mut others = rest;
        for pattern in patterns {
            if (pattern.count as f64) < least {
                others += pattern.count;
            } else {
                rows.push((
                    pattern.text(&self.characters),
                    pattern.count,
                    pattern.representative,
                ));
            }
        }
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        if others > 0 {
            rows.push(("*".to_owned(), others, String::new()));
        }
        let patterns: StringViewArray = rows.iter().map(|row| Some(row.0.as_str())).collect();
        let counts: Int64Array = rows.iter().map(|row| Some(row.1)).collect();
        let examples: StringViewArray = rows.iter().map(|row| Some(row.2.as_str())).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(patterns), Arc::new(counts), Arc::new(examples)];
        context.emit(columns, rows.len())
    }
}

impl Pattern {
    /// Whether a text belongs here: more than half of what the pattern still knows agrees.
    fn holds(&self, words: &[&str]) -> bool {
        let known = self.words.iter().flatten().count();
        let same = self
            .words
            .iter()
            .zip(words)
            .filter(|(own, other)| own.as_deref() == Some(**other))
            .count();
        known > 0 && same * 2 > known
    }

    fn add(&mut self, words: &[&str]) {
        self.count += 1;
        for (own, other) in self.words.iter_mut().zip(words) {
            if own.as_deref() != Some(*other) {
                *own = None;
            }
        }
    }

    /// The pattern with one `*` for each run of what differs; separators that the query named
    /// belong to the run beside them.
    fn text(&self, characters: &str) -> String {
        let mut text = String::new();
        for word in &self.words {
            match word {
                Some(word) if text.ends_with('*') && is_one_of(word, characters) => {}
                Some(word) => text.push_str(word),
                None => {
                    let kept = text.trim_end_matches(|c| characters.contains(c)).len();
                    text.truncate(kept);
                    if !text.ends_with('*') {
                        text.push('*');
                    }
                }
            }
        }
        text
    }
}

/// Whether a word is one separator of these.
fn is_one_of(word: &str, characters: &str) -> bool {
    !word.is_empty() && word.chars().all(|character| characters.contains(character))
}
