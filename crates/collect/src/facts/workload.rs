//! Images that workloads run, as `stance/images` rows, so that bills of materials and vulnerabilities of an image can be
//! joined to what runs it. Where each type names its images is data: `content/mappings/workload-images.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};
use stance_model::Resource;

use super::image::Image;
use super::{Subject, fact};

const TABLE: &str = include_str!("../../../../content/mappings/workload-images.json");
/// Images of one workload that are told.
const IMAGES: usize = 100;

#[derive(Debug, Deserialize)]
struct Table {
    types: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    resource_type: String,
    paths: Vec<String>,
}

static PATHS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    // A test reads the table; a broken one knows no images.
    let entries =
        serde_json::from_str::<Table>(TABLE).map_or_else(|_| Vec::new(), |table| table.types);
    entries
        .into_iter()
        .map(|entry| (entry.resource_type, entry.paths))
        .collect()
});

/// A row for each image that the resource runs; none for other types.
pub(crate) fn rows(resource: &Resource) -> Vec<Resource> {
    let Some(paths) = PATHS.get(&resource.resource_type) else {
        return Vec::new();
    };
    let mut found: Vec<Image> = Vec::new();
    for path in paths {
        let mut spelt = Vec::new();
        walk(resource.properties(), path, &mut spelt);
        for image in spelt.into_iter().filter_map(image_of) {
            if found.len() < IMAGES && !found.contains(&image) {
                found.push(image);
            }
        }
    }
    found
        .into_iter()
        .map(|image| {
            let name = image.reference.clone();
            let subject = Subject {
                resource_id: Some(resource.id.as_str().to_owned()),
                image: Some(image),
                account: resource.subscription().map(str::to_owned),
                cloud: Some(resource.cloud),
                name: None,
            };
            let mut row = fact(
                "images",
                &name,
                &subject,
                &[&name],
                Map::new(),
                resource.source.clone(),
            );
            row.origin = resource.origin;
            row.observed_at.clone_from(&resource.observed_at);
            row
        })
        .collect()
}

/// Texts at a path; a star stands for every element.
fn walk<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v str>) {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let mut step = |next: &'v Value| {
        if rest.is_empty() {
            found.extend(next.as_str());
        } else {
            walk(next, rest, found);
        }
    };
    match value {
        Value::Array(items) if first == "*" => items.iter().for_each(&mut step),
        Value::Object(members) => members.get(first).into_iter().for_each(step),
        _ => {}
    }
}

/// The reference, without the words App Service puts before it; expressions are known after deployment only.
fn image_of(spelt: &str) -> Option<Image> {
    if spelt.starts_with(['[', '$']) || spelt.contains("***") {
        return None;
    }
    match spelt.split_once('|') {
        Some((kind, image)) if kind.eq_ignore_ascii_case("docker") => Image::parse(image),
        // `PYTHON|3.12` is a runtime, `COMPOSE|…` a file, `sitecontainers` no reference.
        Some(_) => None,
        None if !spelt.contains(['/', ':']) => None,
        None => Image::parse(spelt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_lower_case() {
        let table: Table = serde_json::from_str(TABLE).unwrap();
        let types = table.types.iter().map(|entry| entry.resource_type.as_str());
        assert!(types.clone().is_sorted());
        assert!(types.clone().all(|name| name == name.to_lowercase()));
        assert!(table.types.len() > 15);
    }

    #[test]
    fn runtimes_and_expressions_are_no_images() {
        let repository = |spelt: &str| {
            image_of(spelt)
                .map(|image| image.repository)
                .unwrap_or_default()
        };
        assert_eq!(
            repository("DOCKER|contoso.azurecr.io/agent:1"),
            "contoso.azurecr.io/agent"
        );
        assert_eq!(repository("PYTHON|3.12"), "");
        assert_eq!(repository("sitecontainers"), "");
        assert_eq!(repository("[parameters('image')]"), "");
    }
}
