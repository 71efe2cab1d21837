//! Shapes of the bound tree that an engine relies on.

use std::fmt::Write as _;

use stance_base::ScalarType;
use stance_kql_syntax::bound::{
    BoundExpression, BoundQuery, BoundSet, ExpressionKind, JoinKind, JoinSide, Literal, Operator,
    SourceKind, UnionColumn,
};
use stance_kql_syntax::{BindOptions, bind, parse, render_diagnostics};

fn query(text: &str) -> BoundQuery {
    let bound = bind(
        &parse(text),
        &crate::seeds::catalog(),
        &BindOptions::default(),
    );
    let report = render_diagnostics(text, &bound.diagnostics);
    bound.query.unwrap_or_else(|| panic!("{report}"))
}

fn printed(text: &str) -> BoundExpression {
    let SourceKind::Print(mut values) = query(&format!("print {text}")).root.source else {
        panic!("no print")
    };
    values.remove(0)
}

fn predicate(text: &str) -> BoundExpression {
    let query = query(&format!("SecurityAlert | where {text}"));
    let Operator::Where(predicate) = query.root.steps[0].operator.clone() else {
        panic!("no where")
    };
    predicate
}

#[test]
fn arithmetic_follows_kusto() {
    let cases = [
        ("int(1) + int(1)", ScalarType::Long),
        ("1 / 2", ScalarType::Long),
        ("1 / 2.0", ScalarType::Real),
        ("decimal(1) + 1.0", ScalarType::Decimal),
        ("now() - now()", ScalarType::TimeSpan),
        ("now() + 1d", ScalarType::DateTime),
        ("1d / 1h", ScalarType::Real),
        ("2 * 1d", ScalarType::TimeSpan),
        ("dynamic(1) + 1", ScalarType::Long),
        ("-int(1)", ScalarType::Int),
    ];
    for (text, expected) in cases {
        assert_eq!(printed(text).scalar_type, expected, "{text}");
    }
}

#[test]
fn conversions_are_written_out() {
    let ExpressionKind::TextMatch(text) = predicate("ExtendedProperties has 'x'").kind else {
        panic!("no match")
    };
    assert_eq!(text.value.scalar_type, ScalarType::String);
    assert!(matches!(text.value.kind, ExpressionKind::Convert(_)));
    let ExpressionKind::Comparison { left, .. } = predicate("ExtendedProperties.a == 'x'").kind
    else {
        panic!("no ==")
    };
    assert!(matches!(left.kind, ExpressionKind::Convert(_)));
    assert_eq!(left.scalar_type, ScalarType::String);
}

#[test]
fn index_by_text_is_a_member() {
    let ExpressionKind::Call {
        function,
        arguments,
    } = predicate("isempty(ExtendedProperties['a b'])").kind
    else {
        panic!("no call")
    };
    assert_eq!(function, "isempty");
    assert!(matches!(&arguments[0].kind, ExpressionKind::Member { name, .. } if &**name == "a b"));
}

#[test]
fn aliases_lead_to_one_name() {
    let ExpressionKind::Call { function, .. } = printed("iif(true, 1, 2)").kind else {
        panic!("no call")
    };
    assert_eq!(function, "iff");
    let ExpressionKind::Call { function, .. } = printed("todynamic('1')").kind else {
        panic!("no call")
    };
    assert_eq!(function, "parse_json");
}

#[test]
fn or_is_flat() {
    let ExpressionKind::Or(parts) =
        predicate("AlertName == 'a' or AlertName == 'b' or AlertName == 'c'").kind
    else {
        panic!("no or")
    };
    assert_eq!(parts.len(), 3);
}

#[test]
fn sort_is_descending_with_nulls_last() {
    let query = query("SecurityAlert | sort by TimeGenerated, AlertName asc");
    let Operator::Sort(keys) = &query.root.steps[0].operator else {
        panic!("no sort")
    };
    assert_eq!((keys[0].descending, keys[0].nulls_first), (true, false));
    assert_eq!((keys[1].descending, keys[1].nulls_first), (false, true));
}

