//! When attack paths opened and closed: the paths of this evaluation against those of the one before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use stance_lake::Lake;

use super::record::PathRecord;
use crate::OperationsError;
use crate::rows::table_batch::Cell;
use crate::stored;

/// The table of paths.
pub(crate) const PATHS: &str = "ExposureAttackPaths";
/// The table of their changes.
pub(crate) const CHANGES: &str = "ExposureAttackPathChanges";

/// What is kept of a path of the evaluation before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Before {
    rule: String,
    display_name: String,
    entry: String,
    target: String,
    risk_level: String,
    first_seen: String,
    edges: BTreeSet<String>,
}

/// How many paths opened and closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathCounts {
    /// Paths that are open.
    pub open: u64,
    /// Found now and not before.
    pub opened: u64,
    /// Found before and no more.
    pub closed: u64,
}

/// The paths that are stored, by id.
pub(crate) async fn before(lake: &Lake) -> Result<BTreeMap<String, Before>, OperationsError> {
    const COLUMNS: [&str; 8] = [
        "AttackPathId",
        "RuleName",
        "DisplayName",
        "EntryId",
        "TargetId",
        "RiskLevel",
        "FirstSeen",
        "Steps",
    ];
    let snapshot = lake.snapshot(PATHS).await?;
    let mut known = BTreeMap::new();
    stored::read(
        &snapshot,
        Some(&COLUMNS),
        |_| true,
        |_, batch| {
            let columns = COLUMNS.map(|name| stored::text_column(&batch, name));
            let [id, rule, name, entry, target, level, seen, steps] = columns;
            let (id, rule, name, entry) = (id?, rule?, name?, entry?);
            let (target, level, seen, steps) = (target?, level?, seen?, steps?);
            for row in 0..batch.num_rows() {
                let text = |column| stored::text(column, row).to_owned();
                known.insert(
                    text(&id),
                    Before {
                        rule: text(&rule),
                        display_name: text(&name),
                        entry: text(&entry),
                        target: text(&target),
                        risk_level: text(&level),
                        first_seen: text(&seen),
                        edges: edge_ids(stored::text(&steps, row)),
                    },
                );
            }
            Ok(())
        },
    )?;
    Ok(known)
}

fn edge_ids(steps: &str) -> BTreeSet<String> {
    let steps: Vec<serde_json::Value> = serde_json::from_str(steps).unwrap_or_default();
    let ids = steps.iter().filter_map(|step| step["edgeId"].as_str());
    ids.map(str::to_owned).collect()
}

/// Since when a path is open: as stored, or from now.
pub(crate) fn first_seen(
    before: &BTreeMap<String, Before>,
    id: &str,
    now: DateTime<Utc>,
) -> String {
    let known = before.get(id).map(|path| path.first_seen.as_str());
    let known = known.and_then(instant);
    known.unwrap_or(now).to_rfc3339()
}

/// Arrow writes instants without saying that they are UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let micros = crate::rows::instant::parse(text)?;
    DateTime::from_timestamp_micros(micros)
}

/// One row of the history.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PathChange {
    id: String,
    kind: &'static str,
    rule: String,
    display_name: String,
    entry: String,
    target: String,
    risk_level: String,
    previous: String,
    reason: String,
}

/// What differs between the evaluation before and this one. `is_edge` tells whether an edge of that id is still there, so
/// that a closed path says which step went.
pub(crate) fn compare(
    before: &BTreeMap<String, Before>,
    now: &[PathRecord],
    is_edge: impl Fn(&str) -> bool,
) -> (Vec<PathChange>, PathCounts) {
    let mut counts = PathCounts {
        open: now.len() as u64,
        ..PathCounts::default()
    };
    let mut changes = Vec::new();
    let mut open = BTreeSet::new();
    for path in now {
        open.insert(path.id.as_str());
        match before.get(&path.id) {
            None => {
                counts.opened += 1;
                changes.push(of_record(path, "Opened", ""));
            }
            Some(known) if known.risk_level != path.risk.level.as_str() => {
                changes.push(of_record(path, "RiskChanged", &known.risk_level));
            }
            Some(_) => {}
        }
    }
    for (id, path) in before.iter().filter(|(id, _)| !open.contains(id.as_str())) {
        counts.closed += 1;
        changes.push(closed(id, path, &is_edge));
    }
    (changes, counts)
}

fn of_record(path: &PathRecord, kind: &'static str, previous: &str) -> PathChange {
    PathChange {
        id: path.id.clone(),
        kind,
        rule: path.rule.clone(),
        display_name: path.display_name.clone(),
        entry: path.entry_node().id.clone(),
        target: path.target_node().id.clone(),
        risk_level: path.risk.level.as_str().to_owned(),
        previous: previous.to_owned(),
        reason: String::new(),
    }
}

fn closed(id: &str, path: &Before, is_edge: impl Fn(&str) -> bool) -> PathChange {
    let gone = path.edges.iter().filter(|edge| !is_edge(edge)).count();
    let reason = match gone {
        0 => "its steps are there, and a condition of its rule does not hold any more".to_owned(),
        1 => "one of its steps is gone".to_owned(),
        several => format!("{several} of its steps are gone"),
    };
    PathChange {
        id: id.to_owned(),
        kind: "Closed",
        rule: path.rule.clone(),
        display_name: path.display_name.clone(),
        entry: path.entry.clone(),
        target: path.target.clone(),
        risk_level: String::new(),
        previous: path.risk_level.clone(),
        reason,
    }
}

impl PathChange {
    /// The cells of its row, in the order of `content/tables/exposure.kql`.
    pub(crate) fn cells(&self, now: i64) -> [Cell<'_>; 10] {
        [
            Cell::DateTime(now),
            Cell::Text(&self.id),
            Cell::Text(self.kind),
            Cell::Text(&self.rule),
            Cell::Text(&self.display_name),
            Cell::Text(&self.entry),
            Cell::Text(&self.target),
            Cell::Text(&self.risk_level),
            Cell::Text(&self.previous),
            Cell::Text(&self.reason),
        ]
    }
}
