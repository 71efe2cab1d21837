//! Rules: what the shipped ones find, and what a file has to say.

use std::collections::BTreeSet;

use stance_exposure::Vocabulary;
use stance_exposure::labels;
use stance_exposure::rule::{
    Element, Rule, embedded_rules, load_rules, read_rule, run_rule_examples,
};

fn shipped() -> Vec<Rule> {
    let (rules, diagnostics) = embedded_rules();
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert!(!rules.is_empty());
    rules
}

#[test]
fn every_example_of_a_shipped_rule_comes_out_as_it_says() {
    let vocabulary = Vocabulary::embedded().unwrap();
    let mut wrong = Vec::new();
    for rule in shipped() {
        for kind in [true, false] {
            let has = rule.examples.iter().any(|example| example.matches == kind);
            assert!(has, "{} has no example with match: {kind}", rule.name);
        }
        for outcome in run_rule_examples(&rule, &vocabulary) {
            if let Some(problem) = outcome.problem {
                wrong.push(format!("{}, {}: {problem}", rule.name, outcome.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_shipped_rule_says_what_to_do_about_each_step() {
    for rule in shipped() {
        let nodes: BTreeSet<&str> = rule.path.iter().filter_map(alias).collect();
        for alias in rule.path.iter().skip(1).filter_map(alias) {
            assert!(
                rule.remediation.contains_key(alias),
                "{}: {alias}",
                rule.name
            );
        }
        for used in placeholders(&rule.description) {
            assert!(nodes.contains(used), "{}: {{{used}}}", rule.name);
        }
        assert!(!rule.impact.is_empty(), "{}", rule.name);
        assert!(!rule.risk_factors.is_empty(), "{}", rule.name);
        let attack = rule.attack.iter().all(|id| id.starts_with('T'));
        let atlas = rule.atlas.iter().all(|id| id.starts_with("AML.T"));
        assert!(attack && atlas, "{}", rule.name);
        assert!(rule.attack.len() + rule.atlas.len() > 0, "{}", rule.name);
    }
}

#[test]
fn shipped_rules_ask_for_labels_that_exist() {
    for rule in shipped() {
        let sides = rule.also.iter().chain(&rule.unless);
        let elements = sides.flat_map(|side| &side.path).chain(&rule.path);
        for element in elements {
            if let Element::Edge(step) = element {
                for label in &step.labels {
                    assert!(
                        labels::ALL.contains(&label.as_str()),
                        "{}: {label}",
                        rule.name
                    );
                }
            }
        }
    }
}

fn alias(element: &Element) -> Option<&str> {
    match element {
        Element::Node(node) => Some(&node.alias),
        _ => None,
    }
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
}

const PLAIN: &str = "
name: a
displayName: A
description: '{one} leads to {two}'
severity: Low
path:
  - {node: one, is: [identity]}
  - {edge: [can impersonate as], repeat: 0..2}
  - {node: two, has: [isPrivileged]}
entry: one
target: two
";

fn refused(from: &str, to: &str) -> String {
    let text = PLAIN.replace(from, to);
    assert_ne!(text, PLAIN);
    read_rule(&text).unwrap_err()
}

#[test]
fn a_file_says_what_is_wrong_with_it() {
    assert!(read_rule(PLAIN).is_ok());
    assert!(refused("severity: Low", "severity: Awful").contains("Awful"));
    assert!(refused("target: two", "target: three").contains("three"));
    assert!(refused("node: two", "node: one").contains("twice"));
    assert!(refused("repeat: 0..2", "repeat: 0..9").contains("repeat"));
    assert!(refused("repeat: 0..2", "reapeat: 1").contains("reapeat"));
    assert!(refused("has: [isPrivileged]", "can: [read data]").contains("exactly one"));
    assert!(refused("edge: [can impersonate as]", "node: middle").contains("repeat"));
    assert!(refused("  - {node: two, has: [isPrivileged]}\n", "").contains("ends with a node"));
    let side =
        format!("{PLAIN}unless:\n  - path: [{{node: three}}, {{can: [manage]}}, {{node: four}}]\n");
    assert!(read_rule(&side).is_err_and(|reason| reason.contains("three")));
}

#[test]
fn a_word_nobody_knows_is_named_with_those_like_it() {
    let vocabulary = Vocabulary::embedded().unwrap();
    let problem = |text: String| {
        let rule = read_rule(&text).unwrap();
        rule.compile(&vocabulary).unwrap_err().to_string()
    };
    let category = problem(PLAIN.replace("[identity]", "[identitty]"));
    assert!(
        category.contains("`identitty`") && category.contains("`identity`"),
        "{category}"
    );
    let insight = problem(PLAIN.replace("isPrivileged", "isPriviledged"));
    assert!(insight.contains("did you mean `isPrivileged`"), "{insight}");
    let can = PLAIN.replace(
        "{edge: [can impersonate as], repeat: 0..2}",
        "{can: [raed data]}",
    );
    assert!(problem(can).contains("`read data`"));
}

#[test]
fn a_bad_file_costs_a_diagnostic_and_stops_no_other() {
    let folder = std::env::temp_dir().join(format!("stance-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.yaml"), PLAIN).unwrap();
    std::fs::write(folder.join("b.yaml"), PLAIN).unwrap();
    std::fs::write(folder.join("c.yaml"), "name: [").unwrap();
    let (rules, diagnostics) = load_rules(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(rules.len(), 1);
    assert_eq!(diagnostics.len(), 2);
    assert!(diagnostics.iter().all(|one| one.code == "ATP0001"));
    assert!(diagnostics[0].message.contains("not named like the rule"));
}
