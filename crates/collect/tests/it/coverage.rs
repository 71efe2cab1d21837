//! Absence is a finding only where the thing was collected: what each input proves.

use crate::support::{account, covered, read, read_as, said};

const ACCOUNT: &str =
    "/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a";

fn item(id: &str) -> String {
    format!(r#"{{"id":"{id}","properties":{{}}}}"#)
}

#[test]
fn a_list_of_children_covers_their_parent() {
    let found = read(format!(
        r#"{{"value":[{},{}]}}"#,
        item(&format!("{ACCOUNT}/deployments/x")),
        item(&format!("{ACCOUNT}/deployments/y"))
    ));
    assert_eq!(
        covered(&found),
        format!(
            "{} | microsoft.cognitiveservices/accounts/deployments | Complete 2 | \n",
            ACCOUNT.to_lowercase()
        )
    );
}

#[test]
fn diagnostic_settings_cover_their_resource() {
    let text = item(&format!(
        "{ACCOUNT}/providers/microsoft.insights/diagnosticSettings/d"
    ));
    for list in [format!(r#"{{"value":[{text}]}}"#), format!("[{text}]")] {
        assert_eq!(
            covered(&read(list)),
            format!(
                "{} | microsoft.insights/diagnosticsettings | Complete 1 | \n",
                ACCOUNT.to_lowercase()
            )
        );
    }
}

#[test]
fn a_list_covers_its_group_and_two_groups_their_subscription() {
    let one = read(format!(r#"{{"value":[{}]}}"#, account("a")));
    assert_eq!(
        covered(&one),
        "/subscriptions/s/resourcegroups/g | microsoft.cognitiveservices/accounts | Complete 1 | \n"
    );
    let other = account("b").replace("resourceGroups/g", "resourceGroups/h");
    let two = read(format!(
        r#"{{"value":[{},{other}],"nextLink":""}}"#,
        account("a")
    ));
    assert_eq!(
        covered(&two),
        "/subscriptions/s | microsoft.cognitiveservices/accounts | Complete 2 | \n"
    );
}

#[test]
fn a_next_link_left_over_makes_it_partial() {
    let found = read(format!(
        r#"{{"value":[{}],"nextLink":"https://management.azure.com/x"}}"#,
        account("a")
    ));
    assert!(
        covered(&found)
            .ends_with("Partial 1 | the answer has further pages: it still carries `nextLink`\n")
    );
    assert_eq!(said(&found), "");
}

#[test]
fn a_page_that_was_cut_off_is_not_whole() {
    let text = format!(r#"{{"value":[{},{}"#, account("a"), account("b"));
    let found = read(&text[..text.len() - 5]);
    assert!(covered(&found).contains("Partial 1"), "{}", covered(&found));
}

#[test]
fn a_last_page_does_not_make_up_for_the_first() {
    let first = format!(r#"{{"value":[{}],"nextLink":"https://x"}}"#, account("a"));
    let last = format!(r#"{{"value":[{}]}}"#, account("b"));
    let found = read(format!("[{first},{last}]"));
    assert!(covered(&found).contains("Partial 2"), "{}", covered(&found));
}

#[test]
fn an_array_of_unknown_origin_proves_nothing() {
    let found = read(format!("[{}]", account("a")));
    assert!(covered(&found).contains("Partial 1 | the request behind the rows is not known"));
}

#[test]
fn inherited_assignments_do_not_prove_the_subscription() {
    let id = "/subscriptions/S/providers/Microsoft.Authorization/roleAssignments/r";
    let found = read(format!(r#"{{"value":[{}]}}"#, item(id)));
    assert!(
        covered(&found)
            .contains("/subscriptions/s | microsoft.authorization/roleassignments | Partial 1")
    );
}

#[test]
fn defender_plans_cover_the_subscription() {
    let id = "/subscriptions/S/providers/Microsoft.Security/pricings/AI";
    let found = read(format!(r#"{{"value":[{}]}}"#, item(id)));
    assert_eq!(
        covered(&found),
        "/subscriptions/s | microsoft.security/pricings | Complete 1 | \n"
    );
}

#[test]
fn an_empty_list_covers_what_its_path_names() {
    let unknown = read_as("out/empty.json", r#"{"value":[]}"#).0;
    assert_eq!(said(&unknown), "");
    assert!(
        covered(&unknown)
            .starts_with("out/empty.json | * | Partial 0 | an empty answer does not say")
    );
    let path = format!("out{ACCOUNT}/providers/microsoft.insights/diagnosticSettings.json");
    let known = read_as(&path, r#"{"value":[]}"#).0;
    assert_eq!(
        covered(&known),
        format!(
            "{} | microsoft.insights/diagnosticsettings | Complete 0 | \n",
            ACCOUNT.to_lowercase()
        )
    );
}
