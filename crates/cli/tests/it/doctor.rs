//! `stance doctor`: why a workload is missing.

use crate::support::Sandbox;

const ACCOUNT: &str = r#"{"id": "/subscriptions/s1/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/oai-one",
    "name": "oai-one", "type": "Microsoft.CognitiveServices/accounts", "kind": "OpenAI", "properties": {}}"#;

#[test]
fn an_empty_folder_says_so() {
    let sandbox = Sandbox::new();
    let text = sandbox.ok(&["doctor"]).output;
    assert!(text.contains("holds no resource"), "{text}");
}

#[test]
fn what_is_stored_is_found_with_its_source() {
    let sandbox = Sandbox::new();
    sandbox.write("estate/one.json", ACCOUNT);
    sandbox.scan(&["estate"]);
    let text = sandbox.ok(&["doctor", "OAI-one"]).output;
    assert!(text.contains("good   inventory"), "{text}");
    assert!(text.contains("estate/one.json:1"), "{text}");
}

#[test]
fn a_resource_that_left_its_export_is_told_with_the_export() {
    let sandbox = Sandbox::new();
    let list = |rows: &str| format!("{{\"value\": [{rows}]}}");
    let other = ACCOUNT.replace("oai-one", "oai-two");
    sandbox.write("list.json", list(&format!("{ACCOUNT},{other}")));
    sandbox.scan(&["list.json"]);
    sandbox.write("list.json", list(&other));
    sandbox.scan(&["list.json"]);
    let text = sandbox.ok(&["doctor", "oai-one"]).output;
    assert!(text.contains("is gone since"), "{text}");
}

#[test]
fn a_type_that_is_no_ai_says_why_it_is_not_listed() {
    let sandbox = Sandbox::new();
    let maps = ACCOUNT.replace("CognitiveServices", "Maps");
    sandbox.write("maps.json", maps);
    sandbox.scan(&["maps.json"]);
    let text = sandbox.ok(&["doctor", "oai-one"]).output;
    assert!(text.contains("a type that is not known"), "{text}");
}

#[test]
fn inputs_that_are_read_again_tell_what_became_of_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/.hidden/oai.json",
        ACCOUNT.replace("oai-one", "oai-hidden"),
    );
    sandbox.write("in/broken.json", "{\"name\": \"oai-broken\", ");
    sandbox.write("in/good.json", ACCOUNT);
    let ask = |name: &str| sandbox.ok(&["doctor", name, "--input", "in"]).output;
    assert!(ask("oai-hidden").contains("that a scan leaves out"));
    assert!(ask("oai-broken").contains("COL0008"));
    assert!(ask("oai-one").contains("in/good.json:1 holds"));
    assert!(ask("oai-none").contains("no file of the inputs names"));
}

#[test]
fn a_name_with_quotes_and_control_characters_is_only_a_name() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok(&["doctor", "a\" or 1==1 | \u{1b}[31m \\"]);
    assert!(!run.output.contains('\u{1b}'), "{}", run.output);
}