#[test]
fn summarize_runs_in_two_beats() {
    let query =
        query("SecurityAlert | summarize n = count() / 30, max(TimeGenerated) by AlertName");
    let Operator::Summarize(summarize) = &query.root.steps[0].operator else {
        panic!("no summarize")
    };
    assert_eq!(summarize.keys.len(), 1);
    assert_eq!(summarize.aggregates[0].function, "count");
    assert_eq!(summarize.aggregates[1].function, "max");
    assert!(matches!(
        summarize.outputs[1].kind,
        ExpressionKind::Arithmetic { .. }
    ));
    assert!(
        matches!(&summarize.outputs[2].kind, ExpressionKind::Column(column) if column.index == 2)
    );
}

#[test]
fn join_defaults_to_inner_unique_and_renames_the_right() {
    let query = query(
        "SecurityAlert | join (SigninLogs | project TimeGenerated, IPAddress) on TimeGenerated",
    );
    let Operator::Join(join) = &query.root.steps[0].operator else {
        panic!("no join")
    };
    assert_eq!(join.kind, JoinKind::InnerUnique);
    let last = join.outputs.last().unwrap();
    assert_eq!((last.side, last.index), (JoinSide::Right, 1));
    assert!(query.schema().column("TimeGenerated1").is_some());
}

