//! The demo estate: exactly the planted faults are found, and the queries in circulation give Kusto's answers.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Value, json};
use stance_testkit::demo_estate;

use crate::support::{NOW, Sandbox, root, shared};

/// The folders of the estate.
pub(crate) const PARTS: [&str; 6] = ["azure", "aws", "gcp", "power-platform", "sbom", "terraform"];

/// The estate's Azure part, which the queries in circulation are about.
fn scanned() -> (Sandbox, Value) {
    scanned_parts(&PARTS[..1])
}

pub(crate) fn scanned_parts(parts: &[&str]) -> (Sandbox, Value) {
    let sandbox = Sandbox::new();
    let estate = root().join("examples/contoso-financial");
    let paths: Vec<String> = parts
        .iter()
        .map(|part| estate.join(part).to_str().unwrap().to_owned())
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let report = sandbox.scan(&paths);
    (sandbox, report)
}

#[test]
fn exactly_the_planted_faults_are_found() {
    let (_, report) = scanned_parts(&PARTS);
    let mut expected = BTreeSet::new();
    let path = root().join("examples/contoso-financial/expected-findings.csv");
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        write_findings(&path, &report);
    }
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        expected.insert((
            record[0].to_lowercase(),
            record[1].to_owned(),
            record[2].to_owned(),
        ));
    }
    let found: BTreeSet<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] == "Unhealthy" || finding["state"] == "Unknown")
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            (
                text("resourceId").to_lowercase(),
                text("recommendation"),
                text("state"),
            )
        })
        .collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:#?}\nextra {extra:#?}"
    );
    assert!(expected.len() >= 250);
    assert_eq!(
        report["summary"]["diagnostics"]["error"], 0,
        "{}",
        report["diagnostics"]
    );
}

/// Writes the list anew; whoever asks for it reads the difference.
fn write_findings(path: &std::path::Path, report: &Value) {
    let mut rows = BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        if matches!(text("state").as_str(), "Unhealthy" | "Unknown") {
            rows.insert([text("recommendation"), text("resourceId"), text("state")]);
        }
    }
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer
        .write_record(["resourceId", "recommendation", "state"])
        .unwrap();
    for [recommendation, resource, state] in &rows {
        writer
            .write_record([resource, recommendation, state])
            .unwrap();
    }
}

#[test]
fn every_finding_has_evidence_and_a_remedy() {
    let (_, report) = scanned_parts(&PARTS);
    for finding in report["findings"].as_array().unwrap() {
        if finding["state"] != "Unhealthy" {
            continue;
        }
        assert!(
            !finding["evidence"].as_array().unwrap().is_empty(),
            "{finding}"
        );
        assert!(
            !finding["remediation"]["text"].as_str().unwrap().is_empty(),
            "{finding}"
        );
        assert!(
            !finding["remediation"]["commands"]
                .as_array()
                .unwrap()
                .is_empty(),
            "{finding}"
        );
    }
}

/// The queries as they circulate, with the answers that Kusto gives on these rows: the counts of rows, and the
/// cells that tell. `examples/contoso-financial/README.md` explains each.
#[test]
fn queries_in_circulation_give_the_answers_of_kusto() {
    let Some(shared) = shared() else { return };
    let (sandbox, _) = scanned();
    let now = DateTime::parse_from_rfc3339(NOW).unwrap().to_utc();
    demo_estate::write(&sandbox.path("telemetry"), now).unwrap();
    let files = [
        "SecurityAlert.jsonl",
        "SigninLogs.jsonl",
        "AzureDiagnostics.jsonl",
        "attack-paths.json",
    ];
    let paths: Vec<String> = files
        .iter()
        .map(|file| format!("telemetry/{file}"))
        .collect();
    let mut ingest = vec!["ingest"];
    ingest.extend(paths.iter().map(String::as_str));
    sandbox.ok(&ingest);

    let ask = |name: &str| {
        let path = shared.join("seeds/queries").join(name);
        let run = sandbox.ok(&["query", "-f", path.to_str().unwrap(), "--format", "json"]);
        run.json().as_array().unwrap().clone()
    };
    let recommendations = ask("01-unhealthy-recommendations.kql");
    assert_eq!(recommendations.len(), 37);
    assert_eq!(
        recommendations[0]["RecommendationSeverity"], "High",
        "severities sort by the alphabet"
    );
    let total: i64 = recommendations
        .iter()
        .map(|row| row["Count"].as_i64().unwrap())
        .sum();
    assert_eq!(total, 89);
    assert_eq!(ask("02-ai-alerts-7d.kql").len(), 9);
    assert_eq!(ask("03-alerts-with-signin-risk.kql").len(), 21);
    let baseline = ask("04-hourly-call-baseline.kql");
    assert_eq!(baseline.len(), 728);
    assert!(
        baseline.iter().all(|row| row["AvgTokens"] == "NaN"),
        "toint of JSON text is null"
    );
    let anomalies = ask("05-three-times-baseline.kql");
    assert_eq!(anomalies.len(), 3, "count()/30 divides integers");
    assert!(
        ask("06-large-completions.kql").is_empty(),
        "toint of JSON text is null"
    );
    let paths = ask("07-attack-paths.kql");
    let level = |row: &Value| row["RiskLevel"].as_str().unwrap().to_owned();
    assert_eq!(
        paths.iter().map(level).collect::<Vec<_>>(),
        [
            "Medium", "Medium", "High", "High", "High", "High", "High", "High", "Critical", "", ""
        ],
        "Stance's own seven and four that were taken in, sorted by the alphabet"
    );
    assert_eq!(ask("08-sentinel-jailbreak-risky-signin.kql").len(), 3);
    let inventory = ask("09-tile-inventory.kql");
    assert_eq!(inventory.len(), 6);
    assert_eq!(ask("10-tile-compliance.kql").len(), 50);
    assert_eq!(ask("11-tile-alert-trend.kql").len(), 11);
    let callers: Vec<_> = ask("12-tile-top-callers.kql")
        .iter()
        .map(|row| row["Calls"].as_i64().unwrap())
        .collect();
    assert_eq!(callers, [210, 168, 126, 112, 64, 63, 62, 45, 42, 35]);
    let summary = ask("13-executive-summary.kql");
    assert_eq!(
        json!(summary),
        json!([{"TotalRecommendations": 293, "HealthyPct": 45.4, "AlertsLast30d": 13, "HighSevAlerts": 3, "CriticalAlerts": 0}])
    );
}

#[test]
fn corrected_twins_run() {
    let (sandbox, _) = scanned();
    let folder = root().join("content/queries");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        sandbox.ok(&["query", "-f", path.to_str().unwrap(), "--format", "json"]);
    }
}
