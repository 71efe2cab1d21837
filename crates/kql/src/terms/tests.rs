//! The filters know every term that the operators can find.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value as Json;
use stance_term_filter::{Borders, TermHash, pattern_terms, text_terms};

use crate::dynamic::{Dynamic, PathStep, parse_json_text};
use crate::functions::term::{Needle, TermBorders};

fn terms_of(text: &str) -> Vec<TermHash> {
    let mut terms = Vec::new();
    text_terms(text, &mut |term| terms.push(term));
    terms
}

fn may_match(text: &str, pattern: &str, ignore_case: bool, borders: Borders) -> bool {
    let terms = terms_of(text);
    let asked = pattern_terms(pattern, ignore_case, borders);
    asked.iter().all(|term| terms.contains(term))
}

/// Few letters, so that patterns are found often; among them those whose case is peculiar.
const TEXT: &str = "[aAbB1 .\\-ßẞäÄİıIiΣσςKk\u{212a}ǅ\u{300}]{0,12}";
const PATTERN: &str = "[aAbB1 .\\-ßẞäÄİıIiΣσςKk\u{212a}ǅ\u{300}]{0,4}";

/// JSON that is written in odd ways, and what is nearly JSON.
fn json_text() -> impl Strategy<Value = String> {
    let string = "\"([ab1é \\-]|\\\\n|\\\\\"|\\\\\\\\|\\\\/|\\\\u00e9|\\\\u0041|\\\\u0001|\\\\ud83d\\\\ude00){0,5}\"";
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3}0?)?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        3 => string.prop_map(|text| text),
        3 => number.prop_map(|text| text),
        1 => "true|null|a1|\\\\",
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|elements| format!("[ {}]", elements.join(" ,"))),
            prop::collection::vec((r#"(k|"k"|"\\u006b")"#, inner), 0..3).prop_map(|members| {
                let members = members.iter().map(|(key, value)| format!("{key}: {value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// The text is known by every term of this one.
fn covers(text: &str, seen: &str) -> bool {
    let known = terms_of(text);
    let lowered = seen.to_lowercase();
    let whole = Borders {
        start: true,
        end: true,
    };
    [seen, &lowered].into_iter().all(|form| {
        let terms = pattern_terms(form, false, whole);
        terms.iter().all(|term| known.contains(term))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_the_operators_find_the_filters_know(
        text in TEXT,
        pattern in PATTERN,
        cut in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        from_text in any::<bool>(),
        ignore_case in any::<bool>(),
    ) {
        let letters: Vec<char> = text.chars().collect();
        let (a, b) = (cut.0.index(letters.len() + 1), cut.1.index(letters.len() + 1));
        let part: String = letters[a.min(b)..a.max(b)].iter().collect();
        let pattern = if from_text { part } else { pattern };
        let needle = Needle::new(&pattern, ignore_case);
        for (start, end) in [(true, true), (true, false), (false, true), (false, false)] {
            let borders = Borders { start, end };
            if needle.is_term_in(&text, TermBorders { start, end }) {
                prop_assert!(may_match(&text, &pattern, ignore_case, borders));
            }
        }
        let (some, none) = (Borders { start: true, end: false }, Borders { start: false, end: true });
        let whole = Borders { start: true, end: true };
        if needle.starts(&text) {
            prop_assert!(may_match(&text, &pattern, ignore_case, some));
        }
        if needle.ends(&text) {
            prop_assert!(may_match(&text, &pattern, ignore_case, none));
        }
        if needle.equals(&text) {
            prop_assert!(may_match(&text, &pattern, ignore_case, whole));
        }
        if text.to_lowercase() == pattern {
            prop_assert!(may_match(&text, &pattern, false, whole));
        }
    }

    /// The other way round: one term of ASCII letters is known where `has` finds it, and nowhere else.
    #[test]
    fn a_term_of_ascii_is_known_just_where_it_is(
        text in "[abAB1 .\\-_]{0,12}",
        pattern in "[abAB1]{1,3}",
    ) {
        let whole = TermBorders { start: true, end: true };
        let found = Needle::new(&pattern, true).is_term_in(&text, whole);
        let borders = Borders { start: true, end: true };
        // A number that is printed in another way has more terms.
        prop_assume!(serde_json::from_str::<Json>(text.trim()).is_err());
        prop_assert_eq!(may_match(&text, &pattern, true, borders), found);
    }

    #[test]
    fn what_a_dynamic_value_shows_the_filters_know(
        text in json_text(),
        keys in prop::collection::vec(prop_oneof![Just(None), (-2_i64..3).prop_map(Some)], 0..3),
    ) {
        let path: Vec<PathStep<'_>> = keys
            .iter()
            .map(|key| key.map_or(PathStep::Key("k"), PathStep::Position))
            .collect();
        let stored = Dynamic::from_text(text.as_str());
        let parsed = parse_json_text(&text);
        for value in [Some(&stored), parsed.as_ref()].into_iter().flatten() {
            prop_assert!(covers(&text, &value.to_plain_text()));
            if let Some(part) = value.get(&path) {
                prop_assert!(covers(&text, &part.to_plain_text()), "{}", part.as_text());
                prop_assert!(covers(&text, part.as_text()), "{}", part.as_text());
            }
        }
    }
}
