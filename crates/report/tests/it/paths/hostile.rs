//! Names that an attacker chose do nothing in any format.

use std::collections::BTreeSet;

use stance_report::TableOptions;
use stance_report::paths::{PathsReport, Picture, csv, detail, dot, json, mermaid, svg};

use super::fixture::short;

const NAMES: [&str; 12] = [
    "\u{1b}[31mred\u{1b}[0m\u{7}",
    "\u{202e}txt.exe\u{2066}",
    "<script>alert(1)</script>",
    "\"quoted\" 'and' `ticked`",
    "]]><svg onload=alert(1)>",
    "two\nlines\r\nand\ttab",
    "=HYPERLINK(\"http://evil\")",
    "-->|x| n9[\"end\"]:::evil",
    "end",
    "1. list; subgraph %%{init}%%",
    "&lt;&#0; \\\" \\N \\G",
    "\u{0}\u{fffe}\u{e0041}",
];

/// Every text of a report is the hostile name.
fn report(name: &str) -> PathsReport {
    let mut value = serde_json::to_value(short()).unwrap();
    replace(&mut value, name);
    value["generatedAt"] = "2026-11-30T12:00:00Z".into();
    let path = &mut value["paths"][0];
    for (index, node) in path["nodes"].as_array_mut().unwrap().iter_mut().enumerate() {
        node["id"] = format!("{index}{name}").into();
    }
    path["entry"]["id"] = format!("0{name}").into();
    path["target"]["id"] = format!("2{name}").into();
    for step in path["steps"].as_array_mut().unwrap() {
        step["confidence"] = "Low".into();
    }
    value["bounded"] = serde_json::json!([name]);
    serde_json::from_value(value).unwrap()
}

fn replace(value: &mut serde_json::Value, name: &str) {
    match value {
        serde_json::Value::String(text) => name.clone_into(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name)),
        serde_json::Value::Object(fields) => {
            fields.values_mut().for_each(|field| replace(field, name));
        }
        _ => {}
    }
}

fn assert_no_unsafe(format: &str, text: &str) {
    for line in text.split('\n') {
        // CSV ends lines with CR LF.
        let line = line.strip_suffix('\r').unwrap_or(line);
        assert!(
            !line.contains(stance_base::safe_text::is_unsafe),
            "{format}: {line:?}"
        );
    }
}

#[test]
fn svg_holds_text_only_where_it_was_put() {
    let plain = svg::render(&Picture::of(&report("plain")));
    let tags = |svg: &str| -> BTreeSet<String> {
        let starts = svg.split('<').skip(1);
        starts
            .map(|rest| {
                let end = rest.find([' ', '>', '/']).unwrap_or(rest.len());
                rest[..end].to_owned()
            })
            .collect()
    };
    for name in NAMES {
        let drawing = svg::render(&Picture::of(&report(name)));
        assert_no_unsafe("svg", &drawing.svg);
        assert_no_unsafe("text", &drawing.text);
        assert_eq!(tags(&drawing.svg), tags(&plain.svg), "{name:?}");
        let attributes = drawing.svg.matches('"').count();
        assert_eq!(attributes % 2, 0, "{name:?}");
        for start in [" on", "href", "url(", "@import", "]]>"] {
            let tags = drawing
                .svg
                .split('<')
                .filter_map(|part| part.split('>').next());
            for tag in tags {
                assert!(!tag.contains(start), "{name:?}: {tag}");
            }
        }
        // One line a step: no name makes further lines of its own.
        assert_eq!(drawing.text.lines().count(), plain.text.lines().count());
    }
}

#[test]
fn dot_strings_end_where_they_should() {
    let lines = dot::render(&Picture::of(&report("plain"))).lines().count();
    for name in NAMES {
        let text = dot::render(&Picture::of(&report(name)));
        assert_no_unsafe("dot", &text);
        assert_eq!(text.lines().count(), lines, "{name:?}");
        for line in text.lines() {
            let quotes = line
                .replace("\\\\", "")
                .replace("\\\"", "")
                .matches('"')
                .count();
            assert_eq!(quotes % 2, 0, "{line}");
            assert!(!line.contains('<'), "{line}");
        }
    }
}

#[test]
fn mermaid_labels_hold_nothing_that_mermaid_obeys() {
    let lines = mermaid::render(&Picture::of(&report("plain")))
        .lines()
        .count();
    for name in NAMES {
        let text = mermaid::render(&Picture::of(&report(name)));
        assert_no_unsafe("mermaid", &text);
        assert_eq!(text.lines().count(), lines, "{name:?}");
        for line in text.lines().filter(|line| line.contains('"')) {
            let label = line.split('"').nth(1).unwrap().replace("<br/>", " ");
            assert_eq!(line.matches('"').count(), 2, "{line}");
            assert!(
                !label.contains([
                    '<', '>', '[', ']', '{', '}', '|', '`', '\\', '%', '(', ')', '@', '*', '_'
                ]),
                "{line}"
            );
            let mut words = label.split(|character: char| !character.is_alphanumeric());
            assert!(!words.any(|word| word == "end"), "{line}");
        }
    }
}

#[test]
fn csv_cells_are_no_formulas() {
    for name in NAMES {
        let mut bytes = Vec::new();
        csv::write(&mut bytes, &report(name)).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        for record in reader.records() {
            let record = record.unwrap();
            assert_eq!(record.len(), csv::COLUMNS.len());
            for cell in &record {
                for part in cell.split([';', '\n']) {
                    assert!(
                        !part.trim_start().starts_with(['=', '+', '-', '@']),
                        "{cell:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn json_gives_back_the_names() {
    for name in NAMES {
        let report = report(name);
        let mut bytes = Vec::new();
        json::write(&mut bytes, &report).unwrap();
        assert_no_unsafe("json", std::str::from_utf8(&bytes).unwrap());
        let read: PathsReport = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read, report);
    }
}

#[test]
fn a_terminal_obeys_nothing() {
    for name in NAMES {
        for color in [false, true] {
            let options = TableOptions {
                color,
                ..TableOptions::default()
            };
            let report = report(name);
            let mut bytes = Vec::new();
            detail::write(&mut bytes, &report.paths[0], &report.bounded, &options).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            let ours: String = text
                .split("\u{1b}[")
                .enumerate()
                .map(|(index, part)| match index {
                    0 => part,
                    _ => part.split_once('m').unwrap().1,
                })
                .collect();
            assert_no_unsafe("detail", if color { &ours } else { &text });
        }
    }
}
