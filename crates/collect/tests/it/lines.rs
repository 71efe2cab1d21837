//! JSON lines: a broken line costs itself.

use crate::support::{account, names, read, said};

#[test]
fn every_line_is_a_row() {
    let found = read(format!(
        "{}\n{}\n\n{}\n",
        account("a"),
        account("b"),
        account("c")
    ));
    assert_eq!(names(&found), ["a", "b", "c"]);
    assert_eq!(found.resources[2].source.line, 4);
    assert_eq!(said(&found), "");
}

#[test]
fn a_broken_line_costs_itself() {
    for broken in [
        r#"{"id": nope}"#,
        r#"{"id":"x","p":{"a":1}"#,
        r#"{"id":"x"#,
        r#"{"id":"x" "y":1}"#,
        "not json at all",
        r#"{"id":"x"}}"#,
    ] {
        let found = read(format!(
            "{}\n{broken}\n{}\n{}",
            account("a"),
            account("b"),
            account("c")
        ));
        assert_eq!(names(&found), ["a", "b", "c"], "{broken}: {}", said(&found));
        let syntax = found
            .diagnostics
            .iter()
            .filter(|d| d.code == "COL0007")
            .count();
        assert_eq!(syntax, 1, "{broken}: {}", said(&found));
    }
}

#[test]
fn a_cut_last_line_is_named() {
    let text = format!("{}\n{}\n{}", account("a"), account("b"), account("c"));
    let found = read(&text[..text.len() - 9]);
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(
        said(&found),
        "COL0008 3:1 the file ends in the middle of what begins here\n"
    );
}
