//! The page can be read by everybody: contrast, headings, landmarks, names of tables.

use std::collections::HashMap;
use std::path::Path;

use stance_report::html::{self, HtmlOptions};

use crate::fixture::small;

fn page() -> String {
    let mut bytes = Vec::new();
    html::write(&mut bytes, &small(), &HtmlOptions::default()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Relative luminance as WCAG 2.2 defines it.
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let full: String = if digits.len() == 3 {
        digits.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        digits.to_owned()
    };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&full[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

pub(crate) fn contrast(left: &str, right: &str) -> f64 {
    let (left, right) = (luminance(left) + 0.05, luminance(right) + 0.05);
    left.max(right) / left.min(right)
}

#[test]
fn every_theme_has_the_contrast_of_level_aa() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/html/style.css");
    let style = std::fs::read_to_string(path).unwrap();
    let themes: Vec<HashMap<&str, &str>> = style
        .split(":root {")
        .skip(1)
        .map(|theme| {
            let declarations = theme.split('}').next().unwrap().split(';');
            let pairs =
                declarations.filter_map(|pair| pair.trim().strip_prefix("--")?.split_once(": "));
            pairs.collect()
        })
        .collect();
    assert_eq!(themes.len(), 3, "light, dark, print");
    for theme in themes {
        for front in ["text", "quiet", "link"] {
            for back in ["page", "panel"] {
                assert!(
                    contrast(theme[front], theme[back]) >= 4.5,
                    "{front} on {back}: {theme:?}"
                );
            }
        }
        for badge in ["critical", "high", "medium", "low", "quiet"] {
            assert!(
                contrast(theme["on-badge"], theme[badge]) >= 4.5,
                "{badge}: {theme:?}"
            );
        }
    }
}

#[test]
fn headings_go_down_one_step_at_a_time() {
    let page = page();
    let levels: Vec<u32> = page
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next()?.to_digit(10))
        .collect();
    assert_eq!(levels[0], 1);
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "h{} follows h{}", pair[1], pair[0]);
    }
}

#[test]
fn landmarks_captions_and_targets_are_there() {
    let page = page();
    for landmark in [
        "<html lang=\"en\">",
        "<header>",
        "<nav aria-label=",
        "<main>",
        "<footer>",
        "class=\"skip\"",
    ] {
        assert!(page.contains(landmark), "{landmark}");
    }
    assert_eq!(
        page.matches("<table").count(),
        page.matches("<caption>").count()
    );
    for target in page.split("href=\"#").skip(1) {
        let target = target.split('"').next().unwrap();
        assert_eq!(
            page.matches(&format!("id=\"{target}\"")).count(),
            1,
            "#{target}"
        );
    }
}

#[test]
fn the_page_says_what_was_found() {
    let page = page();
    for text in [
        "4 findings, 3 of them critical or high.",
        "publicNetworkAccess = &quot;Enabled&quot;",
        "templates/main.json:31:9",
        "--set properties.disableLocalAuth=true",
        "Azure OpenAI account",
        "403 AuthorizationFailed for the reader",
        "COL0003",
        "MCSB v2 IM-1",
    ] {
        assert!(page.contains(text), "{text}");
    }
}
