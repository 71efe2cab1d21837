//! Search for text and for whole terms, without regard to case.
//!
//! A term is a run of letters and digits. ASCII needles are compared byte by byte in place; a
//! needle with other letters is compared after both sides are put in lower case.

use std::borrow::Cow;

/// Text to look for, prepared once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four facts about one text that do not depend on one another"
)]
pub(crate) struct Needle {
    text: String,
    ignore_case: bool,
    lower_haystack: bool,
    /// Where in the text the byte lies that logs hold least often: the one to look for first.
    rare: usize,
    first_is_term: bool,
    last_is_term: bool,
}

/// Which borders of the found text must be borders of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TermBorders {
    pub(crate) start: bool,
    pub(crate) end: bool,
}

impl Needle {
    /// Prepares a text.
    pub(crate) fn new(text: &str, ignore_case: bool) -> Self {
        let lower_haystack = ignore_case && !text.is_ascii();
        let text = if ignore_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        };
        let rarest = text
            .bytes()
            .enumerate()
            .min_by_key(|(_, byte)| frequency(*byte));
        Self {
            ignore_case,
            lower_haystack,
            rare: rarest.map_or(0, |(position, _)| position),
            first_is_term: text.chars().next().is_some_and(char::is_alphanumeric),
            last_is_term: text.chars().next_back().is_some_and(char::is_alphanumeric),
            text,
        }
    }

    /// The bytes to find, where a search over bytes finds all there is to find.
    pub(super) fn searched_bytes(&self) -> Option<&[u8]> {
        (!self.lower_haystack && !self.text.is_empty()).then_some(self.text.as_bytes())
    }

    fn haystack<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.lower_haystack {
            Cow::Owned(text.to_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Whether the text is equal to the needle.
    pub(crate) fn equals(&self, text: &str) -> bool {
        let text = self.haystack(text);
        if self.ignore_case {
            text.eq_ignore_ascii_case(&self.text)
        } else {
            *text == *self.text
        }
    }

    /// Whether the text starts with the needle.
    pub(crate) fn starts(&self, text: &str) -> bool {
        let text = self.haystack(text);
        text.len() >= self.text.len() && self.matches_at(text.as_bytes(), 0)
    }

    /// Whether the text ends with the needle.
    pub(crate) fn ends(&self, text: &str) -> bool {
        let text = self.haystack(text);
        text.len()
            .checked_sub(self.text.len())
            .is_some_and(|at| self.matches_at(text.as_bytes(), at))
    }

    /// Whether the text holds the needle.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.find(self.haystack(text).as_bytes(), 0).is_some()
    }

    /// Whether the text holds the needle with these borders of terms around it.
    pub(crate) fn is_term_in(&self, text: &str, borders: TermBorders) -> bool {
        let text = self.haystack(text);
        let text = text.as_ref();
        let mut from = 0;
        while let Some(at) = self.find(text.as_bytes(), from) {
            if self.has_borders(text, at, borders) {
                return true;
            }
            from = at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
        false
    }

    fn matches_at(&self, haystack: &[u8], at: usize) -> bool {
        let Some(part) = haystack.get(at..at + self.text.len()) else {
            return false;
        };
        if self.ignore_case {
            part.eq_ignore_ascii_case(self.text.as_bytes())
        } else {
            part == self.text.as_bytes()
        }
    }

    /// Whether these borders lie around the needle found at `at`, which is a border of characters.
    pub(super) fn has_borders(&self, text: &str, at: usize, borders: TermBorders) -> bool {
        let end = at + self.text.len();
        let before = || text.get(..at).is_none_or(ends_outside_term);
        let after = || text.get(end..).is_none_or(starts_outside_term);
        let starts = !borders.start || !self.first_is_term || before();
        starts && (!borders.end || !self.last_is_term || after())
    }

    /// The first place of the needle at `from` or after it, in bytes that are compared one by one.
    pub(super) fn find(&self, haystack: &[u8], from: usize) -> Option<usize> {
        let Some(rare) = self.text.as_bytes().get(self.rare).copied() else {
            return (from <= haystack.len()).then_some(from);
        };
        if !self.ignore_case {
            let rest = haystack.get(from..)?;
            return memchr::memmem::find(rest, self.text.as_bytes()).map(|at| from + at);
        }
        let upper = rare.to_ascii_uppercase();
        let mut at = from;
        loop {
            let rest = haystack.get(at + self.rare..)?;
            at += if upper == rare {
                memchr::memchr(rare, rest)?
            } else {
                memchr::memchr2(rare, upper, rest)?
            };
            if at + self.text.len() > haystack.len() {
                return None;
            }
            if self.matches_at(haystack, at) {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// How often a byte stands in logs, roughly: letters in the order of their frequency in English, digits and
/// punctuation in between.
fn frequency(byte: u8) -> usize {
    const SELDOM_FIRST: &[u8] = b"zqjxkvbywgpfmucdlhrsnioate";
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => SELDOM_FIRST
            .iter()
            .position(|known| *known == letter)
            .unwrap_or(0),
        b'0'..=b'9' => 14,
        b' ' => 30,
        b'.' | b'-' | b':' | b'/' | b'"' | b',' | b'=' => 16,
        // Bytes of other scripts come in rows of the same lead byte.
        128.. => 12,
        _ => 2,
    }
}

fn ends_outside_term(before: &str) -> bool {
    !before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric)
}

fn starts_outside_term(after: &str) -> bool {
    !after.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: TermBorders = TermBorders {
        start: true,
        end: true,
    };

    #[test]
    fn a_term_is_whole_and_any_case() {
        let needle = Needle::new("OpenAI", true);
        assert!(needle.is_term_in("Microsoft.openai/accounts", WHOLE));
        assert!(needle.is_term_in("xopenai OPENAI", WHOLE));
        assert!(!needle.is_term_in("openai2", WHOLE));
        assert!(!needle.is_term_in("myopenai", WHOLE));
        assert!(!needle.is_term_in("éopenai", WHOLE));
    }

    #[test]
    fn letters_beyond_ascii_fold_too() {
        let needle = Needle::new("STRASSE-Ä", true);
        assert!(needle.is_in("die strasse-ä da"));
        assert!(Needle::new("É", true).is_term_in("caf é", WHOLE));
        assert!(!Needle::new("É", true).is_term_in("café", WHOLE));
    }

    #[test]
    fn nothing_is_everywhere() {
        let needle = Needle::new("", true);
        assert!(needle.is_in("") && needle.is_in("a") && needle.starts("a") && needle.ends(""));
    }
}
