//! The data folder: opened, listed, read.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stance_base::{Clock, SystemClock};
use stance_model::tables::TableSchema;

use crate::LakeError;
use crate::durable_store::DurableStore;
use crate::folder::{create_private, repair_permissions, sync_folder};
use crate::format_marker;
use crate::provider::SnapshotTable;
use crate::schema::{arrow_schema, check_table_name};
use crate::snapshot::TableSnapshot;
use crate::staging::{Staging, remove_stale};
use crate::table_log::{LoadedTable, has_commits, has_newer, load, refresh};

/// How a lake is opened.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Where "now" comes from: for log entries and for what is old enough to be removed.
    pub clock: Arc<dyn Clock>,
    /// How long replaced files stay for readers that started before.
    pub retention: Duration,
    /// A checkpoint is written, and old files are removed, every so many commits of a table.
    pub checkpoint_interval: u64,
}

impl Default for LakeOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            retention: Duration::from_hours(1),
            checkpoint_interval: 20,
        }
    }
}

/// The data folder. Cheap to clone; clones share what was read.
#[derive(Debug, Clone)]
pub struct Lake {
    inner: Arc<LakeInner>,
}

#[derive(Debug)]
pub(crate) struct LakeInner {
    pub(crate) path: PathBuf,
    pub(crate) options: LakeOptions,
    /// `Err` says why the folder cannot be written.
    pub(crate) staging: Result<Arc<Staging>, io::ErrorKind>,
    pub(crate) store: DurableStore,
    warnings: Vec<String>,
    loaded: Mutex<HashMap<String, LoadedTable>>,
}

impl Lake {
    /// Opens the data folder and makes it where it is missing.
    ///
    /// A folder open to other users is made private, with a warning. A folder that cannot be written
    /// opens for reading.
    pub fn open(path: impl AsRef<Path>, options: LakeOptions) -> Result<Self, LakeError> {
        let path = make_folder(path.as_ref())?;
        let has_marker = format_marker::check(&path)?;
        let mut warnings: Vec<String> = repair_permissions(&path)?.into_iter().collect();
        let staging = match prepare(&path, has_marker) {
            Ok(staging) => Ok(Arc::new(staging)),
            Err(error) => {
                let reason = why_not_written(&error).ok_or(error)?;
                let why = io::Error::from(reason);
                warnings.push(format!(
                    "data folder `{}` opens for reading only ({why})",
                    path.display()
                ));
                Err(reason)
            }
        };
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        Ok(Self {
            inner: Arc::new(LakeInner {
                store: DurableStore::new(staging.clone().ok()),
                path,
                options,
                staging,
                warnings,
                loaded: Mutex::default(),
            }),
        })
    }

    /// The data folder's absolute path.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// A private folder for what can be made again: compiled policies, aliases.
    pub fn cache_folder(&self) -> PathBuf {
        self.inner.path.join("cache")
    }

    /// What the user should know about the folder: permissions taken away, reading only.
    pub fn warnings(&self) -> &[String] {
        &self.inner.warnings
    }

    /// Whether the folder can be written at all.
    pub fn is_writable(&self) -> bool {
        self.inner.staging.is_ok()
    }

    /// Names of the tables that hold a commit, sorted.
    pub fn tables(&self) -> Result<Vec<String>, LakeError> {
        let mut names = self.inner.table_folders()?;
        names.retain(|name| has_commits(&self.inner.table_folder(name)));
        names.sort();
        Ok(names)
    }

    /// The newest version of a table. A name nobody wrote to gives an empty snapshot. Case does not count.
    pub async fn snapshot(&self, table: &str) -> Result<Arc<TableSnapshot>, LakeError> {
        let table = self.inner.spelling(table)?;
        match self.inner.load(&table).await? {
            Some(loaded) => Ok(loaded.snapshot),
            None => Ok(Arc::new(TableSnapshot::empty(
                &table,
                &self.inner.table_folder(&table),
            ))),
        }
    }

    /// The newest version of a table for DataFusion: the declared columns, then stored ones not declared.
    /// Columns added since a file was written are null in its rows.
    pub async fn table_provider(
        &self,
        schema: &TableSchema,
    ) -> Result<Arc<SnapshotTable>, LakeError> {
        let snapshot = self.snapshot(&schema.name).await?;
        Ok(Arc::new(SnapshotTable::new(
            snapshot,
            &arrow_schema(schema),
        )))
    }

