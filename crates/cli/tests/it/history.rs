//! A second scan says what changed; history and life cycle are kept.

use serde_json::json;

use crate::support::{Sandbox, account, export};

#[test]
fn a_second_scan_says_what_changed() {
    let sandbox = Sandbox::new();
    let fixed = json!({"disableLocalAuth": true});
    let open = json!({"disableLocalAuth": false});
    sandbox.write(
        "estate.json",
        export(&[account("a", &open), account("b", &open)]),
    );
    let first = sandbox.scan(&["estate.json"]);
    assert_eq!(first["summary"]["changes"], json!(null));

    sandbox.write(
        "estate.json",
        export(&[account("a", &fixed), account("c", &open)]),
    );
    let second = sandbox.scan(&["estate.json"]);
    let changes = &second["summary"]["changes"];
    assert_eq!(changes["resourcesAdded"], 1, "c came");
    assert_eq!(changes["resourcesChanged"], 1, "a changed");
    assert_eq!(changes["resourcesGone"], 1, "b went");
    assert!(changes["resolved"].as_u64().unwrap() >= 2, "{changes}");
    assert!(changes["new"].as_u64().unwrap() >= 1, "{changes}");

    let log = sandbox
        .query("ResourceChanges | summarize n=count() by changeType | order by changeType asc");
    assert_eq!(
        json!(log),
        json!([{"changeType": "Create", "n": 3}, {"changeType": "Delete", "n": 1}, {"changeType": "Update", "n": 1}])
    );
    let gone = sandbox.query("Resources | where name == 'b'");
    assert!(gone.is_empty());
    let states = sandbox.query("SecurityRecommendation | where RecommendationName has 'local' or RecommendationName has 'key' | summarize dcount(AssessedResourceId)");
    assert_eq!(states.len(), 1);
    let resolved = sandbox.query("SecurityRecommendationChange | where FromState == 'Unhealthy' and ToState != 'Unhealthy' | count");
    assert!(resolved[0]["Count"].as_i64().unwrap() >= 2);
}

#[test]
fn the_same_scan_again_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "estate.json",
        export(&[account("a", &json!({"disableLocalAuth": false}))]),
    );
    sandbox.scan(&["estate.json"]);
    let again = sandbox.scan(&["estate.json"]);
    let changes = &again["summary"]["changes"];
    for count in [
        "new",
        "resolved",
        "changed",
        "resourcesAdded",
        "resourcesChanged",
        "resourcesGone",
    ] {
        assert_eq!(changes[count], 0, "{count}");
    }
    let rows = sandbox.query("Resources | summarize rows=count(), ids=dcount(tolower(id))");
    assert_eq!(json!(rows), json!([{"rows": 1, "ids": 1}]));
}

#[test]
fn one_row_for_each_id_over_files_and_inputs() {
    let sandbox = Sandbox::new();
    let mut upper = account("a", &json!({"disableLocalAuth": false, "more": [1, 2, 3]}));
    upper["id"] = json!(upper["id"].as_str().unwrap().to_uppercase());
    sandbox.write("one.json", export(&[account("a", &json!({}))]));
    sandbox.write("two.json", export(&[upper]));
    let report = sandbox.scan(&["one.json", "two.json"]);
    assert_eq!(report["summary"]["resources"], 1);
    assert!(report["diagnostics"].to_string().contains("read twice"));
    sandbox.scan(&["one.json"]);
    let rows = sandbox.query("Resources | project more = tostring(properties.more)");
    assert_eq!(
        json!(rows),
        json!([{"more": ""}]),
        "the newest reading counts"
    );
    let findings = sandbox
        .query("SecurityRecommendation | summarize rows=count(), distinct_rows=dcount(FindingId)");
    assert_eq!(findings[0]["rows"], findings[0]["distinct_rows"]);
}

#[test]
fn a_partly_read_input_loses_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.json", export(&[account("a", &json!({}))]));
    sandbox.write("in/b.json", export(&[account("b", &json!({}))]));
    sandbox.scan(&["in"]);
    sandbox.write("in/b.json", "{\"count\": 1, \"data\": [{\"id\": ");
    let report = sandbox.scan(&["in"]);
    assert_eq!(report["summary"]["changes"]["resourcesGone"], 0);
    assert_eq!(sandbox.query("Resources | where name == 'b'").len(), 1);
    assert!(
        !sandbox
            .query("SecurityRecommendation | where AssessedResourceId endswith '/b'")
            .is_empty()
    );
}

#[test]
fn other_inputs_stay_as_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", export(&[account("a", &json!({}))]));
    sandbox.write("two.json", export(&[account("b", &json!({}))]));
    sandbox.scan(&["one.json"]);
    let report = sandbox.scan(&["two.json"]);
    assert_eq!(report["summary"]["changes"]["resourcesGone"], 0);
    assert_eq!(sandbox.query("Resources").len(), 2);
}
