//! Opening: private, lasting, and honest about newer databases.

use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};
use stance_base::{Coded as _, ErrorCode};
use stance_model::FindingState;
use stance_state::{State, StateOptions};

use crate::databases::all;
use crate::life_cycle::{finding, scan};

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_companions_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path().join("state.db"), &StateOptions::default())
        .await
        .unwrap();
    state.set_meta("a", "b").await.unwrap();
    let entries: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .collect();
    assert!(entries.len() > 1, "the write-ahead log is missing");
    for entry in entries {
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            entry.path().display()
        );
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    State::open(&path, &StateOptions::default())
        .await
        .unwrap()
        .close()
        .await;
    let mut connection = SqliteConnection::connect(path.to_str().unwrap())
        .await
        .unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'later', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    let error = State::open(&path, &StateOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(
        error
            .to_string()
            .contains("has schema version 99, this version knows up to 1"),
        "{error}"
    );
}

#[tokio::test]
async fn what_was_stored_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let state = State::open(&path, &StateOptions::default()).await.unwrap();
    state
        .apply_scan(
            scan(1, &[("a", true)]),
            [vec![finding("a", "r", "k", FindingState::Unhealthy)]],
        )
        .await
        .unwrap();
    state.close().await;
    let state = State::open(&path, &StateOptions::default()).await.unwrap();
    assert_eq!(state.statuses(&["r/k"]).await.unwrap().len(), 1);
    assert_eq!(state.pending_changes(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_process_waits_and_then_says_busy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let options = StateOptions {
        busy_timeout: Duration::from_millis(100),
    };
    let first = State::open(&path, &options).await.unwrap();
    let second = State::open(&path, &options).await.unwrap();
    let holding = first.begin_scan(scan(1, &[])).await.unwrap();
    let error = second.begin_scan(scan(2, &[])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Busy, "{error}");
    drop(holding);
    let options = StateOptions {
        busy_timeout: Duration::from_secs(10),
    };
    let patient = State::open(&path, &options).await.unwrap();
    patient.apply_scan(scan(2, &[]), None).await.unwrap();
}

#[tokio::test]
async fn settings_are_kept() {
    for database in all().await {
        assert_eq!(database.state.meta("cursor").await.unwrap(), None);
        database.state.set_meta("cursor", "1").await.unwrap();
        database.state.set_meta("cursor", "2").await.unwrap();
        assert_eq!(
            database.state.meta("cursor").await.unwrap().as_deref(),
            Some("2")
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn a_wrong_address_is_told_without_its_password() {
    let error = State::connect("mysql://root:secret@host/db", &StateOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(!error.to_string().contains("secret"), "{error}");
}
