//! The formula: worse never counts less, shares add up, and what is not known is not guessed.

use proptest::prelude::*;
use stance_model::{FindingState, Severity};
use stance_posture::risk::{
    Criticality, DataSensitivity, Exposure, Factor, FindingFacts, PathFacts, RiskError,
    RiskFormula, RiskLevel, Surroundings,
};

const SEVERITIES: [Severity; 4] = [
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];
const EXPOSURES: [Exposure; 4] = [
    Exposure::None,
    Exposure::Inside,
    Exposure::InternetWithSignIn,
    Exposure::Internet,
];
const SENSITIVITIES: [DataSensitivity; 4] = [
    DataSensitivity::None,
    DataSensitivity::Guessed,
    DataSensitivity::Sensitive,
    DataSensitivity::HighlySensitive,
];
const CRITICALITIES: [Criticality; 5] = [
    Criticality::None,
    Criticality::Low,
    Criticality::Medium,
    Criticality::High,
    Criticality::VeryHigh,
];

fn formula() -> RiskFormula {
    RiskFormula::embedded().unwrap()
}

fn shipped() -> &'static str {
    include_str!("../../../../content/risk/weights.yaml")
}

fn known() -> impl Strategy<Value = PathFacts> {
    let severity = prop::sample::select(SEVERITIES.as_slice());
    let exposure = prop::sample::select(EXPOSURES.as_slice());
    let data = prop::sample::select(SENSITIVITIES.as_slice());
    let criticality = prop::sample::select(CRITICALITIES.as_slice());
    (severity, exposure, data, criticality, 0..12_u32, 0..40_u32).prop_map(
        |(severity, exposure, data, criticality, hops, paths)| PathFacts {
            severity,
            surroundings: Surroundings {
                exposure: Some(exposure),
                data_sensitivity: Some(data),
                criticality: Some(criticality),
                lateral_movement: Some(hops),
                attack_paths: Some(paths),
            },
        },
    )
}

/// The worse of both in every respect.
fn worse(one: &PathFacts, two: &PathFacts) -> PathFacts {
    let (first, second) = (one.surroundings, two.surroundings);
    PathFacts {
        severity: one.severity.max(two.severity),
        surroundings: Surroundings {
            exposure: first.exposure.max(second.exposure),
            data_sensitivity: first.data_sensitivity.max(second.data_sensitivity),
            criticality: first.criticality.max(second.criticality),
            lateral_movement: first.lateral_movement.max(second.lateral_movement),
            attack_paths: first.attack_paths.max(second.attack_paths),
        },
    }
}

/// What is left of facts when those of the mask are not known.
fn forget(mut facts: PathFacts, mask: u8) -> PathFacts {
    let surroundings = &mut facts.surroundings;
    let forgotten = |bit: u8| mask & (1 << bit) != 0;
    surroundings.exposure = surroundings.exposure.filter(|_| !forgotten(0));
    surroundings.data_sensitivity = surroundings.data_sensitivity.filter(|_| !forgotten(1));
    surroundings.criticality = surroundings.criticality.filter(|_| !forgotten(2));
    surroundings.lateral_movement = surroundings.lateral_movement.filter(|_| !forgotten(3));
    surroundings.attack_paths = surroundings.attack_paths.filter(|_| !forgotten(4));
    facts
}

/// Weights that somebody might write: six parts of 100 and any gate.
fn own_formula() -> impl Strategy<Value = RiskFormula> {
    let weights = prop::collection::vec(0..=100_u32, 5).prop_map(|mut cuts| {
        cuts.extend([0, 100]);
        cuts.sort_unstable();
        cuts.windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect::<Vec<_>>()
    });
    let gate = (
        prop::sample::select(["medium", "high", "critical"].as_slice()),
        prop::sample::select(Factor::ALL.as_slice()),
        0..=100_u32,
    );
    (weights, prop::collection::vec(gate, 0..4)).prop_map(|(weights, gates)| {
        let mut value: serde_json::Value = serde_yaml_ng::from_str(shipped()).unwrap();
        for (factor, weight) in Factor::ALL.iter().zip(weights) {
            value[factor.key()]["weight"] = weight.into();
        }
        value["gates"] = gates
            .into_iter()
            .map(|(level, factor, score)| {
                let score = f64::from(score) / 100.0;
                serde_json::json!({"level": level, "factors": [factor], "score": score, "because": "so"})
            })
            .collect();
        RiskFormula::read("own.yaml", &value.to_string()).unwrap()
    })
}

