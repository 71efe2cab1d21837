//! The page, in Markdown.

use std::collections::BTreeSet;
use std::fmt::Write;

use stance_model::workload::{Workload, listed_types};

use super::peers::{DEFENDER, Peer, Product, counterparts};
use super::rules::Rule;

const CLOUDS: [&str; 3] = ["Azure", "AWS", "GCP"];
/// Clouds and everything else that has types of its own.
const HOMES: [&str; 4] = ["Azure", "AWS", "GCP", "Other"];

/// The whole page.
pub(super) fn write(rules: &[Rule], products: &[Product]) -> String {
    let mut page = String::from(
        "# Coverage\n\nWhat the product knows and judges. Written by `cargo xtask coverage` out of `content/` and the table \
         of types; do not edit it.\nTests run every example that is counted here.\n",
    );
    summary(&mut page, rules, products);
    for cloud in CLOUDS {
        judged(&mut page, cloud, rules);
    }
    for product in products {
        beside(&mut page, rules, product);
    }
    page.push_str("\n## Resource types\n\nTypes that have a name of their own. Other types of the same providers are kept as well.\n");
    for home in HOMES {
        types(&mut page, home, rules);
    }
    page
}

fn add(page: &mut String, line: &str) {
    page.push_str(line);
    page.push('\n');
}

/// Text for one cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn home_of(resource_type: &str) -> &'static str {
    if resource_type.starts_with("aws::") {
        "AWS"
    } else if resource_type.contains(".googleapis.com/") {
        "GCP"
    } else if resource_type.starts_with("microsoft.") {
        "Azure"
    } else {
        "Other"
    }
}

fn types_of(home: &str) -> Vec<(&'static str, Workload)> {
    listed_types()
        .filter(|(name, _)| home_of(name) == home)
        .collect()
}

fn summary(page: &mut String, rules: &[Rule], products: &[Product]) {
    add(page, "\n## In short\n");
    add(
        page,
        "| cloud | resource types | of them AI | types judged | Azure Policy definitions | KQL checks | examples |",
    );
    add(page, "|---|---|---|---|---|---|---|");
    for cloud in CLOUDS {
        let own: Vec<&Rule> = rules
            .iter()
            .filter(|rule| rule.cloud.as_str() == cloud)
            .collect();
        let known = types_of(cloud);
        let ai = known.iter().filter(|(_, workload)| workload.is_ai).count();
        let judged: BTreeSet<&str> = own
            .iter()
            .flat_map(|rule| &rule.types)
            .map(String::as_str)
            .collect();
        let policy = own
            .iter()
            .filter(|rule| rule.form == "Azure Policy")
            .count();
        let examples: usize = own.iter().map(|rule| rule.examples).sum();
        let (all, judged, checks) = (known.len(), judged.len(), own.len() - policy);
        add(
            page,
            &format!("| {cloud} | {all} | {ai} | {judged} | {policy} | {checks} | {examples} |"),
        );
    }
    add(
        page,
        "\n| beside | its checks | with a counterpart here | with a reason | open |\n|---|---|---|---|---|",
    );
    for product in products {
        for cloud in CLOUDS {
            let own: Vec<&Peer> = product
                .checks
                .iter()
                .filter(|peer| peer.cloud == cloud)
                .collect();
            if own.is_empty() {
                continue;
            }
            let met = own
                .iter()
                .filter(|peer| !counterparts(rules, product.key, peer).is_empty())
                .count();
            let reasons = own
                .iter()
                .filter(|peer| {
                    counterparts(rules, product.key, peer).is_empty() && !peer.reason.is_empty()
                })
                .count();
            let line = format!(
                "| {} {}, {cloud} | {} | {met} | {reasons} | {} |",
                product.name,
                product.version,
                own.len(),
                own.len() - met - reasons
            );
            add(page, &line);
        }
    }
}

fn judged(page: &mut String, cloud: &str, rules: &[Rule]) {
    let own: Vec<&Rule> = rules
        .iter()
        .filter(|rule| rule.cloud.as_str() == cloud)
        .collect();
    let _ = writeln!(page, "\n## {cloud}: what is judged\n");
    if own.is_empty() {
        add(page, "Nothing yet.");
        return;
    }
    add(
        page,
        "| name | what should hold | severity | form | types | frameworks | examples |",
    );
    add(page, "|---|---|---|---|---|---|---|");
    for rule in own {
        let types: Vec<String> = rule.types.iter().map(|name| format!("`{name}`")).collect();
        let frameworks: Vec<&str> = rule.frameworks.iter().map(String::as_str).collect();
        let line = format!(
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            rule.name,
            cell(&rule.title),
            rule.severity.as_str(),
            rule.form,
            types.join(", "),
            frameworks.join(", "),
            rule.examples
        );
        add(page, &line);
    }
}

fn beside(page: &mut String, rules: &[Rule], product: &Product) {
    let _ = writeln!(page, "\n## Beside {} {}\n", product.name, product.version);
    let _ = writeln!(page, "Source: {}.\n", product.source);
    let by_title = product.key == DEFENDER;
    let head = if by_title {
        "recommendation or policy"
    } else {
        "its check"
    };
    let _ = writeln!(
        page,
        "| cloud | {head} | severity | ours, or why there is none |\n|---|---|---|---|"
    );
    for peer in &product.checks {
        let ours = counterparts(rules, product.key, peer);
        let answer = if !ours.is_empty() {
            ours.iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        } else if !peer.reason.is_empty() {
            cell(&peer.reason)
        } else {
            "open".to_owned()
        };
        let name = if by_title {
            cell(&peer.title)
        } else {
            format!("`{}`: {}", peer.id, cell(&peer.title))
        };
        let near = if peer.gen_ai { "" } else { " (neighbour)" };
        let severity = if peer.severity.is_empty() {
            "not published"
        } else {
            &peer.severity
        };
        add(
            page,
            &format!("| {} | {name}{near} | {severity} | {answer} |", peer.cloud),
        );
    }
}

fn types(page: &mut String, home: &str, rules: &[Rule]) {
    let known = types_of(home);
    if known.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "\n### {home}\n\n| type | what it is | category | rules |\n|---|---|---|---|"
    );
    for (name, workload) in known {
        let count = rules
            .iter()
            .filter(|rule| rule.types.contains(name))
            .count();
        let line = format!(
            "| `{name}` | {} | {} | {count} |",
            cell(workload.label),
            workload.category.as_str()
        );
        add(page, &line);
    }
}
