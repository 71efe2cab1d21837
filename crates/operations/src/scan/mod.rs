//! `stance scan`, top to bottom: collected, judged, stored, told.

mod change_log;
pub(crate) mod gather;
pub(crate) mod judge;
mod policies;
pub(crate) mod previous;
mod related;
mod spool;
mod store;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_base::{Clock, FixedClock, hex};
use stance_collect::{CollectOptions, CollectSummary, collect};
use stance_lake::{Lake, Writer};
use stance_model::{Coverage, Diagnostic, DiagnosticLevel, Finding, Resource};
use stance_policy::{EvaluationContext, PolicySet};
use stance_posture::Catalogue;
use stance_state::{
    FindingDates, FindingRecord, LifeCycleOutcome, ReadInput, ScanRecord, ScanTransaction, State,
    StateOptions,
};
use uuid::Uuid;

use crate::OperationsError;
use crate::checks::{CheckSet, Stage};
use crate::exposure::{self, PathCounts};
use crate::rows::changes::ScanStamp;
use gather::Gather;
use judge::{Checked, Judge, Judged};
use previous::Previous;
use related::Related;
use store::{ReadInputs, Store};

pub use policies::{PolicyChoice, library};
pub use store::ResourceChangeCounts;

/// How long a scan waits for another process that writes.
const PATIENCE: Duration = Duration::from_mins(2);
/// Records judged at once: enough to keep the cores busy, few enough to stay small.
const CHUNK: usize = 2048;
/// Bytes of records judged at once.
const CHUNK_BYTES: usize = 32 << 20;

/// What to scan.
#[derive(Debug, Clone, Default)]
pub struct ScanRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Which policies judge.
    pub policies: PolicyChoice,
    /// How to read.
    pub reading: CollectOptions,
}

/// Hears how a scan goes, and gets everything it finds, one by one.
pub trait Audience {
    /// So many bytes of so many are read; this file is next.
    fn reading(&mut self, done: u64, total: u64, file: &str);
    /// So many resources of so many are judged.
    fn judging(&mut self, done: u64, total: u64);
    /// The exposure graph is built and searched.
    fn evaluating(&mut self);
    /// Another process must finish first; the text says which.
    fn waiting(&mut self, text: &str);
    /// A resource, each once, in the order of reading.
    fn resource(&mut self, resource: &Resource);
    /// A finding; those of a resource follow it.
    fn finding(&mut self, finding: Finding);
}

/// What is known once a scan is stored.
#[derive(Debug)]
pub struct ScanOutcome {
    /// The scan's id.
    pub scan_id: String,
    /// What was read of each input.
    pub collected: CollectSummary,
    /// What was collected, and what was not.
    pub coverage: Vec<Coverage>,
    /// What could not be read or was read in one of several ways.
    pub diagnostics: Vec<Diagnostic>,
    /// Resources against the scan before.
    pub resources: ResourceChangeCounts,
    /// Findings against the scan before.
    pub findings: LifeCycleOutcome,
    /// Findings that turned Unhealthy.
    pub newly_unhealthy: u64,
    /// Findings that were Unhealthy and are no more, be it that their resource is gone.
    pub no_longer_unhealthy: u64,
    /// When the scan before finished; `None` for the first.
    pub since: Option<DateTime<Utc>>,
    /// Attack paths through everything that is stored, and how they moved.
    pub paths: PathCounts,
    /// What the search for attack paths was bounded by, in words.
    pub bounded: Vec<String>,
}

