//! Limits, statistics, errors.

use std::sync::Arc;
use std::time::Duration;

use stance_base::{Coded, ErrorCode, FixedClock, ScalarType};
use stance_kql::{Engine, EngineOptions, KqlError, MemoryCatalog};

use crate::support;

fn with_options(change: impl FnOnce(&mut EngineOptions)) -> Engine {
    let mut options = EngineOptions {
        clock: Arc::new(FixedClock(support::now())),
        ..EngineOptions::default()
    };
    change(&mut options);
    Engine::new(Arc::new(MemoryCatalog::new()), options).unwrap()
}

#[tokio::test]
async fn a_result_over_the_row_limit_is_an_error_that_says_what_to_do() {
    let engine = with_options(|options| options.row_limit = 10);
    let error = engine
        .query("range x from 1 to 11 step 1")
        .await
        .unwrap_err();
    assert!(matches!(error, KqlError::TooManyRows { limit: 10 }));
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
    let result = engine.query("range x from 1 to 10 step 1").await.unwrap();
    assert_eq!(result.row_count(), 10);
}

#[tokio::test]
async fn a_query_over_the_time_limit_stops() {
    let engine = with_options(|options| options.time_limit = Some(Duration::ZERO));
    let error = engine
        .query("range x from 1 to 1000000 step 1 | count")
        .await
        .unwrap_err();
    assert!(matches!(error, KqlError::TimedOut { .. }), "{error}");
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
}

#[tokio::test]
async fn a_query_over_the_memory_limit_stops() {
    let engine = with_options(|options| options.memory_limit = Some(64 << 10));
    let text = "range x from 1 to 30000 step 1 | extend s = strcat('some text ', x) | summarize make_list(s) by s";
    let error = engine.query(text).await.unwrap_err();
    assert!(matches!(error, KqlError::OutOfMemory(_)), "{error}");
}

#[tokio::test]
async fn statistics_count_rows_in_and_out() {
    let mut catalog = MemoryCatalog::new();
    let columns = [("a".to_owned(), ScalarType::Long)];
    let rows: Vec<Vec<String>> = (0..7).map(|n| vec![n.to_string()]).collect();
    catalog.add_table(support::table("T", &columns, &rows));
    let engine = support::engine(catalog);
    let result = engine.query("T | where a >= 5").await.unwrap();
    assert_eq!(result.stats.rows_out, 2);
    let text = "T | where a > 1 | render timechart with (title='calls')";
    let result = engine.query(text).await.unwrap();
    let render = result.render.unwrap();
    assert_eq!(render.visualization, "timechart");
    assert!(
        render
            .properties
            .contains(&("title".to_owned(), "calls".to_owned()))
    );
}

#[tokio::test]
async fn now_is_fixed_for_a_query() {
    let engine = with_options(|_| {});
    let text = "print same = now() == now(), ago_ = tostring(ago(1d)), now_ = tostring(now())";
    let result = engine.query(text).await.unwrap();
    let rows = stance_kql::output::text_rows(&result).unwrap();
    assert_eq!(
        rows[0],
        [
            "true",
            "2024-03-14T12:00:00.0000000Z",
            "2024-03-15T12:00:00.0000000Z"
        ]
    );
}

#[tokio::test]
async fn a_wrong_query_says_where() {
    let engine = with_options(|_| {});
    let error = engine
        .query("print x = 1\n| where y > 1")
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let diagnostic = &error.diagnostics()[0];
    assert_eq!(diagnostic.span.range(), 20..21);
    assert!(error.to_string().contains("line 2, column 9"), "{error}");
}

#[tokio::test]
async fn rows_stream_batch_by_batch() {
    let engine = with_options(|_| {});
    let mut stream = engine
        .stream("range x from 1 to 20000 step 1")
        .await
        .unwrap();
    assert_eq!(stream.columns()[0].name, "x");
    let mut rows = 0;
    while let Some(batch) = stream.next_batch().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 20_000);
    assert_eq!(stream.stats().rows_out, 20_000);
    assert!(stream.next_batch().await.is_none());
}

#[tokio::test]
async fn hostile_queries_give_errors_and_no_panic() {
    let engine = with_options(|_| {});
    let deep = format!("print {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let texts = [
        "",
        ";",
        "|",
        "print x = ",
        "print 9223372036854775807 + 1",
        "print -9223372036854775807 - 2, abs(long(-9223372036854775808))",
        "print long(-9223372036854775808) / -1, long(-9223372036854775808) % -1, 1 / 0, 1 % 0",
        "print datetime(9999-12-31) + 1000d, datetime(0001-01-01) - 1d, 1d * 1e300",
        "print bin(5, 0), bin(5, -1), bin(datetime(2024-01-01), 0s), 1d / 0, 1h / 0h",
        "print substring('abc', -100, 1000000000000), strrep('x', 100000000), repeat(1, 10000000000)",
        "print extract('(', 1, 'x'), replace_regex('a', '[', 'b'), 'a' matches regex '('",
        "print todynamic('{'), parse_json('[1,'), dynamic([1,2])[99999999999], range(1, 10, 0)",
        "range x from 1 to 10 step 0",
        "print array_slice(dynamic([1]), 9223372036854775807, -9223372036854775807)",
        "print make_datetime(99999, 1, 1), datetime_add('year', 1000000000000, now())",
        "print toint('99999999999'), tolong('9223372036854775808'), todouble('1e999')",
        "print indexof('abc', 'c', 9999999999999999), array_rotate_left(dynamic([1]), 9223372036854775807)",
        "print tohex(-1, 1000000), format_timespan(timespan(-10675199.02:48:05), 'ddd'), round(1.5, 1000000)",
        &deep,
    ];
    for text in texts {
        let outcome = engine.query(text).await;
        if let Err(error) = outcome {
            assert_ne!(error.code(), ErrorCode::Internal, "{text}: {error}");
        }
    }
}

#[tokio::test]
async fn a_graph_search_without_end_stops_with_the_time_limit() {
    let engine = with_options(|options| options.time_limit = Some(Duration::from_millis(500)));
    // Everything is linked with everything: walks of 40 steps are beyond counting.
    let text = "range a from 1 to 30 step 1 | extend k=1
        | join kind=inner (range b from 1 to 30 step 1 | extend k=1) on k
        | make-graph a --> b with_node_id=n
        | graph-match cycles=all (p)-[e*1..40]->(q) where q.n > 0 and p.n != q.n project p.n | count";
    let started = std::time::Instant::now();
    let error = engine.query(text).await.unwrap_err();
    assert!(matches!(error, KqlError::TimedOut { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_graph_over_the_memory_limit_stops() {
    let engine = with_options(|options| options.memory_limit = Some(64 << 10));
    let text = "range a from 1 to 100000 step 1 | extend b=a + 1
        | make-graph a --> b with_node_id=n | graph-match (p)-->(q) project p.n | count";
    let error = engine.query(text).await.unwrap_err();
    assert!(matches!(error, KqlError::OutOfMemory(_)), "{error}");
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
}

#[tokio::test]
async fn a_path_without_end_is_an_error_that_says_what_to_do() {
    let engine = with_options(|_| {});
    let text = "datatable(a:long, b:long)[1, 2, 2, 1] | make-graph a --> b with_node_id=n
        | graph-match cycles=all (p)-[e*1..1000000000]->(q) project p.n | count";
    let error = engine.query(text).await.unwrap_err();
    assert!(matches!(error, KqlError::GraphLimit(_)), "{error}");
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
    assert!(error.to_string().contains("shorten"), "{error}");
}