proptest! {
    #[test]
    fn worse_never_counts_less(formula in own_formula(), one in known(), two in known()) {
        let mild = formula.risk_of_path(&one);
        let bad = formula.risk_of_path(&worse(&one, &two));
        prop_assert!(bad.score >= mild.score, "{} < {}", bad.score, mild.score);
        prop_assert!(bad.level >= mild.level, "{} < {}", bad.level, mild.level);
    }

    #[test]
    fn shares_add_up_to_the_score(formula in own_formula(), facts in known(), mask in 0..32_u8) {
        let risk = formula.risk_of_path(&forget(facts, mask));
        let sum: f64 = risk.shares.iter().map(|share| share.points).sum();
        prop_assert!((sum - risk.score).abs() < 1e-9);
        prop_assert!((0.0..=100.0).contains(&risk.score));
        prop_assert!(risk.shares.iter().all(|share| share.points <= share.of));
        prop_assert_eq!(risk.shares.len(), Factor::ALL.len());
    }

    #[test]
    fn what_is_learnt_later_contradicts_no_level(facts in known(), mask in 0..32_u8) {
        let before = formula().risk_of_path(&forget(facts, mask));
        let after = formula().risk_of_path(&facts);
        prop_assert!(before.score <= after.score && after.score <= before.score_at_most);
        if before.level == RiskLevel::NotEvaluated {
            prop_assert!(before.because.is_some());
        } else {
            prop_assert_eq!(before.level, after.level);
        }
    }

    #[test]
    fn a_finding_counts_like_a_path_of_the_same_facts(facts in known()) {
        let finding = FindingFacts {
            state: FindingState::Unhealthy,
            severity: facts.severity,
            surroundings: Some(facts.surroundings),
        };
        prop_assert_eq!(formula().risk_of_finding(&finding), formula().risk_of_path(&facts));
    }

    #[test]
    fn nothing_is_critical_without_an_entry_and_a_target_that_matters(facts in known()) {
        let around = facts.surroundings;
        if formula().risk_of_path(&facts).level == RiskLevel::Critical {
            prop_assert!(around.exposure >= Some(Exposure::Inside));
            prop_assert!(
                around.data_sensitivity >= Some(DataSensitivity::Sensitive)
                    || around.criticality >= Some(Criticality::High)
            );
            prop_assert!(facts.severity >= Severity::Medium);
        }
    }
}

fn worst() -> Surroundings {
    Surroundings {
        exposure: Some(Exposure::Internet),
        data_sensitivity: Some(DataSensitivity::HighlySensitive),
        criticality: Some(Criticality::VeryHigh),
        lateral_movement: Some(30),
        attack_paths: Some(60),
    }
}

#[test]
fn the_worst_is_a_hundred_and_the_gate_says_why_a_low_rule_stays_high() {
    let critical = formula().risk_of_path(&PathFacts {
        severity: Severity::Critical,
        surroundings: worst(),
    });
    assert!((critical.score - 100.0).abs() < 1e-9);
    assert_eq!(critical.level, RiskLevel::Critical);
    assert_eq!(critical.because, None);

    let low = formula().risk_of_path(&PathFacts {
        severity: Severity::Low,
        surroundings: worst(),
    });
    assert!(low.score > 75.0);
    assert_eq!(low.level, RiskLevel::High);
    assert_eq!(
        low.because.as_deref(),
        Some("a rule of low severity is never Critical")
    );
}

