//! The rule engine and the evidence pass agree wherever nothing is unknown, on generated resources.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};
use stance_model::Resource;
use stance_policy::{AliasSources, BuildOptions, Definition, Library, PolicySet};

use crate::helpers::{GROUP, SUBSCRIPTION, context, index, shared};

/// A small deterministic generator (xorshift), so that a failure can be run again.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.next(list.len());
        &list[at]
    }
}

/// Paths of aliases, by lower-case name, read from the same sources as the product's but by the test's own code.
fn alias_paths(folder: Option<&Path>) -> HashMap<String, (String, String)> {
    let mut paths = HashMap::new();
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/aliases");
    let mut documents = vec![
        std::fs::read(content.join("azure.json")).unwrap(),
        std::fs::read(content.join("data-plane.json")).unwrap(),
    ];
    if let Some(folder) = folder {
        let mut text = Vec::new();
        let file = std::fs::File::open(folder.join("policies/aliases.json.gz")).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_end(&mut text)
            .unwrap();
        documents.push(text);
    }
    for document in documents {
        let document: Value = serde_json::from_slice(&document).unwrap();
        let list = document
            .get("value")
            .or_else(|| document.get("manifests"))
            .unwrap();
        for provider in list.as_array().unwrap() {
            let namespace = provider
                .get("namespace")
                .or_else(|| provider.get("dataNamespace"))
                .unwrap();
            let types = provider
                .get("resourceTypes")
                .or_else(|| provider.get("resourceTypeAliases"))
                .unwrap();
            for kind in types.as_array().unwrap() {
                let full = format!(
                    "{}/{}",
                    namespace.as_str().unwrap(),
                    kind["resourceType"].as_str().unwrap()
                );
                for alias in kind["aliases"].as_array().into_iter().flatten() {
                    let path = alias
                        .get("defaultPath")
                        .or_else(|| alias.pointer("/paths/0/path"));
                    if let Some(path) = path.and_then(Value::as_str) {
                        paths.insert(
                            alias["name"].as_str().unwrap().to_lowercase(),
                            (full.clone(), path.to_owned()),
                        );
                    }
                }
            }
        }
    }
    paths
}

/// Every field with the values it is compared with.
fn fields(value: &Value, parameters: &Map<String, Value>, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| fields(item, parameters, out)),
        Value::Object(object) => {
            if let Some(field) = object.get("field").and_then(Value::as_str) {
                for (key, compared) in object.iter().filter(|(key, _)| *key != "field") {
                    out.push((
                        field.to_owned(),
                        if key == "where" {
                            Value::Null
                        } else {
                            resolve(compared, parameters)
                        },
                    ));
                }
                out.push((field.to_owned(), Value::Null));
            }
            for (key, inner) in object.iter().filter(|(key, _)| *key != "deployment") {
                if let Some(text) = inner
                    .as_str()
                    .filter(|text| text.contains("field('") && key != "field")
                {
                    let name = text
                        .split("field('")
                        .nth(1)
                        .and_then(|rest| rest.split('\'').next());
                    out.push((name.unwrap_or_default().to_owned(), Value::Null));
                }
                fields(inner, parameters, out);
            }
        }
        _ => {}
    }
}

fn resolve(value: &Value, parameters: &Map<String, Value>) -> Value {
    let name = value
        .as_str()
        .and_then(|text| text.strip_prefix("[parameters('")?.strip_suffix("')]"));
    match name {
        Some(name) => parameters
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or(Value::Null, |(_, value)| value.clone()),
        None => value.clone(),
    }
}

fn value_for(compared: &Value, random: &mut Random) -> Option<Value> {
    let near = match compared {
        Value::Array(items) if !items.is_empty() => random.pick(items).clone(),
        other => other.clone(),
    };
    let strange = [
        json!(null),
        json!(""),
        json!("x"),
        json!(true),
        json!(false),
        json!("true"),
        json!(0),
        json!(7),
        json!("12"),
        json!([]),
        json!({}),
        json!(["x"]),
    ];
    Some(match random.next(8) {
        0 => return None,
        1 => random.pick(&strange).clone(),
        2 => match &near {
            Value::String(text) => json!(text.to_uppercase()),
            Value::Bool(flag) => json!(!flag),
            Value::Number(number) => json!(number.as_i64().unwrap_or(0) + 1),
            other => other.clone(),
        },
        3 => match &near {
            Value::Bool(flag) => json!(flag.to_string()),
            Value::String(text) => json!(text.replace('*', "abc")),
            other => other.clone(),
        },
        _ => near,
    })
}

