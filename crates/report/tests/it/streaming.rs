//! Rows can come one by one, and counts agree with what is there.

use stance_report::csv_findings::{self, CsvWriter};
use stance_report::json::{self, JsonWriter};
use stance_report::{ReportError, TableOptions, table};

use crate::fixture::small;

#[test]
fn rows_one_by_one_give_the_same_json_as_a_whole_report() {
    let report = small();
    let mut whole = Vec::new();
    json::write(&mut whole, &report).unwrap();
    let mut writer = JsonWriter::begin(Vec::new(), &report.summary).unwrap();
    for row in &report.resources {
        writer.resource(row).unwrap();
    }
    for finding in &report.findings {
        writer.finding(finding).unwrap();
    }
    let streamed = writer
        .finish(&report.coverage, &report.diagnostics)
        .unwrap();
    assert!(whole == streamed);
}

#[test]
fn a_report_without_findings_is_whole_json() {
    let report = small();
    let writer = JsonWriter::begin(Vec::new(), &report.summary).unwrap();
    let bytes = writer.finish(&[], &[]).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(value["findings"], serde_json::json!([]));
    assert_eq!(value["resources"], serde_json::json!([]));
}

#[test]
fn a_resource_after_a_finding_is_refused() {
    let report = small();
    let mut writer = JsonWriter::begin(Vec::new(), &report.summary).unwrap();
    writer.finding(&report.findings[0]).unwrap();
    assert!(matches!(
        writer.resource(&report.resources[0]),
        Err(ReportError::Order(_))
    ));
}

#[test]
fn rows_one_by_one_give_the_same_csv_as_a_whole_report() {
    let report = small();
    let (mut whole, mut streamed) = (Vec::new(), Vec::new());
    csv_findings::write(&mut whole, &report).unwrap();
    let mut writer = CsvWriter::begin(&mut streamed).unwrap();
    for finding in &report.findings {
        writer.finding(finding).unwrap();
    }
    writer.finish().unwrap();
    assert!(whole == streamed);
}

#[test]
fn a_full_disk_is_an_error_of_storage() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    use stance_base::{Coded, ErrorCode};
    let report = small();
    let errors = [
        json::write(Full, &report).unwrap_err(),
        csv_findings::write(Full, &report).unwrap_err(),
        table::write(Full, &report, &TableOptions::default()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), ErrorCode::Storage, "{error}");
    }
}

#[test]
fn counts_agree_with_what_is_there() {
    let report = small();
    let summary = &report.summary;
    assert_eq!(summary.resources, 7);
    assert_eq!(summary.ai_resources, 5);
    assert_eq!(
        summary.resource_types["microsoft.cognitiveservices/accounts"],
        3
    );
    assert_eq!(
        summary.workloads.iter().map(|kind| kind.count).sum::<u64>(),
        7
    );
    let states = summary.findings.by_state;
    assert_eq!(
        (
            states.unhealthy,
            states.unknown,
            states.healthy,
            states.not_applicable
        ),
        (4, 1, 1, 0)
    );
    let severities = summary.findings.unhealthy_by_severity;
    assert_eq!(
        (
            severities.critical,
            severities.high,
            severities.medium,
            severities.low
        ),
        (1, 2, 0, 1)
    );
}

#[test]
fn the_table_says_what_it_leaves_out() {
    let mut report = small();
    let finding = report.findings[0].clone();
    for number in 0..100 {
        let mut copy = finding.clone();
        copy.id = format!("f-{number}");
        copy.resource_name = format!("aoai-{number:03}");
        report.findings.push(copy);
    }
    let shown = |all| {
        let mut bytes = Vec::new();
        let options = TableOptions {
            all,
            ..TableOptions::default()
        };
        table::write(&mut bytes, &report, &options).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let (capped, all) = (shown(false), shown(true));
    assert!(
        capped.contains("… and 96 more; --all lists them"),
        "{capped}"
    );
    assert!(!capped.contains("aoai-099"));
    assert!(all.contains("aoai-099") && !all.contains("--all lists them"));
}

#[test]
fn much_of_the_same_hides_nothing_else() {
    let mut report = small();
    for number in 0..50 {
        let mut message = report.diagnostics[0].clone();
        message.file = format!("templates/{number}.json");
        report.diagnostics.insert(0, message);
        let mut gap = report.coverage[1].clone();
        gap.scope = format!("/subscriptions/{number}");
        report.coverage.push(gap);
    }
    let mut rare = report.diagnostics[0].clone();
    rare.code = "COL0099".to_owned();
    report.diagnostics.push(rare);
    let mut bytes = Vec::new();
    table::write(&mut bytes, &report, &TableOptions::default()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("COL0011").count(), 3);
    assert!(text.contains("COL0099") && text.contains("COL0003"));
    assert!(text.contains("… and 48 more; see --format json"), "{text}");
    assert!(text.contains("in 51 scopes"), "{text}");
}