/// Scans. On return everything is on disk.
pub async fn scan(
    lake: &Lake,
    clock: &dyn Clock,
    request: &ScanRequest,
    audience: &mut dyn Audience,
) -> Result<ScanOutcome, OperationsError> {
    let started = clock.now();
    let mut policies = policies::load(&request.policies, &lake.cache_folder())?;
    let related = Related::new(policies.set.related_types().clone());
    let (checks, check_problems) =
        CheckSet::load(&request.policies.checks, request.policies.without_baseline);
    let mut gather = Gather::new(
        lake.path(),
        related,
        checks.wanted_types(),
        started.timestamp_micros(),
        audience,
    )?;
    let collected = collect(&request.paths, &request.reading, &mut gather);
    gather.close();
    if let Some(failure) = gather.failure.take() {
        return Err(failure);
    }
    let Gather {
        inputs,
        readings,
        superseded,
        mut related,
        machinery,
        coverage,
        diagnostics: told,
        mut spool,
        checked,
        audience,
        ..
    } = gather;
    policies.add_collected(&in_order(machinery))?;
    read_related(
        &mut spool,
        &superseded,
        &mut related,
        policies.set.related_types(),
    )?;
    let mut diagnostics = policies.diagnostics.clone();
    diagnostics.extend(check_problems);

    let writer = writer(lake, |text| audience.waiting(text)).await?;
    let state = State::open(lake.path().join("state.sqlite"), &StateOptions::default()).await?;
    let since = state.scans(1).await?.first().map(|scan| scan.finished);
    let complete: BTreeSet<String> = complete_inputs(&collected);
    let read = ReadInputs {
        keys: &inputs,
        complete: &complete,
    };
    let previous = Previous::load(lake).await?;
    let scan_id = Uuid::new_v4().simple().to_string();
    let stamp = ScanStamp {
        scan_id: &scan_id,
        now: started.timestamp_micros(),
    };
    let record = scan_record(&scan_id, started, &read, readings.len());
    let mut life_cycle = state.begin_scan(record).await?;
    let mut store = Store::new(&writer, &read, &readings, &previous, stamp);

    let (index, context, collected_types) = related.into_index(started);
    diagnostics.extend(hierarchy_gap(&policies.set, &context));
    let stage = stage(lake, &mut spool, &checks, &checked, &superseded, &readings)?;
    let clock: Arc<dyn Clock> = Arc::new(FixedClock(started));
    let (results, problems) = checks.run(&stage, clock, lake.path()).await?;
    drop(stage);
    diagnostics.extend(problems);
    let checked = Checked {
        checks: &checks,
        results,
        collected: collected_types,
    };
    let catalogue = Catalogue::embedded()?;
    let judge = Judge::new(&policies.set, &catalogue, index, context, checked);
    let mut records = spool.read()?;
    let total = readings.len() as u64;
    let mut done = 0;
    loop {
        let chunk = next_chunk(&mut records, &superseded)?;
        if chunk.is_empty() {
            break;
        }
        done += chunk.len() as u64;
        let judged = judge.judge_all(chunk)?;
        let dates = note(&mut life_cycle, &judged, &readings, &inputs).await?;
        for one in judged {
            store.resource(&one, &dates)?;
            audience.resource(&one.resource);
            one.findings
                .into_iter()
                .for_each(|(finding, _)| audience.finding(finding));
        }
        audience.judging(done, total);
    }
    diagnostics.extend(not_assigned(judge.unassigned()));
    diagnostics.extend(exempt(judge.exempt()));
    store.policies(&policies.library)?;
    store.coverage(&coverage)?;
    store.diagnostics(&told)?;
    diagnostics.extend(told.into_iter().map(|(diagnostic, _)| diagnostic));
    let (commits, resources) = store.finish(lake).await?;
    let findings = life_cycle.finish().await?;
    writer.commit_all(commits).await?;
    let moved = change_log::move_to_lake(lake, &writer, &state, &scan_id).await?;
    state.close().await;
    audience.evaluating();
    let exposure = exposure::evaluate(lake, &writer, started).await?;
    diagnostics.extend(exposure.diagnostics.iter().cloned());
    let coverage = coverage.into_iter().map(|(row, _)| row).collect();
    Ok(ScanOutcome {
        scan_id,
        collected,
        coverage,
        diagnostics,
        resources,
        findings,
        newly_unhealthy: moved.newly_unhealthy,
        no_longer_unhealthy: moved.no_longer_unhealthy,
        since,
        paths: exposure.paths,
        bounded: exposure.bounded,
    })
}

/// The resources that checks read, each in the reading that counts.
fn stage(
    lake: &Lake,
    spool: &mut spool::Spool,
    checks: &CheckSet,
    wanted: &[u32],
    superseded: &HashSet<u32>,
    readings: &HashMap<gather::Key, gather::Reading>,
) -> Result<Stage, OperationsError> {
    let mut stage = Stage::new(lake.path(), checks.wanted_types())?;
    let mut wanted = wanted
        .iter()
        .filter(|number| !superseded.contains(number))
        .peekable();
    if wanted.peek().is_none() {
        return Ok(stage);
    }
    let mut records = spool.read()?;
    for number in wanted {
        let Some(record) = records.skip_to(*number)? else {
            break;
        };
        let resource: Resource = serde_json::from_slice(&record)?;
        let key = gather::key_of(resource.id.as_str(), resource.origin);
        if let Some(reading) = readings.get(&key) {
            stage.push(&resource, reading)?;
        }
    }
    stage.close()?;
    Ok(stage)
}

/// What was collected of policies, in an order that does not hang on the run.
fn in_order(machinery: HashMap<gather::Key, (String, Value)>) -> Vec<(String, Value)> {
    let mut sorted: Vec<_> = machinery.into_iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted.into_iter().map(|(_, object)| object).collect()
}

