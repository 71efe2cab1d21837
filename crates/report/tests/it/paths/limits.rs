//! Every format says what is not shown; wrong input does no harm.

use stance_report::TableOptions;
use stance_report::paths::{
    PathView, PathsReport, Picture, StepView, csv, detail, dot, json, list, mermaid, svg,
};

use super::fixture::{estate, node, report, short};
use crate::schemas::problems;

const SAID: &str = "stopped at 8 steps";

#[test]
fn every_format_says_what_was_bounded() {
    let report = estate();
    let picture = Picture::of(&report);
    let written = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    let drawing = svg::render(&picture);
    for text in [
        drawing.svg,
        drawing.text,
        dot::render(&picture),
        mermaid::render(&picture),
        list::list(&report).notes.join("\n"),
        written(&|out| json::write(out, &report).unwrap()),
        written(&|out| csv::write(out, &report).unwrap()),
        written(&|out| {
            let options = TableOptions::default();
            detail::write(out, &report.paths[0], &report.bounded, &options).unwrap();
        }),
    ] {
        assert!(text.contains(SAID), "{text}");
    }
}

#[test]
fn a_bound_without_any_path_is_still_in_the_csv() {
    let mut report = report(Vec::new());
    report.bounded = estate().bounded;
    let mut bytes = Vec::new();
    csv::write(&mut bytes, &report).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains(SAID));
}

#[test]
fn formats_have_the_same_numbers() {
    let picture = Picture::of(&estate());
    let (dot, mermaid) = (dot::render(&picture), mermaid::render(&picture));
    let drawing = svg::render(&picture);
    for (index, arrow) in picture.arrows.iter().enumerate() {
        let number = index + 1;
        let (from, to) = (arrow.from + 1, arrow.to + 1);
        assert!(dot.contains(&format!(
            "n{from} -> n{to} [label=\"{number}. {}\"",
            arrow.label
        )));
        assert!(mermaid.contains(&format!("|\"{number}: {}\"| n{to}\n", arrow.label)));
        assert!(drawing.svg.contains(&format!(">{number}</text>")));
        assert!(drawing.text.contains(&format!(
            "{number}. {}",
            picture.nodes[arrow.from].view.name
        )));
    }
}

#[test]
fn shared_nodes_and_steps_are_drawn_once() {
    let one = short().paths.remove(0);
    let mut other = one.clone();
    other.name = "Another way to see it".to_owned();
    let picture = Picture::of(&report(vec![one, other]));
    assert_eq!((picture.nodes.len(), picture.arrows.len()), (3, 2));
    assert_eq!(picture.routes[0].numbers, picture.routes[1].numbers);
    assert_eq!(picture.arrows[0].evidence.len(), 1);
}

/// Paths of ten nodes each that share nothing.
fn many(count: usize) -> PathsReport {
    let paths = (0..count).map(|path| {
        let nodes: Vec<_> = (0..10)
            .map(|index| {
                let name = format!("node-{path}-{index}");
                node(&name, &name, "aws::iam::role", "AWS", "identity")
            })
            .collect();
        PathView {
            id: format!("path-{path}"),
            entry: nodes[0].clone(),
            target: nodes[9].clone(),
            steps: (1..10)
                .map(|to| StepView {
                    from: to - 1,
                    to,
                    label: "can impersonate as".to_owned(),
                    ..StepView::default()
                })
                .collect(),
            nodes,
            ..PathView::default()
        }
    });
    report(paths.collect())
}

#[test]
fn a_picture_holds_two_hundred_nodes_and_says_what_it_leaves_out() {
    let picture = Picture::of(&many(23));
    assert_eq!(picture.nodes.len(), 200);
    assert_eq!(picture.routes.len(), 20);
    let note = picture.notes.last().unwrap();
    assert!(
        note.contains("3 paths are left out") && note.contains("30 more nodes"),
        "{note}"
    );
    assert!(svg::render(&picture).svg.contains("3 paths are left out"));
    assert_eq!(Picture::of(&many(20)).notes, Vec::<String>::new());
}

