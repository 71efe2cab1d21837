//! Alias sources: shapes, precedence, the cache.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use stance_model::FindingState;
use stance_policy::{AliasSources, BuildOptions, PolicySet};

use crate::helpers::{audit, index, judge, library, resource, shared};

fn provider(path: &str) -> Value {
    json!({"namespace": "Contoso.Cloud", "resourceTypes": [{"resourceType": "things", "aliases": [
        {"name": "Contoso.Cloud/things/open", "defaultPath": path, "paths": null},
    ]}]})
}

fn verdict(aliases: &AliasSources) -> FindingState {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Contoso.Cloud/things"},
        {"field": "Contoso.Cloud/things/open", "equals": true},
    ]}));
    let (set, diagnostics) =
        PolicySet::build(&library(&[rule]), aliases, &BuildOptions::default()).unwrap();
    assert_eq!(diagnostics, []);
    let thing = resource(
        "Contoso.Cloud/things",
        "t",
        &json!({"properties": {"a": {"open": true}, "b": {"open": false}}}),
    );
    judge(&set, &thing, &index(Vec::new())).state
}

#[test]
fn every_shape_of_an_alias_document_is_read_and_the_last_one_counts() {
    let a = provider("properties.a.open");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(json!({"value": [a]}).to_string().as_bytes())
        .unwrap();
    let cli = provider("properties.a.open").to_string().replace(
        "\"properties.a.open\"",
        "{\"path\": \"properties.a.open\", \"apiVersions\": [\"1\"]}",
    );
    for bytes in [
        json!({"value": [a], "nextLink": null})
            .to_string()
            .into_bytes(),
        json!([a]).to_string().into_bytes(),
        a.to_string().into_bytes(),
        cli.into_bytes(),
        gzip.finish().unwrap(),
    ] {
        let mut aliases = AliasSources::embedded();
        aliases.add_bytes(
            "first",
            json!([provider("properties.b.open")])
                .to_string()
                .into_bytes(),
        );
        aliases.add_bytes("second", bytes);
        assert_eq!(verdict(&aliases), FindingState::Unhealthy);
    }
}

#[test]
fn versioned_paths_follow_the_api_version_of_a_template() {
    let mut aliases = AliasSources::embedded();
    let mut document = provider("properties.b.open");
    document["resourceTypes"][0]["aliases"][0]["paths"] =
        json!([{"path": "properties.a.open", "apiVersions": ["2020-01-01"]}]);
    aliases.add_bytes("aliases.json", document.to_string().into_bytes());
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Contoso.Cloud/things"},
        {"field": "Contoso.Cloud/things/open", "equals": true},
    ]}));
    let (set, _) = PolicySet::build(&library(&[rule]), &aliases, &BuildOptions::default()).unwrap();
    let mut thing = resource(
        "Contoso.Cloud/things",
        "t",
        &json!({"properties": {"a": {"open": true}, "b": {"open": false}}}),
    );
    assert_eq!(
        judge(&set, &thing, &index(Vec::new())).state,
        FindingState::Healthy
    );
    thing.api_version = Some("2020-01-01".to_owned());
    assert_eq!(
        judge(&set, &thing, &index(Vec::new())).state,
        FindingState::Unhealthy
    );
}

#[test]
fn a_document_of_another_shape_is_an_error_that_names_it() {
    for bytes in [
        b"{\"x\": 1}".to_vec(),
        b"nonsense".to_vec(),
        vec![0x1f, 0x8b, 1, 2],
        vec![0xff, 0xff],
    ] {
        let mut aliases = AliasSources::embedded();
        aliases.add_bytes("mine.json", bytes);
        let error = PolicySet::build(
            &library(&[audit(&json!({"field": "type", "equals": "x"}))]),
            &aliases,
            &BuildOptions::default(),
        )
        .unwrap_err();
        assert!(error.to_string().contains("mine.json"), "{error}");
    }
}

