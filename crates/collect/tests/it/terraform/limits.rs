//! Hostile source: every limit costs a diagnostic, and the rest is read.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::support::{read_files, read_source, said};

const GROUP: &str = "resource \"azurerm_resource_group\" \"last\" {\n  name = \"last\"\n}\n";

/// The group is read whatever stands before it, and the code is told.
#[track_caller]
fn survives(text: &str, code: &str) {
    let found = read_source(&format!("{text}\n{GROUP}"));
    let names: Vec<&str> = found
        .resources
        .iter()
        .map(stance_model::Resource::name)
        .collect();
    let said = said(&found);
    assert!(names.contains(&"last"), "{said}");
    assert!(said.contains(code), "{said}");
}

#[test]
fn a_million_instances() {
    survives(
        "resource \"azurerm_resource_group\" \"many\" {\n  count = 1000000\n  name = \"x\"\n}",
        "COL0032 main.tf:2 1000000 instances of one block",
    );
}

#[test]
fn a_million_elements() {
    survives(
        "locals {\n  x = range(1000000)\n}\nresource \"azurerm_resource_group\" \"x\" {\n  name = local.x\n}",
        "COL0032",
    );
}

/// The file costs itself, the group in another one is read, and the code is told.
#[track_caller]
fn costs_its_file(text: &str, code: &str) {
    let found = read_files(&[("broken.tf", text), ("main.tf", GROUP)]);
    let said = said(&found);
    assert_eq!(found.resources.len(), 1, "{said}");
    assert!(said.starts_with(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn brackets_without_end() {
    for (open, inner, close) in [
        ("[", "", ""),
        ("(", "", ""),
        ("{ a = ", "", ""),
        ("f(", "", ""),
        ("!", "1", ""),
        ("-", "1", ""),
        ("\"${", "", ""),
        ("[for x in ", "", ""),
        ("1 ? ", "", ""),
        ("\"%{ if true }", "", ""),
        ("a[", "0", "]"),
        ("[", "1", "]"),
        ("(", "1", ")"),
        ("1", "", " + 1"),
    ] {
        let text = format!(
            "locals {{\n  x = {}{inner}{}\n}}\n",
            open.repeat(if open == "1" { 1 } else { 10_000 }),
            close.repeat(10_000)
        );
        costs_its_file(&text, "COL0032");
    }
    costs_its_file(&format!("a {{\n{}", "  a {\n".repeat(10_000)), "COL0032");
}

/// A large file is read in pieces; a block with more keys than can be compared costs itself.
#[test]
fn keys_without_end() {
    let keys = (0..100_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "    k{number} = 1");
        text
    });
    let started = std::time::Instant::now();
    survives(
        &format!("{GROUP}locals {{\n  x = {{\n{keys}  }}\n}}\n"),
        "COL0032 main.tf:4 more than 5000 keys in one block",
    );
    assert!(started.elapsed().as_secs() < 30);
}

#[test]
fn a_large_file_is_read_to_its_end() {
    let text = GROUP.repeat(20_000);
    let found = read_source(&format!(
        "{text}resource \"azurerm_storage_account\" \"s\" {{\n  name = local.no\n}}\n"
    ));
    assert_eq!(
        said(&found),
        "COL0031 main.tf:60002 there is no local `no`\n"
    );
}

/// Nested and chained at once, at most what the parser takes.
#[test]
fn an_expression_that_is_deeper_than_may_be_evaluated() {
    let chain = format!("locals {{\n  x = 1{}\n}}\n", " + 1".repeat(125));
    survives(&chain, "COL0032 main.tf:2 the expression nests deeper");
}

#[test]
fn texts_that_double() {
    let mut text = String::from("locals {\n  l0 = \"0123456789abcdef\"\n");
    for level in 1..60 {
        let _ = writeln!(
            text,
            "  l{level} = \"${{local.l{0}}}${{local.l{0}}}\"",
            level - 1
        );
    }
    text.push_str("}\nresource \"azurerm_resource_group\" \"x\" {\n  name = local.l59\n}\n");
    survives(&text, "COL0032");
}

#[test]
fn lists_that_double() {
    let mut text = String::from("locals {\n  l0 = [1]\n");
    for level in 1..60 {
        let _ = writeln!(text, "  l{level} = [local.l{0}, local.l{0}]", level - 1);
    }
    text.push_str(
        "}\nresource \"azurerm_resource_group\" \"x\" {\n  name = jsonencode(local.l59)\n}\n",
    );
    survives(&text, "COL0032");
}

#[test]
fn a_long_chain_of_locals() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for level in 1..20_000 {
        let _ = writeln!(text, "  l{level} = local.l{}", level - 1);
    }
    text.push_str("}\nresource \"azurerm_resource_group\" \"x\" {\n  name = local.l19999\n}\n");
    survives(&text, "COL0032");
}

#[test]
fn a_module_that_calls_itself() {
    survives("module \"me\" {\n  source = \"./\"\n}", "COL0032");
}

#[test]
fn modules_that_multiply() {
    let call = "module \"m\" {\n  source = \"./m\"\n  count = 1000\n}\n";
    let inner = "module \"n\" {\n  source = \"../n\"\n  count = 1000\n}\n";
    let found = read_files(&[
        ("main.tf", call),
        ("m/main.tf", inner),
        ("n/main.tf", GROUP),
    ]);
    assert!(said(&found).contains("COL0032"), "{}", said(&found));
}

#[test]
fn paths_that_leave_the_input() {
    let found = read_files(&[(
        "main.tf",
        "module \"out\" {\n  source = \"../../etc\"\n}\nresource \"azurerm_resource_group\" \"g\" {\n  name = file(\"../../etc/passwd\")\n  location = module.out.location\n}\n",
    )]);
    assert_eq!(
        said(&found),
        "COL0034 main.tf:1 the module `../../etc` lies outside the input\n"
    );
    let group = &found.resources[0];
    assert!(group.unknown_at("/name").is_some());
    assert!(group.unknown_at("/location").is_some());
    assert!(!found.partial.is_empty());
}

/// Source with a few bytes changed, removed or put in.
fn damaged() -> impl Strategy<Value = String> {
    let seeds = vec![
        include_str!("golden/azure/main.tf").to_owned(),
        include_str!("golden/aws/main.tf").to_owned(),
        include_str!("golden/google/main.tf").to_owned(),
    ];
    let edit = (
        any::<prop::sample::Index>(),
        prop::sample::select("{}[]()\"$%<-.,=\n\\*é".chars().collect::<Vec<_>>()),
        0..3_u8,
    );
    (
        prop::sample::select(seeds),
        prop::collection::vec(edit, 0..6),
    )
        .prop_map(|(text, edits)| {
            let mut characters: Vec<char> = text.chars().collect();
            for (index, new, how) in edits {
                let at = index.index(characters.len());
                match how {
                    0 => characters[at] = new,
                    1 => characters.insert(at, new),
                    _ => {
                        characters.remove(at);
                    }
                }
            }
            characters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_text_is_survived(text in "(?s).{0,400}") {
        read_source(&text);
    }

    #[test]
    fn damaged_source_is_survived(text in damaged()) {
        let found = read_source(&text);
        prop_assert!(!found.resources.is_empty() || !found.diagnostics.is_empty());
    }
}
