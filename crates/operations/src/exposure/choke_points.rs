//! Which changes cut most: the facts that attack paths stand on, ranked and put together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stance_exposure::choke::{ChokePoints, FixId, Limits, PathCut, Proof, Step};

use super::record::{Fix, PathRecord};

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RankedFix {
    /// What to change.
    #[serde(flatten)]
    pub fix: Fix,
    /// What that fact says.
    pub text: String,
    /// Paths that it closes alone, or in a set after those before it.
    pub paths_closed: usize,
    /// Their risk, in points.
    pub risk_cut: f64,
    /// Paths that lead over it; absent in a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths_on: Option<usize>,
    /// Recommendations with a finding that stands for this change.
    pub recommendations: Vec<String>,
}

/// A set of changes, and how sure it is that none is better.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixSet {
    /// What cuts most comes first.
    pub fixes: Vec<RankedFix>,
    /// Paths that are gone.
    pub paths_closed: usize,
    /// Their risk, in points.
    pub risk_cut: f64,
    /// Exact, or greedy with its proven bound.
    pub proof: Proof,
}

/// The answer of `stance paths choke-points`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChokeReport {
    /// Paths that were looked at.
    pub paths: usize,
    /// Their risk, in points.
    pub risk_total: f64,
    /// Each change alone, what cuts most risk first.
    pub ranking: Vec<RankedFix>,
    /// The changes, at most so many as were asked for, that cut most together.
    pub best: FixSet,
    /// The smallest set that closes every path that can be closed.
    pub smallest: FixSet,
    /// No set with fewer changes closes as much.
    pub smallest_at_least: usize,
    /// Ids of paths with a way that no change cuts.
    pub uncuttable: Vec<String>,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
}

/// Works it out; `top` is how many changes are wanted.
pub fn choke_points(paths: &[PathRecord], top: usize, mut bounded: Vec<String>) -> ChokeReport {
    let table = Table::of(paths);
    let cuts: Vec<PathCut> = paths.iter().map(|path| table.cut(path)).collect();
    let points = ChokePoints::new(&cuts, |_| true);
    let limits = Limits::default();
    let best = points.best_fixes(top, &limits);
    let smallest = points.smallest_cut(&limits);
    let more = paths
        .iter()
        .filter(|path| path.alternatives as usize >= path.route_fixes.len());
    let more = more.count();
    if more > 0 {
        bounded.push(format!(
            "{more} paths have more ways than were kept; a change may leave one of those open"
        ));
    }
    let ranking = points.ranking();
    ChokeReport {
        paths: paths.len(),
        risk_total: best.cut.risk_total,
        ranking: ranking
            .iter()
            .take(top)
            .map(|one| RankedFix {
                paths_on: Some(one.paths_on),
                ..table.ranked(one.fix, one.paths_closed, one.risk_cut)
            })
            .collect(),
        best: FixSet {
            fixes: table.steps(&best.cut.steps),
            paths_closed: best.cut.closed.len(),
            risk_cut: best.cut.risk_cut,
            proof: best.proof,
        },
        smallest: FixSet {
            fixes: table.steps(&smallest.cut.steps),
            paths_closed: smallest.cut.closed.len(),
            risk_cut: smallest.cut.risk_cut,
            proof: smallest.proof,
        },
        smallest_at_least: smallest.at_least,
        uncuttable: smallest
            .uncuttable
            .iter()
            .filter_map(|number| Some(paths.get(*number)?.id.clone()))
            .collect(),
        bounded,
    }
}

/// Every change that the paths know, numbered.
struct Table {
    fixes: Vec<Fix>,
    numbers: BTreeMap<Fix, u32>,
    texts: BTreeMap<Fix, String>,
    recommendations: BTreeMap<Fix, BTreeSet<String>>,
}

impl Table {
    fn of(paths: &[PathRecord]) -> Self {
        let mut table = Self {
            fixes: Vec::new(),
            numbers: BTreeMap::new(),
            texts: BTreeMap::new(),
            recommendations: BTreeMap::new(),
        };
        let all: BTreeSet<&Fix> = paths
            .iter()
            .flat_map(|path| path.route_fixes.iter().flatten())
            .collect();
        for (number, fix) in (0..).zip(all) {
            table.fixes.push(fix.clone());
            table.numbers.insert(fix.clone(), number);
        }
        for step in paths.iter().flat_map(|path| &path.steps) {
            let text = table.texts.entry(step.evidence.clone()).or_default();
            if text.is_empty() {
                text.clone_from(&step.text);
            }
        }
        for finding in paths.iter().flat_map(|path| &path.findings) {
            for fix in &finding.fixes {
                let named = table.recommendations.entry(fix.clone()).or_default();
                named.insert(finding.recommendation.clone());
            }
        }
        table
    }

    fn cut(&self, path: &PathRecord) -> PathCut {
        let number = |fix: &Fix| self.numbers.get(fix).copied().map(FixId);
        let routes = path.route_fixes.iter();
        PathCut {
            weight: path.risk.score,
            routes: routes
                .map(|route| route.iter().filter_map(number).collect())
                .collect(),
        }
    }

    fn steps(&self, steps: &[Step]) -> Vec<RankedFix> {
        let ranked = steps
            .iter()
            .map(|step| self.ranked(step.fix, step.paths_closed, step.risk_cut));
        ranked.collect()
    }

    fn ranked(&self, fix: FixId, paths_closed: usize, risk_cut: f64) -> RankedFix {
        let fix = self.fixes.get(fix.0 as usize).cloned().unwrap_or_default();
        let named = self.recommendations.get(&fix);
        RankedFix {
            text: self.texts.get(&fix).cloned().unwrap_or_default(),
            recommendations: named.into_iter().flatten().cloned().collect(),
            fix,
            paths_closed,
            risk_cut,
            paths_on: None,
        }
    }
}
