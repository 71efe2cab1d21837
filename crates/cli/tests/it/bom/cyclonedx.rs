//! Files are read by other programs: OWASP's Python library with its schema, and its JavaScript library.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::estate::{account, agent, mcp, small};
use crate::support::{Sandbox, export, root};

/// The folder for what other programs need.
fn cache() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("stance"))
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Python with the library, made where it is missing.
fn python() -> Option<PathBuf> {
    let folder = cache()?.join("cyclonedx-python");
    let python = folder.join("bin/python");
    let has_library =
        |python: &Path| succeeds(Command::new(python).args(["-c", "import cyclonedx, jsonschema"]));
    if has_library(&python) {
        return Some(python);
    }
    let made = succeeds(Command::new("python3").arg("-m").arg("venv").arg(&folder))
        && succeeds(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "cyclonedx-python-lib[json-validation]==11.12.0",
        ]));
    (made && has_library(&python)).then_some(python)
}

/// A folder with the JavaScript library, made where it is missing.
fn node_modules() -> Option<PathBuf> {
    let folder = cache()?.join("cyclonedx-node");
    let is_there = |folder: &Path| {
        folder
            .join("node_modules/@cyclonedx/cyclonedx-library")
            .is_dir()
    };
    if is_there(&folder) {
        return Some(folder);
    }
    std::fs::create_dir_all(&folder).ok()?;
    let installed = succeeds(
        Command::new("npm")
            .args([
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ])
            .args([
                "@cyclonedx/cyclonedx-library@10.3.0",
                "ajv@8",
                "ajv-formats@3",
                "ajv-formats-draft2019@1",
            ])
            .current_dir(&folder),
    );
    (installed && is_there(&folder)).then_some(folder)
}

/// Files of several estates: plain, empty, hostile.
fn files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut hostile = account("gpt\u{202e}4\u{1b}[31m<b>", "|1|");
    hostile.push(agent(&serde_json::json!([
        mcp("a b\"}", "https://exa mple/%zz#a#b"),
        mcp("", "javascript:alert(1)"),
        {"type": "function", "name": "\u{0}x\ny"},
    ])));
    let estates = [
        ("plain", small()),
        ("empty", export(&[])),
        ("hostile", export(&hostile)),
    ];
    estates
        .into_iter()
        .map(|(name, text)| {
            let other = Sandbox::new();
            other.write("estate.json", text);
            other.run(&["scan", "estate.json", "--quiet"]);
            let path = sandbox.path(&format!("{name}.cdx.json"));
            other.ok(&["bom", "--output", path.to_str().unwrap()]);
            path
        })
        .collect()
}

#[test]
fn the_python_library_validates_and_reads_every_file() {
    let Some(python) = python() else {
        eprintln!("SKIPPED: Python cannot install cyclonedx-python-lib, so no file was validated");
        return;
    };
    let sandbox = Sandbox::new();
    let script = root().join("crates/cli/tests/it/bom/validate.py");
    let output = Command::new(python)
        .arg(script)
        .args(files(&sandbox))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(told.lines().count(), 3, "{told}");
    assert!(
        told.contains("plain.cdx.json: 5 components, 4 services"),
        "{told}"
    );
}

#[test]
fn the_javascript_library_validates_every_file() {
    let Some(folder) = node_modules() else {
        eprintln!(
            "SKIPPED: npm cannot install @cyclonedx/cyclonedx-library, so its reader was not asked"
        );
        return;
    };
    let sandbox = Sandbox::new();
    let script = root().join("crates/cli/tests/it/bom/validate.cjs");
    let output = Command::new("node")
        .arg(script)
        .arg(&folder)
        .args(files(&sandbox))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(told.lines().count(), 3, "{told}");
}
