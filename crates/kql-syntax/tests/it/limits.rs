//! Deep, long and growing queries end in an answer or in an error with a code, in bounded time.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use stance_kql_syntax::{
    BindOptions, Column, DiagnosticCode, MAX_QUERY_BYTES, MemoryCatalog, bind, format, parse,
};

/// Generous: the tests run unoptimised, beside others.
const LONGEST: Duration = Duration::from_mins(1);

fn catalog() -> MemoryCatalog {
    let mut catalog = MemoryCatalog::new();
    let columns = [("a", "long"), ("b", "string"), ("c", "dynamic")];
    let columns = columns
        .iter()
        .map(|(name, kind)| Column::new(*name, kind.parse().unwrap()));
    catalog.add_table("T", columns.collect());
    catalog
}

/// Parses, binds and lays out; the codes of what is wrong.
fn codes(text: &str) -> Vec<DiagnosticCode> {
    let start = Instant::now();
    let parsed = parse(text);
    assert_eq!(parsed.syntax().text().to_string(), text);
    let bound = bind(&parsed, &catalog(), &BindOptions::default());
    format(text);
    let taken = start.elapsed();
    assert!(
        taken < LONGEST,
        "{taken:?} for {}",
        text.chars().take(60).collect::<String>()
    );
    let codes = bound.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(
        bound.query.is_none(),
        bound
            .diagnostics
            .iter()
            .any(stance_kql_syntax::Diagnostic::is_error)
    );
    codes
}

#[test]
fn whatever_nests_may_nest_too_deep() {
    let too_deep = [
        DiagnosticCode::NestingTooDeep,
        DiagnosticCode::QueryTooComplex,
    ];
    let cases = [
        ("print ", "(", "1", ")"),
        ("print ", "not(", "true", ")"),
        ("print ", "strcat('a', ", "'b'", ")"),
        ("print x = dynamic(", "[", "1", "]"),
        ("print x = dynamic(", "{\"a\":", "1", "}"),
        ("T | where c", "[c", "", "]"),
        ("T | where a in (", "(T | where a in (", "T", "))"),
        ("", "union (", "T", ")"),
        (
            "T | where a == ",
            "toscalar(T | where a == ",
            "1",
            " | count)",
        ),
        ("T | join (", "T | join (", "T", ") on a"),
        ("T ", "| mv-apply c on (take 1 ", "", ")"),
        ("T ", "| partition by a (take 1 ", "", ")"),
        ("let f = () { ", "(", "1", ")"),
        ("print a = ", "- (", "1", ")"),
        ("T | where ", "a == 1 and (", "true", ")"),
        ("print iff(true, 1, ", "iff(true, 1, ", "2", ")"),
    ];
    for (head, open, inner, close) in cases {
        for depth in [300, 10_000] {
            let tail = match head {
                head if head.contains("dynamic(") => ")",
                head if head.contains("| where a in (") || head.contains("iff(") => ")",
                "let f = () { " => " }; print f()",
                _ => "",
            };
            let text = format!(
                "{head}{}{inner}{}{tail}",
                open.repeat(depth),
                close.repeat(depth)
            );
            let found = codes(&text);
            assert!(!found.is_empty(), "{head}{open} x {depth} passes");
            if depth == 300 {
                let expected = found
                    .iter()
                    .any(|code| too_deep.contains(code) || *code == DiagnosticCode::InvalidLiteral);
                assert!(expected, "{head}{open}: {found:?}");
            }
        }
    }
}

#[test]
fn chains_may_be_long() {
    codes(&format!("T {}", "| where a > 0 ".repeat(10_000)));
    codes(&format!("T {}", "| extend d = a ".repeat(3_000)));
    codes(&format!("print {}", vec!["1"; 20_000].join("+")));
    codes(&format!("print x{}", ".y".repeat(20_000)));
    codes(&format!(
        "T | where {}",
        vec!["a == 1"; 10_000].join(" or ")
    ));
    codes(&format!("T | where a in ({})", vec!["1"; 20_000].join(",")));
    codes(&format!("union {}", vec!["T"; 1_000].join(",")));
    codes(&format!(
        "datatable(x:long)[{}]",
        vec!["1"; 20_000].join(",")
    ));
    codes(&format!(
        "T | project {}",
        (0..1_000)
            .map(|at| format!("x{at} = a"))
            .collect::<Vec<_>>()
            .join(",")
    ));
    codes(&format!("print {}", "-".repeat(20_000)));
    codes(&"let x = 1; ".repeat(5_000));
    let mut lets = String::new();
    for level in 0..2_000 {
        let _ = writeln!(lets, "let x{} = x{level} + 1;", level + 1);
    }
    codes(&format!("let x0 = 1; {lets} print x2000"));
}

#[test]
fn ten_megabytes_are_refused() {
    let text = format!("print '{}'", "x".repeat(10 * 1024 * 1024));
    assert_eq!(codes(&text), [DiagnosticCode::QueryTooLong]);
    let below = format!("print '{}'", "x".repeat(MAX_QUERY_BYTES - 100));
    assert!(codes(&below).is_empty());
}

#[test]
fn functions_that_double_at_each_level_meet_a_limit() {
    for call in [
        "f{}(x) + f{}(x)",
        "iff(x > 0, f{}(x), f{}(x + 1))",
        "strcat(f{}(x), f{}(x))",
    ] {
        let mut text = String::from("let f0 = (x:long) { x };\n");
        for level in 1..20 {
            let below = (level - 1).to_string();
            let _ = writeln!(
                text,
                "let f{level} = (x:long) {{ {} }};",
                call.replace("{}", &below)
            );
        }
        let found = codes(&(text + "print f19(1)"));
        assert!(
            found.contains(&DiagnosticCode::QueryTooComplex)
                || found.contains(&DiagnosticCode::TypeMismatch),
            "{found:?}"
        );
    }
    let mut text = String::from("let t0 = () { T };\n");
    for level in 1..22 {
        let below = level - 1;
        let _ = writeln!(
            text,
            "let t{level} = () {{ union t{below}(), t{below}() }};"
        );
    }
    let found = codes(&(text + "t21()"));
    assert!(
        found.contains(&DiagnosticCode::QueryTooComplex),
        "{found:?}"
    );
    let mut text = String::from("let x0 = 1;\n");
    for level in 1..60 {
        let below = level - 1;
        let _ = writeln!(text, "let x{level} = x{below} + x{below};");
    }
    let found = codes(&(text + "print x59"));
    assert!(
        found.contains(&DiagnosticCode::QueryTooComplex),
        "{found:?}"
    );
}

#[test]
fn functions_that_call_themselves_are_refused() {
    // A body sees the names before it, so a function cannot name itself.
    let found = codes("let f = (x:long) { f(x) }; print f(1)");
    assert!(!found.is_empty());
}
