//! Term filters save reading and never change an answer.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use stance_kql::types::TYPE_METADATA_KEY;
use stance_kql::{MemoryCatalog, QueryResult, file_table, index_parquet, output, parquet_files};

use crate::support;

/// A sequence that looks random and is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const WORDS: [&str; 16] = [
    "openai",
    "Cognitive",
    "straße",
    "STRASSE",
    "İstanbul",
    "caf\u{e9}",
    "x",
    "10",
    "4711",
    "a1b2",
    "ΟΔΟΣ",
    "search",
    "\u{212a}elvin",
    "kelvin",
    "vault",
    "den",
];
const BETWEEN: [&str; 8] = [" ", ".", "/", "-", "_", ", ", "", "\n"];

fn text(dice: &mut Dice) -> Option<String> {
    match dice.roll(12) {
        0 => return None,
        1 => return Some(String::new()),
        _ => {}
    }
    let mut text = String::new();
    for _ in 0..=dice.roll(4) {
        text.push_str(dice.pick(&WORDS));
        text.push_str(dice.pick(&BETWEEN));
    }
    Some(text)
}

fn json(dice: &mut Dice) -> Option<String> {
    let plain = text(dice)?;
    let quoted = serde_json::Value::String(plain.clone()).to_string();
    Some(match dice.roll(7) {
        0 => plain,
        1 => quoted,
        2 => format!(
            "{{\"a\": {{\"b\": {quoted}}}, \"n\": {}.50}}",
            dice.roll(100)
        ),
        3 => format!("[{quoted}, 1e2]"),
        4 => format!(
            r#"{{"a": "{}\u00e9\n{}"}}"#,
            dice.pick(&WORDS),
            dice.pick(&WORDS)
        ),
        5 => "null".to_owned(),
        _ => format!(r#"{{"a":{quoted},"path":"C:\\{}\\x"}}"#, dice.pick(&WORDS)),
    })
}

/// Writes rows in row groups of this size.
fn write(path: &Path, rows: usize, group: usize, seed: u64) {
    let mut dice = Dice(seed);
    let dynamic = [(TYPE_METADATA_KEY.to_owned(), "dynamic".to_owned())];
    let schema = Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, false),
        Field::new("s", DataType::Utf8, true),
        Field::new("d", DataType::Utf8, true).with_metadata(dynamic.into()),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(
            (0..rows as i64).map(|row| row * 10 + seed as i64),
        )),
        Arc::new((0..rows).map(|_| text(&mut dice)).collect::<StringArray>()),
        Arc::new((0..rows).map(|_| json(&mut dice)).collect::<StringArray>()),
    ];
    let batch = RecordBatch::try_new(schema, columns).unwrap();
    write_batch(path, &batch, group);
}

