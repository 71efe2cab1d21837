//! Whatever the text is: no panic, no endless loop, and what is redacted stays so.

use proptest::prelude::*;

use super::golden::{CASES, cases};
use crate::support::read_as;

fn seeds() -> Vec<String> {
    CASES
        .iter()
        .map(|case| std::fs::read_to_string(cases().join(case)).unwrap())
        .collect()
}

/// `PROPTEST_CASES` asks for more.
fn runs() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// A template with lines taken out, doubled or moved, and characters put in.
fn damaged() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "!Ref ",
        "!Sub '${",
        "}",
        "{",
        "[",
        "]",
        "&a ",
        "*a",
        ": ",
        "- ",
        "\n",
        "Fn::If",
        "!GetAtt ",
        "'",
        "\"",
        "|",
        "<<: ",
        "Ref",
        "AWS::Region",
        "---\n",
        "\t",
        "é",
    ]);
    let edit = (any::<prop::sample::Index>(), piece, 0..4_u8);
    (
        prop::sample::select(seeds()),
        prop::collection::vec(edit, 0..8),
    )
        .prop_map(|(text, edits)| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for (index, piece, how) in edits {
                let at = index.index(lines.len());
                match how {
                    0 => lines.insert(at, lines[at].clone()),
                    1 if lines.len() > 1 => {
                        lines.remove(at);
                    }
                    2 => {
                        let cut = (0..=lines[at].len() / 2)
                            .rev()
                            .find(|cut| lines[at].is_char_boundary(*cut))
                            .unwrap_or(0);
                        lines[at].insert_str(cut, piece);
                    }
                    _ => lines[at].push_str(piece),
                }
            }
            lines.join("\n")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(runs()))]

    #[test]
    fn damaged_templates_are_survived(text in damaged()) {
        for name in ["template.yaml", "template.json"] {
            let (gathered, _) = read_as(name, &text);
            for resource in &gathered.resources {
                prop_assert!(resource.body.is_object());
                for field in ["id", "name", "type"] {
                    prop_assert!(resource.text(field).is_some(), "{field} {}", resource.body);
                }
            }
        }
    }

    #[test]
    fn any_text_behind_a_section_is_survived(text in "\\PC{0,400}") {
        read_as("template.yaml", format!("AWSTemplateFormatVersion: 2010-09-09\nResources:\n  A: {text}"));
    }
}
