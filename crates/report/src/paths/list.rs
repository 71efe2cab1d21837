//! The list of a terminal: paths grouped by outcome, worst first. Cells are not safe yet: whoever draws the table
//! takes them through `safe_text::one_line`, as for every list.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::groups::WORST_FIRST;
use crate::paths::view::{PathView, PathsReport};

/// The columns.
pub const HEADER: [&str; 7] = [
    "Risk",
    "Attack path",
    "Entry",
    "Target",
    "Steps",
    "Paths",
    "Fix that closes most",
];

/// Rows below [`HEADER`], and what is to be said below them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathList {
    /// One row for each outcome: the same name and the same target.
    pub rows: Vec<Vec<String>>,
    /// How many outcomes and paths, then what was bounded; each a line of its own.
    pub notes: Vec<String>,
}

/// Groups a report's paths by outcome: the same name and the same target. Where one entry leads to many targets, as an
/// identity with rights over a whole account does, they are one outcome of that entry.
pub fn list(report: &PathsReport) -> PathList {
    let by_entry = names_with_more_targets(report);
    let mut groups: Vec<Vec<&PathView>> = Vec::new();
    let mut group_of: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for path in &report.paths {
        let next = groups.len();
        let end = if by_entry.contains(path.name.as_str()) {
            &path.entry.id
        } else {
            &path.target.id
        };
        let group = *group_of.entry((&path.name, end)).or_insert(next);
        if group == next {
            groups.push(Vec::new());
        }
        groups[group].push(path);
    }
    // Stable: groups of one rank keep the order in which they came.
    groups.sort_by_key(|group| group.iter().map(|path| rank(path)).min());
    let closed = report.closed_by();
    let rows: Vec<Vec<String>> = groups.iter().map(|group| row(group, &closed)).collect();
    let total = report.paths.len();
    let ways: usize = report
        .paths
        .iter()
        .map(|path| path.alternatives as usize)
        .sum();
    let mut note = format!(
        "{} outcome{}, {} attack path{}",
        rows.len(),
        if rows.len() == 1 { "" } else { "s" },
        total,
        if total == 1 { "" } else { "s" },
    );
    if ways > 0 {
        let way = if ways == 1 { "way" } else { "ways" };
        let _ = write!(note, ", {ways} further {way} to the same ends");
    }
    let mut notes = vec![note];
    notes.extend(report.bounded.iter().cloned());
    PathList { rows, notes }
}

/// Worst first; what is no level of ours comes last.
fn rank(path: &PathView) -> usize {
    let level = path.risk_level.as_str();
    WORST_FIRST
        .iter()
        .position(|severity| severity.as_str() == level)
        .unwrap_or(WORST_FIRST.len())
}

/// Names of paths with more targets than entries.
fn names_with_more_targets(report: &PathsReport) -> BTreeSet<&str> {
    let mut ends: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for path in &report.paths {
        let (entries, targets) = ends.entry(&path.name).or_default();
        entries.insert(&path.entry.id);
        targets.insert(&path.target.id);
    }
    let more = ends
        .into_iter()
        .filter(|(_, (entries, targets))| targets.len() > entries.len());
    more.map(|(name, _)| name).collect()
}

/// `first and 3 more`.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut different: Vec<&str> = Vec::new();
    for name in all {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    match different.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}

fn row(group: &[&PathView], closed: &BTreeMap<&str, usize>) -> Vec<String> {
    let Some(worst) = group.iter().min_by_key(|path| rank(path)) else {
        return Vec::new();
    };
    let steps = group.iter().map(|path| path.steps.len());
    let (least, most) = (steps.clone().min(), steps.max());
    let steps = match (least.unwrap_or(0), most.unwrap_or(0)) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least}–{most}"),
    };
    vec![
        worst.risk_level.clone(),
        worst.name.clone(),
        names(group.iter().map(|path| path.entry.name.as_str())),
        names(group.iter().map(|path| path.target.name.as_str())),
        steps,
        group.len().to_string(),
        best_fix(group, closed),
    ]
}

/// The finding that closes most paths of this group; among equals the one that closes most of all. Without a finding,
/// what takes the first step away.
fn best_fix(group: &[&PathView], closed: &BTreeMap<&str, usize>) -> String {
    let mut here: BTreeMap<&str, (usize, &str, &str)> = BTreeMap::new();
    for finding in group.iter().flat_map(|path| &path.findings) {
        if finding.breaks_path {
            here.entry(&finding.id)
                .or_insert((0, &finding.title, &finding.resource_name))
                .0 += 1;
        }
    }
    let best = here.iter().max_by(|one, other| {
        let key = |id: &&str, count: usize| (count, closed.get(id).copied().unwrap_or(0));
        let (one_key, other_key) = (key(one.0, one.1.0), key(other.0, other.1.0));
        // The first by id among equals.
        one_key.cmp(&other_key).then(other.0.cmp(one.0))
    });
    if let Some((_, (_, title, resource))) = best {
        return if resource.is_empty() {
            (*title).to_owned()
        } else {
            format!("{title} ({resource})")
        };
    }
    let steps = group.iter().flat_map(|path| &path.steps);
    steps
        .map(|step| &step.remediation)
        .find(|text| !text.is_empty())
        .cloned()
        .unwrap_or_default()
}
