//! Prints what storing a scan's verdicts costs: `cargo run --release -p stance-state --example scan_cost [postgres-url]`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use stance_base::{Clock as _, SystemClock};
use stance_model::{FindingState, Severity};
use stance_state::{FindingRecord, ReadInput, ScanRecord, State, StateOptions};

const FINDINGS: u64 = 300_000;

fn batches(healthy_every: u64) -> impl Iterator<Item = Vec<FindingRecord>> {
    (0..FINDINGS / 1000).map(move |batch| {
        let numbers = batch * 1000..(batch + 1) * 1000;
        numbers
            .map(|number| finding(number, number.is_multiple_of(healthy_every)))
            .collect()
    })
}

fn finding(number: u64, healthy: bool) -> FindingRecord {
    // Spread as hashes are, so that the index is hit at random.
    let spread = |salt: u64| (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    FindingRecord {
        id: format!("{:016x}{:016x}", spread(1), spread(2)),
        resource_key: format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-{}/providers/microsoft.cognitiveservices/accounts/account-{}",
            number / 300,
            number / 15
        ),
        recommendation: format!("recommendation-{}", number % 15),
        state: if healthy {
            FindingState::Healthy
        } else {
            FindingState::Unhealthy
        },
        severity: Severity::High,
        cause_hash: format!("{:016x}", spread(9)),
        input_key: "export.json".to_owned(),
    }
}

/// Seconds of processor time this process has used (Linux: hundredths in fields 14 and 15 of `/proc/self/stat`).
/// Unlike the clock it hardly depends on what else the machine does.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after_name.split(' ').skip(11).take(2);
    ticks
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Measures from `new` to `print`.
struct Stopwatch(Instant, f64);

impl Stopwatch {
    fn new() -> Self {
        Self(Instant::now(), processor_seconds())
    }

    fn print(&self, what: &str) {
        println!(
            "{:>7.3} s, {:>5.2} s of processor  {what}",
            self.0.elapsed().as_secs_f64(),
            processor_seconds() - self.1
        );
    }
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("stance-scan-cost-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let start = Stopwatch::new();
    let state = match std::env::args().nth(1) {
        Some(url) => State::connect(&url, &StateOptions::default())
            .await
            .unwrap(),
        None => State::open(folder.join("state.db"), &StateOptions::default())
            .await
            .unwrap(),
    };
    start.print("open");
    let runs = [
        ("first scan, all new", 7),
        ("second scan, nothing changed", 7),
        ("third scan, a fifth changed", 5),
    ];
    for (what, healthy_every) in runs {
        let scan = ScanRecord {
            id: format!("{what} {}", SystemClock.now()),
            started: SystemClock.now(),
            finished: SystemClock.now(),
            resources: FINDINGS / 15,
            inputs: vec![ReadInput {
                key: "export.json".to_owned(),
                complete: true,
            }],
        };
        let start = Stopwatch::new();
        let outcome = state
            .apply_scan(scan, batches(healthy_every))
            .await
            .unwrap();
        start.print(&format!(
            "{what}: {} findings, {} changes",
            outcome.judged,
            outcome.changes()
        ));
        let start = Stopwatch::new();
        let mut drained = 0;
        loop {
            let changes = state.pending_changes(10_000).await.unwrap();
            let Some(last) = changes.last() else { break };
            drained += changes.len();
            state.acknowledge_changes(last.sequence).await.unwrap();
        }
        start.print(&format!("  take {drained} changes from the outbox"));
    }
    state.close().await;
    std::fs::remove_dir_all(folder).unwrap();
}
