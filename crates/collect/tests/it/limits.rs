//! Bounds: what goes beyond costs one diagnostic, and the rest is read.

use std::ops::ControlFlow;

use stance_collect::{CollectOptions, Gathered, Limits, Sink, collect_reader};
use stance_model::{Coverage, Diagnostic, Resource};

use crate::support::{account, names, read, said};

fn small() -> CollectOptions {
    CollectOptions {
        limits: Limits {
            element_bytes: 2000,
            document_bytes: 8000,
            ..Limits::default()
        },
        ..CollectOptions::default()
    }
}

fn read_small(text: &str) -> Gathered {
    let mut found = Gathered::default();
    collect_reader("input.json", text.as_bytes(), &small(), &mut found);
    found
}

#[test]
fn an_element_over_the_limit_is_left_out() {
    let huge = format!(r#"{{"id":"x","pad":"{}"}}"#, "y".repeat(5000));
    let found = read_small(&format!("[{},{huge},{}]", account("a"), account("b")));
    assert_eq!(names(&found), ["a", "b"]);
    assert!(said(&found).starts_with("COL0009 1:"), "{}", said(&found));
    assert_eq!(found.diagnostics.len(), 1);
    let lines = read_small(&format!("{}\n{huge}\n{}\n", account("a"), account("b")));
    assert_eq!(names(&lines), ["a", "b"]);
    assert!(said(&lines).starts_with("COL0009 2:1"), "{}", said(&lines));
}

#[test]
fn a_document_over_the_limit_is_left_out() {
    let found = read_small(&format!(
        r#"{{"$schema":"x","contentVersion":"1.0.0.0","resources":[{}]}}"#,
        vec![account("a"); 60].join(",")
    ));
    assert_eq!(found.resources.len(), 0);
    assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
    assert!(said(&found).starts_with("COL0009 1:"), "{}", said(&found));
}

#[test]
fn nesting_ten_thousand_deep_costs_one_diagnostic() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for middle in [
        format!(r#"{{"id":"x","properties":{deep}}}"#),
        format!(r#"{{"id":"x","properties":{objects}}}"#),
        deep.clone(),
    ] {
        let found = read(format!("[{},{middle},{}]", account("a"), account("b")));
        assert_eq!(names(&found), ["a", "b"]);
        assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
        assert!(said(&found).starts_with("COL0010 1:"));
    }
    for whole in [deep, objects, "[".repeat(10_000), r#"{"a":"#.repeat(10_000)] {
        let found = read(whole);
        assert_eq!(found.diagnostics.len(), 1, "{}", said(&found));
        assert!(said(&found).starts_with("COL0010 1:"), "{}", said(&found));
    }
}

#[test]
fn many_faults_end_in_one_line() {
    let bad = vec![r#"{"id": nope}"#; 500].join(",\n");
    let found = read(format!("[{},\n{bad}]", account("a")));
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found.diagnostics.len(), 21);
    assert_eq!(found.diagnostics[20].code, "COL0017");
    assert_eq!(
        found.diagnostics[20].message,
        "480 more problems in this file"
    );
}

#[test]
fn the_sink_can_stop_the_run() {
    struct Two(usize);
    impl Sink for Two {
        fn resource(&mut self, _: Resource) -> ControlFlow<()> {
            self.0 += 1;
            if self.0 == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
        fn coverage(&mut self, _: Coverage) {}
        fn diagnostic(&mut self, said: Diagnostic) {
            panic!("{said:?}");
        }
    }
    let mut sink = Two(0);
    let text = format!("[{}]", vec![account("a"); 9].join(","));
    let summary = collect_reader("x", text.as_bytes(), &CollectOptions::default(), &mut sink);
    assert_eq!(sink.0, 2);
    assert!(summary.stopped);
    assert!(!summary.inputs[0].complete);
}
