//! Plans are plain Parquet scans that read no more than they must.

use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::prelude::SessionContext;
use datafusion_proto::bytes::{physical_plan_from_bytes, physical_plan_to_bytes};

use crate::support::{by_scope, open, plain, rows, session, writer};

async fn plan(context: &SessionContext, sql: &str) -> Arc<dyn ExecutionPlan> {
    context
        .sql(sql)
        .await
        .unwrap()
        .create_physical_plan()
        .await
        .unwrap()
}

fn files_named(plan: &Arc<dyn ExecutionPlan>) -> usize {
    displayable(plan.as_ref())
        .indent(false)
        .to_string()
        .matches(".parquet")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_goes_over_the_wire_and_gives_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    let table = by_scope("Resources");
    for scope in ["a", "b", ""] {
        writer
            .append(table.clone(), &[rows(scope, 0..100)])
            .await
            .unwrap();
    }
    let context = session(&lake, &[&table.schema]).await;
    let sql = "SELECT text, scope, COUNT(*) FROM resources WHERE number > 90 AND scope <> 'b' GROUP BY text, scope";
    let original = plan(&context, sql).await;
    let bytes = physical_plan_to_bytes(original.clone()).unwrap();
    let elsewhere = SessionContext::new();
    let received = physical_plan_from_bytes(&bytes, &elsewhere.task_ctx()).unwrap();
    let count = |batches: Vec<arrow::array::RecordBatch>| {
        batches
            .iter()
            .map(arrow::array::RecordBatch::num_rows)
            .sum::<usize>()
    };
    assert_eq!(
        count(collect(original, context.task_ctx()).await.unwrap()),
        9
    );
    assert_eq!(
        count(collect(received, elsewhere.task_ctx()).await.unwrap()),
        9
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_match_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    let table = by_scope("Resources");
    for (scope, from) in [("a", 0), ("a", 100), ("b", 0), ("", 0)] {
        writer
            .append(table.clone(), &[rows(scope, from..from + 10)])
            .await
            .unwrap();
    }
    let context = session(&lake, &[&table.schema]).await;
    let expectations = [
        ("SELECT number FROM resources", 4),
        ("SELECT number FROM resources WHERE scope = 'a'", 2),
        ("SELECT number FROM resources WHERE scope IS NULL", 1),
        ("SELECT number FROM resources WHERE number >= 105", 1),
        ("SELECT number FROM resources WHERE text = 'row 5'", 3),
        (
            "SELECT number FROM resources WHERE scope = 'b' AND number = 50",
            0,
        ),
        ("SELECT number FROM resources LIMIT 15", 2),
    ];
    for (sql, files) in expectations {
        assert_eq!(files_named(&plan(&context, sql).await), files, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_needs_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let table = plain("Events");
    writer(&lake)
        .await
        .append(table.clone(), &[rows("a", 0..10)])
        .await
        .unwrap();
    let context = session(&lake, &[&table.schema]).await;
    assert_eq!(
        files_named(&plan(&context, "SELECT COUNT(*) FROM events").await),
        0
    );
}
