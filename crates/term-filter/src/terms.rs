//! The terms of a text, and those that a pattern asks for.
//!
//! A term is a longest run of characters that are letters or digits ([`char::is_alphanumeric`]).
//! Terms are known by the XXH3 hash of their text with ASCII letters in lower case. A text that has
//! other letters is known by the terms of its lower case form too, because a search for such
//! letters compares lower case forms.

use twox_hash::XxHash3_64;

use crate::json;

/// The hash a term is known by.
pub type TermHash = u64;

/// Longest term that is put in lower case without asking for memory.
const SHORT: usize = 64;

/// Which ends of a pattern are ends of a term in every text that matches it.
///
/// `has` and `==`: both. `startswith` and `hasprefix`: the start. `contains`: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Borders {
    /// No letter or digit stands before the pattern, where it starts with one.
    pub start: bool,
    /// No letter or digit stands after it, where it ends with one.
    pub end: bool,
}

/// Gives the hash of every term of a text, some more than once.
///
/// Text that looks like JSON gives the terms of its strings with their escapes resolved, and of its
/// numbers as they are printed, besides those of the text as it is: a search in a dynamic value, or
/// in a part of one, sees these.
pub fn text_terms(text: &str, take: &mut impl FnMut(TermHash)) {
    every_case(text, take);
    json::other_forms(text, &mut |form| every_case(form, take));
}

/// The terms that any text holds which matches a pattern; none where it may hold any.
pub fn pattern_terms(pattern: &str, ignore_case: bool, borders: Borders) -> Vec<TermHash> {
    let lowered;
    let pattern = if ignore_case {
        lowered = pattern.to_lowercase();
        &lowered
    } else {
        pattern
    };
    let mut found = Vec::new();
    let mut at = 0;
    for run in pattern.split(|letter: char| !letter.is_alphanumeric()) {
        let end = at + run.len();
        // A term cut off by the end of the pattern may go on in the text.
        let cut = (at == 0 && !borders.start) || (end == pattern.len() && !borders.end);
        if !run.is_empty() && !cut {
            found.push(hash(run));
        }
        at = end + pattern[end..].chars().next().map_or(0, char::len_utf8);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn every_case(text: &str, take: &mut impl FnMut(TermHash)) {
    if text.is_ascii() {
        return ascii_runs(text, take);
    }
    let runs = |text: &str, take: &mut dyn FnMut(TermHash)| {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|run| !run.is_empty())
            .for_each(|run| take(hash(run)));
    };
    runs(text, take);
    runs(&text.to_lowercase(), take);
}

fn ascii_runs(text: &str, take: &mut impl FnMut(TermHash)) {
    let mut lowered = [0_u8; SHORT];
    let mut length = 0;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() {
            if let Some(place) = lowered.get_mut(length) {
                *place = byte.to_ascii_lowercase();
            }
            length += 1;
            continue;
        }
        if length > 0 {
            take(run_hash(&lowered, length, text, start));
        }
        length = 0;
        start = at + 1;
    }
    if length > 0 {
        take(run_hash(&lowered, length, text, start));
    }
}

/// The hash of the run at `start`, whose first letters lie lowered in the buffer.
fn run_hash(lowered: &[u8], length: usize, text: &str, start: usize) -> TermHash {
    match lowered.get(..length) {
        Some(run) => XxHash3_64::oneshot(run),
        None => hash(text.get(start..start + length).unwrap_or_default()),
    }
}

fn hash(run: &str) -> TermHash {
    XxHash3_64::oneshot(run.to_ascii_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Borders = Borders {
        start: true,
        end: true,
    };

    fn holds(text: &str, pattern: &str, ignore_case: bool, borders: Borders) -> bool {
        let mut terms = Vec::new();
        text_terms(text, &mut |term| terms.push(term));
        pattern_terms(pattern, ignore_case, borders)
            .iter()
            .all(|term| terms.contains(term))
    }

    #[test]
    fn terms_are_runs_of_letters_and_digits_in_any_case() {
        assert!(holds("Microsoft.OpenAI/acc-1", "OPENAI", true, WHOLE));
        assert!(holds("Microsoft.OpenAI/acc-1", "openai/acc", true, WHOLE));
        assert!(holds("der Wert 'ÄÖ'", "äö", true, WHOLE));
        assert!(holds("caf\u{e9} \u{212a}", "k", true, WHOLE));
        assert!(!holds("openai2", "openai", true, WHOLE));
        assert!(!holds("\u{e9}openai", "openai", true, WHOLE));
        let long = "x".repeat(SHORT + 1);
        assert!(holds(
            &format!("a {long} b"),
            &long.to_uppercase(),
            true,
            WHOLE
        ));
        assert!(!holds(&format!("a {long}y b"), &long, true, WHOLE));
    }

    #[test]
    fn a_term_that_the_pattern_cuts_is_not_asked_for() {
        let start = Borders {
            start: true,
            end: false,
        };
        let none = Borders {
            start: false,
            end: false,
        };
        assert_eq!(pattern_terms("one two thr", true, start).len(), 2);
        assert_eq!(pattern_terms("ne two thr", true, none).len(), 1);
        assert_eq!(pattern_terms(".two.", true, none).len(), 1);
        assert_eq!(pattern_terms("two", true, none).len(), 0);
        assert_eq!(pattern_terms("--", true, WHOLE).len(), 0);
        assert_eq!(pattern_terms("", true, WHOLE).len(), 0);
        assert_eq!(pattern_terms("é two ü", true, none).len(), 1);
    }

    #[test]
    fn parts_of_json_are_found_as_a_search_sees_them() {
        let text = r#"{"a": "x\nfirst caf\u00e9", "n": 1.50, "p": "C:\\temp"}"#;
        for pattern in ["first", "nfirst", "café", "1.5", "1.50", "temp"] {
            assert!(holds(text, pattern, true, WHOLE), "{pattern}");
        }
    }
}
