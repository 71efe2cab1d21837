//! Microsoft Purview: assets with their classifications and labels, as entities of Apache Atlas, as answers of a search,
//! or as the CSV that the portal downloads.
//!
//! Shape: learn.microsoft.com/rest/api/purview (`AtlasEntity`, `SearchResultValue`).

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::Label;
use crate::context::FileContext;
use crate::facts::{Subject, resource_id};
use crate::formats::Found;
use crate::stream::Place;

const SOURCE: &str = "Microsoft Purview";
const PARTIAL: &str = "the assets of one export; what else was scanned is not known";

/// Columns of the CSV, letters only.
const NAME_COLUMNS: &[&str] = &[
    "fullyqualifiedname",
    "qualifiedname",
    "assetfullyqualifiedname",
];
const CLASS_COLUMNS: &[&str] = &[
    "classifications",
    "classification",
    "assetclassifications",
    "schemaclassifications",
];
const LABEL_COLUMNS: &[&str] = &["sensitivitylabel", "sensitivitylabels", "label", "labels"];

/// An entity, a search result, a row, or a list of entities.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    is_entity(body) || is_result(body) || is_row(body) || is_list(body)
}

/// Columns that tell a download of the portal, by their header.
pub(crate) fn is_header(names: &[String]) -> bool {
    let has = |known: &[&str]| {
        names
            .iter()
            .any(|name| known.contains(&letters(name).as_str()))
    };
    has(NAME_COLUMNS) && (has(CLASS_COLUMNS) || has(LABEL_COLUMNS))
}

fn is_entity(body: &Map<String, Value>) -> bool {
    let qualified = body
        .get("attributes")
        .and_then(|attributes| attributes.get("qualifiedName"));
    qualified.is_some_and(Value::is_string) && body.get("typeName").is_some_and(Value::is_string)
}

fn is_result(body: &Map<String, Value>) -> bool {
    body.get("qualifiedName").is_some_and(Value::is_string)
        && (body.contains_key("entityType") || body.contains_key("objectType"))
}

/// A row of the CSV; cells without text are not in it.
fn is_row(body: &Map<String, Value>) -> bool {
    body.values().all(Value::is_string)
        && body
            .keys()
            .any(|name| NAME_COLUMNS.contains(&letters(name).as_str()))
}

fn is_list(body: &Map<String, Value>) -> bool {
    let first = body
        .get("entities")
        .and_then(Value::as_array)
        .and_then(|rows| rows.first());
    first.and_then(Value::as_object).is_some_and(is_entity)
        || body
            .get("entity")
            .and_then(Value::as_object)
            .is_some_and(is_entity)
}

fn letters(name: &str) -> String {
    let plain = name.chars().filter(char::is_ascii_alphabetic);
    plain.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let Found { body, place, .. } = found;
    let body = &body;
    if is_list(body) {
        let listed = body.get("entities").and_then(Value::as_array);
        let entities = listed.into_iter().flatten().chain(body.get("entity"));
        return entities
            .filter_map(Value::as_object)
            .try_for_each(|entity| asset(context, &of_entity(entity), place));
    }
    let described = if is_entity(body) {
        of_entity(body)
    } else if is_result(body) {
        of_result(body)
    } else {
        of_row(body)
    };
    asset(context, &described, place)
}

/// What one asset carries.
#[derive(Debug, Default)]
struct Described {
    name: String,
    resource_id: Option<String>,
    classifications: Vec<String>,
    labels: Vec<String>,
}

fn text<'b>(body: &'b Map<String, Value>, key: &str) -> Option<&'b str> {
    body.get(key).and_then(Value::as_str)
}

fn of_entity(entity: &Map<String, Value>) -> Described {
    let empty = Map::new();
    let attributes = entity
        .get("attributes")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let classified = entity.get("classifications").and_then(Value::as_array);
    let classifications = classified.into_iter().flatten();
    let names = classifications.filter_map(|found| found.get("typeName").and_then(Value::as_str));
    let label = [
        "sensitivityLabel",
        "sensitivityLabelId",
        "sensitivityLabelName",
    ]
    .into_iter()
    .find_map(|key| text(entity, key).or_else(|| text(attributes, key)));
    let id = ["resourceId", "armResourceId", "arn"]
        .into_iter()
        .find_map(|key| text(attributes, key).and_then(resource_id));
    Described {
        name: text(attributes, "qualifiedName")
            .unwrap_or_default()
            .to_owned(),
        resource_id: id,
        classifications: names.map(str::to_owned).collect(),
        labels: label.map(str::to_owned).into_iter().collect(),
    }
}

