//! What is read from a file of each format, as a text that a person can read: `cases/NAME.EXT` gives
//! `cases/NAME.expected.txt`. `STANCE_UPDATE_GOLDEN=1` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use stance_collect::Gathered;

use crate::support::{covered, read_as, said};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/cases");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".expected.txt"))
        .collect();
    found.sort();
    found
}

fn show(found: &Gathered) -> String {
    let mut text = String::new();
    for resource in &found.resources {
        let observed = resource.observed_at.as_deref().unwrap_or("-");
        let _ = writeln!(
            text,
            "{} | {} | line {} | observed {observed}",
            resource.resource_type,
            resource.cloud.as_str(),
            resource.source.line
        );
        for unknown in &resource.unknowns {
            let _ = writeln!(text, "unknown {}: {}", unknown.pointer, unknown.expression);
        }
        let body = serde_json::to_string_pretty(&resource.body).unwrap();
        let _ = writeln!(text, "{body}\n");
    }
    let _ = write!(
        text,
        "Coverage\n{}\nDiagnostics\n{}",
        covered(found),
        said(found)
    );
    text
}

#[test]
fn every_format_gives_what_is_written_down() {
    let cases = cases();
    assert!(!cases.is_empty());
    let mut differing = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let found = read_as(&name, std::fs::read(&case).unwrap()).0;
        let shown = show(&found);
        let expected = case.with_extension("expected.txt");
        if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        }
        let written = std::fs::read_to_string(&expected).unwrap_or_default();
        if written != shown {
            differing.push(format!("--- {name}\n{shown}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
