//! Several results, limits of queries, data from files.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stance_base::{Coded, ErrorCode};
use stance_kql::{Engine, EngineOptions, KqlError, MemoryCatalog, RemoteExternalData, output};

fn engine(change: impl FnOnce(&mut EngineOptions)) -> Engine {
    let mut options = EngineOptions::default();
    change(&mut options);
    Engine::new(Arc::new(MemoryCatalog::new()), options).unwrap()
}

async fn rows(engine: &Engine, text: &str) -> Vec<Vec<String>> {
    output::text_rows(&engine.query(text).await.unwrap()).unwrap()
}

#[tokio::test]
async fn fork_gives_a_result_for_each_branch() {
    let text =
        "range x from 1 to 10 step 1 | fork small = (where x < 3) (summarize total = sum(x))";
    let result = engine(|_| {}).query(text).await.unwrap();
    assert_eq!(result.row_count(), 2);
    assert_eq!(result.columns[0].name, "x");
    let all = result.into_all();
    assert_eq!(all.len(), 2);
    let (name, total) = &all[1];
    assert_eq!(name.as_deref(), Some("Result2"));
    assert_eq!(output::text_rows(total).unwrap(), [["55"]]);
}

#[tokio::test]
async fn facet_counts_the_values_of_each_column() {
    let text =
        "datatable(a:string, b:long) ['x', 1, 'x', 2, 'y', 2] | facet by a, b with (where b > 1)";
    let all = engine(|_| {}).query(text).await.unwrap().into_all();
    let mut shown: Vec<Vec<Vec<String>>> = all
        .iter()
        .map(|(_, one)| output::text_rows(one).unwrap())
        .collect();
    for rows in &mut shown {
        rows.sort();
    }
    assert_eq!(shown[0], [["x", "2"], ["y", "1"]]);
    assert_eq!(shown[1], [["1", "1"], ["2", "2"]]);
    assert_eq!(shown[2], [["x", "2"], ["y", "2"]]);
}

#[tokio::test]
async fn statements_give_their_results_in_order() {
    let result = engine(|_| {})
        .query("print a = 1; print b = 2")
        .await
        .unwrap();
    assert_eq!(result.columns[0].name, "a");
    assert_eq!(result.more.len(), 1);
    assert_eq!(result.more[0].columns[0].name, "b");
}

#[tokio::test]
async fn a_query_sets_limits_within_those_of_the_engine() {
    let engine = engine(|options| options.row_limit = 50);
    let taken = rows(
        &engine,
        "set query_take_max_records = 3; range x from 1 to 100 step 1",
    )
    .await;
    assert_eq!(taken.len(), 3);
    let cut = "set truncationmaxrecords = 5; range x from 1 to 10 step 1";
    let error = engine.query(cut).await.unwrap_err();
    assert!(
        matches!(error, KqlError::TooManyRows { limit: 5 }),
        "{error}"
    );
    let lifted = "set truncationmaxrecords = 5; set notruncation; range x from 1 to 10 step 1";
    assert_eq!(rows(&engine, lifted).await.len(), 10);
    let error = engine
        .query("set notruncation; range x from 1 to 100 step 1")
        .await
        .unwrap_err();
    assert!(
        matches!(error, KqlError::TooManyRows { limit: 50 }),
        "{error}"
    );
}

#[tokio::test]
async fn joins_and_expansions_have_a_budget_of_rows() {
    let engine = engine(|options| options.intermediate_row_limit = Some(10_000));
    let join = "range x from 1 to 1000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 1000 step 1 | extend k = 1) on k | count";
    let expand = "range x from 1 to 1000 step 1 | mv-expand y = range(1, 100) | count";
    for text in [join, expand] {
        let error = engine.query(text).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::LimitExceeded);
        assert!(
            error.to_string().contains("joins and expansions"),
            "{error}"
        );
    }
    let small = "range x from 1 to 10 step 1 | mv-expand y = range(1, 10) | count";
    assert_eq!(rows(&engine, small).await, [["100"]]);
}

#[tokio::test]
async fn what_does_not_fit_memory_is_put_on_disk() {
    let engine = engine(|options| {
        options.memory_limit = Some(32 << 20);
        options.time_limit = None;
    });
    let wide = "range x from 1 to 300000 step 1 | extend t = strcat('some longer text that takes room ', x * 7919 % 300007)";
    let sorted = format!(
        "{wide} | sort by t asc | extend n = row_number() | where n in (1, 300000) | project n"
    );
    assert_eq!(rows(&engine, &sorted).await, [["1"], ["300000"]]);
    let grouped =
        format!("{wide} | summarize n = count() by t | summarize groups = count(), rows = sum(n)");
    assert_eq!(rows(&engine, &grouped).await, [["300000", "300000"]]);
}

#[tokio::test]
async fn a_dropped_query_stops() {
    let engine = engine(|options| options.time_limit = None);
    let text = "range x from 1 to 900000000 step 1 | summarize sum(x % 7)";
    let stopped = tokio::time::timeout(Duration::from_millis(200), engine.query(text)).await;
    assert!(stopped.is_err());
    // The threads are free again: another query answers at once.
    let next = tokio::time::timeout(Duration::from_mins(1), engine.query("print 1")).await;
    assert!(next.unwrap().is_ok());
}