/// A document large enough to be worth a cache.
fn large() -> Vec<u8> {
    let filler: Vec<Value> = (0..2_000)
        .map(|number| json!({"name": format!("Contoso.Other/things/p{number}"), "defaultPath": "properties.x", "paths": []}))
        .collect();
    json!([provider("properties.a.open"), {"namespace": "Contoso.Other", "resourceTypes": [{"resourceType": "things", "aliases": filler}]}])
        .to_string()
        .into_bytes()
}

fn cached(folder: &Path) -> FindingState {
    let mut aliases = AliasSources::embedded().with_cache(folder);
    aliases.add_bytes("large.json", large());
    verdict(&aliases)
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn the_cache_is_private_small_and_mends_itself() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    assert_eq!(cached(&folder), FindingState::Unhealthy);
    let files = entries(&folder);
    assert_eq!(files.len(), 1);
    let sound = fs::read(&files[0]).unwrap();
    assert!(sound.len() < 4_096, "only what is needed is kept");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
    let forged = String::from_utf8(sound.clone())
        .unwrap()
        .replace("properties.a.open", "properties.b.open");
    for bad in [
        b"".to_vec(),
        b"junk".to_vec(),
        sound[..sound.len() / 2].to_vec(),
        forged.into_bytes(),
    ] {
        fs::write(&files[0], &bad).unwrap();
        assert_eq!(
            cached(&folder),
            FindingState::Unhealthy,
            "a damaged cache is not believed"
        );
        assert_eq!(fs::read(&files[0]).unwrap(), sound, "and is written again");
    }
}

#[test]
fn a_cache_folder_that_cannot_be_written_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, b"x").unwrap();
    assert_eq!(cached(&file), FindingState::Unhealthy);
}

#[test]
fn our_own_table_says_what_azure_says() {
    let Some(folder) = shared("our_own_table_says_what_azure_says") else {
        return;
    };
    let mut text = String::new();
    let file = fs::File::open(folder.join("policies/aliases.json.gz")).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    let azure = paths(&serde_json::from_str(&text).unwrap());
    let own =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/aliases/azure.json"))
            .unwrap();
    let own = paths(&serde_json::from_slice(&own).unwrap());
    let known: std::collections::HashMap<_, Vec<_>> = azure.iter().fold(
        std::collections::HashMap::default(),
        |mut map: std::collections::HashMap<_, Vec<_>>, (name, path)| {
            map.entry(name.clone()).or_default().push(path.clone());
            map
        },
    );
    let wrong: Vec<_> = own
        .iter()
        .filter(|(name, path)| !known.get(name).is_some_and(|paths| paths.contains(path)))
        .collect();
    assert!(own.len() > 400 && wrong.is_empty(), "{wrong:#?}");
}

fn paths(document: &Value) -> Vec<(String, String)> {
    let providers = document["value"].as_array().unwrap();
    let types = providers
        .iter()
        .flat_map(|provider| provider["resourceTypes"].as_array().unwrap());
    types
        .flat_map(|kind| kind["aliases"].as_array().unwrap())
        .map(|alias| {
            let text = |key: &str| alias[key].as_str().unwrap_or_default().to_lowercase();
            (text("name"), text("defaultPath"))
        })
        .collect()
}

#[test]
fn data_plane_aliases_compile_from_our_manifest() {
    let aliases = [
        "Microsoft.KeyVault.Data/vaults/keys/attributes.expiresOn",
        "Microsoft.DataFactory.Data/factories/outboundTraffic/properties.domainNames[*]",
        "Microsoft.MachineLearningServices.v2.Data/workspaces/deployments/model.assetId",
        "Microsoft.CognitiveServices.Data/accounts/deployments/raiPolicy.contentFilters[*].severityThreshold",
    ];
    let rules: Vec<Value> = aliases
        .iter()
        .map(|alias| {
            let mut rule = audit(&json!({"field": alias, "exists": false}));
            rule["name"] = json!(alias);
            rule
        })
        .collect();
    let report =
        stance_policy::compile_report(&library(&rules).definitions, &AliasSources::embedded())
            .unwrap();
    assert_eq!(
        (report.compiled, report.failures),
        (aliases.len(), Vec::new())
    );
}
