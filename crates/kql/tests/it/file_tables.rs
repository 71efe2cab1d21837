//! Files given as tables.

use std::fs;
use std::path::Path;

use stance_base::{Coded, ErrorCode};
use stance_kql::{MemoryCatalog, file_table, output};

use crate::support;

async fn query_file(path: &Path, text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut catalog = MemoryCatalog::new();
    catalog.add_table(file_table("T", path).await.unwrap());
    let result = support::engine(catalog).query(text).await.unwrap();
    let columns = result
        .columns
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    (columns, output::text_rows(&result).unwrap())
}

#[tokio::test]
async fn json_lines_with_nested_and_uneven_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let text = concat!(
        "\u{feff}{\"id\": 1, \"at\": \"2024-03-01T10:00:00Z\", \"tags\": {\"env\": \"prod\"}, \"n\": 1}\n",
        "\n",
        "{\"id\": 2, \"at\": \"2024-03-02\", \"tags\": [1, 2], \"n\": 2.5, \"late\": true}\n",
        "{\"id\": 3, \"name\": \"zo\u{eb}\"}\n",
    );
    fs::write(&path, text).unwrap();
    let (columns, rows) = query_file(&path, "T | sort by id asc").await;
    assert_eq!(
        columns,
        [
            "id:long",
            "at:datetime",
            "tags:dynamic",
            "n:real",
            "late:bool",
            "name:string"
        ]
    );
    let expected = [
        [
            "1",
            "2024-03-01T10:00:00.0000000Z",
            "{\"env\":\"prod\"}",
            "1.0",
            "",
            "",
        ],
        [
            "2",
            "2024-03-02T00:00:00.0000000Z",
            "[1,2]",
            "2.5",
            "true",
            "",
        ],
        ["3", "", "", "", "", "zoë"],
    ];
    assert_eq!(rows, expected);
    let (_, rows) = query_file(&path, "T | where tags.env == 'prod' | project id").await;
    assert_eq!(rows, [["1"]]);
}

#[tokio::test]
async fn csv_with_quotes_and_codes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    fs::write(
        &path,
        "code,count,ok,at,note\n007,1,true,2024-01-01,\"a, \"\"b\"\"\"\n042,,false,,\n",
    )
    .unwrap();
    let (columns, rows) = query_file(&path, "T | sort by code asc").await;
    assert_eq!(
        columns,
        [
            "code:string",
            "count:long",
            "ok:bool",
            "at:datetime",
            "note:string"
        ]
    );
    let expected = [
        [
            "007",
            "1",
            "true",
            "2024-01-01T00:00:00.0000000Z",
            "a, \"b\"",
        ],
        ["042", "", "false", "", ""],
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_folder_is_one_table() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("a.json"), "[{\"x\": 1}, {\"x\": 2}]").unwrap();
    fs::write(
        folder.path().join("more/b.ndjson"),
        "{\"x\": 3, \"y\": \"z\"}\n",
    )
    .unwrap();
    fs::write(folder.path().join("readme.txt"), "not a table").unwrap();
    let (columns, rows) = query_file(folder.path(), "T | summarize sum(x), max(y)").await;
    assert_eq!(columns, ["sum_x:long", "max_y:string"]);
    assert_eq!(rows, [["6", "z"]]);
}

#[tokio::test]
async fn parquet_keeps_the_types_of_kql() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let engine = support::engine(MemoryCatalog::new());
    let text = "print t = 1d, d = dynamic({'a': [1]}), g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), \
                s = '', n = int(null), m = decimal(1.5), at = datetime(2024-01-02)";
    let result = engine.query(text).await.unwrap();
    output::write_parquet(&result, &path).unwrap();
    let (columns, rows) = query_file(&path, "T").await;
    assert_eq!(
        columns,
        [
            "t:timespan",
            "d:dynamic",
            "g:guid",
            "s:string",
            "n:int",
            "m:decimal",
            "at:datetime"
        ]
    );
    let expected = [
        "1.00:00:00",
        "{\"a\":[1]}",
        "74be27de-1e4e-49d9-b579-fe0b331d3642",
        "",
        "",
        "1.5",
        "2024-01-02T00:00:00.0000000Z",
    ];
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn a_file_that_is_no_table_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.jsonl");
    fs::write(&broken, "{\"a\": 1}\n{\"a\": \n").unwrap();
    let error = file_table("T", &broken).await.unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let missing = file_table("T", &folder.path().join("no.csv"))
        .await
        .unwrap_err();
    assert_eq!(missing.code(), ErrorCode::NotFound);
    let unknown = folder.path().join("x.xlsx");
    fs::write(&unknown, "x").unwrap();
    let error = file_table("T", &unknown).await.unwrap_err();
    assert!(error.to_string().contains(".parquet"), "{error}");
}
