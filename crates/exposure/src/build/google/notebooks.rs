//! Notebooks: the machine they run on, and whom they belong to.

use serde_json::Value;
use stance_model::Resource;

use super::members::Principal;
use super::{Estate, edge, evidence, walk};
use crate::graph::{EdgeDraft, GraphDraft, labels};

/// Who found these edges.
const MAKER: &str = "google notebooks";
const WORKBENCH: &str = "notebooks.googleapis.com/instance";
const RUNTIME: &str = "aiplatform.googleapis.com/notebookruntime";

/// Adds what their rows say.
pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for notebook in estate.known_of_type(WORKBENCH) {
        add_machine(estate, notebook, draft);
        add_owners(estate, notebook, "instanceOwners.*", draft);
    }
    for runtime in estate.known_of_type(RUNTIME) {
        add_owners(estate, runtime, "runtimeUser", draft);
    }
}

/// A Workbench instance is a machine of the same name, project and zone.
fn add_machine(estate: &Estate<'_>, notebook: &Resource, draft: &mut GraphDraft) {
    let key = notebook.id.key();
    let Some((_, name)) = key.split_once("/projects/") else {
        return;
    };
    let name = format!("projects/{}", name.replacen("/locations/", "/zones/", 1));
    let service = "compute.googleapis.com";
    if let Some(machine) = estate.projects.find(estate.inventory(), service, &name) {
        let said = evidence(notebook, "id", "the machine of the same name is its own");
        draft.edge(edge(labels::RUNS_ON, key, machine, MAKER, said));
    }
}

/// Those it was made for run code in it over Google's proxy.
fn add_owners(estate: &Estate<'_>, notebook: &Resource, path: &str, draft: &mut GraphDraft) {
    let vocabulary = estate.sources.vocabulary;
    let run = vocabulary.capability("run code").unwrap_or_default();
    let capabilities = run.and(vocabulary.on_label(&notebook.resource_type));
    for (field, owner) in walk::texts(notebook.properties(), path) {
        if !owner.contains('@') {
            continue;
        }
        let label = if owner.ends_with("gserviceaccount.com") {
            "principal"
        } else {
            "user"
        };
        let owner = Principal::named(label, owner);
        owner.ensure(draft);
        let said = evidence(
            notebook,
            format!("properties.{field}"),
            "the notebook is theirs",
        );
        let mut made = edge(
            labels::HAS_PERMISSIONS_TO,
            &owner.id,
            notebook.id.key(),
            MAKER,
            said,
        );
        made.properties
            .insert("role".to_owned(), Value::from("owner of the notebook"));
        draft.edge(EdgeDraft {
            capabilities,
            ..made
        });
    }
}
