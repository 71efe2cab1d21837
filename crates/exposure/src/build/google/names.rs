//! Full resource names, and which node stands for a project.
//!
//! Grammar: cloud.google.com/asset-inventory/docs/asset-names.

use std::collections::HashMap;

use serde_json::Value;
use stance_model::{Cloud, Resource};

use crate::inventory::Inventory;

/// Type of a project.
pub(super) const PROJECT: &str = "cloudresourcemanager.googleapis.com/project";
/// Type of a folder.
pub(super) const FOLDER: &str = "cloudresourcemanager.googleapis.com/folder";
/// Type of an organization.
pub(super) const ORGANIZATION: &str = "cloudresourcemanager.googleapis.com/organization";
/// Type of an IAM policy.
pub(super) const POLICY: &str = "iam.googleapis.com/policy";
/// The service of containers.
const CONTAINERS: &str = "//cloudresourcemanager.googleapis.com/";

/// Projects by id and by number, as far as rows say which is which.
#[derive(Debug, Default)]
pub(super) struct Projects {
    /// Node of a project, by id and by number.
    nodes: HashMap<String, String>,
    ids: HashMap<String, String>,
    numbers: HashMap<String, String>,
}

impl Projects {
    /// What the rows say.
    pub(super) fn read(inventory: &Inventory) -> Self {
        let mut projects = Self::default();
        let rows = || inventory.all().iter().filter(|one| one.cloud == Cloud::Gcp);
        for resource in rows() {
            let Some(project) = resource.subscription() else {
                continue;
            };
            let ancestor = ancestors(resource).first().copied();
            let number = ancestor.and_then(|name| name.strip_prefix("projects/"));
            projects.learn(number, Some(project));
        }
        for resource in inventory.of_type(PROJECT) {
            projects.describe(resource);
        }
        for resource in rows() {
            let Some(project) = resource.subscription() else {
                continue;
            };
            let id = projects.id(&project.to_lowercase()).to_owned();
            let node = format!("gcp:{id}");
            projects.nodes.entry(id).or_insert(node);
        }
        projects
    }

    fn learn(&mut self, number: Option<&str>, id: Option<&str>) {
        let (Some(number), Some(id)) = (number, id) else {
            return;
        };
        if is_number(number) && !is_number(id) {
            let id = id.to_lowercase();
            self.numbers.insert(id.clone(), number.to_owned());
            self.ids.insert(number.to_owned(), id);
        }
    }

    fn describe(&mut self, resource: &Resource) {
        let properties = resource.properties();
        let text = |key: &str| properties.get(key).and_then(Value::as_str);
        let key = resource.id.key();
        let named = key.rsplit('/').next().unwrap_or_default();
        let by_name = text("name").and_then(|name| name.strip_prefix("projects/"));
        let number = text("projectNumber").or(by_name).unwrap_or(named);
        let id = text("projectId").unwrap_or(named);
        self.learn(Some(number), Some(id));
        let id = self.id(&id.to_lowercase()).to_owned();
        self.nodes.insert(id, key);
    }

    /// The id of a project where it is known, else the number it was named by; lower case.
    pub(super) fn id<'p>(&'p self, project: &'p str) -> &'p str {
        self.ids.get(project).map_or(project, String::as_str)
    }

    /// The number of a project, by its id or number.
    pub(super) fn number<'p>(&'p self, project: &'p str) -> Option<&'p str> {
        if is_number(project) {
            return Some(project);
        }
        self.numbers.get(project).map(String::as_str)
    }

    /// The node of a project, by its id or number in lower case; `None` where no row lies in it.
    pub(super) fn node(&self, project: &str) -> Option<&str> {
        self.nodes.get(self.id(project)).map(String::as_str)
    }

    /// Ids of the projects and their nodes.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let nodes = self.nodes.iter();
        nodes.map(|(id, node)| (id.as_str(), node.as_str()))
    }

    /// The node of a container named in short (`folders/2`) or in full, lower case; `None` for what is no container.
    pub(super) fn container(&self, name: &str) -> Option<String> {
        let short = name.strip_prefix(CONTAINERS).unwrap_or(name);
        let (kind, id) = short.split_once('/')?;
        if id.is_empty() || id.contains('/') {
            return None;
        }
        match kind {
            "projects" => self.node(id).map(str::to_owned),
            "folders" | "organizations" => Some(format!("{CONTAINERS}{kind}/{id}")),
            _ => None,
        }
    }

    /// The key of a resource that a property names: `projects/1/…`, a URL of the API, or a full name.
    pub(super) fn find(&self, inventory: &Inventory, service: &str, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        let short = &name[name.find("projects/")?..];
        let (project, rest) = short.strip_prefix("projects/")?.split_once('/')?;
        let id = self.id(project);
        let number = self.number(id).unwrap_or(id);
        let spelt = |project: &str| format!("//{service}/projects/{project}/{rest}");
        [spelt(id), spelt(number), spelt(project)]
            .into_iter()
            .find(|key| inventory.get(key).is_some())
    }

    /// Relative name with the project's id, lower case, for comparison: `projects/p/global/networks/default`.
    pub(super) fn relative(&self, name: &str) -> String {
        let name = name.to_lowercase();
        let Some(at) = name.find("projects/") else {
            return name;
        };
        let short = &name[at + "projects/".len()..];
        let (project, rest) = short.split_once('/').unwrap_or((short, ""));
        format!("projects/{}/{rest}", self.id(project))
    }
}

/// A number rather than an id, which begins with a letter.
pub(super) fn is_number(project: &str) -> bool {
    !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit())
}

/// `projects/1`, `folders/2`, `organizations/3`, nearest first, as far as the row says.
pub(super) fn ancestors(resource: &Resource) -> Vec<&str> {
    let own = resource.body.get("ancestors");
    let list = own.or_else(|| resource.properties().get("ancestors"));
    let list = list.and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.take(MOST_ANCESTORS).collect()
}

/// Deepest tree of containers; Google allows ten levels of folders.
pub(super) const MOST_ANCESTORS: usize = 32;

/// The label of a container by its short or full name.
pub(super) fn container_label(name: &str) -> &'static str {
    let short = name.strip_prefix(CONTAINERS).unwrap_or(name);
    match short.split('/').next() {
        Some("organizations") => ORGANIZATION,
        Some("folders") => FOLDER,
        _ => PROJECT,
    }
}

/// What encloses a full name by its spelling: two segments less; `None` where only the service is left.
pub(super) fn above(key: &str) -> Option<&str> {
    let (rest, _) = key.rsplit_once('/')?;
    let (rest, _) = rest.rsplit_once('/')?;
    (rest.len() > 2 && rest[2..].contains('/')).then_some(rest)
}
