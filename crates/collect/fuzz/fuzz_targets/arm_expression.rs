//! Any text as an expression: evaluation ends, and the resource is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_collect::arm_template::{self, Limits, Options, Target};
use stance_collect::json::{Document, Member, Node, NodeValue};

fn node(value: NodeValue) -> Node {
    Node {
        value,
        line: 1,
        column: 1,
    }
}

fn text(value: &str) -> Node {
    node(NodeValue::String(value.to_owned()))
}

fn object(members: Vec<(&str, Node)>) -> Node {
    let members = members
        .into_iter()
        .map(|(key, value)| Member {
            key: key.to_owned(),
            line: 1,
            column: 1,
            value,
        })
        .collect();
    node(NodeValue::Object(members))
}

fuzz_target!(|inside: &str| {
    let resource = object(vec![
        ("type", text("Test.Provider/things")),
        ("name", text("thing")),
        (
            "properties",
            object(vec![("x", text(&format!("[{inside}]")))]),
        ),
    ]);
    let root = object(vec![
        ("contentVersion", text("1")),
        (
            "parameters",
            object(vec![("open", object(vec![("type", text("string"))]))]),
        ),
        ("resources", node(NodeValue::Array(vec![resource]))),
    ]);
    let document = Document {
        file: "fuzz.json".to_owned(),
        root,
    };
    let options = Options {
        now: Default::default(),
        target: &Target::default(),
        links: None,
        limits: Limits {
            steps: 50_000,
            ..Limits::default()
        },
    };
    let read = arm_template::read(&document, None, &options);
    assert_eq!(read.resources.len(), 1);
});