#[test]
fn steps_to_nowhere_are_passed_over() {
    let mut path = short().paths.remove(0);
    path.steps.push(StepView {
        from: 2,
        to: 77,
        ..StepView::default()
    });
    path.steps.push(StepView {
        from: 1,
        to: 1,
        ..StepView::default()
    });
    let report = report(vec![path]);
    let picture = Picture::of(&report);
    assert_eq!(picture.arrows.len(), 2);
    svg::render(&picture);
    csv::write(&mut Vec::new(), &report).unwrap();
    detail::write(Vec::new(), &report.paths[0], &[], &TableOptions::default()).unwrap();
}

#[test]
fn no_path_is_a_picture_too() {
    let drawing = svg::render(&Picture::of(&report(Vec::new())));
    assert!(drawing.svg.contains("No attack path"));
}

#[test]
fn lists_name_the_fix_that_closes_most() {
    let one = short().paths.remove(0);
    let mut other = one.clone();
    let mut better = one.findings[0].clone();
    better.id = "finding-1".to_owned();
    better.title = "Weak".to_owned();
    other.findings.push(better);
    other.entry.name = "Partner network".to_owned();
    let list = list::list(&report(vec![one, other]));
    assert_eq!(list.rows.len(), 1, "one outcome");
    let row = &list.rows[0];
    assert_eq!(row[2], "Internet and 1 more");
    assert_eq!(row[5], "2", "alternatives are told below the list");
    assert!(
        row[6].starts_with("Azure AI Services resources"),
        "{}",
        row[6]
    );
}

fn schema() -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("../../docs/schemas/paths.schema.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn as_json(report: &PathsReport) -> serde_json::Value {
    let mut bytes = Vec::new();
    json::write(&mut bytes, report).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn json_keeps_to_its_schema() {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    for report in [short(), estate(), report(Vec::new())] {
        assert_eq!(problems(&schema, &as_json(&report)), Vec::<String>::new());
    }
    for (pointer, value) in [
        ("/paths/0/riskLevel", "Severe"),
        ("/paths/0/steps/0/confidence", "Sure"),
        ("/paths/0/nodes/0/insights", "none"),
        ("/generatedAt", "yesterday"),
        ("/bounded", "no"),
    ] {
        let mut wrong = as_json(&short());
        *wrong.pointer_mut(pointer).unwrap() = value.into();
        assert!(!problems(&schema, &wrong).is_empty(), "{pointer}");
    }
}

#[test]
fn the_schema_names_every_field_that_is_written() {
    let (schema, written) = (schema(), as_json(&short()));
    for (pointer, definition) in [
        ("", "/properties"),
        ("/paths/0", "/$defs/path/properties"),
        ("/paths/0/shares/0", "/$defs/share/properties"),
        ("/paths/0/nodes/0", "/$defs/node/properties"),
        ("/paths/0/steps/0", "/$defs/step/properties"),
        ("/paths/0/findings/0", "/$defs/finding/properties"),
    ] {
        let properties = schema.pointer(definition).unwrap();
        for field in written
            .pointer(pointer)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(properties.get(field).is_some(), "{pointer}/{field}");
        }
    }
}

#[test]
fn a_crowded_picture_is_drawn_in_reasonable_time() {
    let paths = (0..40_usize).map(|path| {
        let nodes: Vec<_> = (0..200)
            .map(|index| {
                let name = format!("node-{index}");
                node(&name, &name, "aws::iam::role", "AWS", "identity")
            })
            .collect();
        let steps = (0..14)
            .map(|step| {
                let from = (path * 31 + step * 17) % 200;
                StepView {
                    from,
                    to: (from * 7 + step * path + 1) % 200,
                    label: format!("label {path}"),
                    ..StepView::default()
                }
            })
            .collect();
        PathView {
            entry: nodes[path].clone(),
            target: nodes[199 - path].clone(),
            steps,
            nodes,
            ..PathView::default()
        }
    });
    let picture = Picture::of(&report(paths.collect()));
    assert!(picture.arrows.len() > 500);
    let started = std::time::Instant::now();
    svg::render(&picture);
    // Far above what it takes, so that a busy machine passes.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
