//! The patterns of `parse` that need no regular expression.
//!
//! A pattern of texts, skipped parts, strings and whole numbers is looked for text by text. What this way cannot
//! decide in a few steps is left to the regular expression, which says what a pattern means.

use serde_json::Value as Json;

/// Most places tried for one text before the regular expression takes over.
const MOST_TRIES: usize = 100;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParseStep {
    /// `*`
    Skip,
    /// A text that stands there.
    Text(String),
    /// A column of texts, up to what follows.
    String,
    /// A column of whole numbers.
    Whole,
}

impl ParseStep {
    fn is_open(&self) -> bool {
        matches!(self, Self::Skip | Self::String)
    }

    fn begins_with_digit(&self) -> bool {
        let first = |text: &str| text.chars().next().is_some_and(char::is_numeric);
        matches!(self, Self::Text(text) if first(text))
    }
}

/// Whether the steps are such that a search decides what the regular expression would: what is open ends with a text,
/// and no number runs into digits of the pattern.
pub(crate) fn are_searchable(steps: &[ParseStep]) -> bool {
    let fits = |pair: &[ParseStep]| match pair {
        [ParseStep::Text(text), _] if text.is_empty() => false,
        [first, ParseStep::Text(_)] if first.is_open() => true,
        [first, _] if first.is_open() => false,
        [ParseStep::Whole, ParseStep::Whole | ParseStep::String] => false,
        [ParseStep::Whole, next] => !next.begins_with_digit(),
        _ => true,
    };
    let after_skip = |three: &[ParseStep]| match three {
        [ParseStep::Whole, ParseStep::Skip, next] => !next.begins_with_digit(),
        _ => true,
    };
    let ends = |step: &ParseStep| !matches!(step, ParseStep::Text(text) if text.is_empty());
    steps.windows(2).all(fits) && steps.windows(3).all(after_skip) && steps.last().is_some_and(ends)
}

/// The steps as a text for a plan.
pub(crate) fn write_steps(steps: &[ParseStep]) -> String {
    let parts = steps.iter().map(|step| match step {
        ParseStep::Skip => "*".to_owned(),
        ParseStep::Text(text) => format!("={text}"),
        ParseStep::String => "s".to_owned(),
        ParseStep::Whole => "n".to_owned(),
    });
    Json::Array(parts.map(Json::String).collect()).to_string()
}

/// The steps of a plan; nothing where there are none.
pub(super) fn read_steps(text: &str) -> Option<Vec<ParseStep>> {
    let parts: Vec<String> = serde_json::from_str(text).ok()?;
    parts
        .iter()
        .map(|part| match part.as_str() {
            "*" => Some(ParseStep::Skip),
            "s" => Some(ParseStep::String),
            "n" => Some(ParseStep::Whole),
            text => Some(ParseStep::Text(text.strip_prefix('=')?.to_owned())),
        })
        .collect()
}

/// What a search found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Yes,
    No,
    /// The regular expression has to look.
    Unclear,
}

/// Looks for the steps in a text. `columns` gets the texts of the columns in their order.
pub(super) fn search<'t>(steps: &[ParseStep], text: &'t str, columns: &mut Vec<&'t str>) -> Found {
    columns.clear();
    let mut tries = 0;
    search_from(steps, text, columns, &mut tries)
}

fn search_from<'t>(
    steps: &[ParseStep],
    rest: &'t str,
    columns: &mut Vec<&'t str>,
    tries: &mut usize,
) -> Found {
    match steps {
        [] | [ParseStep::Skip] => Found::Yes,
        [ParseStep::String] => {
            columns.push(rest);
            Found::Yes
        }
        [ParseStep::Text(text), steps @ ..] => match rest.strip_prefix(text.as_str()) {
            Some(rest) => search_from(steps, rest, columns, tries),
            None => Found::No,
        },
        [ParseStep::Whole, steps @ ..] => match whole_number(rest) {
            None => Found::Unclear,
            Some(0) => Found::No,
            Some(length) => {
                let (number, rest) = rest.split_at(length);
                columns.push(number);
                search_from(steps, rest, columns, tries)
            }
        },
        [open, ParseStep::Text(text), steps @ ..] => {
            let kept = columns.len();
            let mut from = 0;
            while let Some(at) = rest
                .get(from..)
                .and_then(|part| memchr::memmem::find(part.as_bytes(), text.as_bytes()))
            {
                *tries += 1;
                if *tries > MOST_TRIES {
                    return Found::Unclear;
                }
                let at = from + at;
                let (Some(before), Some(behind)) = (rest.get(..at), rest.get(at + text.len()..))
                else {
                    return Found::Unclear;
                };
                if *open == ParseStep::String {
                    columns.push(before);
                }
                match search_from(steps, behind, columns, tries) {
                    Found::No => columns.truncate(kept),
                    decided => return decided,
                }
                from = at + rest[at..].chars().next().map_or(1, char::len_utf8);
            }
            Found::No
        }
        _ => Found::Unclear,
    }
}

