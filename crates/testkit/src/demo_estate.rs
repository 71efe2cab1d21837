//! Thirty days of telemetry for the demo estate, relative to a given instant.
//!
//! The story is told by plain tables of callers, alerts, sign-ins and attack paths; there is no chance in it:
//! the same instant gives the same bytes. `examples/contoso-financial/README.md` lists the answers that the
//! queries give on it, and the tests below hold the figures it is built from.
//!
//! Times hang on the full hour before `now`, and none lies within an hour of the edge of a day counted back
//! from it, so that windows such as `ago(1d)` and `ago(7d)` cut the same rows at every minute of the hour.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::Value;

mod alerts;
mod attack_paths;
mod calls;
mod estate;
mod sign_ins;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows of `SecurityAlert.jsonl`.
    pub alerts: usize,
    /// Rows of `SigninLogs.jsonl`.
    pub sign_ins: usize,
    /// Rows of `AzureDiagnostics.jsonl`.
    pub calls: usize,
    /// Rows of `attack-paths.json`.
    pub attack_paths: usize,
}

/// Writes `SecurityAlert.jsonl`, `SigninLogs.jsonl`, `AzureDiagnostics.jsonl` (one row a line, in order of time)
/// and `attack-paths.json` (as `az graph query` prints `securityresources`) into the folder `out`.
pub fn write(out: &Path, now: DateTime<Utc>) -> Result<Written> {
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let timeline = Timeline::before(now)?;
    let alerts = alerts::rows(timeline);
    let sign_ins = sign_ins::rows(timeline);
    let calls = calls::rows(timeline);
    let paths = attack_paths::rows();
    write_lines(&out.join("SecurityAlert.jsonl"), &alerts)?;
    write_lines(&out.join("SigninLogs.jsonl"), &sign_ins)?;
    write_lines(&out.join("AzureDiagnostics.jsonl"), &calls)?;
    let export = serde_json::to_string_pretty(&attack_paths::export(&paths))?;
    let file = out.join("attack-paths.json");
    fs::write(&file, export + "\n")
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(Written {
        alerts: alerts.len(),
        sign_ins: sign_ins.len(),
        calls: calls.len(),
        attack_paths: paths.len(),
    })
}

fn write_lines(file: &Path, rows: &[Value]) -> Result<()> {
    let opened =
        fs::File::create(file).with_context(|| format!("{} cannot be made", file.display()))?;
    let mut writer = std::io::BufWriter::new(opened);
    for row in rows {
        serde_json::to_writer(&mut writer, row)?;
        writer.write_all(b"\n")?;
    }
    writer
        .flush()
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// Counts time back from the full hour before now.
#[derive(Debug, Clone, Copy)]
struct Timeline {
    anchor: DateTime<Utc>,
}

impl Timeline {
    fn before(now: DateTime<Utc>) -> Result<Self> {
        let anchor = now
            .duration_trunc(TimeDelta::hours(1))
            .context("now lies outside the years that can be counted")?;
        Ok(Self { anchor })
    }

    /// That many minutes before the anchor, in the spelling of Log Analytics.
    fn minutes_ago(self, minutes: i64) -> String {
        self.seconds_ago(minutes * 60)
    }

    /// That many seconds before the anchor, in the spelling of Log Analytics.
    fn seconds_ago(self, seconds: i64) -> String {
        let at = self.anchor - TimeDelta::seconds(seconds);
        at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// A number that looks like chance and is not: FNV-1a over the seed.
fn mixed(seed: &str) -> u64 {
    seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// An id that looks like a GUID, from a seed.
fn guid(seed: &str) -> String {
    let (high, low) = (mixed(seed), mixed(&format!("{seed}/")));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests;