#[test]
fn states_other_than_unhealthy_and_strangers_to_the_graph_are_not_evaluated() {
    let finding = |state, surroundings| {
        formula().risk_of_finding(&FindingFacts {
            state,
            severity: Severity::High,
            surroundings,
        })
    };
    let healthy = finding(FindingState::Healthy, Some(worst()));
    assert_eq!(healthy.level, RiskLevel::NotEvaluated);
    assert_eq!((healthy.score, healthy.score_at_most), (0.0, 0.0));

    let unknown = finding(FindingState::Unknown, Some(worst()));
    assert_eq!(unknown.level, RiskLevel::NotEvaluated);
    assert!(unknown.score_at_most > 90.0 && unknown.score == 0.0);
    assert!(unknown.because.unwrap().contains("not known"));

    let stranger = finding(FindingState::Unhealthy, None);
    assert_eq!(stranger.level, RiskLevel::NotEvaluated);
    assert!(
        stranger
            .because
            .unwrap()
            .contains("not in the exposure graph")
    );
}

#[test]
fn an_unknown_that_could_change_the_level_takes_it_away_and_is_named() {
    let risk = formula().risk_of_path(&PathFacts {
        severity: Severity::High,
        surroundings: Surroundings {
            data_sensitivity: None,
            ..worst()
        },
    });
    assert_eq!(risk.level, RiskLevel::NotEvaluated);
    let because = risk.because.unwrap();
    assert_eq!(
        because,
        "not known: data sensitivity; it would be between High and Critical"
    );
}

#[test]
fn json_has_the_levels_of_defender_and_reads_back() {
    let risk = formula().risk_of_path(&PathFacts {
        severity: Severity::High,
        surroundings: Surroundings::default(),
    });
    let json = serde_json::to_value(&risk).unwrap();
    assert_eq!(json["level"], "Not evaluated");
    assert_eq!(json["shares"][2]["factor"], "dataSensitivity");
    assert_eq!(
        serde_json::from_value::<stance_posture::risk::Risk>(json).unwrap(),
        risk
    );
}

/// The message that a changed file of weights gets.
fn complaint(from: &str, to: &str) -> String {
    assert!(shipped().contains(from), "{from} is not in the file");
    let text = shipped().replacen(from, to, 1);
    RiskFormula::read("own.yaml", &text)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_bad_file_says_where() {
    let cases = [
        ("weight: 30", "weight: -30", "severity.weight is -30"),
        ("weight: 30", "weight: .nan", "severity.weight is NaN"),
        ("weight: 30", "weight: .inf", "severity.weight is inf"),
        (
            "weight: 30",
            "weight: 35",
            "the weights add up to 105, not to 100",
        ),
        (
            "inside: 0.4",
            "inside: 0.8",
            "exposure.scores.internetWithSignIn is 0.7, less than inside (0.8)",
        ),
        (
            "internet: 1",
            "internet: 1.5",
            "exposure.scores.internet is 1.5",
        ),
        ("halfAt: 2", "halfAt: 0", "attackPaths.halfAt is 0"),
        (
            "high: 50",
            "high: 20",
            "levels.high is 20, not above medium (20)",
        ),
        ("critical: 75", "critical: 101", "levels.critical is 101"),
        (
            "factors: [exposure]",
            "factors: []",
            "gates[1].factors is empty",
        ),
        ("factors: [exposure]", "factors: [wind]", "wind"),
        ("criticality:\n", "critcality:\n", "critcality"),
    ];
    for (from, to, says) in cases {
        let message = complaint(from, to);
        assert!(message.contains(says), "`{message}` lacks `{says}`");
        assert!(message.starts_with("own.yaml"), "{message}");
    }
}

#[test]
fn a_huge_file_is_refused_unread() {
    let error = RiskFormula::read("own.yaml", &" ".repeat(70_000)).unwrap_err();
    assert!(matches!(error, RiskError::Unreadable { .. }));
}