/// Bytes of a whole number with its sign and the space before it; 0 where there is none, nothing where letters beyond
/// ASCII stand there, which may be digits or space of other scripts.
fn whole_number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while bytes
        .get(at)
        .is_some_and(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
    {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let digits = at;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
        return None;
    }
    Some(if at > digits { at } else { 0 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn step(part: &str) -> ParseStep {
        match part {
            "*" => ParseStep::Skip,
            "s" => ParseStep::String,
            "n" => ParseStep::Whole,
            text => ParseStep::Text(text.to_owned()),
        }
    }

    /// As the lowering writes it.
    fn regex(steps: &[ParseStep]) -> regex::Regex {
        let mut pattern = "(?s)^".to_owned();
        for (position, step) in steps.iter().enumerate() {
            let last = position + 1 == steps.len();
            pattern += &match step {
                ParseStep::Skip => (if last { ".*" } else { ".*?" }).to_owned(),
                ParseStep::Text(text) => regex::escape(text),
                ParseStep::String => (if last { "(.*)" } else { "(.*?)" }).to_owned(),
                ParseStep::Whole => r"(\s*[+-]?\d+)".to_owned(),
            };
        }
        regex::Regex::new(&pattern).unwrap()
    }

    #[test]
    fn a_search_finds_what_the_regular_expression_finds() {
        let patterns: [&[&str]; 9] = [
            &["*", "[id=", "s", "; pid=", "n", "]", "*"],
            &["*", "a", "s", "b"],
            &["a", "s"],
            &["n", " ", "s", ":", "*"],
            &["*", "=", "n", "*", "x", "s", "y", "*"],
            &["s", "é", "n"],
            &["*", "aa", "n"],
            &["*", "k", "n", "*"],
            &["x"],
        ];
        let texts = [
            "",
            "x",
            "a",
            "ab",
            "aab b",
            "aaa7",
            "aaaa12x",
            "m [id=1f; pid=12] z",
            "[id=; pid=x] [id=q; pid= -7]",
            "12 é: :",
            " 1 :",
            "k=5x y=6xzy",
            "=1=2x3y",
            "é5",
            "éé-5é6",
            "k1k22",
            "[id=a; pid=1\n]é",
            "aé٣",
            "ab\nb",
            "k ٣",
            "aa\u{a0}7",
        ];
        for parts in patterns {
            let steps: Vec<ParseStep> = parts.iter().map(|part| step(part)).collect();
            assert!(are_searchable(&steps), "{parts:?}");
            assert_eq!(read_steps(&write_steps(&steps)).unwrap(), steps);
            let regex = regex(&steps);
            for text in texts {
                let mut columns = Vec::new();
                let found = search(&steps, text, &mut columns);
                let expected = regex.captures(text).map(|captures| {
                    let groups = captures.iter().skip(1);
                    groups
                        .map(|group| group.unwrap().as_str())
                        .collect::<Vec<_>>()
                });
                match found {
                    Found::Yes => assert_eq!(Some(columns), expected, "{parts:?} {text}"),
                    Found::No => assert_eq!(None, expected, "{parts:?} {text}"),
                    Found::Unclear => assert!(!text.is_ascii()),
                }
            }
        }
        for parts in [["s", "s"], ["*", "n"], ["n", "1"], ["n", "s"], ["s", "n"]] {
            let steps: Vec<ParseStep> = parts.iter().map(|part| step(part)).collect();
            assert!(!are_searchable(&steps), "{parts:?}");
        }
    }
}
