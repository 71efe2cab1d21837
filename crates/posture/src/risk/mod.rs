//! How much a finding or an attack path matters: one published formula, each factor's share beside the score.
//!
//! `docs/risk.md` is the formula in words, `content/risk/weights.yaml` its figures. Knows no graph: what surrounds a
//! resource comes in as plain values ([`Surroundings`]).

mod facts;
mod formula;
mod weights;

pub use facts::{Criticality, DataSensitivity, Exposure, FindingFacts, PathFacts, Surroundings};
pub use formula::{Factor, Risk, RiskLevel, Share};
pub use weights::{
    CountWeight, CriticalityScores, DataSensitivityScores, ExposureScores, Gate, GatedLevel,
    LevelThresholds, RiskError, RiskFormula, SeverityScores, Weighted,
};
