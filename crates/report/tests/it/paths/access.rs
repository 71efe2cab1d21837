//! A picture can be read by everybody: contrast, a name and a description.

use std::collections::BTreeMap;

use stance_report::paths::{Picture, svg};

use super::fixture::estate;
use crate::page::contrast;

/// Colours of a theme by class and property, `.sp-box fill`.
fn theme(css: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for rule in css.split('}') {
        let Some((selector, body)) = rule.split_once('{') else {
            continue;
        };
        for declaration in body.split(';') {
            if let Some((property, value)) = declaration.split_once(':')
                && let Some(colour) = value.strip_prefix('#')
            {
                let full: String = match colour.len() {
                    3 => colour.chars().flat_map(|digit| [digit, digit]).collect(),
                    _ => colour.to_owned(),
                };
                out.insert(
                    format!("{} {property}", selector.trim()),
                    format!("#{full}"),
                );
            }
        }
    }
    out
}

#[test]
fn both_themes_have_the_contrast_of_level_aa() {
    let drawing = svg::render(&Picture::of(&estate()));
    let css = drawing.svg.split("<style>").nth(1).unwrap();
    let css = css.split("</style>").next().unwrap();
    let (light, dark) = css
        .split_once("@media (prefers-color-scheme:dark){")
        .unwrap();
    let texts = [
        (".sp-text fill", ".sp-page fill"),
        (".sp-text fill", ".sp-box fill"),
        (".sp-quiet fill", ".sp-page fill"),
        (".sp-quiet fill", ".sp-box fill"),
        (".sp-on fill", ".sp-mark-entry fill"),
        (".sp-on fill", ".sp-mark-target fill"),
        (".sp-on fill", ".sp-head.sp-high fill"),
        (".sp-on fill", ".sp-head.sp-medium fill"),
        (".sp-on fill", ".sp-head.sp-low fill"),
        (".sp-pill-text fill", ".sp-pill fill"),
        (".sp-pill-text.sp-exposed fill", ".sp-pill.sp-exposed fill"),
        (
            ".sp-pill-text.sp-sensitive fill",
            ".sp-pill.sp-sensitive fill",
        ),
        (
            ".sp-pill-text.sp-vulnerable fill",
            ".sp-pill.sp-vulnerable fill",
        ),
    ];
    let shapes = [
        (".sp-box stroke", ".sp-page fill"),
        (".sp-box.sp-entry stroke", ".sp-page fill"),
        (".sp-box.sp-target stroke", ".sp-page fill"),
        (".sp-line.sp-high stroke", ".sp-page fill"),
        (".sp-line.sp-medium stroke", ".sp-page fill"),
        (".sp-line.sp-low stroke", ".sp-page fill"),
        (".sp-plain stroke", ".sp-tile fill"),
        (".sp-who stroke", ".sp-tile fill"),
        (".sp-data stroke", ".sp-tile fill"),
        (".sp-secret stroke", ".sp-tile fill"),
        (".sp-ai stroke", ".sp-tile fill"),
    ];
    for (name, css) in [("light", light), ("dark", dark)] {
        let theme = theme(css);
        for (pairs, least) in [(texts.as_slice(), 4.5), (shapes.as_slice(), 3.0)] {
            for (front, back) in pairs {
                let found = contrast(&theme[*front], &theme[*back]);
                assert!(found >= least, "{name}: {front} on {back}: {found}");
            }
        }
    }
}

#[test]
fn the_picture_is_named_and_described_by_its_twin() {
    let drawing = svg::render(&Picture::of(&estate()));
    let labelled = drawing.svg.split("aria-labelledby=\"").nth(1).unwrap();
    let ids = labelled.split('"').next().unwrap();
    let (title, description) = ids.split_once(' ').unwrap();
    assert!(drawing.svg.contains("role=\"img\""));
    assert!(
        drawing
            .svg
            .contains(&format!("<title id=\"{title}\">11 attack paths</title>"))
    );
    let text = drawing
        .svg
        .split(&format!("<desc id=\"{description}\">"))
        .nth(1)
        .unwrap();
    let text = text.split("</desc>").next().unwrap();
    assert_eq!(text, stance_base::safe_text::xml(&drawing.text));
}

#[test]
fn nothing_comes_from_elsewhere() {
    let svg = svg::render(&Picture::of(&estate())).svg;
    for word in [
        "<script",
        "href",
        "url(",
        "@import",
        "<image",
        "<foreignObject",
    ] {
        assert!(!svg.contains(word), "{word}");
    }
}
