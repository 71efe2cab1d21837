//! Service perimeters of VPC Service Controls: APIs that do not answer from outside.
//!
//! Source: cloud.google.com/vpc-service-controls/docs/service-perimeters.

use std::collections::HashSet;

use serde_json::Value;

use super::{Estate, walk};

/// Projects and services that perimeters close.
#[derive(Debug, Default)]
pub(super) struct Perimeters {
    closed: HashSet<(String, String)>,
}

impl Perimeters {
    /// What the rows enforce. A dry run closes nothing, nor does a perimeter that lets every network in.
    pub(super) fn read(estate: &Estate<'_>) -> Self {
        let mut closed = HashSet::new();
        for row in estate.known_of_type("accesscontextmanager.googleapis.com/serviceperimeter") {
            let properties = row.properties();
            let bridge =
                walk::text(properties, &["perimeterType"]) == Some("PERIMETER_TYPE_BRIDGE");
            let Some(status) = properties.get("status").filter(|_| !bridge) else {
                continue;
            };
            if lets_all_in(status) {
                continue;
            }
            for project in walk::list(status, "resources") {
                let Some(project) = project.strip_prefix("projects/") else {
                    continue;
                };
                for service in walk::list(status, "restrictedServices") {
                    let project = estate.projects.id(project).to_owned();
                    closed.insert((project, service.to_lowercase()));
                }
            }
        }
        Self { closed }
    }

    /// Whether the service answers for that project only from inside.
    pub(super) fn close(&self, estate: &Estate<'_>, project: &str, service: &str) -> bool {
        let project = project.to_lowercase();
        let id = estate.projects.id(&project).to_owned();
        self.closed.contains(&(id, service.to_owned()))
    }
}

/// An ingress rule without a limit on where calls come from.
fn lets_all_in(status: &Value) -> bool {
    let sources = "ingressPolicies.*.ingressFrom.sources.*.accessLevel";
    let levels = walk::texts(status, sources);
    levels.iter().any(|(_, level)| *level == "*")
}
