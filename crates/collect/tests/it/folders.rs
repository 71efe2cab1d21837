//! Walking folders: everything below an input, in order, and nothing outside it.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use stance_collect::{CollectOptions, CollectSummary, Gathered, collect};

use crate::support::{account, covered, names, said};

fn run(roots: &[&Path]) -> (Gathered, CollectSummary) {
    let roots: Vec<PathBuf> = roots.iter().map(|root| root.to_path_buf()).collect();
    let mut found = Gathered::default();
    let summary = collect(&roots, &CollectOptions::default(), &mut found);
    (found, summary)
}

fn write(path: PathBuf, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn folders_are_read_in_order_and_tool_folders_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root.join("b/two.json"), account("two"));
    write(root.join("a/one.txt"), account("one"));
    write(root.join("c.json"), account("three"));
    for hidden in [".git", "node_modules", ".terraform"] {
        write(root.join(hidden).join("x.json"), account("hidden"));
    }
    write(root.join("README.md"), "# hello");
    let (found, summary) = run(&[root]);
    assert_eq!(names(&found), ["one", "two", "three"]);
    assert_eq!(
        found.resources[0].source.file,
        root.join("a/one.txt").to_str().unwrap()
    );
    assert_eq!(found.diagnostics.len(), 1);
    assert_eq!(found.diagnostics[0].code, "COL0005");
    assert_eq!(
        found.diagnostics[0].level,
        stance_model::DiagnosticLevel::Note
    );
    assert!(summary.inputs[0].complete);
    assert_eq!(
        (summary.files, summary.files_understood, summary.resources),
        (4, 3, 3)
    );
    assert_eq!(run(&[root]).0.resources.len(), 3);
}

#[test]
fn files_of_other_formats_are_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..25 {
        write(
            folder.path().join(format!("notes-{number:02}.md")),
            "# hello",
        );
    }
    write(folder.path().join(".hidden.json"), account("hidden"));
    write(folder.path().join("a.json"), account("a"));
    let (found, summary) = run(&[folder.path()]);
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found.diagnostics.len(), 11);
    assert!(said(&found).ends_with("15 more files of unknown formats were passed over\n"));
    assert!(summary.inputs[0].complete);
}

#[test]
fn links_do_not_leave_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    let root = folder.path().join("input");
    write(outside.join("secret.json"), account("outside"));
    write(root.join("a.json"), account("a"));
    symlink(&outside, root.join("folder")).unwrap();
    symlink(outside.join("secret.json"), root.join("file.json")).unwrap();
    symlink("../outside/secret.json", root.join("relative.json")).unwrap();
    symlink(root.join("a.json"), root.join("inside.json")).unwrap();
    symlink(&root, root.join("cycle")).unwrap();
    symlink("nowhere", root.join("dangling.json")).unwrap();
    let (found, summary) = run(&[&root]);
    assert_eq!(names(&found), ["a"]);
    assert_eq!(
        said(&found).matches("COL0003").count(),
        4,
        "{}",
        said(&found)
    );
    assert_eq!(summary.inputs.len(), 1);
}

#[test]
fn special_and_unreadable_files_cost_one_diagnostic() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root.join("a.json"), account("a"));
    write(root.join("empty.json"), "");
    std::os::unix::net::UnixListener::bind(root.join("socket.json")).unwrap();
    let (found, _) = run(&[root]);
    assert_eq!(names(&found), ["a"]);
    let codes: Vec<&str> = found.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, ["COL0004", "COL0021"]);
}

#[test]
fn a_path_that_is_not_there_loses_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("a.json"), account("a"));
    let (found, summary) = run(&[Path::new("no/such/path"), folder.path(), folder.path()]);
    assert_eq!(names(&found), ["a"]);
    let codes: Vec<&str> = found.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, ["COL0001", "COL0026"]);
    assert_eq!(summary.inputs.len(), 2);
    assert!(!summary.inputs[0].complete);
    assert!(summary.inputs[1].complete);
    assert_eq!(
        summary.inputs[1].input.key,
        folder.path().canonicalize().unwrap().to_str().unwrap()
    );
}

#[test]
fn a_manifest_says_what_was_collected() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root.join("a.json"), format!("[{}]", account("a")));
    write(
        root.join("stance-coverage.json"),
        r#"[{"scope":"/subscriptions/S","what":"*"},
            {"scope":"/subscriptions/S","what":"Microsoft.CognitiveServices/accounts","status":"complete"},
            {"scope":"S","what":"x"}]"#,
    );
    let (found, _) = run(&[root]);
    assert!(
        covered(&found).contains("/subscriptions/s | * | Complete 0"),
        "{}",
        covered(&found)
    );
    assert!(said(&found).starts_with("COL0020"), "{}", said(&found));
    assert_eq!(found.diagnostics.len(), 1);
}

#[test]
fn the_parameter_file_of_no_template_is_said() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path().join("x.parameters.json"),
        r#"{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#","contentVersion":"1.0.0.0","parameters":{}}"#,
    );
    let (found, _) = run(&[folder.path()]);
    assert!(said(&found).starts_with("COL0023"), "{}", said(&found));
}
