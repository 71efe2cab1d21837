//! The codes and the page that explains them.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_collect::codes::COLLECT_CODES;

fn page() -> String {
    let mut text = String::from(
        "# Diagnostics\n\nEvery problem met while reading carries a code that never changes its meaning.\n\
         Errors mean that something was not read; the rest of the file and of the input is read all the same.\n\n\
         This page is written by a test: `STANCE_UPDATE=1 cargo test -p stance-collect codes` renews it.\n\n\
         | code | level | what happened | what helps |\n|---|---|---|---|\n",
    );
    for code in COLLECT_CODES {
        let level = format!("{:?}", code.level).to_lowercase();
        let help = code.help.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {} | {level} | {} | {help} |",
            code.code, code.title
        );
    }
    text.push_str("\n## Templates\n\n| code | level | what happened |\n|---|---|---|\n");
    for source in ["json/mod.rs", "arm_template/mod.rs"] {
        for row in documented(source) {
            text.push_str(&row);
            text.push('\n');
        }
    }
    text
}

/// The table of codes that a module keeps in its documentation.
fn documented(source: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(source);
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with("| ARM") || line.starts_with("| JSON"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn codes_are_unique_and_in_order() {
    for pair in COLLECT_CODES.windows(2) {
        assert!(
            pair[0].code < pair[1].code,
            "{} {}",
            pair[0].code,
            pair[1].code
        );
    }
}

#[test]
fn the_page_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics.md");
    if std::env::var_os("STANCE_UPDATE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written,
        page(),
        "run with STANCE_UPDATE=1 to renew {}",
        path.display()
    );
}