/// Writes a value at an alias path; at `[*]` into every element of an array of the given length.
fn write(
    target: &mut Value,
    path: &[&str],
    lengths: &mut HashMap<String, usize>,
    at: &str,
    compared: &Value,
    random: &mut Random,
) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let (key, each) = first
        .strip_suffix("[*]")
        .map_or((*first, false), |key| (key, true));
    if !target.is_object() {
        *target = json!({});
    }
    let here = format!("{at}.{key}");
    if each {
        let length = *lengths
            .entry(here.clone())
            .or_insert_with(|| random.next(4));
        // Sometimes there is no array at all.
        if length == 3 {
            return;
        }
        let list = &mut target[key];
        if !list.is_array() {
            *list = Value::Array(vec![json!({}); length]);
        }
        for item in list.as_array_mut().unwrap() {
            if rest.is_empty() {
                if item.as_object().is_some_and(Map::is_empty) && random.next(3) == 0 {
                    *item = value_for(compared, random).unwrap_or(json!("x"));
                }
            } else {
                write(item, rest, lengths, &here, compared, random);
            }
        }
        return;
    }
    if rest.is_empty() {
        if let Some(value) = value_for(compared, random) {
            target[key] = value;
        }
        return;
    }
    write(&mut target[key], rest, lengths, &here, compared, random);
}

fn generate(
    kind: &str,
    fields: &[(String, Value)],
    paths: &HashMap<String, (String, String)>,
    random: &mut Random,
    id: &str,
) -> Resource {
    let mut body = json!({"type": kind, "name": id.rsplit('/').next(), "id": id, "location": "westeurope", "properties": {}});
    let mut lengths = HashMap::new();
    let mut done = BTreeSet::new();
    for (field, compared) in fields {
        match field.to_lowercase().as_str() {
            "kind" | "location" => {
                if let Some(value) = value_for(compared, random).filter(Value::is_string) {
                    body[field.to_lowercase()] = value;
                }
            }
            "identity.type" => {
                if let Some(value) = value_for(compared, random).filter(Value::is_string) {
                    body["identity"] = json!({"type": value});
                }
            }
            lower => {
                let Some((owner, path)) = paths.get(lower) else {
                    continue;
                };
                if owner.eq_ignore_ascii_case(kind)
                    && (done.insert(path.clone()) || random.next(2) == 0)
                {
                    let segments: Vec<&str> = path.split('.').collect();
                    write(&mut body, &segments, &mut lengths, "", compared, random);
                }
            }
        }
    }
    stance_policy::examples::resource(&body, Vec::new())
}

/// Values for required parameters, so that every definition can be tried.
fn parameters(definition: &Definition, random: &mut Random) -> BTreeMap<String, Value> {
    definition
        .parameters
        .iter()
        .filter(|parameter| {
            parameter.default.is_none()
                || (!parameter.allowed.is_empty() && !parameter.name.eq_ignore_ascii_case("effect"))
        })
        .map(|parameter| {
            let any = match parameter.kind.as_str() {
                "array" => json!(["westeurope", "x"]),
                "boolean" => json!(true),
                "integer" => json!(7),
                "object" => json!({}),
                _ => json!("x"),
            };
            let one = if parameter.allowed.is_empty() {
                any
            } else {
                random.pick(&parameter.allowed).clone()
            };
            let value = if parameter.kind == "array" && !one.is_array() {
                json!([one])
            } else {
                one
            };
            (parameter.name.clone(), value)
        })
        .collect()
}

#[derive(Debug, Default)]
struct Tally {
    definitions: usize,
    verdicts: usize,
    states: BTreeMap<&'static str, usize>,
    disagreements: Vec<String>,
    unknown: BTreeMap<String, usize>,
}

