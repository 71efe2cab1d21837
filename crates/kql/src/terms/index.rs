//! Term filters for Parquet files that others wrote.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use stance_base::ErrorCode;
use stance_term_filter::{
    ColumnFilters, FilterBuilder, FilterError, ParquetIdentity, encode, place,
};

use super::condition::is_text;
use crate::error::KqlError;
use crate::file_table::{failed, files_of, io_failed};

/// A Parquet file and the term filters made for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedFile {
    /// The Parquet file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// The columns with filters.
    pub columns: Vec<String>,
    /// Bytes of the filters.
    pub filter_bytes: u64,
}

/// The Parquet files of a path: the file itself, or those of a folder and its folders.
///
/// # Errors
/// Where the path cannot be read.
pub fn parquet_files(path: &Path) -> Result<Vec<PathBuf>, KqlError> {
    let mut files = files_of(path)?;
    if path.is_dir() {
        files.retain(|file| {
            let extension = file.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
        });
    }
    Ok(files)
}

/// Makes the term filters of a Parquet file, for these columns or for every column of text, and
/// puts them beside it. Uses all cores, and blocks.
///
/// # Errors
/// Where the file is no Parquet file, has no such column of text, or its folder cannot be written.
pub fn index_parquet(path: &Path, columns: Option<&[String]>) -> Result<IndexedFile, KqlError> {
    let work = Work::prepare(path, columns)?;
    let filters = work.run()?;
    let mut all = filters.into_iter();
    let groups = work.group_rows.len();
    let by_column: Vec<_> = work
        .columns
        .iter()
        .map(|(name, _)| (name.as_str(), all.by_ref().take(groups).collect()))
        .collect();
    let unwritable = |error: FilterError| failed(path, error.to_string(), ErrorCode::Storage);
    let bytes = encode(work.identity, &work.group_rows, &by_column).map_err(unwritable)?;
    if identity(path)? != work.identity {
        let reason = "it was changed while it was read";
        return Err(failed(path, reason, ErrorCode::Busy));
    }
    place(path, &bytes).map_err(|error| io_failed(path, &error))?;
    Ok(IndexedFile {
        path: path.to_owned(),
        rows: work.group_rows.iter().sum(),
        bytes: work.identity.size,
        columns: work.columns.iter().map(|(name, _)| name.clone()).collect(),
        filter_bytes: bytes.len() as u64,
    })
}

/// The filters to be made: one job per column and row group.
struct Work<'a> {
    path: &'a Path,
    identity: ParquetIdentity,
    metadata: ArrowReaderMetadata,
    group_rows: Vec<u64>,
    /// Names and positions.
    columns: Vec<(String, usize)>,
}

impl<'a> Work<'a> {
    fn prepare(path: &'a Path, wanted: Option<&[String]>) -> Result<Self, KqlError> {
        let file = File::open(path).map_err(|error| io_failed(path, &error))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())
            .map_err(|error| failed(path, error.to_string(), ErrorCode::InvalidInput))?;
        let fields = metadata.schema().fields().iter().enumerate();
        let columns: Vec<(String, usize)> = fields
            .filter(|(_, field)| is_text(field.data_type()))
            .filter(|(_, field)| wanted.is_none_or(|wanted| wanted.contains(field.name())))
            .map(|(position, field)| (field.name().clone(), position))
            .collect();
        let missing = wanted.into_iter().flatten().find(|name| {
            let found = columns.iter().any(|(column, _)| column == *name);
            !found
        });
        if let Some(missing) = missing {
            let reason = format!("it has no column of text `{missing}`");
            return Err(failed(path, reason, ErrorCode::InvalidInput));
        }
        let groups = metadata.metadata().row_groups().iter();
        let group_rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
        Ok(Self {
            path,
            identity: identity(path)?,
            group_rows: group_rows.collect(),
            metadata,
            columns,
        })
    }

    /// The filters of the first column by row group, then those of the second, and so on.
    fn run(&self) -> Result<Vec<Option<ColumnFilters>>, KqlError> {
        let jobs = self.columns.len() * self.group_rows.len();
        let next = AtomicUsize::new(0);
        let done = Mutex::new(vec![None; jobs]);
        let worker = || -> Result<(), KqlError> {
            loop {
                let job = next.fetch_add(1, Ordering::Relaxed);
                if job >= jobs {
                    return Ok(());
                }
                let filters = self.job(job)?;
                if let Ok(mut done) = done.lock()
                    && let Some(place) = done.get_mut(job)
                {
                    *place = filters;
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.min(jobs))
                .map(|_| scope.spawn(worker))
                .collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| {
                    Err(failed(self.path, "a thread stopped", ErrorCode::Internal))
                })
            })
        })?;
        Ok(done.into_inner().unwrap_or_default())
    }

    fn job(&self, job: usize) -> Result<Option<ColumnFilters>, KqlError> {
        let groups = self.group_rows.len();
        let (column, group) = (job / groups, job % groups);
        let (Some((_, position)), Some(rows)) =
            (self.columns.get(column), self.group_rows.get(group))
        else {
            return Ok(None);
        };
        let wrong = |error: String| failed(self.path, error, ErrorCode::InvalidInput);
        let file = File::open(self.path).map_err(|error| io_failed(self.path, &error))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [*position]);
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![group])
                .build()
                .map_err(|error| wrong(error.to_string()))?;
        let mut builder = FilterBuilder::new();
        for batch in reader {
            let batch = batch.map_err(|error| wrong(error.to_string()))?;
            let texts = arrow::compute::cast(batch.column(0), &DataType::Utf8View)
                .map_err(|error| wrong(error.to_string()))?;
            for text in texts.as_string_view() {
                builder.push(text.unwrap_or_default());
            }
        }
        Ok(builder.finish(*rows))
    }
}

fn identity(path: &Path) -> Result<ParquetIdentity, KqlError> {
    let mut file = File::open(path).map_err(|error| io_failed(path, &error))?;
    ParquetIdentity::of(&mut file).map_err(|error| io_failed(path, &error))
}