#[test]
fn lookup_leaves_the_right_key_out() {
    let query = query("print a = 1 | lookup (print a = 1, b = 2) on a");
    let names: Vec<_> = query
        .schema()
        .columns()
        .iter()
        .map(|column| column.name.to_string())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_let_table_is_shared() {
    let query = query("let T = materialize(SecurityAlert | take 5); T | join T on AlertName");
    let SourceKind::Shared {
        id, materialize, ..
    } = &query.root.source
    else {
        panic!("not shared")
    };
    assert!(materialize);
    let Operator::Join(join) = &query.root.steps[0].operator else {
        panic!("no join")
    };
    assert!(matches!(&join.right.source, SourceKind::Shared { id: right, .. } if right == id));
}

#[test]
fn in_takes_a_table() {
    let ExpressionKind::In { set, .. } =
        predicate("AlertName in ((SigninLogs | project UserPrincipalName))").kind
    else {
        panic!("no in")
    };
    assert!(matches!(set, BoundSet::Subquery(_)));
}

#[test]
fn unions_say_where_columns_come_from() {
    let query = query("union withsource=S (print a = 1), (print b = 2)");
    let SourceKind::Union(union) = &query.root.source else {
        panic!("no union")
    };
    assert_eq!(union.inputs[1].columns[1], UnionColumn::Missing);
    assert_eq!(union.inputs[1].columns[2], UnionColumn::Column(0));
    assert!(matches!(
        union.inputs[0].columns[0],
        UnionColumn::SourceName(_)
    ));
}

#[test]
fn a_table_answers_to_the_name_the_catalog_gives() {
    let query = query("RESOURCES | take 1");
    assert!(matches!(&query.root.source, SourceKind::Table(table) if &*table.name == "resources"));
}

#[test]
fn literals_have_their_values() {
    let literal = |text: &str| match printed(text).kind {
        ExpressionKind::Literal(value) => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(literal("1.5h"), Literal::TimeSpan(54_000_000_000));
    assert_eq!(
        literal("time(1.02:03:04)"),
        Literal::TimeSpan(937_840_000_000)
    );
    assert_eq!(literal("datetime(1970-01-01)").unix_micros(), Some(0));
    assert_eq!(
        literal("datetime(2024-02-29T12:00:00.1234567+02:00)").unix_micros(),
        Some(1_709_200_800_123_456)
    );
    assert_eq!(literal("0xff"), Literal::Long(255));
    assert_eq!(literal("int(null)"), Literal::Null);
    assert_eq!(
        literal(r#""a\tb" 'c' @"\d""#),
        Literal::String("a\tbc\\d".into())
    );
    assert_eq!(literal("h'secret'"), Literal::String("secret".into()));
    assert_eq!(literal("decimal(1.5e2)"), Literal::Decimal("150".into()));
    assert_eq!(literal("-9"), Literal::Long(-9));
}

#[test]
fn parameters_take_the_values_given() {
    let options = BindOptions {
        parameters: vec![("n".into(), Literal::Long(7))],
        ..BindOptions::default()
    };
    let text = "declare query_parameters(n:long = 1); print n";
    let bound = bind(&parse(text), &crate::seeds::catalog(), &options);
    let SourceKind::Print(values) = bound.query.unwrap().root.source else {
        panic!("no print")
    };
    assert_eq!(values[0].kind, ExpressionKind::Literal(Literal::Long(7)));
}

#[test]
fn columns_of_unpacked_bags_are_expected() {
    let query = query(
        "SecurityAlert | evaluate bag_unpack(ExtendedProperties) | project CallerIp, AlertName",
    );
    let Operator::Evaluate(evaluate) = &query.root.steps[0].operator else {
        panic!("no evaluate")
    };
    assert!(evaluate.open_schema);
    assert!(query.root.steps[0].schema.column("CallerIp").is_some());
}

#[test]
fn functions_that_call_themselves_many_times_are_refused() {
    let mut text = String::from("let f0 = (x:long) { x };\n");
    for level in 1..20 {
        let below = level - 1;
        let _ = writeln!(
            text,
            "let f{level} = (x:long) {{ f{below}(f{below}(x)) + f{below}(x) }};"
        );
    }
    text.push_str("print f19(1)");
    let bound = bind(
        &parse(&text),
        &crate::seeds::catalog(),
        &BindOptions::default(),
    );
    assert!(bound.query.is_none());
}

#[test]
fn missing_tables_of_a_fuzzy_union_are_left_out() {
    let query = query(
        "union isfuzzy=true Missing_CL, (SigninLogs | project IPAddress) | where Level_s == 'x'",
    );
    assert!(query.schema().column("Level_s").is_some());
    let SourceKind::Union(union) = &query.root.source else {
        panic!("no union")
    };
    assert_eq!(union.inputs.len(), 1);
    assert_eq!(union.inputs[0].columns[1], UnionColumn::Missing);
}

#[test]
fn make_series_keeps_its_range_and_defaults() {
    let query = query(
        "SigninLogs | make-series kind=nonempty n = count() default = 7 on TimeGenerated \
         from datetime(2024-01-01) to datetime(2024-01-02) step 1h by RiskState",
    );
    let Operator::MakeSeries(series) = &query.root.steps[0].operator else {
        panic!("no series")
    };
    assert!(series.non_empty && !series.range.include_end);
    assert!(series.range.from.is_some() && series.range.to.is_some());
    assert!(series.defaults[0].is_some());
    assert_eq!(series.axis_output, 2);
    let names: Vec<_> = query
        .schema()
        .columns()
        .iter()
        .map(|column| column.name.to_string())
        .collect();
    assert_eq!(names, ["RiskState", "n", "TimeGenerated"]);
}

#[test]
fn a_view_that_materialises_is_one_table_however_often_it_is_read() {
    let mut catalog = crate::seeds::catalog();
    for (name, body) in [
        ("Once", "materialize(SecurityAlert | take 1)"),
        ("Again", "SecurityAlert | take 1"),
    ] {
        catalog.add_function(stance_kql_syntax::StoredFunction {
            name: name.into(),
            parameters: "()".into(),
            body: body.into(),
        });
    }
    let ids = |text: &str| -> Vec<u32> {
        let bound = bind(&parse(text), &catalog, &BindOptions::default());
        assert!(bound.diagnostics.is_empty(), "{:?}", bound.diagnostics);
        let Some(SourceKind::Union(union)) = bound.query.map(|query| query.root.source) else {
            panic!("no union")
        };
        let parts = union.inputs.iter().map(|input| &input.plan.source);
        parts
            .filter_map(|source| match source {
                SourceKind::Shared { id, .. } => Some(*id),
                _ => None,
            })
            .collect()
    };
    let once = ids("union Once, Once");
    assert_eq!(once.len(), 2);
    assert_eq!(once[0], once[1], "computed once");
    assert!(
        ids("union Again, Again").is_empty(),
        "others are put in place each time"
    );
}
