//! `externaldata`: rows of files on this machine.
//!
//! Which files may be read is decided when the query is planned; here a path that leads elsewhere
//! than it did then is refused. Formats: <https://learn.microsoft.com/kusto/ingestion-supported-formats>.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::common::{DataFusionError, Result, exec_err};
use flate2::read::MultiGzDecoder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use stance_base::ScalarType;

use super::{OperatorColumn, OperatorContext};
use crate::dynamic::parse_json_text;
use crate::types::{arrow_type, json_texts};
use crate::value::{ColumnBuilder, Value, convert};

/// Longest line, and largest file that is one value, in bytes.
const MAX_TEXT: u64 = 64 << 20;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExternalFormat {
    /// Cells parted by this byte, quoted with `"`.
    Delimited(u8),
    /// Each line is a value.
    Text,
    /// The whole file is a value.
    Raw,
    /// JSON objects one after the other, or arrays of them.
    Json,
    Parquet,
}

impl FromStr for ExternalFormat {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "csv" => Self::Delimited(b','),
            "tsv" | "tsve" => Self::Delimited(b'\t'),
            "psv" => Self::Delimited(b'|'),
            "scsv" => Self::Delimited(b';'),
            "sohsv" => Self::Delimited(1),
            "txt" | "log" => Self::Text,
            "raw" => Self::Raw,
            "json" | "multijson" | "singlejson" | "jsonl" | "ndjson" => Self::Json,
            "parquet" => Self::Parquet,
            _ => return Err(()),
        })
    }
}

/// Files with the columns declared for them: by position in texts, by name in JSON and Parquet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExternalData {
    /// Paths without links, as they were when the query was planned.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) format: ExternalFormat,
    /// `ignoreFirstRecord`: the first record of each file is a heading.
    pub(crate) ignore_first: bool,
    /// The declared columns.
    pub(crate) columns: Vec<OperatorColumn>,
}

/// Collects rows and sends them out in batches.
struct Rows<'a> {
    columns: &'a [OperatorColumn],
    builders: Vec<ColumnBuilder>,
    count: usize,
    context: &'a OperatorContext,
}

impl<'a> Rows<'a> {
    fn new(columns: &'a [OperatorColumn], context: &'a OperatorContext) -> Self {
        Self {
            columns,
            builders: builders(columns, context.batch_size()),
            count: 0,
            context,
        }
    }

    fn push(&mut self, value: impl Fn(usize, &OperatorColumn) -> Value<'static>) -> Result<()> {
        for (index, (column, builder)) in self.columns.iter().zip(&mut self.builders).enumerate() {
            builder.push(&value(index, column));
        }
        self.count += 1;
        if self.count >= self.context.batch_size() {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let fresh = builders(self.columns, self.context.batch_size());
        let full = std::mem::replace(&mut self.builders, fresh);
        let columns = full.into_iter().map(ColumnBuilder::finish).collect();
        self.context.emit(columns, std::mem::take(&mut self.count))
    }
}

fn builders(columns: &[OperatorColumn], capacity: usize) -> Vec<ColumnBuilder> {
    let builder = |column: &OperatorColumn| ColumnBuilder::new(column.scalar_type, capacity);
    columns.iter().map(builder).collect()
}

/// The value of a cell of text.
fn cell(text: &str, scalar_type: ScalarType) -> Value<'static> {
    match scalar_type {
        ScalarType::String => Value::string(text.to_owned()),
        ScalarType::Dynamic => parse_json_text(text).map_or(Value::Null, Value::Dynamic),
        other => convert(&Value::string(text.trim()), other).into_owned(),
    }
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> DataFusionError {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    DataFusionError::Execution(format!("`externaldata` cannot read `{name}`: {error}"))
}

impl ExternalData {
    pub(super) fn run(&self, context: &OperatorContext) -> Result<()> {
        for path in &self.files {
            let now = std::fs::canonicalize(path).map_err(|error| failed(path, &error))?;
            if now != *path {
                return Err(failed(path, &"it has become a link to elsewhere"));
            }
            self.read(path, context)?;
        }
        Ok(())
    }

