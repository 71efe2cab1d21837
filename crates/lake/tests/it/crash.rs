//! Real processes, killed at any moment, and real processes at once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use stance_base::{Coded as _, ErrorCode};
use stance_lake::{CommitMode, Lake, LakeOptions, TableCommit};

use crate::support::{by_scope, number, open, plain, rows, writer};

const FOLDER: &str = "STANCE_TEST_CHILD_FOLDER";
const ROUNDS: usize = 60;
const BATCH_ROWS: i64 = 20;

/// This test binary again, running only [`child_writes_until_killed`].
fn spawn_child(folder: &Path, commits: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::child_writes_until_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env("STANCE_TEST_CHILD_COMMITS", commits.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn options() -> LakeOptions {
    // Checkpoints and cleaning often, so that the kill meets them too.
    LakeOptions {
        retention: Duration::ZERO,
        checkpoint_interval: 4,
        ..LakeOptions::default()
    }
}

/// Batch `n` holds the numbers `n * BATCH_ROWS ..`. Each acknowledged batch is printed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other half of the tests below"]
async fn child_writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let commits: usize = std::env::var("STANCE_TEST_CHILD_COMMITS")
        .unwrap()
        .parse()
        .unwrap();
    let lake = Lake::open(folder, options()).unwrap();
    let holder = writer(&lake).await;
    let mut batch = 0;
    if lake.snapshot("Events").await.unwrap().rows > 0 {
        batch = number(
            &lake,
            &plain("Events").schema,
            "SELECT MAX(number) FROM events",
        )
        .await
            / BATCH_ROWS
            + 1;
    }
    for _ in 0..commits {
        let numbers = batch * BATCH_ROWS..(batch + 1) * BATCH_ROWS;
        let mut events = holder.begin(plain("Events")).unwrap();
        events.write(&rows("a", numbers.clone())).unwrap();
        let mut current = holder.begin(by_scope("Current")).unwrap();
        current.write(&rows("b", numbers)).unwrap();
        let commits = vec![
            TableCommit::new(events.finish().unwrap(), CommitMode::Append),
            TableCommit::new(
                current.finish().unwrap(),
                CommitMode::ReplacePartitions(vec!["b".into()]),
            ),
        ];
        holder.commit_all(commits).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {batch}").unwrap();
        out.flush().unwrap();
        batch += 1;
    }
}

fn acknowledged(line: &str) -> Option<i64> {
    line.rsplit_once("acknowledged ")?.1.parse().ok()
}

async fn holds_everything(folder: &Path, last: i64) {
    let lake = open(folder);
    assert!(lake.check("Events").await.unwrap() % BATCH_ROWS as u64 == 0);
    lake.check("Current").await.unwrap();
    if last < 0 {
        return;
    }
    let events = plain("Events").schema;
    let rows = number(&lake, &events, "SELECT COUNT(*) FROM events").await;
    let distinct = number(&lake, &events, "SELECT COUNT(DISTINCT number) FROM events").await;
    let greatest = number(&lake, &events, "SELECT MAX(number) FROM events").await;
    assert_eq!(rows, distinct, "a batch is stored twice");
    assert_eq!(rows, greatest + 1, "a batch is missing");
    assert!(
        greatest >= (last + 1) * BATCH_ROWS - 1,
        "acknowledged batch {last} is missing"
    );
    let current = by_scope("Current").schema;
    assert_eq!(
        number(&lake, &current, "SELECT COUNT(*) FROM current").await,
        BATCH_ROWS
    );
    let newest = number(&lake, &current, "SELECT MAX(number) FROM current").await;
    assert!(
        newest >= (last + 1) * BATCH_ROWS - 1,
        "the replaced rows are older than acknowledged"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_killed_at_any_moment_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (mut last, mut killed) = (-1, 0);
    for _ in 0..ROUNDS {
        let mut child = spawn_child(folder.path(), 1000);
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| acknowledged(&line))
                .max()
        });
        // Any moment: from before the first commit to a few commits on.
        let noise = uuid::Uuid::new_v4().as_u128() % 600;
        tokio::time::sleep(Duration::from_millis(noise as u64)).await;
        assert!(
            child.try_wait().unwrap().is_none(),
            "the writer ended by itself"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        last = last.max(reader.join().unwrap().unwrap_or(-1));
        holds_everything(folder.path(), last).await;
    }
    assert!(last > 0, "no batch was ever acknowledged");
    eprintln!("killed {killed} writers, {} batches acknowledged", last + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_writing_at_once_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..2).map(|_| spawn_child(folder.path(), 6)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(
            String::from_utf8_lossy(&output.stdout)
                .matches("acknowledged ")
                .count(),
            6
        );
    }
    holds_everything(folder.path(), 11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_told_whom_it_waits_for_and_gives_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let first = writer(&lake).await;
    let mut told = Vec::new();
    let other = open(folder.path());
    let error = other
        .writer(Duration::from_millis(60), |message| {
            told.push(message.to_owned());
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::Busy);
    let holder = format!("(process {})", std::process::id());
    assert!(error.to_string().contains(&holder), "{error}");
    assert!(told[0].contains(&holder), "{told:?}");
    drop(first);
    writer(&other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_dead_process_are_removed_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let stale = folder.path().join("tmp/0123456789abcdef");
    std::fs::create_dir(&stale).unwrap();
    std::fs::write(stale.join("process.lock"), "").unwrap();
    std::fs::write(stale.join("half.parquet"), "PAR1").unwrap();
    let alive = open(folder.path());
    let holder = writer(&alive).await;
    let mut half = holder.begin(plain("Events")).unwrap();
    half.write(&rows("a", [1])).unwrap();
    drop(open(folder.path()));
    assert!(!stale.exists());
    // The living process still has its file.
    holder
        .commit_all(vec![TableCommit::new(
            half.finish().unwrap(),
            CommitMode::Append,
        )])
        .await
        .unwrap();
}
