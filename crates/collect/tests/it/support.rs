//! Helpers of the tests: texts in, what was gathered out.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_collect::{CollectOptions, CollectSummary, Gathered, collect_reader};

/// Reads a text as one file called `input.json`.
pub(crate) fn read(text: impl AsRef<[u8]>) -> Gathered {
    read_as("input.json", text).0
}

/// Reads a text as one file.
pub(crate) fn read_as(name: &str, text: impl AsRef<[u8]>) -> (Gathered, CollectSummary) {
    let mut gathered = Gathered::default();
    let summary = collect_reader(
        name,
        text.as_ref(),
        &CollectOptions::default(),
        &mut gathered,
    );
    (gathered, summary)
}

/// Names of the resources, in order.
pub(crate) fn names(gathered: &Gathered) -> Vec<&str> {
    gathered
        .resources
        .iter()
        .map(stance_model::Resource::name)
        .collect()
}

/// `CODE line:column message`, one line each.
pub(crate) fn said(gathered: &Gathered) -> String {
    gathered
        .diagnostics
        .iter()
        .fold(String::new(), |mut text, said| {
            let _ = writeln!(
                text,
                "{} {}:{} {}",
                said.code, said.line, said.column, said.message
            );
            text
        })
}

/// `scope | type | status | reason`, one line each.
pub(crate) fn covered(gathered: &Gathered) -> String {
    gathered
        .coverage
        .iter()
        .fold(String::new(), |mut text, row| {
            let _ = writeln!(
                text,
                "{} | {} | {} {} | {}",
                row.scope,
                row.what,
                row.status.as_str(),
                row.count,
                row.reason
            );
            text
        })
}

/// An account with the name given.
pub(crate) fn account(name: &str) -> String {
    format!(
        r#"{{"id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/{name}","name":"{name}","type":"Microsoft.CognitiveServices/accounts","properties":{{"publicNetworkAccess":"Enabled","tags":[1,{{"a":"}}\""}}]}}}}"#
    )
}

/// The folder with the shared corpora, where there is one.
pub(crate) fn shared(below: &str) -> Option<PathBuf> {
    let root = std::env::var_os("STANCE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = root.join(below);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is absent; set STANCE_SHARED", folder.display());
    None
}
