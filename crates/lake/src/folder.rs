//! Private folders and files, and making them last.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::LakeError;

/// Creates a folder readable by its owner alone. An existing one is left as it is.
pub(crate) fn create_private(path: &Path) -> Result<(), LakeError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other.map_err(LakeError::io("create the folder", path)),
    }
}

/// Options for a new file readable by its owner alone.
pub(crate) fn new_private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes away what others may do with the folder. Says so when there was something to take away.
#[cfg(unix)]
pub(crate) fn repair_permissions(path: &Path) -> Result<Option<String>, LakeError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(LakeError::io("read the permissions of", path))?
        .permissions()
        .mode()
        & 0o777;
    if mode.trailing_zeros() >= 6 {
        return Ok(None);
    }
    let was_open = format!(
        "data folder `{}` was open to other users (mode {mode:o})",
        path.display()
    );
    match fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)) {
        Ok(()) => Ok(Some(format!(
            "{was_open}; it is private now (mode {:o})",
            mode & 0o700
        ))),
        Err(error) => Ok(Some(format!(
            "{was_open} and could not be made private: {error}; run chmod 700 on it"
        ))),
    }
}

/// Access lists of other systems are inherited from the user's profile folder.
#[cfg(not(unix))]
pub(crate) fn repair_permissions(_path: &Path) -> Result<Option<String>, LakeError> {
    Ok(None)
}

/// Makes the entries of a folder survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(path)?.sync_all()
}

/// Writes a whole file under a temporary name, makes it last, and removes it again on failure.
pub(crate) fn write_synced<'a>(
    path: &Path,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> io::Result<()> {
    let mut file = new_private_file().open(path)?;
    let written = chunks
        .into_iter()
        .try_for_each(|chunk| file.write_all(chunk))
        .and_then(|()| file.sync_all());
    if written.is_err() {
        drop(file);
        let _ = fs::remove_file(path);
    }
    written
}
