//! The figures of the formula, as data: `content/risk/weights.yaml` or a file of the user's.

use serde::{Deserialize, Serialize};
use stance_base::{Coded, ErrorCode};
use thiserror::Error;

use super::formula::{Factor, RiskLevel};

const WEIGHTS: &str = include_str!("../../../../content/risk/weights.yaml");
/// Name of the shipped file in messages.
const WEIGHTS_NAME: &str = "content/risk/weights.yaml";
/// Largest file of weights.
const MOST_BYTES: usize = 64 * 1024;
/// Most gates in it.
const MOST_GATES: usize = 64;
/// Weights, thresholds and points are counted in hundredths, so that shares add up to the score exactly.
pub(super) const HUNDREDTHS: f64 = 100.0;

/// A file of weights that cannot be used.
#[derive(Debug, Error)]
pub enum RiskError {
    /// It is no YAML of that shape.
    #[error("{file} cannot be read: {reason}; docs/risk.md has the format")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the parser says, with the line.
        reason: String,
    },
    /// A figure that may not be.
    #[error("{file}: {place} {reason}; docs/risk.md has the format")]
    Invalid {
        /// Its name.
        file: String,
        /// Where: `exposure.scores.inside`.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Coded for RiskError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }
}

/// A factor with a score for each value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighted<Scores> {
    /// The most points it gives.
    pub weight: f64,
    /// From 0 to 1, how much of the weight each value gets.
    pub scores: Scores,
}

/// A factor that counts something: a count of n gets 1 - 2^(-n / halfAt) of the weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountWeight {
    /// The most points it gives.
    pub weight: f64,
    /// The count that gets half of the weight.
    pub half_at: f64,
}

/// Scores of severities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The values of Severity.
pub struct SeverityScores {
    pub low: f64,
    pub medium: f64,
    pub high: f64,
    pub critical: f64,
}

/// Scores of exposures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)] // The values of Exposure.
pub struct ExposureScores {
    pub none: f64,
    pub inside: f64,
    pub internet_with_sign_in: f64,
    pub internet: f64,
}

/// Scores of sensitivities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)] // The values of DataSensitivity.
pub struct DataSensitivityScores {
    pub none: f64,
    pub guessed: f64,
    pub sensitive: f64,
    pub highly_sensitive: f64,
}

/// Scores of criticalities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)] // The values of Criticality.
pub struct CriticalityScores {
    pub none: f64,
    pub low: f64,
    pub medium: f64,
    pub high: f64,
    pub very_high: f64,
}

/// The lowest score of each level above Low.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The values of RiskLevel.
pub struct LevelThresholds {
    pub medium: f64,
    pub high: f64,
    pub critical: f64,
}

/// A level that may have gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // The values of RiskLevel.
pub enum GatedLevel {
    Medium,
    High,
    Critical,
}

impl GatedLevel {
    /// The level it names.
    pub fn level(self) -> RiskLevel {
        match self {
            Self::Medium => RiskLevel::Medium,
            Self::High => RiskLevel::High,
            Self::Critical => RiskLevel::Critical,
        }
    }
}

/// What a level needs beside its score: one of the factors at or above a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gate {
    /// The level it stands before.
    pub level: GatedLevel,
    /// Any one of these opens it.
    pub factors: Vec<Factor>,
    /// From this score on, 0 to 1.
    pub score: f64,
    /// Why, for people; shown where the gate holds a level back.
    pub because: String,
}

/// The formula with its figures: valid, whoever wrote them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RiskFormula {
    pub(super) severity: Weighted<SeverityScores>,
    pub(super) exposure: Weighted<ExposureScores>,
    pub(super) data_sensitivity: Weighted<DataSensitivityScores>,
    pub(super) criticality: Weighted<CriticalityScores>,
    pub(super) lateral_movement: CountWeight,
    pub(super) attack_paths: CountWeight,
    pub(super) levels: LevelThresholds,
    #[serde(default)]
    pub(super) gates: Vec<Gate>,
}

impl RiskFormula {
    /// What ships with the product.
    ///
    /// # Errors
    /// The shipped file is broken; a test keeps that from happening.
    pub fn embedded() -> Result<Self, RiskError> {
        Self::read(WEIGHTS_NAME, WEIGHTS)
    }

    /// Reads a file of weights; `file` is its name in messages.
    ///
    /// # Errors
    /// No YAML of that shape, or figures that may not be: not finite, negative, scores or thresholds that fall,
    /// weights that do not add up to 100.
    pub fn read(file: &str, text: &str) -> Result<Self, RiskError> {
        let unreadable = |reason| RiskError::Unreadable {
            file: file.to_owned(),
            reason,
        };
        if text.len() > MOST_BYTES {
            return Err(unreadable(format!("it is larger than {MOST_BYTES} bytes")));
        }
        let formula: Self =
            serde_yaml_ng::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        formula
            .check()
            .map_err(|(place, reason)| RiskError::Invalid {
                file: file.to_owned(),
                place,
                reason,
            })?;
        Ok(formula)
    }