fn write_batch(path: &Path, batch: &RecordBatch, group: usize) {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .build();
    let file = fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

async fn ask(path: &Path, query: &str) -> QueryResult {
    let mut catalog = MemoryCatalog::new();
    catalog.add_table(file_table("T", path).await.unwrap());
    let result = support::engine(catalog).query(query).await;
    result.unwrap_or_else(|error| panic!("{query}: {error}"))
}

fn conditions(dice: &mut Dice) -> String {
    const SEARCHED: [&str; 9] = [
        "s",
        "s",
        "s",
        "d",
        "d.a",
        "d.a.b",
        "tostring(d)",
        "parse_json(s)",
        "d[0]",
    ];
    const OPERATORS: [&str; 14] = [
        "has",
        "has",
        "has_cs",
        "==",
        "=~",
        "contains",
        "contains_cs",
        "startswith",
        "endswith",
        "hasprefix",
        "hassuffix",
        "!has",
        "startswith_cs",
        "hasprefix_cs",
    ];
    let searched = dice.pick(&SEARCHED);
    let searched = if searched == "parse_json(s)" {
        "tostring(parse_json(s))"
    } else {
        searched
    };
    let mut pattern = dice.pick(&WORDS).to_owned();
    for _ in 0..dice.roll(3) {
        pattern.push_str(dice.pick(&BETWEEN));
        pattern.push_str(dice.pick(&WORDS));
    }
    let quoted = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    let (one, other) = (quoted(&pattern), quoted(dice.pick(&WORDS)));
    let simple = match dice.roll(9) {
        0 => format!("{searched} has_any ({one}, {other})"),
        1 => format!("{searched} has_all ({other}, \"den\")"),
        2 => format!("{searched} in~ ({one}, {other})"),
        3 => format!("{searched} in ({one}, {other})"),
        4 => format!("tolower(s) == {one}"),
        _ => format!("{searched} {} {one}", dice.pick(&OPERATORS)),
    };
    match dice.roll(4) {
        0 => format!("({simple}) and n > 200"),
        1 => format!("({simple}) or s has {other}"),
        _ => simple,
    }
}

#[tokio::test]
async fn no_row_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, filtered) = (folder.path().join("plain"), folder.path().join("filtered"));
    for (number, group) in [3, 20, 7].into_iter().enumerate() {
        for folder in [&plain, &filtered] {
            fs::create_dir_all(folder).unwrap();
            write(
                &folder.join(format!("{number}.parquet")),
                60,
                group,
                number as u64,
            );
        }
    }
    for file in parquet_files(&filtered).unwrap() {
        let indexed = index_parquet(&file, None).unwrap();
        assert_eq!(indexed.columns, ["s", "d"]);
    }
    let mut dice = Dice(7);
    let (mut found, mut left_out) = (0, 0);
    for _ in 0..150 {
        let query = format!("T | where {} | sort by n asc", conditions(&mut dice));
        let (expected, got) = (ask(&plain, &query).await, ask(&filtered, &query).await);
        assert_eq!(
            output::text_rows(&got).unwrap(),
            output::text_rows(&expected).unwrap(),
            "{query}"
        );
        assert_eq!(expected.stats.rows_left_out, 0);
        found += got.row_count();
        left_out += got.stats.rows_left_out;
    }
    assert!(
        found > 1_000,
        "only {found} rows were found: the test says little"
    );
    assert!(
        left_out > 3_000,
        "only {left_out} rows were left out: the test says little"
    );
}

/// Which conditions save reading; the words stand in one of twenty row groups.
#[tokio::test]
async fn conditions_on_whole_terms_leave_rows_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let text = |row: usize| match row {
        70 => "The Needle, in row 70".to_owned(),
        _ => format!("hay of row {row}"),
    };
    let json = |row: usize| format!(r#"{{"a": {{"text": "{}"}}, "n": {row}}}"#, text(row));
    let dynamic = [(TYPE_METADATA_KEY.to_owned(), "dynamic".to_owned())];
    let schema = Arc::new(Schema::new(vec![
        Field::new("s", DataType::Utf8, true),
        Field::new("d", DataType::Utf8, true).with_metadata(dynamic.into()),
        Field::new("j", DataType::Utf8, true),
    ]));
    let texts: ArrayRef = Arc::new((0..100).map(|row| Some(text(row))).collect::<StringArray>());
    let jsons: ArrayRef = Arc::new((0..100).map(|row| Some(json(row))).collect::<StringArray>());
    let batch = RecordBatch::try_new(schema, vec![texts, jsons.clone(), jsons]).unwrap();
    write_batch(&path, &batch, 5);
    index_parquet(&path, None).unwrap();
    for condition in [
        "s has 'needle'",
        "s has_cs 'Needle'",
        "s has 'needle, in'",
        "s == 'The Needle, in row 70'",
        "s =~ 'the needle, IN row 70'",
        "s in ('The Needle, in row 70', 'nothing')",
        "s in~ ('the needle, in row 70', 'nothing')",
        "s has_any ('needle', 'nothing')",
        "s has_all ('needle', 'row')",
        "s startswith 'the needle, i'",
        "s endswith ', in row 70'",
        "s contains 'he needle, i'",
        "s hasprefix 'needle, i'",
        "s hassuffix 'eedle, in'",
        "tolower(s) == 'the needle, in row 70'",
        "s has 'needle' and s has 'row'",
        "s has 'needle' and strlen(s) > 3",
        "s has 'needle' or s has 'nothing'",
        "s has 'needle' or j has 'nothing'",
        "d has 'needle'",
        "d.a has 'needle'",
        "d.a.text has 'needle'",
        "d.a.text =~ 'the needle, in row 70'",
        "d.a.text == 'The Needle, in row 70'",
        "tostring(d.a.text) == 'The Needle, in row 70'",
        "d.a.text in~ ('the needle, in row 70', 'nothing')",
        "parse_json(j).a.text has 'needle'",
    ] {
        let result = ask(&path, &format!("T | where {condition} | project s")).await;
        assert_eq!(result.row_count(), 1, "{condition}");
        assert_eq!(result.stats.rows_left_out, 95, "{condition}");
    }
    for (condition, rows) in [
        ("s !has 'needle'", 99),
        ("not(s has 'needle')", 99),
        ("s has 'needle' or strlen(s) > 3", 100),
        ("s has ''", 100),
        ("s hasprefix 'needl'", 1),
        ("s contains 'eedle'", 1),
        ("s matches regex 'Needle'", 1),
        ("reverse(s) has 'eldeen'", 1),
    ] {
        let result = ask(&path, &format!("T | where {condition} | project s")).await;
        assert_eq!(result.row_count(), rows, "{condition}");
        assert_eq!(result.stats.rows_left_out, 0, "{condition}");
    }
}

