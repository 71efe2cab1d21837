//! Resource Graph in every form it comes in.

use crate::support::{account, covered, names, read, read_as, said};

#[test]
fn what_az_graph_query_prints() {
    let found = read(format!(
        r#"{{"count": 2, "data": [{}, {}], "skip_token": null, "total_records": 2}}"#,
        account("a"),
        account("b")
    ));
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(said(&found), "");
    assert_eq!(
        covered(&found),
        "/subscriptions/s | microsoft.cognitiveservices/accounts | Partial 2 | the query of the export is not known\n"
    );
}

#[test]
fn a_skip_token_means_that_pages_are_missing() {
    let found = read(format!(
        r#"{{"data":[{}],"skip_token":"ew0K"}}"#,
        account("a")
    ));
    assert!(
        covered(&found)
            .contains("Partial 1 | the export has further pages: it still carries `skip_token`")
    );
}

#[test]
fn the_table_form_with_columns_and_rows() {
    let id = "/subscriptions/S/resourceGroups/g/providers/Microsoft.Search/searchServices/s";
    let columns = r#"{"name":"id","type":"string"},{"name":"name","type":"string"},{"name":"type","type":"string"},{"name":"properties","type":"object"}"#;
    let row =
        format!(r#"["{id}","s","microsoft.search/searchservices",{{"disableLocalAuth":true}}]"#);
    for data in [
        format!(r#"{{"columns":[{columns}],"rows":[{row}]}}"#),
        format!(r#"{{"rows":[{row}],"columns":[{columns}]}}"#),
    ] {
        let found = read(format!(
            r#"{{"totalRecords":1,"count":1,"data":{data},"facets":[]}}"#
        ));
        assert_eq!(names(&found), ["s"], "{}", said(&found));
        assert_eq!(found.resources[0].properties()["disableLocalAuth"], true);
        assert_eq!(said(&found), "");
    }
}

#[test]
fn rows_that_are_no_resources_cost_one_diagnostic() {
    let rows = vec![r#"{"location":"eastus","count_":3}"#; 5000].join(",");
    let found = read(format!(r#"{{"count":5000,"data":[{rows}]}}"#));
    assert_eq!(found.resources.len(), 0);
    assert_eq!(
        said(&found),
        "COL0013 1:23 the file holds no resource: 5000 rows, the first is a row without a resource `id`\n"
    );
}

#[test]
fn rows_of_other_tables_are_resources_of_their_type() {
    let found = read(
        r#"[{"id":"/subscriptions/S/providers/Microsoft.Security/assessments/a","type":"microsoft.security/assessments","properties":{}},
        {"id":"/subscriptions/S","name":"Prod","type":"microsoft.resources/subscriptions","properties":{"state":"Enabled"}},
        {"id":"/subscriptions/S/resourceGroups/g","type":"Microsoft.Resources/resourceGroups","properties":{}},
        {"id":"/subscriptions/S/providers/Microsoft.Authorization/RoleAssignments/r","type":"microsoft.authorization/roleassignments","properties":{}},
        {"id":"/subscriptions/S/providers/Microsoft.Security/attackPaths/p","type":"microsoft.security/attackpaths","properties":{}}]"#,
    );
    let types: Vec<&str> = found
        .resources
        .iter()
        .map(|r| r.resource_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "microsoft.security/assessments",
            "microsoft.resources/subscriptions",
            "microsoft.resources/subscriptions/resourcegroups",
            "microsoft.authorization/roleassignments",
            "microsoft.security/attackpaths"
        ]
    );
    assert_eq!(said(&found), "");
}

#[test]
fn csv_from_the_portal() {
    let csv = "\u{feff}ID,NAME,TYPE,RESOURCE GROUP,SUBSCRIPTIONID,PROPERTIES,TAGS,SKU\r\n\
        /subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a,a,Microsoft.CognitiveServices/accounts,g,S,\"{\"\"publicNetworkAccess\"\":\"\"Enabled\"\",\r\n\"\"x\"\":[1]}\",\"{\"\"owner\"\":\"\"Ann, Bob\"\"}\",null\r\n\
        /subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/b,b,Azure OpenAI,g,S,{},,\r\n";
    let found = read_as("export.csv", csv).0;
    assert_eq!(names(&found), ["a", "b"], "{}", said(&found));
    let first = &found.resources[0];
    assert_eq!(first.properties()["publicNetworkAccess"], "Enabled");
    assert_eq!(first.body["tags"]["owner"], "Ann, Bob");
    assert_eq!(first.body["resourceGroup"], "g");
    assert_eq!(first.source.line, 2);
    assert_eq!(found.resources[1].source.line, 4);
    assert_eq!(
        found.resources[1].resource_type,
        "microsoft.cognitiveservices/accounts"
    );
    assert_eq!(said(&found), "");
}

#[test]
fn csv_as_excel_saves_it_again() {
    let csv = "sep=;\nid;name;type;properties\n/subscriptions/S/resourceGroups/g/providers/M.X/y/a;a;M.X/y;\"{}\"\n/subscriptions/S/broken;row\n";
    let found = read_as("export.csv", csv).0;
    assert_eq!(names(&found), ["a"], "{}", said(&found));
    assert_eq!(found.resources[0].source.line, 3);
    assert!(
        said(&found).starts_with("COL0025 4:1 the row has 2 fields, the header 4\n"),
        "{}",
        said(&found)
    );
}

#[test]
fn properties_written_as_text_become_json() {
    let found = read(
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a","type":"m.x/y","properties":"{\"a\":{\"b\":1}}","tags":"null"}]"#,
    );
    assert_eq!(found.resources[0].properties()["a"]["b"], 1);
    assert_eq!(found.resources[0].body.get("tags"), None);
}

#[test]
fn pages_put_together_in_any_way() {
    let page = |name: &str| {
        format!(
            r#"{{"count":1,"data":[{}],"skip_token":null}}"#,
            account(name)
        )
    };
    let pretty = |name: &str| page(name).replace(r#"{"count""#, "{\n\"count\"");
    for text in [
        format!("[{},{}]", page("a"), page("b")),
        format!("{}\n{}\n", page("a"), page("b")),
        format!("{}\n{}", pretty("a"), pretty("b")),
        format!("{}{}", page("a"), page("b")),
        format!("[[{}],[{}]]", account("a"), account("b")),
        format!("[{}]\n[{}]", account("a"), account("b")),
    ] {
        let found = read(&text);
        assert_eq!(names(&found), ["a", "b"], "{text}\n{}", said(&found));
        assert_eq!(said(&found), "", "{text}");
    }
}
