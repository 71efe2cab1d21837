//! Definitions and checks, as one kind of thing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use stance_model::{Cloud, FrameworkControl, Severity};
use stance_posture::{Check, load_checks};

/// One thing that judges resources.
#[derive(Debug)]
pub(crate) struct Rule {
    pub name: String,
    pub title: String,
    pub cloud: Cloud,
    /// `Azure Policy` or `KQL`.
    pub form: &'static str,
    pub severity: Severity,
    /// Types that are judged, in lower case.
    pub types: BTreeSet<String>,
    pub frameworks: BTreeSet<String>,
    pub examples: usize,
    /// Definition of Microsoft beside it.
    pub builtin: String,
    /// Key of Defender for Cloud.
    pub assessment_key: String,
    /// Other titles.
    pub aliases: Vec<String>,
    /// Ids of other products' checks, by product in lower case.
    pub peers: BTreeMap<String, Vec<String>>,
}

/// `properties.metadata.stance`, as far as the page needs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    severity: Severity,
    #[serde(default)]
    frameworks: Vec<FrameworkControl>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    builtin: String,
    #[serde(default)]
    assessment_key: String,
    #[serde(default)]
    peers: BTreeMap<String, Vec<String>>,
    examples: Vec<Value>,
}

/// All of them: by cloud, then by name.
pub(crate) fn read(root: &Path) -> Result<Vec<Rule>> {
    let mut rules = definitions(&root.join("content/policies"))?;
    let (checks, problems) = load_checks(&root.join("content/checks"));
    if let Some(problem) = problems.first() {
        bail!("{}", problem.message);
    }
    rules.extend(checks.iter().map(of_check));
    rules.sort_by(|a, b| (a.cloud.as_str(), &a.name).cmp(&(b.cloud.as_str(), &b.name)));
    if let Some(pair) = rules.windows(2).find(|pair| pair[0].name == pair[1].name) {
        bail!("two rules have the name {}", pair[0].name);
    }
    Ok(rules)
}

fn names(frameworks: &[FrameworkControl]) -> BTreeSet<String> {
    frameworks
        .iter()
        .map(|control| control.framework.clone())
        .collect()
}

fn of_check(check: &Check) -> Rule {
    Rule {
        name: check.name.clone(),
        title: check.display_name.clone(),
        cloud: check.cloud,
        form: "KQL",
        severity: check.severity,
        types: check.types.clone(),
        frameworks: names(&check.frameworks),
        examples: check.examples.len(),
        builtin: String::new(),
        assessment_key: check.assessment_key.clone().unwrap_or_default(),
        aliases: check.aliases.clone(),
        peers: check.peers.clone(),
    }
}

fn definitions(folder: &Path) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let body: Value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| path.display().to_string())?;
            rules.push(of_definition(&body).with_context(|| path.display().to_string())?);
        }
    }
    Ok(rules)
}

fn of_definition(body: &Value) -> Result<Rule> {
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .with_context(|| format!("no text at {pointer}"))
    };
    let known = body
        .pointer("/properties/metadata/stance")
        .context("no metadata.stance")?;
    let known = Known::deserialize(known)?;
    let mut types = BTreeSet::new();
    if let Some(condition) = body.pointer("/properties/policyRule/if") {
        judged_types(condition, &mut types);
    }
    if types.is_empty() {
        bail!("the rule names no type");
    }
    Ok(Rule {
        name: text("/name")?,
        title: text("/properties/displayName")?,
        cloud: Cloud::Azure,
        form: "Azure Policy",
        severity: known.severity,
        types,
        frameworks: names(&known.frameworks),
        examples: known.examples.len(),
        builtin: known.builtin,
        assessment_key: known.assessment_key,
        aliases: known.aliases,
        peers: known.peers,
    })
}

/// Types that a rule's condition asks for with `equals` or `in`.
fn judged_types(condition: &Value, into: &mut BTreeSet<String>) {
    match condition {
        Value::Array(items) => items.iter().for_each(|item| judged_types(item, into)),
        Value::Object(members) => {
            if members.get("field").and_then(Value::as_str) == Some("type") {
                let wanted = members.get("equals").or_else(|| members.get("in"));
                let many = wanted.and_then(Value::as_array).cloned();
                let all = many.unwrap_or_else(|| wanted.cloned().into_iter().collect());
                into.extend(all.iter().filter_map(Value::as_str).map(str::to_lowercase));
            }
            members.values().for_each(|value| judged_types(value, into));
        }
        _ => {}
    }
}
