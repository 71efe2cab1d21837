//! Reading back what was written, over versions and column changes.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use datafusion::catalog::TableProvider as _;
use stance_base::ScalarType;
use stance_lake::TableDefinition;
use stance_model::tables::Column;

use crate::support::{ask, by_scope, number, open, plain, rows, schema, session, writer};

#[tokio::test(flavor = "multi_thread")]
async fn every_column_type_comes_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let names = ["b", "i", "l", "r", "d", "s", "g", "t", "p", "j"];
    let types = [
        ScalarType::Bool,
        ScalarType::Int,
        ScalarType::Long,
        ScalarType::Real,
        ScalarType::Decimal,
        ScalarType::String,
        ScalarType::Guid,
        ScalarType::DateTime,
        ScalarType::TimeSpan,
        ScalarType::Dynamic,
    ];
    let columns: Vec<_> = names.into_iter().zip(types).collect();
    let definition = TableDefinition::new(schema("Types", &columns));
    let year_9999 = 253_402_300_799_999_999;
    let year_1 = -62_135_596_800_000_000;
    let values: Vec<ArrayRef> = vec![
        Arc::new(BooleanArray::from(vec![Some(true), None])),
        Arc::new(Int32Array::from(vec![Some(i32::MIN), None])),
        Arc::new(Int64Array::from(vec![Some(i64::MAX), None])),
        Arc::new(Float64Array::from(vec![Some(f64::NAN), None])),
        Arc::new(
            Decimal128Array::from(vec![Some(1_500_000_000_000_000_000), None])
                .with_precision_and_scale(38, 18)
                .unwrap(),
        ),
        Arc::new(StringArray::from(vec![Some("\u{202e}\0é"), None])),
        Arc::new(StringArray::from(vec![
            Some("00000000-0000-0000-0000-000000000001"),
            None,
        ])),
        Arc::new(
            TimestampMicrosecondArray::from(vec![Some(year_9999), Some(year_1)])
                .with_timezone("UTC"),
        ),
        Arc::new(Int64Array::from(vec![Some(-1), None])),
        Arc::new(StringArray::from(vec![Some("{\"a\":1}"), None])),
    ];
    let batch = RecordBatch::try_from_iter(names.into_iter().zip(values)).unwrap();
    writer(&lake)
        .await
        .append(definition.clone(), std::slice::from_ref(&batch))
        .await
        .unwrap();
    let read = session(&lake, &[&definition.schema])
        .await
        .sql("SELECT * FROM types")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    // Texts are read as views.
    let columns: Vec<ArrayRef> = read[0]
        .columns()
        .iter()
        .zip(batch.columns())
        .map(|(read, written)| arrow::compute::cast(read, written.data_type()).unwrap())
        .collect();
    // NaN is unequal to itself, so texts are compared.
    assert_eq!(format!("{columns:?}"), format!("{:?}", batch.columns()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_nobody_wrote_is_empty_and_has_its_declared_columns() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let nothing = plain("Nothing").schema;
    assert_eq!(
        number(
            &lake,
            &nothing,
            "SELECT COUNT(*) FROM nothing WHERE number > 1"
        )
        .await,
        0
    );
    let table = lake.table_provider(&nothing).await.unwrap();
    let declared = stance_lake::arrow_schema(&nothing);
    assert_eq!(table.schema(), stance_lake::scanned_schema(&declared));
    assert_eq!(lake.snapshot("Nothing").await.unwrap().version, None);
    assert!(lake.tables().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_tables_ignore_case_and_keep_the_first_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    writer
        .append(plain("SecurityAlert"), &[rows("a", [1])])
        .await
        .unwrap();
    let second = writer
        .append(plain("securityalert"), &[rows("a", [2])])
        .await
        .unwrap();
    assert_eq!(second.table, "SecurityAlert");
    assert_eq!(lake.tables().unwrap(), ["SecurityAlert"]);
    assert_eq!(lake.snapshot("SECURITYALERT").await.unwrap().rows, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_added_later_is_null_in_older_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    writer
        .append(plain("Events"), &[rows("a", [1])])
        .await
        .unwrap();
    let mut wider = plain("Events");
    wider.schema.columns.insert(
        1,
        Column {
            name: "added".into(),
            scalar_type: ScalarType::Int,
        },
    );
    let more = RecordBatch::try_from_iter([
        ("added", Arc::new(Int32Array::from(vec![7])) as ArrayRef),
        ("number", Arc::new(Int64Array::from(vec![2])) as ArrayRef),
    ]);
    writer
        .append(wider.clone(), &[more.unwrap()])
        .await
        .unwrap();
    let answer = ask(&lake, &wider.schema, "SELECT * FROM events ORDER BY number").await;
    let expected = "\
+-------+-------+--------+-------+
| scope | added | number | text  |
+-------+-------+--------+-------+
| a     |       | 1      | row 1 |
|       | 7     | 2      |       |
+-------+-------+--------+-------+";
    assert_eq!(answer, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_column_nobody_declares_stays_and_shows_last() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    writer
        .append(plain("Events"), &[rows("a", [1])])
        .await
        .unwrap();
    let narrow = TableDefinition::new(schema("Events", &[("number", ScalarType::Long)]));
    let one =
        RecordBatch::try_from_iter([("number", Arc::new(Int64Array::from(vec![2])) as ArrayRef)]);
    writer
        .append(narrow.clone(), &[one.unwrap()])
        .await
        .unwrap();
    let answer = ask(
        &lake,
        &narrow.schema,
        "SELECT * FROM events ORDER BY number",
    )
    .await;
    let expected = "\
+--------+-------+-------+
| number | scope | text  |
+--------+-------+-------+
| 1      | a     | row 1 |
| 2      |       |       |
+--------+-------+-------+";
    assert_eq!(answer, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_a_partition_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    let table = by_scope("Resources");
    writer
        .append(
            table.clone(),
            &[rows("a", [1, 2]), rows("b", [3]), rows("", [4])],
        )
        .await
        .unwrap();
    writer
        .replace_partitions(
            table.clone(),
            vec!["a".into(), String::new()],
            &[rows("a", [5])],
        )
        .await
        .unwrap();
    let answer = ask(
        &lake,
        &table.schema,
        "SELECT scope, number FROM resources ORDER BY number",
    )
    .await;
    assert_eq!(
        answer,
        "+-------+--------+\n| scope | number |\n+-------+--------+\n| b     | 3      |\n| a     | 5      |\n+-------+--------+"
    );
    writer.replace_all(table.clone(), &[]).await.unwrap();
    assert_eq!(
        number(&lake, &table.schema, "SELECT COUNT(*) FROM resources").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_empty_text_and_null_are_one_partition_and_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let table = by_scope("Resources");
    writer(&lake)
        .await
        .append(table.clone(), &[rows("", [1]), rows("x y/../%41", [2])])
        .await
        .unwrap();
    let without = "SELECT COUNT(*) FROM resources WHERE scope IS NULL";
    assert_eq!(number(&lake, &table.schema, without).await, 1);
    let odd = "SELECT number FROM resources WHERE scope = 'x y/../%41'";
    assert_eq!(number(&lake, &table.schema, odd).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_keeps_its_version_while_a_writer_commits() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let writer = writer(&lake).await;
    let table = plain("Events");
    writer
        .append(table.clone(), &[rows("a", [1])])
        .await
        .unwrap();
    let reader = session(&open(folder.path()), &[&table.schema]).await;
    writer
        .replace_all(table.clone(), &[rows("a", [2, 3])])
        .await
        .unwrap();
    writer.clean("Events").await.unwrap();
    let old = reader
        .sql("SELECT number FROM events")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(old.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
    assert_eq!(
        number(&lake, &table.schema, "SELECT COUNT(*) FROM events").await,
        2
    );
}