#[tokio::test]
async fn blocks_within_a_row_group_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let texts = (0..100_000).map(|row| match row {
        70_000 => "The Needle-4711 of row 70000".to_owned(),
        _ => format!("hay of row {row}"),
    });
    let texts: ArrayRef = Arc::new(texts.map(Some).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([("s", texts)]).unwrap();
    write_batch(&path, &batch, 1_000_000);
    index_parquet(&path, Some(&["s".to_owned()])).unwrap();

    let result = ask(&path, "T | where s has 'needle'").await;
    assert_eq!(result.row_count(), 1);
    assert_eq!(result.stats.rows_left_out, 100_000 - 16_384);
    let result = ask(&path, "T | where s has 'missing' | count").await;
    assert_eq!(output::text_rows(&result).unwrap(), [["0"]]);
    assert_eq!(result.stats.rows_left_out, 100_000);
    let result = ask(&path, "T | where s has 'hay' | count").await;
    assert_eq!(output::text_rows(&result).unwrap(), [["99999"]]);
    assert_eq!(result.stats.rows_left_out, 0);
}

#[tokio::test]
async fn filters_of_another_file_or_damaged_ones_are_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(&path, 60, 5, 1);
    index_parquet(&path, None).unwrap();
    let query = "T | where s has 'openai' | sort by n asc";
    assert!(ask(&path, query).await.stats.rows_left_out > 0);

    write(&path, 60, 5, 2);
    let stale = ask(&path, query).await;
    assert_eq!(stale.stats.rows_left_out, 0);
    index_parquet(&path, None).unwrap();
    let fresh = ask(&path, query).await;
    assert!(fresh.stats.rows_left_out > 0);
    assert_eq!(
        output::text_rows(&fresh).unwrap(),
        output::text_rows(&stale).unwrap()
    );

    let side = folder.path().join("rows.parquet.terms");
    let mut bytes = fs::read(&side).unwrap();
    for byte in &mut bytes[8..900] {
        *byte = 0;
    }
    fs::write(&side, bytes).unwrap();
    let damaged = ask(&path, query).await;
    assert_eq!(damaged.stats.rows_left_out, 0);
    assert_eq!(
        output::text_rows(&damaged).unwrap(),
        output::text_rows(&stale).unwrap()
    );
}

#[tokio::test]
async fn a_plan_that_travels_reads_more_and_answers_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(&path, 200, 5, 3);
    index_parquet(&path, None).unwrap();
    for query in [
        "T | where s has 'vault' | sort by n asc",
        "T | where s has 'absent'",
    ] {
        let mut catalog = MemoryCatalog::new();
        catalog.add_table(file_table("T", &path).await.unwrap());
        let engine = support::engine(catalog);
        let here = engine.query(query).await.unwrap();
        assert!(here.stats.rows_left_out > 0);
        let plan = engine.portable_plan(query).await.unwrap();
        let there = engine.run_portable(&plan).await.unwrap();
        assert_eq!(
            output::text_rows(&there).unwrap(),
            output::text_rows(&here).unwrap()
        );
    }
}

#[test]
fn a_file_without_the_column_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(&path, 10, 5, 3);
    for column in ["n", "absent"] {
        let error = index_parquet(&path, Some(&[column.to_owned()])).unwrap_err();
        assert!(error.to_string().contains(column), "{error}");
    }
    assert!(index_parquet(&folder.path().join("none.parquet"), None).is_err());
}
