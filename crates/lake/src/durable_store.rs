//! The local file system as an object store whose puts last.
//!
//! `object_store`'s own local store neither syncs nor sets permissions. Everything the Delta library
//! writes (log entries, checkpoints) goes through here: written under a temporary name, synced,
//! put in place in one step, and the folder synced, before the put is acknowledged.

use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UploadPart,
};

use crate::folder::{create_private, sync_folder, write_synced};
use crate::staging::Staging;

const STORE: &str = "local data folder";

/// See the module. Paths are absolute, without the leading slash.
#[derive(Debug, Clone)]
pub(crate) struct DurableStore {
    local: Arc<LocalFileSystem>,
    /// `None` where the data folder cannot be written.
    staging: Option<Arc<Staging>>,
}

impl DurableStore {
    pub(crate) fn new(staging: Option<Arc<Staging>>) -> Self {
        Self {
            local: Arc::new(LocalFileSystem::new()),
            staging,
        }
    }

    async fn put_synced(
        &self,
        location: &Path,
        payload: PutPayload,
        mode: PutMode,
    ) -> Result<PutResult> {
        let target = self.local.path_to_filesystem(location)?;
        let Some(staging) = self.staging.clone() else {
            let denied = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(generic(denied));
        };
        let named = target.clone();
        tokio::task::spawn_blocking(move || place(&staging, &target, &payload, &mode))
            .await
            .map_err(|source| Error::JoinError { source })?
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => Error::AlreadyExists {
                    path: named.display().to_string(),
                    source: Box::new(source),
                },
                _ => generic(source),
            })?;
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }
}

fn generic(source: io::Error) -> Error {
    Error::Generic {
        store: STORE,
        source: Box::new(source),
    }
}

fn place(
    staging: &Staging,
    target: &FilePath,
    payload: &PutPayload,
    mode: &PutMode,
) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    if !folder.is_dir() {
        create_private(folder).map_err(io::Error::other)?;
    }
    let temporary = staging.new_path("put");
    write_synced(&temporary, payload.iter().map(AsRef::as_ref))?;
    let placed = match mode {
        // A link fails where the name is taken, which makes two writers of one version see each other.
        PutMode::Create => fs::hard_link(&temporary, target),
        PutMode::Overwrite => fs::rename(&temporary, target),
        PutMode::Update(_) => Err(io::Error::from(io::ErrorKind::Unsupported)),
    };
    let _ = fs::remove_file(&temporary);
    placed?;
    sync_folder(folder)
}

impl fmt::Display for DurableStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(STORE)
    }
}

#[async_trait]
impl ObjectStore for DurableStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.put_synced(location, payload, options.mode).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(CollectedUpload {
            store: self.clone(),
            location: location.clone(),
            parts: Vec::new(),
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.local.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.local.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.local.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.local.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.local.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.local.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.local.copy_opts(from, to, options).await
    }
}

/// An upload in parts, held in memory until complete. Only checkpoints come this way, and they are small.
#[derive(Debug)]
struct CollectedUpload {
    store: DurableStore,
    location: Path,
    parts: Vec<PutPayload>,
}

#[async_trait]
impl MultipartUpload for CollectedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts.push(data);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let payload: PutPayload = self
            .parts
            .drain(..)
            .flat_map(IntoIterator::into_iter)
            .collect();
        self.store
            .put_synced(&self.location, payload, PutMode::Overwrite)
            .await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}

/// The absolute path of a file as the local object store spells it.
pub(crate) fn object_path(path: &FilePath) -> Option<Path> {
    Path::from_absolute_path(path).ok()
}

/// The file below `folder` that a log entry's relative path names; `None` where it leaves the folder.
pub(crate) fn file_below(folder: &FilePath, relative: &Path) -> Option<PathBuf> {
    let mut file = folder.to_owned();
    for part in relative.parts() {
        let part = part.as_ref().to_owned();
        if part == ".." || part.contains('\\') {
            return None;
        }
        file.push(part);
    }
    Some(file)
}
