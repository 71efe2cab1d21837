//! Whole templates. `STANCE_UPDATE_GOLDEN=1` rewrites what is expected.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_collect::{CollectOptions, Gathered, collect};

/// The written templates.
pub(super) const CASES: [&str; 7] = [
    "agent.yaml",
    "conditions.json",
    "faults.yaml",
    "functions.yaml",
    "loops.yaml",
    "nested.yaml",
    "serverless.yaml",
];

pub(super) fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/cloudformation/cases")
}

fn shown(gathered: &Gathered) -> String {
    let mut text = String::new();
    let file = |path: &str| path.rsplit("cases/").next().unwrap_or(path).to_owned();
    for resource in &gathered.resources {
        let source = &resource.source;
        writeln!(text, "resource {}", resource.id).unwrap();
        writeln!(
            text,
            "type {} at {}:{}:{}",
            resource.resource_type,
            file(&source.file),
            source.line,
            source.column
        )
        .unwrap();
        for unknown in &resource.unknowns {
            writeln!(text, "unknown {:?} {}", unknown.pointer, unknown.expression).unwrap();
        }
        writeln!(
            text,
            "{}\n",
            serde_json::to_string_pretty(&resource.body).unwrap()
        )
        .unwrap();
    }
    for row in &gathered.coverage {
        writeln!(
            text,
            "coverage {} {} {} {}",
            file(&row.scope),
            row.what,
            row.status.as_str(),
            row.count
        )
        .unwrap();
    }
    for said in &gathered.diagnostics {
        writeln!(
            text,
            "{} {:?} {}:{}:{} {}",
            said.code,
            said.level,
            file(&said.file),
            said.line,
            said.column,
            said.message
        )
        .unwrap();
    }
    text
}

#[test]
fn written_templates_give_what_is_written_beside_them() {
    let mut wrong = Vec::new();
    for case in CASES {
        let mut gathered = Gathered::default();
        collect(
            &[cases().join(case)],
            &CollectOptions::default(),
            &mut gathered,
        );
        let found = shown(&gathered);
        let path = cases().join(format!("{case}.expected.txt"));
        if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        if found != wanted {
            wrong.push(format!("{case} differs; now:\n{found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "STANCE_UPDATE_GOLDEN=1 rewrites what is expected\n{}",
        wrong.join("\n")
    );
}
