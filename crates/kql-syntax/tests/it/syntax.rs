//! The parser keeps every byte and never panics.

use std::fmt::Write as _;

use proptest::prelude::*;
use stance_kql_syntax::{BindOptions, DiagnosticCode, EmptyCatalog, MAX_DEPTH, bind, parse};

fn survives(text: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.syntax().text().to_string(), text);
    bind(&parsed, &EmptyCatalog, &BindOptions::default());
}

proptest! {
    #[test]
    fn any_text_is_kept(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_mix_of_words_is_kept(words in proptest::collection::vec(0..WORDS.len(), 0..60)) {
        let text: Vec<&str> = words.iter().map(|index| WORDS[*index]).collect();
        survives(&text.join(" "));
    }
}

const WORDS: &[&str] = &[
    "T",
    "|",
    "where",
    "x",
    "==",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "1",
    "1d",
    "'a'",
    "let",
    "=",
    ";",
    "by",
    "summarize",
    "count()",
    "join",
    "on",
    "$left",
    ".",
    "..",
    "*",
    "-",
    ">",
    "<",
    ",",
    "union",
    "print",
    "range",
    "from",
    "to",
    "step",
    "mv-expand",
    "mv-apply",
    "make-series",
    "parse",
    "with",
    "kind=inner",
    "datatable",
    ":",
    "long",
    "string",
    "project",
    "extend",
    "in",
    "has_any",
    "between",
    "and",
    "or",
    "not",
    "dynamic([1])",
    "search",
    "find",
    "evaluate",
    "bag_unpack",
    "toscalar",
    "materialize",
    "render",
    "top",
    "sort",
    "graph-match",
    "make-graph",
    "scan",
    "partition",
    "view",
    "declare",
    "query_parameters",
    "project-away",
    "project-reorder",
    "asc",
    "nulls",
    "first",
    "as",
    "invoke",
    "typeof",
    "datetime(2020-01-01)",
    "a*",
    "lookup",
    "top-nested",
    "of",
    "fork",
    "facet",
    "reduce",
    "=>",
    "@'x'",
];

#[test]
fn deep_nesting_is_a_diagnostic() {
    for (open, close) in [
        ("(", ")"),
        ("f(", ")"),
        ("-", ""),
        ("a[", "]"),
        ("a and (", ")"),
        ("{", "}"),
        ("iff(a, ", ")"),
    ] {
        let text = format!("print {}1{}", open.repeat(100_000), close.repeat(100_000));
        let parsed = parse(&text);
        assert_eq!(parsed.syntax().text().to_string(), text);
        assert!(!parsed.diagnostics().is_empty(), "{open}");
        bind(&parsed, &EmptyCatalog, &BindOptions::default());
    }
    let parsed = parse(&format!(
        "print {}1{}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    ));
    assert_eq!(parsed.diagnostics()[0].code, DiagnosticCode::NestingTooDeep);
}

#[test]
fn nesting_up_to_the_limit_is_bound() {
    let depth = MAX_DEPTH - 5;
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("iff(true, 0, ", "1", ")"),
        ("abs(1 + 2 * ", "3", ")"),
    ] {
        let text = format!("print {}{inner}{}", open.repeat(depth), close.repeat(depth));
        let parsed = parse(&text);
        assert!(
            parsed.diagnostics().is_empty(),
            "{:?}",
            parsed.diagnostics()
        );
        bind(&parsed, &EmptyCatalog, &BindOptions::default());
    }
}

#[test]
fn long_chains_neither_fail_nor_overflow() {
    let ors = vec!["x == 1"; 20_000].join(" or ");
    assert!(parse(&format!("T | where {ors}")).diagnostics().is_empty());
    let pipes = "| where x == 1 ".repeat(20_000);
    let parsed = parse(&format!("print x = 1 {pipes}"));
    assert!(parsed.diagnostics().is_empty());
    survives(&format!("print x = 1 {pipes}"));
    survives(&format!("print {}", vec!["1"; 50_000].join(" + ")));
    survives(&format!("print a{}", ".b".repeat(50_000)));
}

#[test]
fn nested_tables_and_functions_are_bound_within_the_stack() {
    let mut nested = String::from("print x = 1");
    for _ in 0..MAX_DEPTH {
        nested = format!("print x = 1 | where x in (({nested}))");
    }
    survives(&nested);
    let mut joined = String::from("print x = 1");
    for _ in 0..MAX_DEPTH {
        joined = format!("print x = 1 | join ({joined}) on x");
    }
    survives(&joined);
    let mut text = String::from("let f0 = (x:long) { x };\n");
    for level in 1..100 {
        let below = level - 1;
        let _ = writeln!(
            text,
            "let f{level} = (x:long) {{ iff(true, (f{below}(((x)))), 0) }};"
        );
    }
    survives(&(text + "print f99(1)"));
    let mut text = String::from("let x0 = 1;\nlet t0 = print a = 1;\n");
    for level in 1..1000 {
        let below = level - 1;
        let _ = writeln!(
            text,
            "let x{level} = x{below} + 1;\nlet t{level} = t{below} | where a > 0;"
        );
    }
    survives(&(text + "t999 | extend b = x999"));
}
