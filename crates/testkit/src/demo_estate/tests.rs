//! The figures that `examples/contoso-financial/README.md` states, counted a second time without any query engine.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use super::*;

const NOW: &str = "2026-11-01T12:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn time(row: &Value) -> DateTime<Utc> {
    at(row["TimeGenerated"].as_str().unwrap())
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default()
}

/// Calls of each address between two counts of hours ago.
fn calls_by_address(
    rows: &[Value],
    now: DateTime<Utc>,
    from: i64,
    to: i64,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let age = now - time(row);
        if age >= TimeDelta::hours(to) && age < TimeDelta::hours(from) {
            *counts
                .entry(text(row, "CallerIPAddress").to_owned())
                .or_default() += 1;
        }
    }
    counts
}

#[test]
fn three_callers_pass_three_times_their_baseline() {
    // Windows cut the same rows at every minute of the hour.
    for now in [NOW, "2026-11-01T12:59:59Z"] {
        let now = at(now);
        let rows = calls::rows(Timeline::before(now).unwrap());
        let past = calls_by_address(&rows, now, 30 * 24, 24);
        let today = calls_by_address(&rows, now, 24, 0);
        let flagged: Vec<_> = today
            .iter()
            .filter_map(|(address, count)| {
                Some((address.as_str(), *count, past.get(address)? / 30))
            })
            .filter(|(_, count, daily)| *count > daily * 3)
            .collect();
        assert_eq!(
            flagged,
            [
                ("198.51.100.24", 2, 0),
                ("198.51.100.77", 62, 0),
                ("203.0.113.50", 40, 3)
            ]
        );
        assert_eq!(today.get("203.0.113.99"), Some(&45));
        assert_eq!(past.get("203.0.113.99"), None);
        assert_eq!(
            (
                past["198.51.100.24"],
                past["198.51.100.77"],
                past["203.0.113.50"]
            ),
            (29, 10, 116)
        );
    }
}

#[test]
fn ten_callers_lead_the_week() {
    let now = at(NOW);
    let rows = calls::rows(Timeline::before(now).unwrap());
    let mut week: Vec<_> = calls_by_address(&rows, now, 7 * 24, 0)
        .into_iter()
        .map(|(address, count)| (count, address))
        .collect();
    week.sort_by(|one, other| other.cmp(one));
    let counts: Vec<_> = week.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [210, 168, 126, 112, 64, 63, 62, 45, 42, 35, 21, 8]);
}

#[test]
fn four_answers_are_large_and_no_other() {
    let now = at(NOW);
    let rows = calls::rows(Timeline::before(now).unwrap());
    let lengths: Vec<u64> = rows
        .iter()
        .filter_map(|row| {
            serde_json::from_str::<Value>(text(row, "properties_s")).unwrap()["responseLength"]
                .as_u64()
        })
        .collect();
    let mut large: Vec<_> = lengths
        .iter()
        .copied()
        .filter(|length| *length > 16_000)
        .collect();
    large.sort_unstable();
    assert_eq!(large, [21_300, 48_900, 61_440, 92_160]);
    assert!(
        lengths
            .iter()
            .all(|length| *length < 6_000 || large.contains(length))
    );
}

#[test]
fn alerts_meet_risky_sign_ins() {
    let now = at(NOW);
    let timeline = Timeline::before(now).unwrap();
    let sign_ins = sign_ins::rows(timeline);
    let (mut any, mut by_hour_marks, mut within_two_hours) = (0, 0, 0);
    for alert in alerts::rows(timeline)
        .iter()
        .filter(|row| row["ProductName"] == "Azure Defender for AI")
    {
        let extended: Value = serde_json::from_str(text(alert, "ExtendedProperties")).unwrap();
        let name = text(alert, "AlertName").to_lowercase();
        for sign_in in sign_ins
            .iter()
            .filter(|row| row["IPAddress"] == extended["CallerIpAddress"])
        {
            any += u32::from(now - time(sign_in) < TimeDelta::days(7));
            let about_prompts = name.contains("jailbreak") || name.contains("injection");
            let risky = ["medium", "high"].contains(&text(sign_in, "RiskLevelDuringSignIn"));
            if !(about_prompts && risky) {
                continue;
            }
            let marks = time(alert).timestamp().div_euclid(3600)
                - time(sign_in).timestamp().div_euclid(3600);
            by_hour_marks += u32::from(marks.abs() < 2);
            within_two_hours +=
                u32::from((time(alert) - time(sign_in)).abs() < TimeDelta::hours(2));
        }
    }
    assert_eq!((any, by_hour_marks, within_two_hours), (21, 3, 4));
}

