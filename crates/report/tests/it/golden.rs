//! Reads each format as a person would. `STANCE_UPDATE_GOLDEN=1` rewrites the files.

use std::path::Path;

use stance_report::{
    ReportError, ScanReport, TableOptions, csv_findings, html, json, markdown, sarif, table,
};

use crate::fixture::small;

fn check(name: &str, write: impl FnOnce(&mut Vec<u8>, &ScanReport) -> Result<(), ReportError>) {
    let mut bytes = Vec::new();
    write(&mut bytes, &small()).unwrap();
    check_bytes(name, &bytes);
}

pub(crate) fn check_bytes(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
        return;
    }
    let expected =
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        bytes == expected,
        "{name} differs; STANCE_UPDATE_GOLDEN=1 rewrites it. Now:\n{}",
        String::from_utf8_lossy(bytes)
    );
}

fn options(width: usize) -> TableOptions {
    TableOptions {
        width,
        exit_hint: Some("Exit 1: findings at or above high (--fail-on high).".to_owned()),
        ..TableOptions::default()
    }
}

#[test]
fn table_of_80_columns() {
    check("table-80.txt", |out, report| {
        table::write(out, report, &options(80))
    });
}

#[test]
fn table_of_120_columns() {
    check("table-120.txt", |out, report| {
        table::write(out, report, &options(120))
    });
}

#[test]
fn table_in_colour() {
    check("table-80-colour.txt", |out, report| {
        table::write(
            out,
            report,
            &TableOptions {
                color: true,
                ..options(80)
            },
        )
    });
}

#[test]
fn json_report() {
    check("report.json", |out, report| json::write(out, report));
}

#[test]
fn csv_report() {
    check("findings.csv", |out, report| {
        csv_findings::write(out, report)
    });
}

#[test]
fn sarif_report() {
    check("report.sarif", |out, report| sarif::write(out, report));
}

#[test]
fn markdown_report() {
    check("report.md", |out, report| markdown::write(out, report));
}

#[test]
fn html_report() {
    check("report.html", |out, report| {
        html::write(out, report, &html::HtmlOptions::default())
    });
}
