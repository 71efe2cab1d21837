//! What the compiler does not check: the direction of crate dependencies, file sizes, forbidden words.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::root;

/// Crates from the roof down, as in ARCHITECTURE.md. A crate may depend on crates of lower floors, and on
/// `base` and `model` from the ground floor.
const FLOORS: [&[&str]; 7] = [
    &[
        "stance",
        "xtask",
        "stance-conformance",
        "stance-ballista-check",
    ],
    &["stance-report"],
    &["stance-operations"],
    &[
        "stance-collect",
        "stance-policy",
        "stance-posture",
        "stance-exposure",
    ],
    &["stance-kql"],
    &["stance-lake", "stance-state"],
    &[
        "stance-kql-syntax",
        "stance-term-filter",
        "stance-model",
        "stance-base",
        "stance-testkit",
    ],
];

/// On the ground floor arrows may point at these.
const FOUNDATIONS: [&str; 2] = ["stance-base", "stance-model"];

/// Arrows that would fall, yet must not be: readers and judges know no storage, the lake knows no KQL.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    (
        "stance-collect",
        &["stance-lake", "stance-state", "stance-kql"],
    ),
    ("stance-policy", &["stance-lake", "stance-state"]),
    (
        "stance-posture",
        &["stance-lake", "stance-state", "stance-kql"],
    ),
    (
        "stance-exposure",
        &["stance-lake", "stance-state", "stance-kql"],
    ),
    ("stance-lake", &["stance-kql-syntax"]),
];

/// Heavy dependencies, each behind one wall.
const WALLS: [(&str, &[&str]); 6] = [
    (
        "datafusion",
        &["stance-kql", "stance-lake", "stance-ballista-check"],
    ),
    ("ballista", &["stance-ballista-check"]),
    ("deltalake", &["stance-lake"]),
    ("sqlx", &["stance-state"]),
    ("regorus", &["stance-policy"]),
    ("rowan", &["stance-kql-syntax"]),
];

/// No file is longer without a reason written here.
const LONGEST_FILE: usize = 800;

/// Runs every check and reports all faults at once.
pub(crate) fn run() -> Result<()> {
    let mut faults = dependency_faults(&metadata()?);
    for file in tracked_files()? {
        faults.extend(file_faults(&file));
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!(
        "tidy found {} faults:\n  {}",
        faults.len(),
        faults.join("\n  ")
    )
}

fn metadata() -> Result<Value> {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .context("cargo metadata cannot be run")?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Arrows that climb, floors that import themselves, walls that leak.
fn dependency_faults(metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(floor) = floor_of(name) else {
            faults.push(format!(
                "{name} stands on no floor; add it to FLOORS in xtask/src/tidy.rs"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"] == "dev" {
                continue;
            }
            let target = dependency["name"].as_str().unwrap_or_default();
            faults.extend(arrow_fault(name, floor, target));
            faults.extend(wall_fault(name, target));
        }
    }
    faults
}

/// 0 is the roof.
fn floor_of(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

fn arrow_fault(name: &str, floor: usize, target: &str) -> Option<String> {
    let target_floor = floor_of(target)?;
    let falls = target_floor > floor
        || (FOUNDATIONS.contains(&target)
            && !(name == "stance-base" || target == "stance-model" && name == "stance-kql-syntax"));
    let forbidden = FORBIDDEN
        .iter()
        .any(|(from, targets)| *from == name && targets.contains(&target));
    (!falls || forbidden).then(|| {
        format!("{name} must not depend on {target}: see the invariants in ARCHITECTURE.md")
    })
}

fn wall_fault(name: &str, target: &str) -> Option<String> {
    let (_, allowed) = WALLS.iter().find(|(crate_name, _)| *crate_name == target)?;
    (!allowed.contains(&name)).then(|| {
        format!(
            "{name} must not depend on {target}, which lives in {}",
            allowed.join(" and ")
        )
    })
}

fn tracked_files() -> Result<BTreeSet<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .context("git cannot be run")?;
    let names = String::from_utf8(output.stdout)?;
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

fn file_faults(name: &str) -> Vec<String> {
    let path = root().join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let is_rust = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "rs");
    let lines = text.lines().count();
    if is_rust && lines > LONGEST_FILE {
        faults.push(format!(
            "{name} has {lines} lines; split it below {LONGEST_FILE}"
        ));
    }
    if is_rust && name.ends_with("src/lib.rs") && !text.starts_with("//!") {
        faults.push(format!("{name} does not open with its purpose (`//! …`)"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_only_fall() -> Result<()> {
        let faults = dependency_faults(&metadata()?);
        assert!(faults.is_empty(), "{faults:#?}");
        Ok(())
    }

    #[test]
    fn a_climbing_arrow_is_found() {
        let floor = floor_of("stance-lake").unwrap_or_default();
        assert!(arrow_fault("stance-lake", floor, "stance-kql").is_some());
        assert!(arrow_fault("stance-policy", 3, "stance-posture").is_some());
        assert!(arrow_fault("stance-kql-syntax", 6, "stance-model").is_some());
        assert!(arrow_fault("stance-collect", 3, "stance-lake").is_some());
        assert!(arrow_fault("stance-policy", 3, "stance-model").is_none());
        assert!(wall_fault("stance-operations", "datafusion").is_some());
    }
}