/// Reads once more what only the collected policies look up.
fn read_related(
    spool: &mut spool::Spool,
    superseded: &std::collections::HashSet<u32>,
    related: &mut Related,
    types: &BTreeSet<String>,
) -> Result<(), OperationsError> {
    #[derive(serde::Deserialize)]
    struct Head {
        resource_type: String,
    }
    let missing = related.want(types);
    if missing.is_empty() {
        return Ok(());
    }
    let mut records = spool.read()?;
    while let Some((sequence, record)) = records.next_record()? {
        let head: Head = serde_json::from_slice(&record)?;
        if missing.contains(&head.resource_type) && !superseded.contains(&sequence) {
            related.insert(serde_json::from_slice(&record)?);
        }
    }
    Ok(())
}

/// Assignments at management groups, where nobody knows what lies below these.
fn hierarchy_gap(policies: &PolicySet, context: &EvaluationContext) -> Option<Diagnostic> {
    let at_groups = policies.management_group_assignments();
    if at_groups == 0 || context.knows_management_groups() {
        return None;
    }
    Some(told(
        DiagnosticLevel::Warning,
        "OPS0010",
        format!(
            "{at_groups} assignments are at management groups, and it is not known which subscriptions lie below: they judge nothing"
        ),
        "read the containers as well: az graph query -q 'resourcecontainers'",
    ))
}

/// Resources that nobody judged because nothing is assigned to them.
fn not_assigned(count: u64) -> Option<Diagnostic> {
    (count > 0).then(|| {
        told(
            DiagnosticLevel::Note,
            "OPS0011",
            format!("{count} resources were not judged: no assignment holds for them"),
            "assign at their subscription or management group as well, or leave the assignments out",
        )
    })
}

/// Findings that exemptions cover, which no report lists as faults.
fn exempt((count, unhealthy): (u64, u64)) -> Option<Diagnostic> {
    (count > 0).then(|| {
        told(
            DiagnosticLevel::Note,
            "OPS0012",
            format!("{count} findings are exempt; {unhealthy} of them would be unhealthy"),
            "see them: stance query \"SecurityRecommendation | where NotApplicableReason startswith 'exempt'\"",
        )
    })
}

fn told(level: DiagnosticLevel, code: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic {
        level,
        file: String::new(),
        line: 0,
        column: 0,
        code: code.to_owned(),
        message,
        help: help.to_owned(),
    }
}

fn complete_inputs(collected: &CollectSummary) -> BTreeSet<String> {
    let complete = collected.inputs.iter().filter(|report| report.complete);
    complete.map(|report| report.input.key.clone()).collect()
}

fn scan_record(
    scan_id: &str,
    now: DateTime<Utc>,
    read: &ReadInputs<'_>,
    resources: usize,
) -> ScanRecord {
    let inputs = read.keys.iter().map(|key| ReadInput {
        key: key.clone(),
        complete: read.complete.contains(key),
    });
    ScanRecord {
        id: scan_id.to_owned(),
        started: now,
        finished: now,
        resources: resources as u64,
        inputs: inputs.collect(),
    }
}

/// The next records that count, up to the bounds of a chunk.
fn next_chunk(
    records: &mut spool::SpoolReader,
    superseded: &std::collections::HashSet<u32>,
) -> Result<Vec<Vec<u8>>, OperationsError> {
    let mut chunk = Vec::new();
    let mut bytes = 0;
    while chunk.len() < CHUNK && bytes < CHUNK_BYTES {
        let Some((sequence, record)) = records.next_record()? else {
            break;
        };
        if !superseded.contains(&sequence) {
            bytes += record.len();
            chunk.push(record);
        }
    }
    Ok(chunk)
}

/// Notes findings in their life cycle and gets their dates.
async fn note(
    life_cycle: &mut ScanTransaction,
    judged: &[Judged],
    readings: &HashMap<gather::Key, gather::Reading>,
    inputs: &[String],
) -> Result<HashMap<String, FindingDates>, OperationsError> {
    let mut records = Vec::new();
    for one in judged {
        let key = gather::key_of(one.resource.id.as_str(), one.resource.origin);
        let input = readings
            .get(&key)
            .and_then(|reading| inputs.get(usize::from(reading.input)));
        records.extend(one.findings.iter().map(|(finding, _)| FindingRecord {
            id: finding.id.clone(),
            resource_key: one.resource.id.key(),
            recommendation: finding.recommendation.clone(),
            state: finding.state,
            severity: finding.severity,
            cause_hash: cause_hash(finding),
            input_key: input.cloned().unwrap_or_default(),
        }));
    }
    Ok(life_cycle.add(records).await?)
}

/// 16 hex digits over what a verdict stands on, lines left out: a line that moved is no change.
fn cause_hash(finding: &Finding) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for evidence in &finding.evidence {
        hasher.update(&evidence.field);
        hasher.update([0]);
        hasher.update(evidence.value.to_string());
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..8])
}

/// Takes the right to write; kept here so that ingest and scan wait alike.
pub(crate) async fn writer(
    lake: &Lake,
    on_wait: impl FnOnce(&str),
) -> Result<Writer, OperationsError> {
    Ok(lake.writer(PATIENCE, on_wait).await?)
}
