//! What a project's data plane lists beside agents: connections, deployments, datasets, indexes.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::place;
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, segment, text};
use crate::normalise::NotAResource;

/// A kind of asset: the segment of its id and its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    segment: &'static str,
    resource_type: &'static str,
    versioned: bool,
}

const CONNECTION: Kind = Kind {
    segment: "connections",
    resource_type: "Microsoft.CognitiveServices/accounts/projects/connections",
    versioned: false,
};
const DEPLOYMENT: Kind = Kind {
    segment: "deployments",
    resource_type: "Microsoft.CognitiveServices/accounts/projects/deployments",
    versioned: false,
};
const DATASET: Kind = Kind {
    segment: "datasets",
    resource_type: "Microsoft.CognitiveServices/accounts/projects/datasets",
    versioned: true,
};
const INDEX: Kind = Kind {
    segment: "indexes",
    resource_type: "Microsoft.CognitiveServices/accounts/projects/indexes",
    versioned: true,
};

/// Which asset an object is, by the members that only this kind has.
pub(super) fn kind_of(body: &Map<String, Value>) -> Option<Kind> {
    let kind = text(body, "type")?;
    let has = |key: &str| body.contains_key(key);
    if has("properties") || !has("name") {
        return None;
    }
    match kind {
        "ModelDeployment" if has("modelName") => Some(DEPLOYMENT),
        "uri_file" | "uri_folder" if has("dataUri") && has("version") => Some(DATASET),
        "AzureSearch" | "ManagedAzureSearch" | "CosmosDBNoSqlVectorStore" if has("version") => {
            Some(INDEX)
        }
        _ if has("isDefault")
            && has("target")
            && body.get("credentials").is_some_and(Value::is_object) =>
        {
            Some(CONNECTION)
        }
        _ => None,
    }
}

/// Reads one asset.
pub(super) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let (Some(kind), Some(name)) = (
        kind_of(&found.body),
        text(&found.body, "name").and_then(segment),
    ) else {
        context.leave_out(
            NotAResource::Other("an asset without a usable name"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    let project = place::project(context, found.place, found.tally);
    let mut id = format!("{project}/{}/{name}", kind.segment);
    if kind.versioned
        && let Some(version) = text(&found.body, "version").and_then(segment)
    {
        id = format!("{id}/versions/{version}");
    }
    let mut properties = std::mem::take(&mut found.body);
    let asset = properties.shift_remove("id");
    if kind == CONNECTION {
        as_resource_manager_spells(&mut properties);
    } else if let Some(asset) = asset {
        properties.insert("assetId".to_owned(), asset);
    }
    let made = Made {
        id,
        name,
        resource_type: kind.resource_type,
        parent: Some(project),
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_home(resource, found.tally)
}

/// `type` and `credentials.type` of the data plane are `category` and `authType` of Resource Manager.
fn as_resource_manager_spells(properties: &mut Map<String, Value>) {
    // What Resource Manager tells of the same connection is the fuller reading.
    properties.shift_remove("name");
    if let Some(category) = properties.shift_remove("type") {
        properties.insert("category".to_owned(), category);
    }
    let auth = properties
        .get("credentials")
        .and_then(|credentials| credentials.get("type"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let Some(auth) = auth {
        properties.insert("authType".to_owned(), Value::String(auth));
    }
}