fn compare(
    library: &Library,
    aliases: &AliasSources,
    paths: &HashMap<String, (String, String)>,
    rounds: usize,
) -> Tally {
    let mut random = Random(0x5eed_1234_5678_9abc);
    let given: BTreeMap<String, BTreeMap<String, Value>> = library
        .definitions
        .iter()
        .map(|definition| {
            (
                definition.name.to_lowercase(),
                parameters(definition, &mut random),
            )
        })
        .collect();
    let options = BuildOptions {
        force_audit: true,
        include_deprecated: true,
        parameters: given.clone(),
    };
    let (set, _) = PolicySet::build(library, aliases, &options).unwrap();
    let mut tally = Tally {
        definitions: set.definitions().len(),
        ..Tally::default()
    };
    for definition in &library.definitions {
        let mut values: Map<String, Value> = given[&definition.name.to_lowercase()]
            .clone()
            .into_iter()
            .collect();
        for parameter in &definition.parameters {
            if let Some(default) = &parameter.default {
                values
                    .entry(parameter.name.clone())
                    .or_insert(default.clone());
            }
        }
        let file = definition.rule();
        let mut conditions = Vec::new();
        fields(&file["if"], &values, &mut conditions);
        let mut existence = Vec::new();
        fields(
            &file["then"]["details"]["existenceCondition"],
            &values,
            &mut existence,
        );
        let related_type = file["then"]["details"]["type"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for kind in types(&conditions) {
            for _ in 0..rounds {
                let id = if kind.eq_ignore_ascii_case("Microsoft.Resources/subscriptions") {
                    SUBSCRIPTION.to_owned()
                } else {
                    format!("{GROUP}/providers/{kind}/a")
                };
                let resource = generate(&kind, &conditions, paths, &mut random, &id);
                let related = (0..random.next(3))
                    .map(|at| {
                        let id = format!("{id}/providers/{related_type}/r{at}");
                        let mut other =
                            generate(&related_type, &existence, paths, &mut random, &id);
                        if let Some(name) = file["then"]["details"]["name"].as_str() {
                            other.body["name"] = json!(name);
                        }
                        other
                    })
                    .collect();
                let index = index(related);
                for verdict in set.evaluate(&resource, &index, &context()) {
                    if verdict.definition.name != definition.name {
                        continue;
                    }
                    tally.verdicts += 1;
                    *tally.states.entry(verdict.state.as_str()).or_default() += 1;
                    if verdict.state == stance_model::FindingState::Unknown {
                        let key = verdict.cause.replace(char::is_numeric, "");
                        *tally
                            .unknown
                            .entry(format!(
                                "{} {}",
                                key.chars().take(120).collect::<String>(),
                                if std::env::var_os("WHO").is_some() {
                                    definition.name.as_str()
                                } else {
                                    ""
                                }
                            ))
                            .or_default() += 1;
                    }
                    if verdict.engine_disagreement {
                        tally.disagreements.push(format!(
                            "{} {}: {}",
                            definition.name, definition.display_name, resource.body
                        ));
                    }
                }
            }
        }
    }
    tally
}

fn types(conditions: &[(String, Value)]) -> BTreeSet<String> {
    conditions
        .iter()
        .filter(|(field, _)| field.eq_ignore_ascii_case("type"))
        .flat_map(|(_, value)| match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(items) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}

fn report(what: &str, tally: &Tally) {
    eprintln!(
        "{what}: {} definitions, {} verdicts, {:?}, {} disagreements",
        tally.definitions,
        tally.verdicts,
        tally.states,
        tally.disagreements.len()
    );
    for (cause, count) in &tally.unknown {
        eprintln!("  {count} Unknown: {cause}");
    }
    tally
        .disagreements
        .iter()
        .take(10)
        .for_each(|line| eprintln!("  {line}"));
}

#[test]
fn both_passes_agree_on_the_built_in_rules() {
    let mut library = Library::default();
    library.add_path(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/policies"));
    let tally = compare(&library, &AliasSources::embedded(), &alias_paths(None), 40);
    report("content/policies", &tally);
    assert!(
        tally.verdicts >= 400
            && tally.states.contains_key("Healthy")
            && tally.states.contains_key("Unhealthy")
    );
    assert_eq!(tally.disagreements, Vec::<String>::new());
}

#[test]
fn both_passes_agree_on_microsofts_definitions_about_ai() {
    let Some(folder) = shared("both_passes_agree_on_microsofts_definitions_about_ai") else {
        return;
    };
    let mut library = Library::default();
    library.add_path(&folder.join("policies/ai"));
    let tally = compare(&library, &AliasSources::embedded(), &alias_paths(None), 40);
    report("AI", &tally);
    assert!(
        tally.verdicts >= 3_000
            && tally.states.contains_key("Healthy")
            && tally.states.contains_key("Unhealthy")
    );
    assert_eq!(tally.disagreements, Vec::<String>::new());
}

#[test]
fn both_passes_agree_on_the_sample_of_microsofts_other_definitions() {
    let Some(folder) = shared("both_passes_agree_on_the_sample") else {
        return;
    };
    let library = crate::compile_shared::sample(&folder);
    let tally = compare(
        &library,
        &crate::compile_shared::aliases(&folder),
        &alias_paths(Some(&folder)),
        3,
    );
    report("sample", &tally);
    assert!(tally.verdicts >= 1_000);
    // A boolean compared with a number, or a text function over a list, is where the two may part.
    assert!(
        tally.disagreements.len() * 200 <= tally.verdicts,
        "{} of {}",
        tally.disagreements.len(),
        tally.verdicts
    );
}
