//! The folder: private, versioned, and honest about damage, full disks and missing rights.

use std::fs;
use std::path::{Path, PathBuf};

use stance_base::{Coded as _, ErrorCode};
use stance_lake::{Lake, LakeError, LakeOptions};

use crate::support::{MemoryDisk, open, plain, rows, session, writer};

async fn one_table(folder: &Path) -> Lake {
    let lake = open(folder);
    writer(&lake)
        .await
        .append(plain("Events"), &[rows("a", 0..100)])
        .await
        .unwrap();
    lake
}

async fn data_file(lake: &Lake) -> PathBuf {
    lake.snapshot("Events").await.unwrap().files[0].path.clone()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_is_private_to_its_user() {
    use std::os::unix::fs::PermissionsExt as _;
    fn others_see(path: &Path, found: &mut Vec<PathBuf>) {
        if fs::metadata(path).unwrap().permissions().mode() & 0o077 != 0 {
            found.push(path.to_owned());
        }
        if path.is_dir() {
            fs::read_dir(path)
                .unwrap()
                .flatten()
                .for_each(|entry| others_see(&entry.path(), found));
        }
    }
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new/data");
    let lake = one_table(&folder).await;
    assert!(lake.warnings().is_empty());
    let mut found = Vec::new();
    others_see(&folder, &mut found);
    assert_eq!(found, Vec::<PathBuf>::new());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_open_to_others_is_made_private_with_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let lake = open(folder.path());
    assert_eq!(
        fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert!(lake.warnings()[0].contains("was open to other users (mode 755); it is private now"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_folder_format_says_which_version_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    fs::write(
        folder.path().join("stance.json"),
        r#"{"format": 2, "needs": "7.1.0"}"#,
    )
    .unwrap();
    let error = Lake::open(folder.path(), LakeOptions::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(
        error.to_string().contains("use Stance 7.1.0 or newer"),
        "{error}"
    );
    fs::write(folder.path().join("stance.json"), "{").unwrap();
    let error = Lake::open(folder.path(), LakeOptions::default()).unwrap_err();
    assert!(matches!(error, LakeError::Corrupt { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_newer_features_is_refused_and_the_others_work() {
    let protocols = [
        (
            r#"{"protocol":{"minReaderVersion":9,"minWriterVersion":9}}"#,
            "Delta reader version 9",
        ),
        (
            r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}"#,
            "Delta reader feature `deletionVectors`",
        ),
        (
            r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timeMachine"],"writerFeatures":["timeMachine"]}}"#,
            "Delta reader feature `timeMachine`",
        ),
    ];
    for (protocol, needs) in protocols {
        let folder = tempfile::tempdir().unwrap();
        let lake = one_table(folder.path()).await;
        writer(&lake)
            .await
            .append(plain("Other"), &[rows("a", [1])])
            .await
            .unwrap();
        let log = folder.path().join("tables/Events/_delta_log");
        fs::write(log.join("00000000000000000001.json"), protocol).unwrap();
        let error = open(folder.path()).snapshot("Events").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unsupported, "{error}");
        assert!(error.to_string().contains(needs), "{error}");
        assert_eq!(lake.snapshot("Other").await.unwrap().rows, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn column_mapping_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    one_table(folder.path()).await;
    let log = folder
        .path()
        .join("tables/Events/_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&log).unwrap();
    let mapped = text.replace(
        "\"delta.checkpointInterval\"",
        "\"delta.columnMapping.mode\":\"name\",\"delta.checkpointInterval\"",
    );
    fs::write(
        &log,
        mapped.replace(
            "\"minReaderVersion\":1,\"minWriterVersion\":2",
            "\"minReaderVersion\":2,\"minWriterVersion\":5",
        ),
    )
    .unwrap();
    let error = open(folder.path()).snapshot("Events").await.unwrap_err();
    assert!(matches!(error, LakeError::NewerTable { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_are_named() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 3] = [
        ("it is missing", |path| fs::remove_file(path).unwrap()),
        ("bytes and should have", |path| {
            fs::write(path, &fs::read(path).unwrap()[..50]).unwrap();
        }),
        ("does not end as a Parquet file", |path| {
            fs::write(path, vec![0; fs::read(path).unwrap().len()]).unwrap();
        }),
    ];
    for (reason, damage) in damages {
        let folder = tempfile::tempdir().unwrap();
        let lake = one_table(folder.path()).await;
        let file = data_file(&lake).await;
        damage(&file);
        let context = session(&lake, &[&plain("Events").schema]).await;
        let error = context
            .sql("SELECT text FROM events")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap_err()
            .to_string();
        let name = file.file_name().unwrap().to_string_lossy();
        assert!(error.contains(&*name) && error.contains(reason), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_finds_damage_inside_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = one_table(folder.path()).await;
    assert_eq!(lake.check("Events").await.unwrap(), 100);
    let file = data_file(&lake).await;
    let mut bytes = fs::read(&file).unwrap();
    bytes[4..200].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let error = lake.check("Events").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Storage);
    assert!(
        error
            .to_string()
            .contains(&*file.file_name().unwrap().to_string_lossy()),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_log_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    one_table(folder.path()).await;
    let log = folder
        .path()
        .join("tables/Events/_delta_log/00000000000000000000.json");
    let text = fs::read(&log).unwrap();
    fs::write(&log, &text[..text.len() / 2]).unwrap();
    let error = open(folder.path()).snapshot("Events").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Storage);
    assert!(
        error.to_string().contains("00000000000000000000.json"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_folder_is_read_and_not_written() {
    let Some(disk) = MemoryDisk::mount("8m", "a_read_only_folder_is_read_and_not_written") else {
        return;
    };
    let folder = disk.folder.path().join("data");
    drop(one_table(&folder).await);
    disk.make_read_only();
    let lake = open(&folder);
    assert!(!lake.is_writable());
    assert_eq!(lake.snapshot("Events").await.unwrap().rows, 100);
    let error = lake
        .writer(std::time::Duration::ZERO, |_| {})
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::PermissionDenied);
    assert!(
        error
            .to_string()
            .contains("make the data folder writable for you"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let Some(disk) = MemoryDisk::mount("2m", "a_full_disk_loses_nothing_that_was_acknowledged")
    else {
        return;
    };
    let folder = disk.folder.path().join("data");
    let lake = open(&folder);
    let holder = writer(&lake).await;
    let mut acknowledged = 0;
    let error = loop {
        // Numbers that do not compress away.
        let noise = (0..5000_i64)
            .map(|number| (number + acknowledged).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64));
        match holder.append(plain("Events"), &[rows("a", noise)]).await {
            Ok(outcome) => acknowledged += outcome.rows as i64,
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), ErrorCode::Storage, "{error}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert!(acknowledged > 0);
    let again = open(&folder);
    assert_eq!(again.check("Events").await.unwrap(), acknowledged as u64);
    let stored = again.snapshot("Events").await.unwrap().files.len();
    let on_disk = fs::read_dir(folder.join("tables/Events"))
        .unwrap()
        .flatten()
        .count();
    assert_eq!(on_disk, stored + 1, "files of the failed commit stayed");
    let temporary = fs::read_dir(folder.join("tmp"))
        .unwrap()
        .flatten()
        .flat_map(|entry| fs::read_dir(entry.path()).unwrap().flatten());
    assert_eq!(
        temporary
            .filter(|entry| entry.file_name() != "process.lock")
            .count(),
        0
    );
    // Room is made, and writing goes on.
    disk.grow("8m");
    holder
        .append(plain("Events"), &[rows("a", [1])])
        .await
        .unwrap();
    let rows = open(&folder).check("Events").await.unwrap();
    assert_eq!(rows, acknowledged as u64 + 1);
}
