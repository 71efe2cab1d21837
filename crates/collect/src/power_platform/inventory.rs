//! Rows of the Power Platform inventory: the answer of `resourcequery/resources/query`, of `pac admin query`, and the
//! table `PowerPlatformResources` of Resource Graph.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::{AGENTS, environment};
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, segment, text};
use crate::normalise::NotAResource;
use crate::resource_graph::read::unpack_json_texts;

/// Types of the inventory beside environments, and the last segments of their ids.
const TYPES: &[&str] = &[
    AGENTS,
    "Microsoft.PowerApps/apps",
    "Microsoft.PowerApps/canvasApps",
    "Microsoft.PowerApps/codeApps",
    "Microsoft.PowerApps/modelDrivenApps",
    "Microsoft.PowerAutomate/agentFlows",
    "Microsoft.PowerAutomate/cloudFlows",
    "Microsoft.PowerAutomate/m365AgentFlows",
    "Microsoft.PowerPages/sites",
    "Microsoft.PowerPlatform/environmentGroups",
    "Microsoft.PowerPlatformConnector/connectors",
];

/// Whether a row of that type is one of the inventory.
pub(super) fn recognises(kind: &str, body: &Map<String, Value>) -> bool {
    kind.len() > "microsoft.p".len()
        && body.contains_key("name")
        && TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

/// Reads one row.
pub(super) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let body = &mut found.body;
    unpack_json_texts(body);
    let spelt = text(body, "type").unwrap_or_default();
    let resource_type = TYPES
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(spelt))
        .unwrap_or(AGENTS);
    let row_name = text(body, "name").and_then(segment);
    let (mut properties, known) = match body.shift_remove("properties") {
        Some(Value::Object(properties)) => (properties, true),
        _ => (Map::new(), false),
    };
    let named = ["environmentId"].into_iter().find_map(|key| {
        text(&properties, key)
            .or_else(|| text(body, key))
            .and_then(segment)
    });
    let own = text(&properties, "botId").and_then(segment);
    let (Some(row_name), Some(id)) = (row_name.clone(), own.or(row_name)) else {
        context.leave_out(
            NotAResource::Other("a row of the inventory without a usable name"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    let parent = named.as_deref().map(environment::id_of);
    let scope = parent.clone().unwrap_or_default();
    let id = format!("{scope}/providers/{resource_type}/{id}");
    let mut envelope = Map::new();
    for key in ["location", "tenantId", "tags"] {
        if let Some(value) = body.shift_remove(key) {
            envelope.insert(key.to_owned(), value);
        }
    }
    let name = text(&properties, "displayName")
        .unwrap_or(&row_name)
        .to_owned();
    properties.insert("inventoryName".to_owned(), row_name.into());
    if resource_type == AGENTS {
        properties.insert("platform".to_owned(), "Copilot Studio".into());
    }
    let made = Made {
        id,
        name,
        resource_type,
        parent,
        envelope,
        properties,
    };
    let mut resource = context.make(made, found.place);
    if !known {
        resource.unknowns.push(stance_model::Unknown {
            pointer: "/properties".to_owned(),
            expression: "properties are not in the input".to_owned(),
        });
    }
    if resource_type == AGENTS {
        return context.hold_agent(resource, found.tally);
    }
    context.send_made(resource, found.tally)
}
