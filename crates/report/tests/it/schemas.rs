//! JSON keeps to our schema, SARIF to the standard's.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use stance_report::{ScanReport, json as json_report, sarif};

use crate::fixture::{hostile, small};

fn reports() -> [(&'static str, ScanReport); 3] {
    [
        ("small", small()),
        ("hostile", hostile()),
        ("empty", ScanReport::default()),
    ]
}

pub(crate) fn problems(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap();
    validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn scan_report_schema() -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/scan-report.schema.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn as_json(report: &ScanReport) -> Value {
    let mut bytes = Vec::new();
    json_report::write(&mut bytes, report).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn as_sarif(report: &ScanReport) -> Value {
    let mut bytes = Vec::new();
    sarif::write(&mut bytes, report).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn json_keeps_to_its_schema() {
    let schema = scan_report_schema();
    jsonschema::meta::validate(&schema).unwrap();
    for (name, report) in reports() {
        assert_eq!(
            problems(&schema, &as_json(&report)),
            Vec::<String>::new(),
            "{name}"
        );
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = scan_report_schema();
    for (path, value) in [
        ("/findings/0/state", json!("unhealthy")),
        ("/findings/0/severity", json!("Severe")),
        ("/findings/0/evidence/0", json!({"field": "x"})),
        ("/resources/0/isAi", json!("yes")),
        ("/diagnostics/0/line", json!(-1)),
        ("/summary/startedAt", json!("yesterday")),
    ] {
        let mut report = as_json(&small());
        *report.pointer_mut(path).unwrap() = value;
        assert!(!problems(&schema, &report).is_empty(), "{path}");
    }
}

#[test]
fn the_schema_names_every_field_that_is_written() {
    let schema = scan_report_schema();
    let report = as_json(&small());
    for (rows, definition) in [
        ("/summary", "summary"),
        ("/resources/0", "resource"),
        ("/findings/0", "finding"),
        ("/findings/0/evidence/0", "evidence"),
        ("/coverage/0", "coverage"),
        ("/diagnostics/0", "diagnostic"),
    ] {
        for field in report.pointer(rows).unwrap().as_object().unwrap().keys() {
            assert!(
                schema["$defs"][definition]["properties"]
                    .get(field)
                    .is_some(),
                "{definition}.{field}"
            );
        }
    }
}

#[test]
fn json_gives_back_the_very_text() {
    let report = hostile();
    let written = as_json(&report);
    assert_eq!(
        written["findings"],
        serde_json::to_value(&report.findings).unwrap()
    );
    assert_eq!(
        written["resources"],
        serde_json::to_value(&report.resources).unwrap()
    );
}

/// The standard's schema lies in the package of the `serde-sarif` crate; cargo knows where that is.
fn sarif_schema() -> Option<Value> {
    let cargo = std::env::var_os("CARGO")?;
    let manifest: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--manifest-path",
        ])
        .arg(manifest)
        .output()
        .ok()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    let package = metadata["packages"]
        .as_array()?
        .iter()
        .find(|package| package["name"] == "serde-sarif")?;
    let schema = Path::new(package["manifest_path"].as_str()?)
        .with_file_name("src")
        .join("schema.json");
    serde_json::from_slice(&std::fs::read(schema).ok()?).ok()
}

#[test]
fn sarif_keeps_to_the_standard() {
    let Some(mut schema) = sarif_schema() else {
        eprintln!(
            "SKIPPED sarif_keeps_to_the_standard: cargo does not know where serde-sarif lies"
        );
        return;
    };
    // Its pattern for languages has an unbalanced bracket; we write no language.
    for holder in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][holder]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern");
    }
    assert_eq!(schema["properties"]["version"]["enum"], json!(["2.1.0"]));
    for (name, report) in reports() {
        assert_eq!(
            problems(&schema, &as_sarif(&report)),
            Vec::<String>::new(),
            "{name}"
        );
    }
    let mut wrong = as_sarif(&small());
    wrong["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!problems(&schema, &wrong).is_empty());
}

#[test]
fn sarif_is_read_by_a_reader_nobody_here_wrote() {
    for (name, report) in reports() {
        let read: serde_sarif::sarif::Sarif =
            serde_json::from_value(as_sarif(&report)).expect(name);
        let results = read.runs[0].results.as_ref().map_or(0, Vec::len);
        assert_eq!(
            results,
            report
                .findings
                .iter()
                .filter(|finding| finding.state != stance_model::FindingState::Healthy)
                .count()
        );
    }
}

#[test]
fn sarif_says_where_how_bad_and_which() {
    let report = small();
    let sarif = as_sarif(&report);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let (kind, level) = (
            result["kind"].as_str().unwrap(),
            result["level"].as_str().unwrap(),
        );
        assert!(
            (kind == "fail") != (level == "none"),
            "section 3.27.10: only `fail` has a level"
        );
        assert_eq!(result["fingerprints"], result["partialFingerprints"]);
    }
    let network = results
        .iter()
        .find(|result| result["ruleId"] == "ai-network-restricted")
        .unwrap();
    assert_eq!(network["level"], "error");
    assert_eq!(
        network["partialFingerprints"]["stance/v1"],
        "f-net-aoai-chat"
    );
    let place = &network["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"],
        json!({"uri": "templates/main.json", "uriBaseId": "%SRCROOT%"})
    );
    assert_eq!(place["region"], json!({"startLine": 31, "startColumn": 9}));
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object());
    let notes = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap();
    assert_eq!(notes.len(), report.diagnostics.len());
}

#[test]
fn sarif_addresses_are_encoded() {
    for (file, uri, base) in [
        ("a b/ü#1.json", "a%20b/%C3%BC%231.json", true),
        ("./x.json", "x.json", true),
        ("/srv/x%.json", "file:///srv/x%25.json", false),
        ("C:\\in\\x.json", "file:///C:/in/x.json", false),
        ("javascript:alert(1)", "javascript%3Aalert%281%29", true),
    ] {
        let mut report = small();
        report.findings.truncate(1);
        report.findings[0].evidence.clear();
        report.findings[0].source.file = file.to_owned();
        let sarif = as_sarif(&report);
        let artifact =
            &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(artifact["uri"], uri, "{file}");
        assert_eq!(artifact.get("uriBaseId").is_some(), base, "{file}");
    }
}
