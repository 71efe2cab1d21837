//! The formula: points of each factor, their sum, and the level that it earns.

use serde::{Deserialize, Serialize};
use stance_model::{FindingState, Severity};

use super::facts::{Criticality, DataSensitivity, Exposure, FindingFacts, PathFacts, Surroundings};
use super::weights::{CountWeight, HUNDREDTHS, RiskFormula};

/// What risk is made of, in the order it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Factor {
    /// Of the recommendation or the rule.
    Severity,
    /// Who can get at it.
    Exposure,
    /// What its data is.
    DataSensitivity,
    /// How much hangs on it.
    Criticality,
    /// How many identities and permissions are used on the way.
    LateralMovement,
    /// How many attack paths run through it.
    AttackPaths,
}

impl Factor {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Severity,
        Self::Exposure,
        Self::DataSensitivity,
        Self::Criticality,
        Self::LateralMovement,
        Self::AttackPaths,
    ];

    /// Its key in the file of weights, and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Exposure => "exposure",
            Self::DataSensitivity => "dataSensitivity",
            Self::Criticality => "criticality",
            Self::LateralMovement => "lateralMovement",
            Self::AttackPaths => "attackPaths",
        }
    }

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "Severity",
            Self::Exposure => "Exposure",
            Self::DataSensitivity => "Data sensitivity",
            Self::Criticality => "Criticality",
            Self::LateralMovement => "Lateral movement",
            Self::AttackPaths => "Attack paths",
        }
    }
}

/// Level of a risk, in the spelling of Defender for Cloud. Ordered: `NotEvaluated < Low < … < Critical`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub enum RiskLevel {
    /// What it depends on is not known.
    #[default]
    #[serde(rename = "Not evaluated")]
    NotEvaluated,
    /// In the normal course.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
    /// Before anything else.
    Critical,
}

impl RiskLevel {
    /// `Not evaluated`, `Low`, `Medium`, `High`, `Critical`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotEvaluated => "Not evaluated",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// For columns that sort: 4 is Critical and 0 not evaluated.
    pub fn rank(self) -> u8 {
        match self {
            Self::NotEvaluated => 0,
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
            Self::Critical => 4,
        }
    }
}

impl std::fmt::Display for RiskLevel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What one factor adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// Which factor.
    pub factor: Factor,
    /// What it was told, for people.
    pub value: String,
    /// What it adds, to the hundredth.
    pub points: f64,
    /// The most it could add: its weight.
    pub of: f64,
}

/// How much something matters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// 0 to 100, to the hundredth: the sum of the shares. What is not known adds nothing.
    pub score: f64,
    /// What the score would be if everything that is not known were as bad as can be.
    pub score_at_most: f64,
    /// The level that the score and the gates give.
    pub level: RiskLevel,
    /// One for each factor; none where nothing could be judged.
    pub shares: Vec<Share>,
    /// Why the level is lower than the score alone would give, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// One factor, judged: how much of its weight it gets, between two scores where its value is not known.
struct Judged {
    factor: Factor,
    value: String,
    least: f64,
    most: f64,
}

impl Judged {
    fn new(factor: Factor, known: Option<(f64, String)>) -> Self {
        let (least, most, value) = match known {
            Some((score, value)) => (score, score, value),
            None => (0.0, 1.0, "not known".to_owned()),
        };
        Self {
            factor,
            value,
            least,
            most,
        }
    }
}

impl RiskFormula {
    /// The risk of an attack path.
    pub fn risk_of_path(&self, facts: &PathFacts) -> Risk {
        self.risk(facts.severity, &facts.surroundings)
    }

    /// The risk of a finding: the same formula, given only where the finding is `Unhealthy` and the graph knows the
    /// resource.
    pub fn risk_of_finding(&self, facts: &FindingFacts) -> Risk {
        let none = match facts.state {
            FindingState::Healthy => Some((false, "the resource passes")),
            FindingState::NotApplicable => Some((false, "the check does not concern the resource")),
            FindingState::Unknown => Some((true, "whether the resource passes is not known")),
            FindingState::Unhealthy => None,
        };
        let surroundings = facts.surroundings.unwrap_or_default();
        if let Some((may_fail, because)) = none {
            let at_most = if may_fail {
                self.risk(facts.severity, &surroundings).score_at_most
            } else {
                0.0
            };
            return Risk {
                score_at_most: at_most,
                because: Some(because.to_owned()),
                ..Risk::default()
            };
        }
        let mut risk = self.risk(facts.severity, &surroundings);
        if facts.surroundings.is_none() {
            risk.level = RiskLevel::NotEvaluated;
            risk.because = Some("the resource is not in the exposure graph".to_owned());
        }
        risk
    }

