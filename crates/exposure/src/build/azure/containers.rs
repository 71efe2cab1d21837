//! Nodes of the places that only ids name, and `contains` from each place to what lies in it.

use serde_json::Map;

use super::places::Places;
use crate::build::Sources;
use crate::graph::{EdgeDraft, Evidence, GraphDraft, NodeDraft, labels};

/// Who found these edges.
const MAKER: &str = "inventory";

pub(super) fn add(sources: Sources<'_>, places: &Places, draft: &mut GraphDraft) {
    for (id, place) in places.all() {
        if let Some(name) = &place.named {
            let mut properties = Map::new();
            properties.insert("isCollected".to_owned(), false.into());
            draft.node(NodeDraft {
                id: id.to_owned(),
                label: place.label.clone(),
                name: name.clone(),
                properties,
                entity_ids: vec![("AzureResourceId".to_owned(), id.to_owned())],
            });
        }
        let Some(parent) = &place.parent else {
            continue;
        };
        let evidence = match &place.stated {
            Some((object, field)) => Evidence {
                object: object.clone(),
                field: (*field).to_owned(),
                text: "its place in the hierarchy of management groups".to_owned(),
            },
            None => Evidence {
                object: sources
                    .inventory
                    .get(id)
                    .map_or(id, |known| known.id.as_str())
                    .to_owned(),
                field: "id".to_owned(),
                text: "its id lies below".to_owned(),
            },
        };
        draft.edge(EdgeDraft {
            label: labels::CONTAINS.to_owned(),
            source: parent.clone(),
            target: id.to_owned(),
            maker: MAKER.to_owned(),
            evidence,
            ..EdgeDraft::default()
        });
    }
}