    /// The last version committed to a table under an application's id, for exactly-once reading of sources.
    pub async fn transaction_version(
        &self,
        table: &str,
        application: &str,
    ) -> Result<Option<i64>, LakeError> {
        let table = self.inner.spelling(table)?;
        match self.inner.load(&table).await? {
            Some(loaded) => loaded.transaction_version(&table, application).await,
            None => Ok(None),
        }
    }

    pub(crate) fn inner(&self) -> &Arc<LakeInner> {
        &self.inner
    }
}

impl LoadedTable {
    pub(crate) async fn transaction_version(
        &self,
        table: &str,
        application: &str,
    ) -> Result<Option<i64>, LakeError> {
        let state = self
            .delta
            .snapshot()
            .map_err(LakeError::delta("read", table))?;
        let log = self.delta.log_store();
        let version = state.transaction_version(log.as_ref(), application).await;
        version.map_err(LakeError::delta("read", table))
    }
}

impl LakeInner {
    /// Where unfinished files go, or why nothing can be written.
    pub(crate) fn staging(&self) -> Result<Arc<Staging>, LakeError> {
        let refused = |kind: io::ErrorKind| LakeError::io("write to", &self.path)(kind.into());
        self.staging.clone().map_err(refused)
    }

    pub(crate) fn table_folder(&self, table: &str) -> PathBuf {
        self.path.join("tables").join(table)
    }

    fn table_folders(&self) -> Result<Vec<String>, LakeError> {
        let root = self.path.join("tables");
        let entries = match fs::read_dir(&root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LakeError::io("list", &root)(error)),
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        Ok(names
            .filter(|name| check_table_name(name).is_ok())
            .collect())
    }

    /// The table's name as its folder spells it, or as given where there is none.
    pub(crate) fn spelling(&self, table: &str) -> Result<String, LakeError> {
        check_table_name(table)?;
        let names = self.table_folders()?;
        if names.iter().any(|name| name == table) {
            return Ok(table.to_owned());
        }
        let stored = names
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(table));
        Ok(stored.unwrap_or_else(|| table.to_owned()))
    }

    /// The table's newest version; `None` where nothing was ever committed. `table` is spelt as its folder.
    pub(crate) async fn load(&self, table: &str) -> Result<Option<LoadedTable>, LakeError> {
        let folder = self.table_folder(table);
        let known = self.remembered().get(table).cloned();
        let loaded = match known {
            Some(known) if !has_newer(&folder, known.snapshot.version.unwrap_or_default()) => {
                return Ok(Some(known));
            }
            Some(known) => match refresh(table, &folder, known.delta).await {
                Ok(loaded) => loaded,
                // Log entries in between may have been cleaned away.
                Err(_) => load(table, &folder, &self.store).await?,
            },
            None if has_commits(&folder) => load(table, &folder, &self.store).await?,
            None => return Ok(None),
        };
        self.remembered().insert(table.to_owned(), loaded.clone());
        Ok(Some(loaded))
    }

    /// Forgets what was read of a table.
    pub(crate) fn forget(&self, table: &str) {
        self.remembered().remove(table);
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<String, LoadedTable>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the folder and its parents; gives its absolute path with links resolved.
fn make_folder(path: &Path) -> Result<PathBuf, LakeError> {
    if !path.is_dir() {
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            fs::create_dir_all(parent).map_err(LakeError::io("create the folder", parent))?;
        }
        create_private(path)?;
    }
    path.canonicalize().map_err(LakeError::io("open", path))
}

fn prepare(path: &Path, has_marker: bool) -> Result<Staging, LakeError> {
    for name in ["tables", "cache", "tmp"] {
        create_private(&path.join(name))?;
    }
    let temporary = path.join("tmp");
    remove_stale(&temporary);
    let staging = Staging::create(&temporary)?;
    if !has_marker {
        format_marker::write(path, &staging)?;
        sync_folder(path).map_err(LakeError::io("write", path))?;
    }
    Ok(staging)
}

/// The reason why a folder can be read and not written; `None` for other trouble. A full disk can still be read.
fn why_not_written(error: &LakeError) -> Option<io::ErrorKind> {
    let LakeError::Io { source, .. } = error else {
        return None;
    };
    let kind = source.kind();
    let only_reading = matches!(
        kind,
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
    );
    only_reading.then_some(kind)
}
