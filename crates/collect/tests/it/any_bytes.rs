//! Whatever the bytes are: no panic, no endless loop, and the cut of the pieces plays no part.

use std::io::Read;

use proptest::prelude::*;
use stance_collect::{CollectOptions, Gathered, collect_reader};

use crate::support::{account, read, said};

/// Gives at most `piece` bytes at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.piece.min(buffer.len()).min(self.bytes.len());
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

fn seeds() -> Vec<String> {
    vec![
        format!(r#"{{"value":[{},{},{}],"nextLink":null}}"#, account("a"), account("b"), account("c")),
        format!(r#"{{"count":2,"data":[{},{}],"skip_token":null}}"#, account("a"), account("b")),
        format!("{}\n{}\n{}\n", account("a"), account("b"), account("c")),
        format!("[\n  {},\n  {}\n]", account("a"), account("b")),
        r#"{"object":"list","data":[{"object":"agent","id":"a","name":"a","versions":{"latest":{"definition":{"kind":"prompt","tools":[{"type":"mcp"}]}}}}],"has_more":false}"#.to_owned(),
        r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{"id":"a","displayName":"x"},{"@odata.type":"#microsoft.graph.group","id":"b","members":[{"id":"c"}]}]}"##.to_owned(),
        r#"{"@odata.context":"https://o.crm.dynamics.com/api/data/v9.2/$metadata#botcomponents","value":[{"botcomponentid":"a","_parentbotid_value":"b","componenttype":9,"data":"kind: TaskDialog\naction:\n  kind: X"}]}"#.to_owned(),
        r#"{"@odata.context":"https://s.search.windows.net/$metadata#datasources","value":[{"name":"a","type":"azureblob","credentials":{"connectionString":"ResourceId=/x;"},"container":{"name":"c"}}]}"#.to_owned(),
        r#"{"data":{"columns":[{"name":"id"},{"name":"type"}],"rows":[["/subscriptions/S/x","m.x/y"]]}}"#.to_owned(),
        "id,type,properties\n/subscriptions/S/resourceGroups/g/providers/M.X/y/a,m.x/y,\"{\"\"a\"\":1}\"\n".to_owned(),
        r#"{"name":"//x.googleapis.com/projects/p/a/b","asset_type":"x.googleapis.com/A","resource":{"data":{"a":1}},"ancestors":["projects/1"]}"#.to_owned(),
        r#"{"assets":[{"name":"//x.googleapis.com/projects/1/a/b","assetType":"x.googleapis.com/A","iamPolicy":{"bindings":[]}}]}"#.to_owned(),
        r#"{"endpoints":[{"name":"projects/p/locations/l/endpoints/1","labels":{"a":"b"}}],"nextPageToken":"x"}"#.to_owned(),
        r#"{"headers":{"content-location":"https://l-aiplatform.googleapis.com/v1/projects/p/locations/-/models"},"body":{"models":[]}}"#.to_owned(),
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"container","name":"a/b:1@sha256:00"}},"components":[{"name":"openai","purl":"pkg:pypi/openai@1%20?a=b#c"}]}"#.to_owned(),
        r#"{"SchemaVersion":2,"ArtifactName":"a:1","Results":[{"Type":"npm","Vulnerabilities":[{"VulnerabilityID":"C","PkgName":"p"}]}]}"#.to_owned(),
        r#"{"entities":[{"typeName":"t","attributes":{"qualifiedName":"https://a.blob.core.windows.net/c"},"classifications":[{"typeName":"X"}]}]}"#.to_owned(),
        r#"{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]}"#.to_owned(),
    ]
}

/// `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// A text with a few bytes changed, removed or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<prop::sample::Index>(),
        prop::sample::select(br#"{}[]",:\ x1"#.to_vec()),
        0..3_u8,
    );
    (
        prop::sample::select(seeds()),
        prop::collection::vec(edit, 0..4),
    )
        .prop_map(|(text, edits)| {
            let mut bytes = text.into_bytes();
            for (index, byte, how) in edits {
                let at = index.index(bytes.len());
                match how {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => {
                        bytes.remove(at);
                    }
                }
            }
            bytes
        })
}

fn show(found: &Gathered) -> String {
    let rows: Vec<String> = found
        .resources
        .iter()
        .map(|resource| format!("{:?} {}", resource.source, resource.body))
        .collect();
    format!("{}\n{}", rows.join("\n"), said(found))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes);
    }

    #[test]
    fn pieces_may_be_cut_anywhere(bytes in damaged(), piece in 1..40_usize) {
        let whole = read(&bytes);
        let mut pieces = Gathered::default();
        let reader = Pieces { bytes: &bytes, piece };
        collect_reader("input.json", reader, &CollectOptions::default(), &mut pieces);
        prop_assert_eq!(show(&whole), show(&pieces));
    }

    #[test]
    fn a_damaged_file_never_passes_in_silence(bytes in damaged()) {
        let found = read(&bytes);
        prop_assert!(!found.resources.is_empty() || !found.diagnostics.is_empty() || !found.coverage.is_empty());
    }
}
