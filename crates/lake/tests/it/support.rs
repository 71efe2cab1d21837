use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionConfig, SessionContext};
use stance_base::ScalarType;
use stance_lake::{Lake, LakeOptions, TableDefinition, Writer};
use stance_model::tables::{Column, TableSchema};

pub(crate) fn schema(name: &str, columns: &[(&str, ScalarType)]) -> TableSchema {
    let columns = columns.iter().map(|(name, scalar_type)| Column {
        name: (*name).to_owned().into(),
        scalar_type: *scalar_type,
    });
    TableSchema {
        name: name.to_owned().into(),
        columns: columns.collect(),
    }
}

/// `scope: string, number: long, text: string`.
pub(crate) fn plain(name: &str) -> TableDefinition {
    let columns = [
        ("scope", ScalarType::String),
        ("number", ScalarType::Long),
        ("text", ScalarType::String),
    ];
    TableDefinition::new(schema(name, &columns))
}

pub(crate) fn by_scope(name: &str) -> TableDefinition {
    TableDefinition::partitioned_by(plain(name).schema, "scope")
}

pub(crate) fn rows(scope: &str, numbers: impl IntoIterator<Item = i64>) -> RecordBatch {
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let scopes = vec![scope; numbers.len()];
    let texts: Vec<String> = numbers
        .iter()
        .map(|number| format!("row {number}"))
        .collect();
    RecordBatch::try_from_iter([
        ("scope", Arc::new(StringArray::from(scopes)) as ArrayRef),
        ("number", Arc::new(Int64Array::from(numbers)) as ArrayRef),
        ("text", Arc::new(StringArray::from(texts)) as ArrayRef),
    ])
    .unwrap()
}

pub(crate) fn open(path: &Path) -> Lake {
    Lake::open(path, LakeOptions::default()).unwrap()
}

pub(crate) async fn writer(lake: &Lake) -> Writer {
    lake.writer(Duration::from_secs(20), |_| {}).await.unwrap()
}

/// A session with every table of the list registered.
pub(crate) async fn session(lake: &Lake, schemas: &[&TableSchema]) -> SessionContext {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    for schema in schemas {
        let provider = lake.table_provider(schema).await.unwrap();
        context
            .register_table(schema.name.as_ref().to_lowercase(), provider)
            .unwrap();
    }
    context
}

/// The answer to a query over one table, as text.
pub(crate) async fn ask(lake: &Lake, schema: &TableSchema, sql: &str) -> String {
    let context = session(lake, &[schema]).await;
    let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// The one number a query answers.
pub(crate) async fn number(lake: &Lake, schema: &TableSchema, sql: &str) -> i64 {
    let context = session(lake, &[schema]).await;
    let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
    let column = batches
        .iter()
        .find(|batch| batch.num_rows() > 0)
        .expect("one row")
        .column(0)
        .clone();
    column
        .as_any()
        .downcast_ref::<Int64Array>()
        .expect("a number")
        .value(0)
}

/// A small memory disk, or `None` (said loudly) where this process may not mount one.
pub(crate) struct MemoryDisk {
    pub(crate) folder: tempfile::TempDir,
}

impl MemoryDisk {
    pub(crate) fn mount(size: &str, needed_by: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        if !done.is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED {needed_by}: mounting a memory disk needs root on Linux");
            return None;
        }
        Some(Self { folder })
    }

    pub(crate) fn make_read_only(&self) {
        self.remount("remount,ro");
    }

    pub(crate) fn grow(&self, size: &str) {
        self.remount(&format!("remount,size={size}"));
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", options])
            .arg(self.folder.path())
            .status()
            .unwrap();
        assert!(done.success());
    }
}

impl Drop for MemoryDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.folder.path())
            .status();
    }
}
