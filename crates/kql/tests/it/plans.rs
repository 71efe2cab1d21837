//! Plans can be read back elsewhere, and let the engine prune.

use std::sync::Arc;

use datafusion::prelude::{SessionContext, col};
use datafusion_proto::logical_plan::DefaultLogicalExtensionCodec;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use stance_base::ScalarType;
use stance_kql::{
    KqlLogicalCodec, MemoryCatalog, aggregate_function, function_names, scalar_function,
};

use crate::support;

#[test]
fn functions_are_found_by_the_names_that_plans_hold() {
    for name in [
        "kql:strlen(string)->long",
        "kql:bin(datetime,timespan)->datetime",
        "kql:text_has",
        "kql:text_contains_cs",
        "kql:elements[string,bags,100]",
        "kql:positions[100,2]",
        "kql:parse_pattern",
        "kql:nested_to_json",
    ] {
        let function = scalar_function(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(function.name(), name);
    }
    for name in [
        "kql:make_list(long)->dynamic",
        "kql:arg_max(datetime,string)->row",
    ] {
        let function = aggregate_function(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(function.name(), name);
    }
    assert!(scalar_function("kql:no_such(string)->long").is_none());
    assert!(scalar_function("strlen").is_none());
}

#[test]
fn every_function_goes_over_the_wire() {
    let codec = KqlLogicalCodec::over(Arc::new(DefaultLogicalExtensionCodec {}));
    let session = SessionContext::new();
    for name in function_names() {
        let function = scalar_function(&format!("kql:{name}(string,long)->dynamic")).unwrap();
        let call = function.call(vec![col("a"), col("b")]);
        let sent = serialize_expr(&call, &codec).unwrap();
        let received = parse_expr(&sent, &session.task_ctx(), &codec).unwrap();
        assert_eq!(received, call, "{name}");
    }
}

#[tokio::test]
async fn conditions_on_time_reach_the_scan_as_constants() {
    let mut catalog = MemoryCatalog::new();
    let columns = [("TimeGenerated".to_owned(), ScalarType::DateTime)];
    catalog.add_table(support::table("T", &columns, &[]));
    let engine = support::engine(catalog);
    let plan = engine
        .explain("T | where TimeGenerated > ago(7d)")
        .await
        .unwrap();
    assert!(
        plan.contains("TimeGenerated > TimestampMicrosecond(1709899200000000"),
        "{plan}"
    );
}

#[tokio::test]
async fn graph_searches_go_over_the_wire() {
    let engine = support::engine(MemoryCatalog::new());
    let graph =
        "datatable(a:string, b:string)['x', 'y', 'y', 'z'] | make-graph a --> b with_node_id=n";
    for (operators, rows) in [
        (
            "graph-match (p)-[e*1..2]->(q) where p.n == 'x' project q.n, map(e, b)",
            2,
        ),
        ("graph-shortest-paths (p)-[e*1..5]->(q) project q.n", 3),
        ("graph-mark-components | graph-to-table nodes", 3),
        ("graph-where-nodes n != 'x' | graph-to-table edges", 1),
    ] {
        let plan = engine
            .portable_plan(&format!("{graph} | {operators}"))
            .await
            .unwrap();
        let result = engine.run_portable(&plan).await.unwrap();
        assert_eq!(result.row_count(), rows, "{operators}");
    }
}
