//! Whole folders of answers. `STANCE_UPDATE_GOLDEN=1` rewrites what is expected.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_collect::{CollectOptions, Gathered, collect};

use crate::support::{covered, said};

fn check(case: &str) {
    let cases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/agents/cases");
    let folder = cases.join(case);
    let mut gathered = Gathered::default();
    collect(
        std::slice::from_ref(&folder),
        &CollectOptions::default(),
        &mut gathered,
    );
    let shown = folder.to_string_lossy().into_owned();
    let found = show(&gathered)
        .replace(&shown.to_lowercase(), case)
        .replace(&shown, case);
    let expected = cases.join(format!("{case}.expected.txt"));
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::write(&expected, &found).unwrap();
    }
    let written = std::fs::read_to_string(&expected).unwrap_or_default();
    assert!(
        written == found,
        "{} differs; STANCE_UPDATE_GOLDEN=1 rewrites it. Now:\n{found}",
        expected.display()
    );
}

fn show(gathered: &Gathered) -> String {
    let mut text = String::new();
    for resource in &gathered.resources {
        let _ = writeln!(
            text,
            "{} {}\n{}",
            resource.resource_type,
            resource.id,
            serde_json::to_string_pretty(&resource.body).unwrap()
        );
    }
    let _ = write!(
        text,
        "\ncoverage\n{}\nsaid\n{}",
        covered(gathered),
        said(gathered)
    );
    text
}

#[test]
fn foundry_agents_of_both_generations_lie_in_their_account() {
    check("foundry");
}

#[test]
fn foundry_answers_without_a_project_are_read_and_told() {
    check("foundry_unknown");
}

#[test]
fn copilot_studio_agents_are_put_together() {
    check("copilot_studio");
}

#[test]
fn search_services_keep_targets_and_lose_keys() {
    check("search");
}

#[test]
fn entra_objects_and_their_relations() {
    check("entra");
}

#[test]
fn entra_objects_as_az_prints_them() {
    check("entra_az");
}