fn of_result(body: &Map<String, Value>) -> Described {
    let texts = |key: &str| -> Vec<String> {
        let listed = body.get(key).and_then(Value::as_array);
        let spelt = listed.into_iter().flatten().filter_map(Value::as_str);
        spelt.map(str::to_owned).collect()
    };
    let label = text(body, "sensitivityLabelName").or_else(|| text(body, "sensitivityLabelId"));
    let mut labels = texts("label");
    labels.extend(label.map(str::to_owned));
    Described {
        name: text(body, "qualifiedName").unwrap_or_default().to_owned(),
        resource_id: None,
        classifications: texts("classification"),
        labels,
    }
}

fn of_row(body: &Map<String, Value>) -> Described {
    let cells = |known: &[&str]| -> Vec<String> {
        let cells = body
            .iter()
            .filter(|(name, _)| known.contains(&letters(name).as_str()));
        let cells = cells.filter_map(|(_, cell)| cell.as_str());
        cells
            .flat_map(|cell| cell.split([',', ';', '|']))
            .map(|part| part.trim().trim_matches(['"', '[', ']']).to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    let named = body
        .iter()
        .find(|(name, _)| NAME_COLUMNS.contains(&letters(name).as_str()));
    Described {
        name: named
            .and_then(|(_, cell)| cell.as_str())
            .unwrap_or_default()
            .to_owned(),
        resource_id: None,
        classifications: cells(CLASS_COLUMNS),
        labels: cells(LABEL_COLUMNS),
    }
}

fn asset(context: &mut FileContext<'_>, described: &Described, place: Place) -> ControlFlow<()> {
    let held = container(&described.name);
    let subject = Subject {
        resource_id: described.resource_id.clone().or_else(|| held.id.clone()),
        name: Some(
            held.container
                .clone()
                .unwrap_or_else(|| described.name.clone()),
        ),
        ..Subject::default()
    };
    let classified = described
        .classifications
        .iter()
        .map(|label| (label, "classification"));
    let labelled = described.labels.iter().map(|label| (label, "label"));
    let mut count = 0;
    for (label, kind) in classified.chain(labelled) {
        let row = Label {
            name: label,
            kind,
            source: SOURCE,
            confidence: if kind == "label" { "High" } else { "Medium" },
            path: Some(&described.name),
            container: held.container.as_deref(),
            ..Label::default()
        };
        count += 1;
        context.send_fact(row.row(&subject, context.source_at(place)))?;
    }
    context.cover_facts("sensitivitylabels", &subject, count, Some(PARTIAL));
    ControlFlow::Continue(())
}

/// What holds an asset, as far as its qualified name says: the id where the name gives it away, else the name of the
/// storage account or server, which an Azure id ends in.
#[derive(Debug, Default)]
struct Container {
    id: Option<String>,
    container: Option<String>,
}

fn container(qualified: &str) -> Container {
    if let Some(id) = resource_id(qualified) {
        return Container {
            id: Some(id),
            container: None,
        };
    }
    let Some((scheme, rest)) = qualified.split_once("://") else {
        return Container::default();
    };
    let host = rest
        .split(['/', '?', '#', ':'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let first = host.split('.').next().unwrap_or_default().to_owned();
    if scheme == "s3" || host.ends_with(".amazonaws.com") {
        return Container {
            id: (!first.is_empty()).then(|| format!("arn:aws:s3:::{first}")),
            container: Some(first),
        };
    }
    let known = [
        ".core.windows.net",
        ".database.windows.net",
        ".documents.azure.com",
        ".azuresynapse.net",
    ];
    let named = known.iter().any(|ending| host.ends_with(ending)) && !first.is_empty();
    Container {
        id: None,
        container: named.then_some(first),
    }
}
