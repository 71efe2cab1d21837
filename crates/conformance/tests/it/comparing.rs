//! Values compare by type, not by text.

use stance_base::ScalarType::{
    self, Bool, DateTime, Dynamic, Long, Real, String as Text, TimeSpan,
};
use stance_conformance::compare::difference;

fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect()
}

fn same(found: &str, printed: &str, scalar_type: ScalarType) -> bool {
    difference(
        &rows(&[&[found]]),
        &rows(&[&[printed]]),
        &[scalar_type],
        &[],
    )
    .is_none()
}

#[test]
fn numbers_are_rounded_as_printed() {
    assert!(same("3.14159265", "3.14", Real));
    assert!(same("2000.5", "2,000.5", Real));
    assert!(same("12345678.9", "1.2346e7", Real));
    assert!(!same("3.15", "3.14", Real));
    assert!(same("NaN", "NaN", Real));
    assert!(!same("NaN", "0.0", Real));
    assert!(same("5", "5.0", Long));
    assert!(!same("5", "6", Long));
}

#[test]
fn times_are_cut_as_printed() {
    let whole = "2024-01-02T03:04:05.0061230Z";
    assert!(same(whole, "2024-01-02 03:04:05.006", DateTime));
    assert!(same(whole, "1/2/2024, 3:04:05 AM", DateTime));
    assert!(same(whole, "2024-01-02T03:04:05.0061230Z", DateTime));
    assert!(!same(whole, "2024-01-02 03:04:06", DateTime));
    assert!(!same(whole, "1/2/2024, 3:04:05 PM", DateTime));
    assert!(same("1.02:03:04", "1.02:03:04.0000000", TimeSpan));
    assert!(!same("1.02:03:04", "02:03:04", TimeSpan));
}

#[test]
fn dynamics_compare_as_json() {
    assert!(same(
        r#"{"a":1,"b":[1.5]}"#,
        r#"{<br> "b": [1.5], "a": 1 }"#,
        Dynamic
    ));
    assert!(!same(r#"{"a":1}"#, r#"{"a":2}"#, Dynamic));
    assert!(!same("[1,2]", "[2,1]", Dynamic));
    assert!(same(r#""text""#, "text", Dynamic));
    assert!(same("", "null", Dynamic));
}

#[test]
fn texts_and_flags_have_one_meaning() {
    assert!(same("a b", "`a  b`", Text));
    assert!(!same("a", "b", Text));
    assert!(!same("", "x", Text));
    assert!(same("true", "1", Bool));
    assert!(!same("true", "False", Bool));
}

#[test]
fn rows_come_in_any_order_unless_the_query_sorts() {
    let (found, printed) = (rows(&[&["1"], &["2"]]), rows(&[&["2"], &["1"]]));
    assert!(difference(&found, &printed, &[Long], &[]).is_none());
    assert!(difference(&found, &printed, &[Long], &[0]).is_some());
    assert!(difference(&found[..1], &printed, &[Long], &[]).is_some());
    assert!(difference(&found, &rows(&[&["1", "x"], &["2", "y"]]), &[Long], &[]).is_some());
}