#[test]
fn thirteen_alerts_three_of_them_high() {
    let rows = alerts::rows(Timeline::before(at(NOW)).unwrap());
    let of_ai = |severity: &str| {
        rows.iter()
            .filter(|row| {
                row["ProductName"] == "Azure Defender for AI" && row["AlertSeverity"] == severity
            })
            .count()
    };
    assert_eq!(
        (
            of_ai("High"),
            of_ai("Medium"),
            of_ai("Low"),
            of_ai("Critical")
        ),
        (3, 7, 3, 0)
    );
}

#[test]
fn paths_come_in_both_shapes() {
    let rows = attack_paths::rows();
    let levels = rows
        .iter()
        .filter(|row| row["properties"]["riskLevel"].is_string())
        .count();
    let categories = rows
        .iter()
        .filter(|row| row["properties"]["riskCategories"].is_array())
        .count();
    assert_eq!((rows.len(), levels, categories), (5, 3, 2));
    let entry = &rows[4]["properties"]["graphComponent"]["entities"][0];
    assert_eq!(
        entry["entityType"],
        "microsoft.machinelearningservices/workspaces/computes"
    );
}

#[test]
fn nothing_lies_at_the_edge_of_a_day() {
    let timeline = Timeline::before(at(NOW)).unwrap();
    let tables = [
        calls::rows(timeline),
        alerts::rows(timeline),
        sign_ins::rows(timeline),
    ];
    for days in [1, 7, 30] {
        let edge = at(NOW) - TimeDelta::days(days);
        for row in tables.iter().flatten() {
            let distance = (time(row) - edge).abs();
            assert!(distance >= TimeDelta::hours(1), "{row}");
        }
    }
}

#[test]
fn files_are_the_same_each_time() {
    let folder = std::env::temp_dir().join(format!("demo-estate-{}", std::process::id()));
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let first = write(&folder, at(NOW)).unwrap();
    let before: Vec<_> = [
        "SecurityAlert.jsonl",
        "AzureDiagnostics.jsonl",
        "attack-paths.json",
    ]
    .map(read)
    .into();
    let second = write(&folder, at(NOW)).unwrap();
    let after: Vec<_> = [
        "SecurityAlert.jsonl",
        "AzureDiagnostics.jsonl",
        "attack-paths.json",
    ]
    .map(read)
    .into();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!((first, before), (second, after));
    assert_eq!((first.alerts, first.attack_paths), (15, 5));
    assert!(first.calls > 3_000 && first.sign_ins > 300);
}

#[test]
fn what_is_called_and_attacked_is_in_the_estate() {
    let estate =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/contoso-financial/azure");
    let exported = [
        "resource-graph.json",
        "dev-resources.jsonl",
        "lists/computes-mlw-fraud-prod.json",
    ]
    .map(|name| {
        fs::read_to_string(estate.join(name))
            .unwrap()
            .to_lowercase()
    })
    .concat();
    let timeline = Timeline::before(at(NOW)).unwrap();
    let rows = [calls::rows(timeline), alerts::rows(timeline)].concat();
    let named = rows.iter().map(|row| text(row, "_ResourceId").to_owned());
    let reached = attack_paths::rows().into_iter().flat_map(|row| {
        let entities = row["properties"]["graphComponent"]["entities"]
            .as_array()
            .unwrap()
            .clone();
        entities
            .into_iter()
            .map(|entity| text(&entity["entityIdentifiers"], "azureResourceId").to_lowercase())
    });
    for id in named.chain(reached).filter(|id| !id.is_empty()) {
        assert!(
            exported.contains(&format!("\"{id}\"")),
            "{id} is not in the estate"
        );
    }
}
