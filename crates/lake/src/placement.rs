//! Files put under their final names, on the disk, before the log names them.

use std::fs;
use std::path::{Path, PathBuf};

use stance_term_filter::side_path;
use uuid::Uuid;

use crate::LakeError;
use crate::folder::{create_private, sync_folder};
use crate::table_log::LOG;
use crate::table_writer::StagedFile;
use crate::writer::remove_files;

/// A file under its final name, on the disk, not yet in the log.
pub(crate) struct PlacedFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) staged: StagedFile,
}

pub(crate) async fn place_files(
    folder: &Path,
    files: Vec<StagedFile>,
) -> Result<Vec<PlacedFile>, LakeError> {
    let folder = folder.to_owned();
    let task = tokio::task::spawn_blocking(move || {
        make_table_folder(&folder)?;
        let mut placed = Vec::with_capacity(files.len());
        let result = files.into_iter().try_for_each(|staged| {
            placed.push(place_file(&folder, staged)?);
            Ok(())
        });
        let result =
            result.and_then(|()| sync_folder(&folder).map_err(LakeError::io("write", &folder)));
        if let Err(error) = result {
            remove_files(placed.iter().map(|file: &PlacedFile| file.path.as_path()));
            return Err(error);
        }
        Ok(placed)
    });
    task.await
        .map_err(|error| LakeError::Task(error.to_string()))?
}

fn place_file(folder: &Path, staged: StagedFile) -> Result<PlacedFile, LakeError> {
    let name = format!("part-{}.parquet", Uuid::new_v4().simple());
    let path = folder.join(&name);
    let synced = fs::File::open(&staged.path).and_then(|file| file.sync_all());
    synced
        .and_then(|()| fs::rename(&staged.path, &path))
        .map_err(|error| {
            remove_files([staged.path.as_path()]);
            LakeError::io("write", &path)(error)
        })?;
    place_filters(&staged.path, &path);
    Ok(PlacedFile { name, path, staged })
}

/// Puts the term filters of a file beside it. A query does without them where that fails.
fn place_filters(staged: &Path, placed: &Path) {
    let (from, to) = (side_path(staged), side_path(placed));
    let moved = fs::File::open(&from)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&from, &to));
    match moved {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %to.display(), %error, "term filters could not be put in place");
        }
        _ => {}
    }
}

fn make_table_folder(folder: &Path) -> Result<(), LakeError> {
    let log = folder.join(LOG);
    if log.is_dir() {
        return Ok(());
    }
    create_private(folder)?;
    create_private(&log)?;
    let parent = folder.parent().unwrap_or(folder);
    sync_folder(folder)
        .and_then(|()| sync_folder(parent))
        .map_err(LakeError::io("write", folder))
}