    fn risk(&self, severity: Severity, surroundings: &Surroundings) -> Risk {
        let judged = self.judge(severity, surroundings);
        let shares: Vec<Share> = judged.iter().map(|one| self.share(one)).collect();
        let score = self.sum(&judged, |one| one.least);
        let score_at_most = self.sum(&judged, |one| one.most);
        let (lowest, held_back) = self.level(&judged, score, |one| one.least);
        let (highest, _) = self.level(&judged, score_at_most, |one| one.most);
        let (level, because) = if lowest == highest {
            (lowest, held_back)
        } else {
            let unknown: Vec<&str> = judged
                .iter()
                .filter(|one| one.least < one.most)
                .map(|one| one.factor.as_str())
                .collect();
            let between = format!(
                "not known: {}; it would be between {lowest} and {highest}",
                unknown.join(", ").to_lowercase()
            );
            (RiskLevel::NotEvaluated, Some(between))
        };
        Risk {
            score,
            score_at_most,
            level,
            shares,
            because,
        }
    }

    fn judge(&self, severity: Severity, surroundings: &Surroundings) -> [Judged; 6] {
        let severity_score = self.score_of_severity(severity);
        let exposure = surroundings
            .exposure
            .map(|value| (self.score_of_exposure(value), value.as_str().to_owned()));
        let data = surroundings
            .data_sensitivity
            .map(|value| (self.score_of_data(value), value.as_str().to_owned()));
        let criticality = surroundings
            .criticality
            .map(|value| (self.score_of_criticality(value), value.as_str().to_owned()));
        let hops = surroundings.lateral_movement.map(|count| {
            let unit = if count == 1 { "hop" } else { "hops" };
            (
                saturating(self.lateral_movement, count),
                format!("{count} {unit}"),
            )
        });
        let paths = surroundings.attack_paths.map(|count| {
            let unit = if count == 1 { "path" } else { "paths" };
            (
                saturating(self.attack_paths, count),
                format!("{count} {unit}"),
            )
        });
        [
            Judged::new(
                Factor::Severity,
                Some((severity_score, severity.as_str().to_owned())),
            ),
            Judged::new(Factor::Exposure, exposure),
            Judged::new(Factor::DataSensitivity, data),
            Judged::new(Factor::Criticality, criticality),
            Judged::new(Factor::LateralMovement, hops),
            Judged::new(Factor::AttackPaths, paths),
        ]
    }

    fn score_of_severity(&self, severity: Severity) -> f64 {
        let scores = self.severity.scores;
        match severity {
            Severity::Low => scores.low,
            Severity::Medium => scores.medium,
            Severity::High => scores.high,
            Severity::Critical => scores.critical,
        }
    }

    fn score_of_exposure(&self, exposure: Exposure) -> f64 {
        let scores = self.exposure.scores;
        match exposure {
            Exposure::None => scores.none,
            Exposure::Inside => scores.inside,
            Exposure::InternetWithSignIn => scores.internet_with_sign_in,
            Exposure::Internet => scores.internet,
        }
    }

    fn score_of_data(&self, sensitivity: DataSensitivity) -> f64 {
        let scores = self.data_sensitivity.scores;
        match sensitivity {
            DataSensitivity::None => scores.none,
            DataSensitivity::Guessed => scores.guessed,
            DataSensitivity::Sensitive => scores.sensitive,
            DataSensitivity::HighlySensitive => scores.highly_sensitive,
        }
    }

    fn score_of_criticality(&self, criticality: Criticality) -> f64 {
        let scores = self.criticality.scores;
        match criticality {
            Criticality::None => scores.none,
            Criticality::Low => scores.low,
            Criticality::Medium => scores.medium,
            Criticality::High => scores.high,
            Criticality::VeryHigh => scores.very_high,
        }
    }

    fn share(&self, judged: &Judged) -> Share {
        Share {
            factor: judged.factor,
            value: judged.value.clone(),
            points: self.hundredths(judged.factor, judged.least) / HUNDREDTHS,
            of: self.hundredths(judged.factor, 1.0) / HUNDREDTHS,
        }
    }

    /// A whole number: sums of those are exact, and the same on every machine.
    fn hundredths(&self, factor: Factor, score: f64) -> f64 {
        let weight = (self.weight(factor) * HUNDREDTHS).round();
        (weight * score).round()
    }

    fn sum(&self, judged: &[Judged], score: impl Fn(&Judged) -> f64) -> f64 {
        let hundredths: f64 = judged
            .iter()
            .map(|one| self.hundredths(one.factor, score(one)))
            .sum();
        hundredths / HUNDREDTHS
    }

    /// The highest level that the score and every gate up to it allow, and the gate that stood before a higher one.
    fn level(
        &self,
        judged: &[Judged],
        total: f64,
        score: impl Fn(&Judged) -> f64,
    ) -> (RiskLevel, Option<String>) {
        let levels = [
            (RiskLevel::Medium, self.levels.medium),
            (RiskLevel::High, self.levels.high),
            (RiskLevel::Critical, self.levels.critical),
        ];
        let mut reached = RiskLevel::Low;
        for (level, lowest) in levels {
            if total < lowest {
                break;
            }
            let shut = self.gates.iter().find(|gate| {
                let opens =
                    |one: &&Judged| gate.factors.contains(&one.factor) && score(one) >= gate.score;
                gate.level.level() == level && !judged.iter().any(|one| opens(&one))
            });
            if let Some(gate) = shut {
                return (reached, Some(gate.because.clone()));
            }
            reached = level;
        }
        (reached, None)
    }
}

fn saturating(factor: CountWeight, count: u32) -> f64 {
    1.0 - (-f64::from(count) / factor.half_at).exp2()
}