    fn read(&self, path: &Path, context: &OperatorContext) -> Result<()> {
        let file = File::open(path).map_err(|error| failed(path, &error))?;
        if self.format == ExternalFormat::Parquet {
            return self.parquet(path, file, context);
        }
        let packed = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let reader: Box<dyn Read> = if packed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let mut reader = BufReader::new(reader);
        skip_mark(&mut reader).map_err(|error| failed(path, &error))?;
        let mut rows = Rows::new(&self.columns, context);
        match self.format {
            ExternalFormat::Delimited(delimiter) => {
                self.delimited(path, reader, delimiter, &mut rows)?;
            }
            ExternalFormat::Text => self.lines(path, reader, &mut rows)?,
            ExternalFormat::Raw => {
                let text = whole(path, reader)?;
                rows.push(|index, column| first_only(index, &text, column))?;
            }
            ExternalFormat::Json => self.json(path, reader, &mut rows)?,
            ExternalFormat::Parquet => {}
        }
        rows.send()
    }

    fn delimited(
        &self,
        path: &Path,
        reader: impl Read,
        delimiter: u8,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(self.ignore_first)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(reader);
        let mut record = csv::ByteRecord::new();
        while reader
            .read_byte_record(&mut record)
            .map_err(|error| failed(path, &error))?
        {
            rows.push(|index, column| {
                let text = String::from_utf8_lossy(record.get(index).unwrap_or_default());
                cell(&text, column.scalar_type)
            })?;
        }
        Ok(())
    }

    fn lines(&self, path: &Path, mut reader: impl BufRead, rows: &mut Rows<'_>) -> Result<()> {
        let mut skip = self.ignore_first;
        loop {
            let mut line = Vec::new();
            let read = reader
                .by_ref()
                .take(MAX_TEXT)
                .read_until(b'\n', &mut line)
                .map_err(|error| failed(path, &error))?;
            if read == 0 {
                return Ok(());
            }
            if u64::try_from(line.len()).unwrap_or(u64::MAX) >= MAX_TEXT {
                return Err(failed(path, &"a line is too long"));
            }
            if std::mem::take(&mut skip) {
                continue;
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            rows.push(|index, column| first_only(index, text, column))?;
        }
    }

    fn json(&self, path: &Path, reader: impl Read, rows: &mut Rows<'_>) -> Result<()> {
        let mut skip = self.ignore_first;
        let documents = serde_json::Deserializer::from_reader(reader).into_iter::<Json>();
        for document in documents {
            let document = document.map_err(|error| failed(path, &error))?;
            let records = match document {
                Json::Array(records) => records,
                record => vec![record],
            };
            for record in records {
                let Json::Object(record) = record else {
                    return Err(failed(path, &"a record is no JSON object"));
                };
                if !std::mem::take(&mut skip) {
                    rows.push(|_, column| property(&record, column))?;
                }
            }
        }
        Ok(())
    }

    fn parquet(&self, path: &Path, file: File, context: &OperatorContext) -> Result<()> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(|builder| builder.with_batch_size(context.batch_size()).build())
            .map_err(|error| failed(path, &error))?;
        for batch in reader {
            let batch = batch?;
            let columns = self
                .columns
                .iter()
                .map(|column| canonical(&batch, column))
                .collect::<Result<Vec<_>>>()?;
            context.emit(columns, batch.num_rows())?;
        }
        Ok(())
    }
}

fn first_only(index: usize, text: &str, column: &OperatorColumn) -> Value<'static> {
    cell(if index == 0 { text } else { "" }, column.scalar_type)
}

fn property(record: &Map<String, Json>, column: &OperatorColumn) -> Value<'static> {
    let value = record.get(&column.name).map_or(Value::Null, Value::json);
    convert(&value, column.scalar_type).into_owned()
}

fn canonical(batch: &RecordBatch, column: &OperatorColumn) -> Result<ArrayRef> {
    let Some(array) = batch.column_by_name(&column.name) else {
        let mut builder = ColumnBuilder::new(column.scalar_type, batch.num_rows());
        for _ in 0..batch.num_rows() {
            builder.push(&Value::Null);
        }
        return Ok(builder.finish());
    };
    if array.data_type().is_nested() {
        return json_texts(array);
    }
    let wanted = arrow_type(column.scalar_type);
    if arrow::compute::can_cast_types(array.data_type(), &wanted) {
        return Ok(arrow::compute::cast(array, &wanted)?);
    }
    exec_err!(
        "`externaldata` cannot read column `{}` as a {}",
        column.name,
        column.scalar_type
    )
}

fn whole(path: &Path, reader: impl Read) -> Result<String> {
    let mut bytes = Vec::new();
    let read = reader
        .take(MAX_TEXT)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, &error))?;
    if u64::try_from(read).unwrap_or(u64::MAX) >= MAX_TEXT {
        return Err(failed(path, &"it is too large for one value"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Passes over a byte order mark.
fn skip_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}
