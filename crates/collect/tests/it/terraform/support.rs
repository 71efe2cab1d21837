//! Source in, resources out, as text that a person can read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use stance_collect::arm_template::Target;
use stance_collect::terraform::{Found, MemoryFiles, read_folder};
use stance_model::Resource;

/// Reads files of one input; the root module is the folder `""`.
pub(crate) fn read_files(files: &[(&str, &str)]) -> Found {
    let files: BTreeMap<String, String> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    read_folder("", &MemoryFiles(files), &Target::default())
}

/// Reads a single file.
pub(crate) fn read_source(text: &str) -> Found {
    read_files(&[("main.tf", text)])
}

/// Body, unknowns and place of every resource.
pub(crate) fn shown(resources: &[Resource]) -> String {
    resources.iter().fold(String::new(), |mut text, resource| {
        let source = &resource.source;
        let body = serde_json::to_string_pretty(&resource.body).unwrap();
        let _ = writeln!(
            text,
            "# {} {}:{}\n{body}",
            resource.origin.as_str(),
            source.file,
            source.line
        );
        for unknown in &resource.unknowns {
            let _ = writeln!(text, "? {} = {}", unknown.pointer, unknown.expression);
        }
        text
    })
}

/// `CODE file:line message`, one line each.
pub(crate) fn said(found: &Found) -> String {
    found
        .diagnostics
        .iter()
        .fold(String::new(), |mut text, said| {
            let _ = writeln!(
                text,
                "{} {}:{} {}",
                said.code, said.file, said.line, said.message
            );
            text
        })
}

/// The value of `output` in a resource made for it: what an expression comes to.
pub(crate) fn value_of(expression: &str, rest: &str) -> serde_json::Value {
    let text = format!(
        "resource \"azapi_resource\" \"x\" {{\n  type = \"Microsoft.Test/things@1\"\n  name = \"x\"\n  body = {{ properties = {{ value = {expression} }} }}\n}}\n{rest}"
    );
    let found = read_source(&text);
    assert_eq!(found.resources.len(), 1, "{}", said(&found));
    let resource = &found.resources[0];
    if let Some(unknown) = resource.unknown_at("/properties/value") {
        return serde_json::json!({"unknown": unknown.expression});
    }
    assert!(
        found.diagnostics.is_empty(),
        "{expression}: {}",
        said(&found)
    );
    resource.body["properties"]["value"].clone()
}
