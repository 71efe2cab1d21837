//! Reads each format as a person would. `STANCE_UPDATE_GOLDEN=1` rewrites the files.

use stance_report::TableOptions;
use stance_report::paths::{Picture, csv, detail, dot, json, list, mermaid, svg};

use super::fixture::{estate, short};
use crate::golden::check_bytes;

#[test]
fn pictures() {
    for (name, report) in [("paths-3", short()), ("paths-30", estate())] {
        let picture = Picture::of(&report);
        let drawing = svg::render(&picture);
        check_bytes(&format!("{name}.svg"), drawing.svg.as_bytes());
        check_bytes(&format!("{name}.txt"), drawing.text.as_bytes());
        check_bytes(&format!("{name}.dot"), dot::render(&picture).as_bytes());
        check_bytes(&format!("{name}.mmd"), mermaid::render(&picture).as_bytes());
    }
}

#[test]
fn lists() {
    for (name, report) in [("paths-3", short()), ("paths-30", estate())] {
        let mut bytes = Vec::new();
        csv::write(&mut bytes, &report).unwrap();
        check_bytes(&format!("{name}.csv"), &bytes);
        let list = list::list(&report);
        let mut lines: Vec<String> = list.rows.iter().map(|row| row.join(" | ")).collect();
        lines.insert(0, list::HEADER.join(" | "));
        lines.extend(list.notes);
        check_bytes(
            &format!("{name}-list.txt"),
            (lines.join("\n") + "\n").as_bytes(),
        );
    }
    let mut bytes = Vec::new();
    json::write(&mut bytes, &short()).unwrap();
    check_bytes("paths-3.json", &bytes);
}

#[test]
fn one_path_at_length() {
    let report = short();
    for (name, color) in [
        ("paths-detail.txt", false),
        ("paths-detail-colour.txt", true),
    ] {
        let mut bytes = Vec::new();
        let options = TableOptions {
            width: 80,
            color,
            ..TableOptions::default()
        };
        detail::write(&mut bytes, &report.paths[0], &report.bounded, &options).unwrap();
        check_bytes(name, &bytes);
    }
}
