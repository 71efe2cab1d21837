//! Writing: one process at a time, each commit atomic and lasting before it is acknowledged.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use futures::future::join_all;
use stance_term_filter::side_path;

use crate::LakeError;
use crate::commit::{CommitMode, CommitOutcome, TableCommit, commit};
use crate::lake::{Lake, LakeInner};
use crate::schema::TableDefinition;
use crate::table_writer::{StagedRows, TableWriter};

const LOCK: &str = "writer.lock";
const POLL: Duration = Duration::from_millis(25);

/// The right to write. Other processes wait until it is dropped, or until this process dies.
#[derive(Debug)]
pub struct Writer {
    inner: Arc<LakeInner>,
    lock: Arc<File>,
}

impl Lake {
    /// Takes the right to write, waiting up to `timeout` for another process.
    /// `on_wait` is called once with a sentence for the user when there is somebody to wait for.
    pub async fn writer(
        &self,
        timeout: Duration,
        on_wait: impl FnOnce(&str),
    ) -> Result<Writer, LakeError> {
        let path = self.path().join(LOCK);
        let mut file = open_lock(&path)?;
        let started = Instant::now();
        let mut on_wait = Some(on_wait);
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(LakeError::io("lock", &path)(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let holder = holder(&mut file);
            if started.elapsed() >= timeout {
                return Err(LakeError::Busy {
                    path: self.path().to_owned(),
                    holder,
                    waited_seconds: timeout.as_secs(),
                });
            }
            if let Some(on_wait) = on_wait.take() {
                on_wait(&format!(
                    "another process writes to data folder `{}`{holder}; waiting up to {} s",
                    self.path().display(),
                    timeout.as_secs()
                ));
            }
            tokio::time::sleep(POLL).await;
        }
        // Only for the message above; the lock itself is what counts.
        let _ = note_holder(&mut file);
        self.inner().staging()?;
        Ok(Writer {
            inner: self.inner().clone(),
            lock: Arc::new(file),
        })
    }
}

fn open_lock(path: &Path) -> Result<File, LakeError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(LakeError::io("write", path))
}

fn note_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    write!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.take(20).read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!(" (process {process})"),
        _ => String::new(),
    }
}

impl Writer {
    /// Begins a table's rows. They become visible with [`Self::commit_all`]; dropped before, they are removed.
    pub fn begin(&self, definition: TableDefinition) -> Result<TableWriter, LakeError> {
        let staging = self.inner.staging()?;
        TableWriter::begin(definition, staging)
    }

    /// Adds rows in one commit.
    pub async fn append(
        &self,
        definition: TableDefinition,
        batches: &[RecordBatch],
    ) -> Result<CommitOutcome, LakeError> {
        let rows = self.stage(definition, batches)?;
        self.commit_one(TableCommit::new(rows, CommitMode::Append))
            .await
    }

    /// Puts `batches` in the place of all rows, in one commit.
    pub async fn replace_all(
        &self,
        definition: TableDefinition,
        batches: &[RecordBatch],
    ) -> Result<CommitOutcome, LakeError> {
        let rows = self.stage(definition, batches)?;
        self.commit_one(TableCommit::new(rows, CommitMode::ReplaceAll))
            .await
    }

    /// Puts `batches` in the place of the rows whose partition column has one of `values`, in one commit.
    /// Rows of other values are refused. The empty text stands for null.
    pub async fn replace_partitions(
        &self,
        definition: TableDefinition,
        values: Vec<String>,
        batches: &[RecordBatch],
    ) -> Result<CommitOutcome, LakeError> {
        let rows = self.stage(definition, batches)?;
        self.commit_one(TableCommit::new(
            rows,
            CommitMode::ReplacePartitions(values),
        ))
        .await
    }

    /// Commits several tables side by side, so that their syncs share the disk's time.
    ///
    /// Each table's commit is atomic by itself. When one fails the others are still tried; the first
    /// error is given back. When all succeed, everything is on the disk.
    pub async fn commit_all(
        &self,
        commits: Vec<TableCommit>,
    ) -> Result<Vec<CommitOutcome>, LakeError> {
        join_all(commits.into_iter().map(|one| self.commit_one(one)))
            .await
            .into_iter()
            .collect()
    }

    async fn commit_one(&self, one: TableCommit) -> Result<CommitOutcome, LakeError> {
        let (inner, lock) = (self.inner.clone(), self.lock.clone());
        // A task of its own, with the lock: a caller that stops waiting does not stop a commit half way.
        tokio::spawn(async move {
            let _lock = lock;
            commit(&inner, one).await
        })
        .await
        .map_err(|error| LakeError::Task(error.to_string()))?
    }

    fn stage(
        &self,
        definition: TableDefinition,
        batches: &[RecordBatch],
    ) -> Result<StagedRows, LakeError> {
        let mut writer = self.begin(definition)?;
        for batch in batches {
            writer.write(batch)?;
        }
        writer.finish()
    }

    pub(crate) fn inner(&self) -> &Arc<LakeInner> {
        &self.inner
    }
}

/// Removes data files with their term filters, quietly: what stays is found by the next clean-up.
pub(crate) fn remove_files<'a>(paths: impl IntoIterator<Item = &'a Path>) {
    for path in paths {
        let _ = fs::remove_file(path);
        let _ = fs::remove_file(side_path(path));
    }
}
