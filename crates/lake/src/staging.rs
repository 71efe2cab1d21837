//! Where unfinished files live: one folder per process, held by a lock that dies with the process.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::LakeError;
use crate::folder::{create_private, new_private_file};

const LOCK: &str = "process.lock";

/// This process's folder for unfinished files; removed when dropped.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: PathBuf,
    _lock: File,
}

impl Staging {
    /// Makes the folder below `root` (`<data>/tmp`).
    pub(crate) fn create(root: &Path) -> Result<Self, LakeError> {
        let name = Uuid::new_v4().simple().to_string();
        // Locked under a hidden name first, so that no other process sees the folder without its lock.
        let hidden = root.join(format!(".{name}"));
        let folder = root.join(&name);
        create_private(&hidden)?;
        let lock_path = hidden.join(LOCK);
        let lock = new_private_file()
            .open(&lock_path)
            .map_err(LakeError::io("create", &lock_path))?;
        lock.lock().map_err(LakeError::io("lock", &lock_path))?;
        fs::rename(&hidden, &folder).map_err(LakeError::io("create the folder", &folder))?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// A path for a new file; nothing is created.
    pub(crate) fn new_path(&self, suffix: &str) -> PathBuf {
        self.folder
            .join(format!("{}.{suffix}", Uuid::new_v4().simple()))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes the folders of processes that are gone. Trouble with one is no reason not to start.
pub(crate) fn remove_stale(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let folder = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if is_abandoned(&folder, hidden) {
            tracing::debug!(folder = %folder.display(), "removing files of a process that is gone");
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Whether the process that made the folder is gone. A hidden one may be in the making for a moment.
fn is_abandoned(folder: &Path, hidden: bool) -> bool {
    if !fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir()) {
        return false;
    }
    if hidden {
        let age = fs::metadata(folder)
            .and_then(|metadata| metadata.modified())
            .map(|time| time.elapsed());
        return matches!(age, Ok(Ok(age)) if age.as_secs() > 60);
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => true,
    }
}