    /// The lowest score of each level.
    pub fn levels(&self) -> LevelThresholds {
        self.levels
    }

    /// What levels need beside their score.
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// The most points that a factor gives.
    pub fn weight(&self, factor: Factor) -> f64 {
        match factor {
            Factor::Severity => self.severity.weight,
            Factor::Exposure => self.exposure.weight,
            Factor::DataSensitivity => self.data_sensitivity.weight,
            Factor::Criticality => self.criticality.weight,
            Factor::LateralMovement => self.lateral_movement.weight,
            Factor::AttackPaths => self.attack_paths.weight,
        }
    }

    /// The scores of a factor's values in the order of the file, from harmless to bad; of a factor that counts, its
    /// `halfAt`.
    pub fn figures(&self, factor: Factor) -> Vec<(&'static str, f64)> {
        match factor {
            Factor::Severity => {
                let scores = self.severity.scores;
                vec![
                    ("low", scores.low),
                    ("medium", scores.medium),
                    ("high", scores.high),
                    ("critical", scores.critical),
                ]
            }
            Factor::Exposure => {
                let scores = self.exposure.scores;
                vec![
                    ("none", scores.none),
                    ("inside", scores.inside),
                    ("internetWithSignIn", scores.internet_with_sign_in),
                    ("internet", scores.internet),
                ]
            }
            Factor::DataSensitivity => {
                let scores = self.data_sensitivity.scores;
                vec![
                    ("none", scores.none),
                    ("guessed", scores.guessed),
                    ("sensitive", scores.sensitive),
                    ("highlySensitive", scores.highly_sensitive),
                ]
            }
            Factor::Criticality => {
                let scores = self.criticality.scores;
                vec![
                    ("none", scores.none),
                    ("low", scores.low),
                    ("medium", scores.medium),
                    ("high", scores.high),
                    ("veryHigh", scores.very_high),
                ]
            }
            Factor::LateralMovement => vec![("halfAt", self.lateral_movement.half_at)],
            Factor::AttackPaths => vec![("halfAt", self.attack_paths.half_at)],
        }
    }

    fn check(&self) -> Result<(), (String, String)> {
        let mut hundredths = 0.0;
        for factor in Factor::ALL {
            let name = factor.key();
            within(&format!("{name}.weight"), self.weight(factor), 0.0, 100.0)?;
            hundredths += (self.weight(factor) * HUNDREDTHS).round();
            self.check_figures(factor)?;
        }
        if (hundredths - 100.0 * HUNDREDTHS).abs() > 0.5 {
            let sum = hundredths / HUNDREDTHS;
            return fault("the weights", format!("add up to {sum}, not to 100"));
        }
        let levels = self.levels;
        let mut below = ("0", 0.0);
        for (name, lowest) in [
            ("medium", levels.medium),
            ("high", levels.high),
            ("critical", levels.critical),
        ] {
            let place = format!("levels.{name}");
            within(&place, lowest, 0.0, 100.0)?;
            if lowest <= below.1 {
                return fault(
                    &place,
                    format!("is {lowest}, not above {} ({})", below.0, below.1),
                );
            }
            below = (name, lowest);
        }
        self.check_gates()
    }

    fn check_figures(&self, factor: Factor) -> Result<(), (String, String)> {
        let name = factor.key();
        if let Some(half_at) = self.half_at(factor) {
            let place = format!("{name}.halfAt");
            return within(&place, half_at, 0.01, 1e6);
        }
        let mut below = ("", 0.0);
        for (value, score) in self.figures(factor) {
            let place = format!("{name}.scores.{value}");
            within(&place, score, 0.0, 1.0)?;
            if score < below.1 {
                let reason = format!("is {score}, less than {} ({})", below.0, below.1);
                return fault(&place, reason);
            }
            below = (value, score);
        }
        Ok(())
    }

    fn half_at(&self, factor: Factor) -> Option<f64> {
        match factor {
            Factor::LateralMovement => Some(self.lateral_movement.half_at),
            Factor::AttackPaths => Some(self.attack_paths.half_at),
            _ => None,
        }
    }

    fn check_gates(&self) -> Result<(), (String, String)> {
        if self.gates.len() > MOST_GATES {
            return fault("gates", format!("are more than {MOST_GATES}"));
        }
        for (number, gate) in self.gates.iter().enumerate() {
            within(&format!("gates[{number}].score"), gate.score, 0.0, 1.0)?;
            if gate.factors.is_empty() {
                let place = format!("gates[{number}].factors");
                return fault(&place, "is empty, so nothing would open it".to_owned());
            }
        }
        Ok(())
    }
}

fn within(place: &str, figure: f64, least: f64, most: f64) -> Result<(), (String, String)> {
    // Not a number is in no range.
    if (least..=most).contains(&figure) {
        return Ok(());
    }
    fault(
        place,
        format!("is {figure}, not between {least} and {most}"),
    )
}

fn fault(place: &str, reason: String) -> Result<(), (String, String)> {
    Err((place.to_owned(), reason))
}
