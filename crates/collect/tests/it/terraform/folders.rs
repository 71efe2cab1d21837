//! Folders on disk: which are roots, which files count, what is covered.

use std::path::Path;

use stance_collect::{CollectOptions, CollectSummary, Gathered, collect};

use crate::support::{covered, names, said};

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn scan(path: &Path, options: &CollectOptions) -> (Gathered, CollectSummary) {
    let mut gathered = Gathered::default();
    let summary = collect(&[path.to_owned()], options, &mut gathered);
    (gathered, summary)
}

fn group(name: &str) -> String {
    format!("resource \"azurerm_resource_group\" \"{name}\" {{\n  name = \"{name}\"\n}}\n")
}

#[test]
fn a_folder_that_another_calls_is_no_root() {
    let folder = tempfile::tempdir().unwrap();
    let call = "module \"m\" {\n  source = \"../modules/m\"\n}\n";
    write(
        folder.path(),
        &[
            ("live/main.tf", call),
            ("live/more.tf", &group("b")),
            ("modules/m/main.tf", &group("inner")),
            ("other/main.tf", &group("other")),
        ],
    );
    let (gathered, summary) = scan(folder.path(), &CollectOptions::default());
    assert_eq!(
        names(&gathered),
        ["b", "inner", "other"],
        "{}",
        said(&gathered)
    );
    assert_eq!(summary.files, 4);
    assert_eq!(summary.files_understood, 4);
    let root = folder.path().to_string_lossy().into_owned();
    assert_eq!(
        covered(&gathered).replace(&root, ""),
        "/live/main.tf | * | Complete 0 | \n/live/more.tf | * | Complete 1 | \n\
         /modules/m/main.tf | * | Complete 1 | \n/other/main.tf | * | Complete 1 | \n"
    );
}

#[test]
fn a_file_that_is_named_is_read_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[("a.tf", &group("a")), ("b.tf", &group("b"))],
    );
    let (gathered, _) = scan(&folder.path().join("a.tf"), &CollectOptions::default());
    assert_eq!(names(&gathered), ["a"]);
}

#[test]
fn variable_files_are_used_and_no_errors() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        "variable \"name\" {}\nresource \"azurerm_resource_group\" \"g\" {\n  name = var.name\n}\n";
    write(
        folder.path(),
        &[
            ("main.tf", source),
            ("terraform.tfvars", "name = \"weak\"\n"),
            ("a.auto.tfvars", "name = \"automatic\"\n"),
            ("prod.tfvars", "name = \"prod\"\n"),
        ],
    );
    let (gathered, _) = scan(folder.path(), &CollectOptions::default());
    assert_eq!(names(&gathered), ["automatic"], "{}", said(&gathered));
    assert_eq!(said(&gathered), "");
    let options = CollectOptions {
        parameter_files: vec![folder.path().join("prod.tfvars")],
        ..CollectOptions::default()
    };
    let (gathered, _) = scan(folder.path(), &options);
    assert_eq!(names(&gathered), ["prod"]);
}

#[test]
fn files_of_the_input_can_be_read_and_others_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let source = r#"
resource "azurerm_resource_group" "inside" {
  name = trimspace(file("${path.module}/names/one.txt"))
}
resource "azurerm_resource_group" "outside" {
  name = file("/etc/hostname")
}
"#;
    write(
        folder.path(),
        &[("main.tf", source), ("names/one.txt", "one\n")],
    );
    let (gathered, _) = scan(folder.path(), &CollectOptions::default());
    assert_eq!(names(&gathered)[0], "one");
    assert!(gathered.resources[1].unknown_at("/name").is_some());
}

#[cfg(unix)]
#[test]
fn links_out_of_the_input_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &[("main.tf", &group("outside"))]);
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n")],
    );
    std::os::unix::fs::symlink(outside.path(), folder.path().join("m")).unwrap();
    let (gathered, _) = scan(folder.path(), &CollectOptions::default());
    assert!(gathered.resources.is_empty());
    assert!(said(&gathered).contains("COL0003"));
}

#[test]
fn lines_of_properties_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let source = "resource \"azurerm_cognitive_account\" \"a\" {\n  name = \"a\"\n  resource_group_name = \"g\"\n  network_acls {\n    default_action = \"Allow\"\n  }\n  local_auth_enabled = true\n}\n";
    write(folder.path(), &[("main.tf", source)]);
    let (gathered, _) = scan(folder.path(), &CollectOptions::default());
    let account = &gathered.resources[0];
    let line = |pointer| account.location_of(pointer).line;
    assert_eq!(line("/properties/disableLocalAuth"), 7);
    assert_eq!(line("/properties/networkAcls/defaultAction"), 5);
    assert_eq!(line("/properties/publicNetworkAccess"), 1);
    assert!(account.source.file.ends_with("/main.tf"));
}
