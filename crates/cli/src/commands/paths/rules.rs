//! `stance paths rules`.

use std::process::ExitCode;

use serde::Serialize;
use stance_base::{ErrorCode, safe_text};
use stance_exposure::Vocabulary;
use stance_exposure::rule::{Rule, embedded_rules, load_rules, run_rule_examples};
use stance_model::Diagnostic;
use stance_operations::exposure::rule_folder;

use crate::arguments::paths::PathsRulesArguments;
use crate::commands::bom::open;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;
use crate::terminal::say;

const HEADER: &[&str] = &["Rule", "Severity", "Title", "Examples", "ATT&CK", "ATLAS"];

/// A rule as programs get it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleItem {
    name: String,
    display_name: String,
    severity: String,
    examples: usize,
    failed: Vec<String>,
    attack: Vec<String>,
    atlas: Vec<String>,
}

pub(super) fn run(arguments: &PathsRulesArguments) -> Result<ExitCode, Failure> {
    let vocabulary = Vocabulary::embedded()
        .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
    let (rules, problems) = load(arguments)?;
    if let Some(name) = &arguments.kql {
        return kql(&rules, name, &vocabulary, arguments);
    }
    problems.iter().for_each(say_problem);
    let items: Vec<RuleItem> = rules.iter().map(|rule| item(rule, &vocabulary)).collect();
    for item in &items {
        for failed in &item.failed {
            say(failed);
        }
    }
    let listing = Listing {
        header: HEADER,
        rows: items.iter().map(row).collect(),
    };
    let bytes = listing.bytes(arguments.listed.format, "rule", &items)?;
    Output::open(arguments.listed.output.as_deref()).write(&bytes)?;
    if !problems.is_empty() {
        return Ok(ExitCode::from(2));
    }
    let failed = items.iter().any(|item| !item.failed.is_empty());
    Ok(ExitCode::from(u8::from(failed)))
}

fn load(arguments: &PathsRulesArguments) -> Result<(Vec<Rule>, Vec<Diagnostic>), Failure> {
    if arguments.paths.is_empty() {
        let (mut rules, mut problems) = embedded_rules();
        let (lake, _) = open(&arguments.listed.data)?;
        let folder = rule_folder(&lake);
        if folder.exists() {
            let (own, more) = load_rules(&folder);
            rules.retain(|rule| own.iter().all(|other| other.name != rule.name));
            rules.extend(own);
            problems.extend(more);
        }
        return Ok((rules, problems));
    }
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    for path in &arguments.paths {
        let (more, told) = load_rules(path);
        rules.extend(more);
        problems.extend(told);
    }
    Ok((rules, problems))
}

fn kql(
    rules: &[Rule],
    name: &str,
    vocabulary: &Vocabulary,
    arguments: &PathsRulesArguments,
) -> Result<ExitCode, Failure> {
    let Some(rule) = rules.iter().find(|rule| rule.name == name) else {
        return Err(Failure::new(
            ErrorCode::NotFound,
            format!("there is no rule `{name}`; `stance paths rules` lists them"),
        ));
    };
    if let Some(query) = &rule.query {
        Output::open(arguments.listed.output.as_deref()).write(format!("{query}\n").as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let pattern = rule
        .compile(vocabulary)
        .map_err(|problem| Failure::new(ErrorCode::InvalidInput, problem.to_string()))?;
    Output::open(arguments.listed.output.as_deref()).write(pattern.to_kql().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn say_problem(problem: &Diagnostic) {
    say(&format!(
        "error[{}] {}: {}; {}",
        problem.code,
        safe_text::one_line(&problem.file),
        safe_text::one_line(&problem.message),
        safe_text::one_line(&problem.help)
    ));
}

fn item(rule: &Rule, vocabulary: &Vocabulary) -> RuleItem {
    let outcomes = run_rule_examples(rule, vocabulary);
    let failed = outcomes.iter().filter_map(|outcome| {
        let problem = outcome.problem.as_ref()?;
        Some(format!("{}: {}: {problem}", rule.name, outcome.name))
    });
    RuleItem {
        name: rule.name.clone(),
        display_name: rule.display_name.clone(),
        severity: rule.severity.as_str().to_owned(),
        examples: outcomes.len(),
        failed: failed.collect(),
        attack: rule.attack.iter().cloned().collect(),
        atlas: rule.atlas.iter().cloned().collect(),
    }
}

fn row(item: &RuleItem) -> Vec<String> {
    let examples = match (item.examples, item.failed.len()) {
        (0, _) => "none".to_owned(),
        (all, 0) => format!("{all} hold"),
        (all, failed) => format!("{failed} of {all} fail"),
    };
    vec![
        item.name.clone(),
        item.severity.clone(),
        item.display_name.clone(),
        examples,
        item.attack.join(", "),
        item.atlas.join(", "),
    ]
}
