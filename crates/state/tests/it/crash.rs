//! A real process, killed while it stores scans.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use stance_model::FindingState;
use stance_state::{State, StateOptions};

use crate::life_cycle::{finding, scan};

const FILE: &str = "STANCE_TEST_CHILD_STATE";
const FINDINGS: u64 = 700;
const ROUNDS: usize = 20;

fn spawn_child(file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::child_scans_until_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every scan turns all findings over, so that each makes as many changes as there are findings.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other half of the test below"]
async fn child_scans_until_killed() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let state = State::open(file, &StateOptions::default()).await.unwrap();
    let mut number = state.scans(10_000).await.unwrap().len();
    loop {
        let verdict = if number.is_multiple_of(2) {
            FindingState::Unhealthy
        } else {
            FindingState::Healthy
        };
        let findings =
            (0..FINDINGS).map(|resource| finding("in", &format!("r{resource}"), "k", verdict));
        let mut record = scan(1, &[("in", true)]);
        record.id = format!("scan {number}");
        state
            .apply_scan(record, [findings.collect()])
            .await
            .unwrap();
        number += 1;
        let mut out = std::io::stdout().lock();
        writeln!(out, "stored {number}").unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_killed_half_way_is_stored_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let mut last = 0;
    for _ in 0..ROUNDS {
        let mut child = spawn_child(&file);
        let output = BufReader::new(child.stdout.take().unwrap());
        let stored = |line: String| {
            line.rsplit_once("stored ")
                .and_then(|(_, number)| number.parse::<u64>().ok())
        };
        let reader = std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .filter_map(stored)
                .max()
        });
        let moment = uuid::Uuid::new_v4().as_u128() % 400;
        tokio::time::sleep(Duration::from_millis(moment as u64)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        last = last.max(reader.join().unwrap().unwrap_or(0));

        let state = State::open(&file, &StateOptions::default()).await.unwrap();
        let scans = state.scans(10_000).await.unwrap();
        let number = scans.len() as u64;
        assert!(number >= last, "a stored scan is missing");
        assert!(scans.iter().all(|scan| scan.findings == FINDINGS));
        let newest = format!("scan {}", number.saturating_sub(1));
        let statuses = state.statuses_after("", 10_000).await.unwrap();
        assert_eq!(
            statuses.len() as u64,
            if number == 0 { 0 } else { FINDINGS }
        );
        assert!(statuses.iter().all(|status| status.last_scan == newest));
        let changes = state.pending_changes(100_000).await.unwrap().len() as u64;
        assert_eq!(changes, (number * FINDINGS).min(100_000));
        state.close().await;
    }
    assert!(last > 0, "no scan was ever stored");
}
