//! Lists and exports: whatever is wrong with one element, the others are read.

use crate::support::{account, names, read, said};

#[test]
fn a_list_gives_its_items() {
    let found = read(format!(
        r#"{{"value":[{},{}],"nextLink":null}}"#,
        account("a"),
        account("b")
    ));
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(said(&found), "");
}

#[test]
fn a_scalar_that_is_none_costs_its_element() {
    let found = read(format!(
        "[{},\n{{\"id\": nope, \"x\": [1]}},\n{}]",
        account("a"),
        account("c")
    ));
    assert_eq!(names(&found), ["a", "c"]);
    assert!(said(&found).starts_with("COL0007 2:"), "{}", said(&found));
    assert_eq!(found.diagnostics.len(), 1);
}

#[test]
fn a_missing_comma_costs_its_element() {
    let found = read(format!(
        r#"[{},{{"id":"x" "name":"b","p":{{}}}},{}]"#,
        account("a"),
        account("c")
    ));
    assert_eq!(names(&found), ["a", "c"]);
    assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
}

#[test]
fn a_missing_brace_costs_its_element() {
    let broken = r#"{"id":"x","properties":{"a":1}"#;
    let found = read(format!(
        "[{},{broken},{},{}]",
        account("a"),
        account("c"),
        account("d")
    ));
    assert_eq!(names(&found), ["a", "c", "d"]);
    assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
}

#[test]
fn a_missing_quote_costs_its_element() {
    let broken = r#"{"id":"x,"name":"b","properties":{"a":"q"}}"#;
    let found = read(format!(
        "[{},{broken},{},{}]",
        account("a"),
        account("c"),
        account("d")
    ));
    assert_eq!(names(&found), ["a", "c", "d"]);
    assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
    let pretty = "[\n  {\n    \"id\": \"x,\n    \"name\": \"b\"\n  },\n".to_owned()
        + "  {\n    \"id\": \"/subscriptions/S/resourceGroups/g\",\n    \"name\": \"g\"\n  }\n]";
    let found = read(pretty);
    assert_eq!(names(&found), ["g"]);
    assert!(said(&found).starts_with("COL0007 3:"), "{}", said(&found));
}

#[test]
fn a_cut_file_gives_what_stands_before_the_cut() {
    let whole = format!(
        r#"{{"value":[{},{},{}]}}"#,
        account("a"),
        account("b"),
        account("c")
    );
    let cut = &whole[..whole.len() - 40];
    let found = read(cut);
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
    assert!(said(&found).starts_with("COL0008 1:"), "{}", said(&found));
}
