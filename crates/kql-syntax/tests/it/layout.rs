//! One layout: nothing said is changed, and twice is once.

use stance_kql_syntax::format;
use stance_kql_syntax::lexer::tokenize;
use stance_kql_syntax::syntax::SyntaxKind;

use crate::shared::json_lines;

/// Tokens and comments, without the space between.
fn significant(text: &str) -> Vec<(SyntaxKind, &str)> {
    let mut start = 0;
    let mut out = Vec::new();
    for token in tokenize(text) {
        let piece = &text[start..start + token.length];
        start += token.length;
        if token.kind != SyntaxKind::Whitespace {
            out.push((token.kind, piece.trim_end()));
        }
    }
    out
}

#[test]
fn real_queries_keep_their_tokens_and_are_laid_out_once() {
    let Some(records) = json_lines("kql/real-queries.jsonl.gz") else {
        return;
    };
    let (mut odd, mut unlike) = (0, Vec::new());
    for record in &records {
        let query = record["query"].as_str().unwrap();
        let once = format(query);
        assert_eq!(significant(&once), significant(query));
        if once == query && query.lines().any(|line| line.ends_with(' ')) {
            // Left alone: what would have come out would not have said the same.
            odd += 1;
        }
        if format(&once) != once {
            unlike.push(query);
        }
    }
    eprintln!(
        "real queries laid out: {} of {}, {odd} left alone",
        records.len() - odd,
        records.len()
    );
    assert!(
        unlike.is_empty(),
        "{} change when laid out twice:\n{}",
        unlike.len(),
        unlike[0]
    );
    assert!(odd * 500 < records.len(), "{odd} queries are left alone");
}

#[test]
fn the_layout_is_canonical() {
    let cases = [
        ("T|where a==1|take 5", "T\n| where a == 1\n| take 5\n"),
        (
            "let x=T|where a>1;x|count",
            "let x =\n    T\n    | where a > 1;\nx\n| count\n",
        ),
        (
            "let f=(a:long,b:string='x'){a+1};print f(1)",
            "let f = (a:long, b:string = 'x') { a + 1 };\nprint f(1)\n",
        ),
        (
            "T // rows\n// all of them\n|where a in(1,2) and b has 'x' // some",
            "T // rows\n// all of them\n| where a in (1, 2) and b has 'x' // some\n",
        ),
        (
            "T|join kind=inner(U|where b==2|project k)on k",
            "T\n| join kind=inner (\n    U\n    | where b == 2\n    | project k\n) on k\n",
        ),
        (
            "datatable(a:long,b:string)[1,'x',-2,'y']|sort by a desc nulls last",
            "datatable(a:long, b:string) [1, 'x', -2, 'y']\n| sort by a desc nulls last\n",
        ),
        (
            "T|make-graph a-->b with_node_id=n|graph-match(x)-[e*1..3]->(y)where x.n!='q' project x.n,y.n",
            "T\n| make-graph a --> b with_node_id=n\n| graph-match (x)-[e*1..3]->(y) where x.n != 'q' project x.n, y.n\n",
        ),
        (
            "T|evaluate bag_unpack(d):(*,x:string)|project ['a b'],c[0].d,union_=-1",
            "T\n| evaluate bag_unpack(d) : (*, x:string)\n| project ['a b'], c[0].d, union_ = -1\n",
        ),
        ("where where", "where where"),
    ];
    for (text, wanted) in cases {
        assert_eq!(format(text), wanted, "{text}");
        assert_eq!(format(wanted), wanted);
    }
}

#[test]
fn long_lists_are_broken_and_short_ones_are_not() {
    let names: Vec<String> = (0..20)
        .map(|number| format!("column_number_{number}"))
        .collect();
    let text = format(&format!("T | project {} | take 1", names.join(",")));
    assert_eq!(text.lines().count(), 23, "{text}");
    assert!(text.contains("| project\n    column_number_0,\n"), "{text}");
    let long = "a".repeat(60);
    let text = format(&format!(
        "T | where {long} == 1 and {long} == 2 or f({long}, {long})"
    ));
    for line in text.lines() {
        assert!(line.chars().count() <= 130, "{text}");
    }
    assert!(text.lines().count() >= 4, "{text}");
}
