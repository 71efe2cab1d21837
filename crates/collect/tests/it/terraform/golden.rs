//! Whole estates: source in `golden/NAME`, resources in `golden/NAME.txt`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use stance_collect::{CollectOptions, Gathered, collect};

use super::support::shown;

fn check(name: &str) {
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/terraform/golden");
    let mut gathered = Gathered::default();
    collect(
        &[base.join(name)],
        &CollectOptions::default(),
        &mut gathered,
    );
    let mut text = shown(&gathered.resources);
    for said in &gathered.diagnostics {
        let _ = writeln!(
            text,
            "! {} {}:{} {}",
            said.code, said.file, said.line, said.message
        );
    }
    for row in &gathered.coverage {
        let _ = writeln!(
            text,
            "= {} {} {} {}",
            row.scope,
            row.what,
            row.status.as_str(),
            row.reason
        );
    }
    let text = text
        .replace(&format!("{}/", base.display()), "")
        .replace(&base.display().to_string().to_lowercase(), "");
    compare(&base.join(format!("{name}.txt")), &text);
}

#[track_caller]
fn compare(golden: &Path, text: &str) {
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, text).unwrap();
    }
    let expected = std::fs::read_to_string(golden).unwrap_or_default();
    assert_eq!(
        text,
        expected,
        "STANCE_UPDATE_GOLDEN=1 renews {}",
        golden.display()
    );
}

#[test]
fn an_azure_estate() {
    check("azure");
}

#[test]
fn an_aws_estate() {
    check("aws");
}

#[test]
fn a_google_estate() {
    check("google");
}

#[test]
fn modules_and_variables() {
    check("modules");
}
