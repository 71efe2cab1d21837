//! The stored resources that a graph is built from.

use arrow::array::{RecordBatch, StringArray};
use serde_json::{Map, Value};
use stance_exposure::Inventory;
use stance_lake::Lake;
use stance_model::{Cloud, Origin, Resource, SourceLocation, Unknown, workload};

use crate::OperationsError;
use crate::rows::resources::TABLES;
use crate::stored;

/// Columns of text that become members of the resource's body.
const TEXTS: [(&str, &str); 7] = [
    ("name", "name"),
    ("type", "type"),
    ("kind", "kind"),
    ("location", "location"),
    ("resourceGroup", "resourceGroup"),
    ("subscriptionId", "subscriptionId"),
    ("parent_id", "parentId"),
];
/// Columns of JSON that become members of the resource's body. `properties` is parsed only where somebody reads it.
const JSONS: [&str; 3] = ["identity", "tags", "sku"];

/// Every stored resource. `reads` says of which types the properties matter; of the others only what every resource has
/// is kept, for properties are most of an inventory.
pub(crate) async fn read(
    lake: &Lake,
    reads: impl Fn(&str) -> bool,
) -> Result<Inventory, OperationsError> {
    let mut inventory = Inventory::default();
    for table in TABLES
        .into_iter()
        .filter(|table| *table != "PolicyResources")
    {
        let snapshot = lake.snapshot(table).await?;
        stored::read(
            &snapshot,
            None,
            |_| true,
            |_, batch| {
                let columns = Columns::of(&batch)?;
                for row in 0..batch.num_rows() {
                    if let Some(resource) = columns.resource(row, &reads) {
                        inventory.push(resource);
                    }
                }
                Ok(())
            },
        )?;
    }
    Ok(inventory)
}

/// The columns of one batch.
struct Columns {
    id: StringArray,
    cloud: StringArray,
    origin: StringArray,
    source: StringArray,
    properties: StringArray,
    unknowns: StringArray,
    texts: Vec<(&'static str, StringArray)>,
    jsons: Vec<(&'static str, StringArray)>,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, OperationsError> {
        let column = |name: &str| stored::text_column(batch, name);
        let texts = TEXTS.iter().map(|(from, to)| Ok((*to, column(from)?)));
        let jsons = JSONS.iter().map(|name| Ok((*name, column(name)?)));
        Ok(Self {
            id: column("id")?,
            cloud: column("cloud")?,
            origin: column("origin")?,
            source: column("source")?,
            properties: column("properties")?,
            unknowns: column("unknowns")?,
            texts: texts.collect::<Result<_, OperationsError>>()?,
            jsons: jsons.collect::<Result<_, OperationsError>>()?,
        })
    }

    fn resource(&self, row: usize, reads: impl Fn(&str) -> bool) -> Option<Resource> {
        let id = stored::text(&self.id, row);
        if id.is_empty() {
            return None;
        }
        let mut body = Map::new();
        body.insert("id".to_owned(), Value::from(id));
        for (name, column) in &self.texts {
            let text = stored::text(column, row);
            if !text.is_empty() {
                body.insert((*name).to_owned(), Value::from(text));
            }
        }
        for (name, column) in &self.jsons {
            insert_json(&mut body, name, stored::text(column, row));
        }
        let wanted = body.get("type").and_then(Value::as_str).is_some_and(reads);
        if wanted {
            insert_json(&mut body, "properties", stored::text(&self.properties, row));
        }
        let source = SourceLocation {
            file: stored::text(&self.source, row).to_owned(),
            ..SourceLocation::default()
        };
        let cloud = cloud_of(stored::text(&self.cloud, row));
        let origin = match stored::text(&self.origin, row) {
            "template" => Origin::Template,
            _ => Origin::Live,
        };
        let mut resource = Resource::new(cloud, origin, source, body);
        resource.unknowns = unknowns(stored::text(&self.unknowns, row));
        Some(resource)
    }
}

fn insert_json(body: &mut Map<String, Value>, name: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && !value.is_null()
    {
        body.insert(name.to_owned(), value);
    }
}

fn cloud_of(text: &str) -> Cloud {
    let clouds = [Cloud::Azure, Cloud::Aws, Cloud::Gcp];
    let named = clouds.into_iter().find(|cloud| cloud.as_str() == text);
    named.unwrap_or_default()
}

fn unknowns(text: &str) -> Vec<Unknown> {
    if text.is_empty() {
        return Vec::new();
    }
    serde_json::from_str(text).unwrap_or_default()
}

/// Whether the makers of edges and insights may read the properties of a type: what the product knows a meaning of.
pub(crate) fn reads(resource_type: &str) -> bool {
    resource_type.starts_with("stance/") || workload::classify(resource_type, None).is_some()
}
