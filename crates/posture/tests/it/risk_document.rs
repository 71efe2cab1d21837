//! `docs/risk.md` says what the formula does: its tables are those of the weights, its examples come out as written.

use serde::de::DeserializeOwned;
use stance_model::Severity;
use stance_posture::risk::{Factor, PathFacts, RiskFormula, Surroundings};

const DOCUMENT: &str = include_str!("../../../../docs/risk.md");

/// The cells of the first table below a heading, without its head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, below) = DOCUMENT.split_once(&format!("## {heading}\n")).unwrap();
    below
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().replace('`', ""))
                .collect()
        })
        .collect()
}

#[test]
fn the_table_of_weights_is_that_of_the_file() {
    let formula = RiskFormula::embedded().unwrap();
    let expected: Vec<Vec<String>> = Factor::ALL
        .iter()
        .map(|factor| {
            let figures: Vec<String> = formula
                .figures(*factor)
                .iter()
                .map(|(value, score)| format!("{value} {score}"))
                .collect();
            let weight = formula.weight(*factor).to_string();
            vec![factor.key().to_owned(), weight, figures.join(", ")]
        })
        .collect();
    let written: Vec<Vec<String>> = table("Weights")
        .into_iter()
        .map(|row| row[..3].to_vec())
        .collect();
    assert_eq!(written, expected);
}

#[test]
fn the_levels_and_gates_are_those_of_the_file() {
    let formula = RiskFormula::embedded().unwrap();
    let levels = formula.levels();
    let from: Vec<String> = table("Levels").iter().map(|row| row[1].clone()).collect();
    let expected = [levels.critical, levels.high, levels.medium, 0.0].map(|one| one.to_string());
    assert_eq!(from[..4], expected);

    let gates: Vec<Vec<String>> = formula
        .gates()
        .iter()
        .map(|gate| {
            let factors: Vec<&str> = gate.factors.iter().map(|one| one.key()).collect();
            vec![
                gate.level.level().to_string(),
                factors.join(" or "),
                gate.score.to_string(),
                gate.because.clone(),
            ]
        })
        .collect();
    assert_eq!(table("Gates"), gates);
}

fn value<T: DeserializeOwned>(cell: &str) -> Option<T> {
    if cell == "?" {
        return None;
    }
    Some(serde_json::from_value(serde_json::Value::from(cell)).unwrap())
}

#[test]
fn the_examples_come_out_as_written() {
    let formula = RiskFormula::embedded().unwrap();
    let examples = table("Worked examples");
    assert!(examples.len() >= 6);
    for row in examples {
        let severity: Severity = row[1].parse().unwrap();
        let risk = formula.risk_of_path(&PathFacts {
            severity,
            surroundings: Surroundings {
                exposure: value(&row[2]),
                data_sensitivity: value(&row[3]),
                criticality: value(&row[4]),
                lateral_movement: row[5].parse().ok(),
                attack_paths: row[6].parse().ok(),
            },
        });
        let points: Vec<String> = risk
            .shares
            .iter()
            .map(|share| share.points.to_string())
            .collect();
        let computed = [
            points.join(" + "),
            risk.score.to_string(),
            risk.level.to_string(),
        ];
        assert_eq!(row[7..], computed, "{}", row[0]);
    }
}