#[tokio::test]
async fn materialized_rows_leave_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(|options| options.temp_dir = Some(folder.path().to_owned()));
    let text =
        "let M = materialize(range x from 1 to 20000 step 1); M | join kind=inner M on x | count";
    let mut stream = engine.stream(text).await.unwrap();
    let held = || fs::read_dir(folder.path()).unwrap().filter_map(Result::ok);
    assert!(held().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("stance-kql-")
    }));
    while let Some(batch) = stream.next_batch().await {
        batch.unwrap();
    }
    drop(stream);
    assert!(!held().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("stance-kql-")
    }));
}

fn external(folder: &Path) -> Engine {
    engine(|options| options.external_data_folders = vec![folder.to_owned()])
}

#[tokio::test]
async fn external_data_of_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.csv", "n,t,d\n1,\"x, y\",\"{\"\"k\"\":1}\"\n2,z\n");
    write("a.tsv", "1\tx\n");
    write("a.psv", "1|x\n");
    write("a.scsv", "1;x\n");
    write("a.txt", "first\nsecond\n");
    write("a.raw", "one\ntwo");
    write("a.json", "{\"t\":\"x\",\"n\":1}\n{\"n\":2}\n");
    write("b.json", "[{\"n\": 1,\n \"t\": \"x\"}]");
    let packed = fs::File::create(folder.path().join("c.csv.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::default());
    packed.write_all(b"7,seven\n").unwrap();
    packed.finish().unwrap();
    let engine = external(folder.path());
    let made = engine.query("print n = 5, t = 'p'").await.unwrap();
    output::write_parquet(&made, &folder.path().join("d.parquet")).unwrap();

    let csv = "externaldata(n:long, t:string, d:dynamic) ['a.csv'] with (ignoreFirstRecord=true)";
    let expected = [["1", "x, y", "{\"k\":1}"], ["2", "z", ""]];
    assert_eq!(rows(&engine, csv).await, expected);
    for (file, expected) in [
        ("a.tsv", vec![["1", "x"]]),
        ("a.psv", vec![["1", "x"]]),
        ("a.scsv", vec![["1", "x"]]),
        ("a.json", vec![["1", "x"], ["2", ""]]),
        ("b.json", vec![["1", "x"]]),
        ("c.csv.gz", vec![["7", "seven"]]),
        ("d.parquet", vec![["5", "p"]]),
    ] {
        let text = format!("externaldata(n:long, t:string) [@'{file}']");
        assert_eq!(rows(&engine, &text).await, expected, "{file}");
    }
    let lines = "externaldata(line:string) ['a.txt']";
    assert_eq!(rows(&engine, lines).await, [["first"], ["second"]]);
    let whole = "externaldata(text:string) ['a.raw'] with (format='raw')";
    assert_eq!(rows(&engine, whole).await, [["one\ntwo"]]);
    let named = "externaldata(line:string) ['a.csv'] with (format=txt) | count";
    assert_eq!(rows(&engine, named).await, [["3"]]);
}

#[tokio::test]
async fn external_data_stays_in_its_folders() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.csv"), "1\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "1\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        outside.path().join("secret.csv"),
        folder.path().join("link.csv"),
    )
    .unwrap();
    let engine = external(folder.path());
    let places = [
        format!("{}", outside.path().join("secret.csv").display()),
        format!("file://{}", outside.path().join("secret.csv").display()),
        format!(
            "{}/../{}/secret.csv",
            folder.path().display(),
            outside.path().display()
        ),
        "../secret.csv".to_owned(),
        "link.csv".to_owned(),
        "https://example.com/a.csv".to_owned(),
        "abfss://box@place/a.csv".to_owned(),
        "missing.csv".to_owned(),
    ];
    for place in places {
        let text = format!("externaldata(n:long) [@'{place}']");
        let error = engine.query(&text).await.unwrap_err();
        let diagnostic = &error.diagnostics()[0];
        assert_eq!(diagnostic.code.as_str(), "KQL0301", "{place}: {error}");
        assert!(diagnostic.help.is_some(), "{place}: {error}");
    }
    let allowed = format!(
        "externaldata(n:long) [@'{}']",
        folder.path().join("a.csv").display()
    );
    assert_eq!(rows(&engine, &allowed).await, [["1"]]);
}

#[tokio::test]
async fn remote_external_data_may_stand_for_an_empty_table() {
    let engine = engine(|options| options.remote_external_data = RemoteExternalData::Empty);
    let text = "externaldata(n:long, t:string) [h@'https://example.com/a.csv'] | getschema | project ColumnName, ColumnType";
    assert_eq!(rows(&engine, text).await, [["n", "long"], ["t", "string"]]);
    let text = "externaldata(n:long) [h@'https://example.com/a.csv'] | count";
    assert_eq!(rows(&engine, text).await, [["0"]]);
}
