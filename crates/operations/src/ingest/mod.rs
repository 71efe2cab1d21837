//! `stance ingest`: rows of logs, alerts and attack paths into their tables, each file exactly once.

mod columns;
mod destination;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use stance_base::{Clock, hex};
use stance_collect::Limits;
use stance_collect::rows::read_rows;
use stance_lake::{AppTransaction, CommitMode, Lake, TableCommit, Writer};
use stance_model::Diagnostic;
use stance_model::tables::TableSchema;

use crate::OperationsError;
use crate::rows::table_output::TableOutput;
use columns::Columns;
use destination::Destination;

/// What became of one file.
#[derive(Debug, Default)]
pub struct IngestedFile {
    /// The path as it was given.
    pub file: String,
    /// Its table; empty where none was found.
    pub table: String,
    /// Rows that were added.
    pub rows: u64,
    /// It was ingested before, so nothing was added.
    pub already: bool,
    /// Columns that the table does not have, with how many rows had them.
    pub left_out: BTreeMap<String, u64>,
    /// Columns whose values did not fit their type and became null, with how many did.
    pub unfit: BTreeMap<String, u64>,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Adds the rows of `paths`; `table` names their table where neither the file's name nor the rows do.
pub async fn ingest(
    lake: &Lake,
    clock: &dyn Clock,
    paths: &[PathBuf],
    table: Option<&str>,
    on_wait: impl Fn(&str),
) -> Result<Vec<IngestedFile>, OperationsError> {
    let destination = Destination::new(table)?;
    let writer = crate::scan::writer(lake, |text| on_wait(text)).await?;
    let mut ingested = Vec::with_capacity(paths.len());
    for path in paths {
        ingested.push(ingest_file(lake, &writer, clock, path, &destination).await?);
    }
    Ok(ingested)
}

async fn ingest_file(
    lake: &Lake,
    writer: &Writer,
    clock: &dyn Clock,
    path: &Path,
    destination: &Destination,
) -> Result<IngestedFile, OperationsError> {
    let mut told = IngestedFile {
        file: path.display().to_string(),
        ..IngestedFile::default()
    };
    let application = format!("ingest:{}", content_hash(path)?);
    let mut rows = FileRows::new(writer, clock, path, destination);
    let mut failure = None;
    let diagnostics = read_rows(path, &Limits::default(), &mut |row, line| {
        if failure.is_none() {
            failure = rows.push(row, line).err();
        }
        failure.is_none()
    });
    if let Some(error) = failure {
        return Err(error);
    }
    told.diagnostics = diagnostics;
    let Some(open) = rows.open.take() else {
        told.diagnostics.extend(rows.undecided());
        return Ok(told);
    };
    told.table = open.schema.name.to_string();
    told.left_out = open.columns.left_out.clone();
    told.unfit = open.columns.unfit.clone();
    if lake
        .transaction_version(&told.table, &application)
        .await?
        .is_some()
    {
        told.already = true;
        return Ok(told);
    }
    let transaction = AppTransaction {
        application,
        version: 1,
    };
    let commit =
        TableCommit::new(open.output.finish()?, CommitMode::Append).with_transaction(transaction);
    for outcome in writer.commit_all(vec![commit]).await? {
        told.rows += outcome.rows;
        told.already |= outcome.already_committed;
    }
    Ok(told)
}

/// SHA-256 of a file, so that the same content is not added twice whatever its name.
fn content_hash(path: &Path) -> Result<String, OperationsError> {
    let unreadable = |source| OperationsError::Input {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(hex::encode(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// The rows of one file on their way to one table.
struct FileRows<'a> {
    writer: &'a Writer,
    clock: &'a dyn Clock,
    path: &'a Path,
    destination: &'a Destination,
    open: Option<OpenTable>,
    strays: u64,
    first_stray: u32,
}

/// A table that takes rows.
struct OpenTable {
    schema: TableSchema,
    columns: Columns,
    output: TableOutput,
}

impl<'a> FileRows<'a> {
    fn new(
        writer: &'a Writer,
        clock: &'a dyn Clock,
        path: &'a Path,
        destination: &'a Destination,
    ) -> Self {
        Self {
            writer,
            clock,
            path,
            destination,
            open: None,
            strays: 0,
            first_stray: 0,
        }
    }

    fn push(&mut self, mut row: Value, line: u32) -> Result<(), OperationsError> {
        if self.open.is_none() {
            let Some(schema) = self.destination.table_for(self.path, &row) else {
                self.strays += 1;
                self.first_stray = if self.first_stray == 0 {
                    line
                } else {
                    self.first_stray
                };
                return Ok(());
            };
            self.open = Some(OpenTable {
                columns: Columns::new(&schema),
                output: TableOutput::begin(self.writer, &schema.name, None)?,
                schema,
            });
        }
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let now = self.clock.now().to_rfc3339();
        columns::prepare(&mut row, &open.schema, &now);
        open.columns.push(&row, open.output.batch());
        open.output.settle()
    }

    /// Says that no table was found for the rows.
    fn undecided(&self) -> Option<Diagnostic> {
        (self.strays > 0).then(|| Diagnostic {
            level: stance_model::DiagnosticLevel::Error,
            file: self.path.display().to_string(),
            line: self.first_stray,
            column: 0,
            code: "OPS0003".to_owned(),
            message: format!("no table is known for {} rows", self.strays),
            help: "name the table with --table NAME, or name the file after it, such as SigninLogs.jsonl".to_owned(),
        })
    }
}
