//! One asset of Google Cloud, whatever it was read from, to a resource in the shape of Resource Graph.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};
use stance_base::redact;
use stance_model::{Cloud, Coverage, CoverageStatus, Origin, Resource, SourceLocation, Unknown};

use super::{name, projects};
use crate::context::FileContext;
use crate::ledger::Basis;
use crate::normalise::NotAResource;
use crate::stream::Place;

/// What a source says about one asset.
#[derive(Debug, Default)]
pub(super) struct Asset {
    /// Full resource name.
    pub(super) name: String,
    /// `aiplatform.googleapis.com/Endpoint`.
    pub(super) kind: String,
    /// The REST resource; `None` where the source holds names only.
    pub(super) data: Option<Map<String, Value>>,
    pub(super) location: Option<String>,
    pub(super) labels: Option<Value>,
    /// Full name of what encloses it.
    pub(super) parent: Option<String>,
    /// `projects/1`, `folders/2`, `organizations/3`, nearest first.
    pub(super) ancestors: Vec<Value>,
    /// The project where neither name nor ancestors say it: id, number or `projects/…`.
    pub(super) project: Option<String>,
    /// When its state was true.
    pub(super) observed_at: Option<String>,
}

/// A project as far as it is known.
#[derive(Debug, Default)]
struct Project {
    id: Option<String>,
    number: Option<String>,
}

impl Asset {
    fn is_project(&self) -> bool {
        self.kind
            .eq_ignore_ascii_case("cloudresourcemanager.googleapis.com/Project")
    }

    /// Everything that names the project of this asset, by id and by number.
    fn project_of(&self) -> Project {
        let mut found = Project::default();
        let mut see = |candidate: Option<&str>| {
            let Some(candidate) = candidate else { return };
            let candidate = candidate.strip_prefix("projects/").unwrap_or(candidate);
            if candidate.is_empty() || candidate.contains('/') || candidate.len() > 128 {
                return;
            }
            let slot = if name::is_number(candidate) {
                &mut found.number
            } else {
                &mut found.id
            };
            if slot.is_none() {
                *slot = Some(candidate.to_owned());
            }
        };
        see(name::project(&self.name));
        see(self.project.as_deref());
        let ancestor = self.ancestors.first().and_then(Value::as_str);
        see(ancestor.filter(|ancestor| ancestor.starts_with("projects/")));
        see(self.parent.as_deref().and_then(name::project));
        if self.is_project()
            && let Some(data) = &self.data
        {
            see(data.get("projectId").and_then(Value::as_str));
            see(data.get("projectNumber").and_then(Value::as_str));
        }
        found
    }

    /// The enclosing resource: as the source says, else by name.
    fn parent_name(&self) -> Option<String> {
        let said = self.parent.as_deref().map(|parent| {
            if parent.starts_with("//") {
                parent.to_owned()
            } else {
                format!("{}/{parent}", name::CONTAINERS)
            }
        });
        said.or_else(|| name::parent(&self.name))
    }
}

/// Sends the asset as a resource. `reason` says why the coverage learnt from it is partial.
pub(super) fn send(
    context: &mut FileContext<'_>,
    asset: Asset,
    place: Place,
    reason: &'static str,
) -> ControlFlow<()> {
    let Some(project) = project_of(context, &asset, place) else {
        return ControlFlow::Continue(());
    };
    let resource = resource(asset, &project, context.file, place);
    deliver(context, resource, &project, reason)
}

/// Sends an IAM policy as a resource below the one it is set on.
pub(super) fn send_policy(
    context: &mut FileContext<'_>,
    asset: Asset,
    mut policy: Map<String, Value>,
    place: Place,
    reason: &'static str,
) -> ControlFlow<()> {
    let Some(project) = project_of(context, &asset, place) else {
        return ControlFlow::Continue(());
    };
    if let Some(configurations) = policy.remove("audit_configs") {
        policy.insert("auditConfigs".to_owned(), configurations);
    }
    policy.entry("bindings").or_insert_with(|| json!([]));
    policy.insert("assetType".to_owned(), json!(asset.kind));
    let mut policy_asset = Asset {
        name: format!("{}/iamPolicy", asset.name),
        kind: "iam.googleapis.com/Policy".to_owned(),
        data: Some(policy),
        parent: Some(asset.name),
        labels: None,
        location: asset.location,
        ancestors: asset.ancestors,
        project: asset.project,
        observed_at: asset.observed_at,
    };
    policy_asset.location = policy_asset
        .location
        .or_else(|| name::location(policy_asset.parent.as_deref().unwrap_or_default()));
    let resource = resource(policy_asset, &project, context.file, place);
    deliver(context, resource, &project, reason)
}

/// The project of an asset, which is remembered. `None`: its name is none, which is told.
fn project_of(context: &mut FileContext<'_>, asset: &Asset, place: Place) -> Option<Project> {
    if !is_plausible(&asset.name) {
        context.leave_out(
            NotAResource::Other("an asset without a full resource name"),
            place,
        );
        return None;
    }
    let project = asset.project_of();
    if let (Some(number), Some(id)) = (&project.number, &project.id) {
        context.input.projects.learn(number, id);
    }
    Some(project)
}

fn is_container(asset_type: &str) -> bool {
    asset_type.starts_with("cloudresourcemanager.googleapis.com/")
}

fn is_plausible(name: &str) -> bool {
    name.len() <= name::NAME_BYTES
        && !name.contains(char::is_whitespace)
        && name
            .strip_prefix("//")
            .and_then(|rest| rest.split_once('/'))
            .is_some_and(|(service, path)| service.contains('.') && !path.is_empty())
}

fn resource(asset: Asset, project: &Project, file: &str, place: Place) -> Resource {
    let known = project.id.as_ref().or(project.number.as_ref());
    let parent = asset
        .parent_name()
        .or_else(|| known.map(|project| format!("{}/projects/{project}", name::CONTAINERS)));
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    let data = asset.data.as_ref();
    let location = asset
        .location
        .as_deref()
        .map(str::to_lowercase)
        .or_else(|| name::location(&asset.name))
        .or_else(|| data.and_then(location_in));
    let labels = asset.labels.or_else(|| data.and_then(labels_in));
    let short = name::relative(&asset.name)
        .rsplit('/')
        .next()
        .unwrap_or_default();
    put("id", Some(json!(asset.name)));
    put("name", Some(json!(short)));
    put("type", Some(json!(asset.kind)));
    put("location", location.map(Value::String));
    put("subscriptionId", known.map(|project| json!(project)));
    put("parentId", parent.map(Value::String));
    put("tags", labels.filter(Value::is_object));
    let ancestors = Some(asset.ancestors)
        .filter(|ancestors| !ancestors.is_empty())
        .map(Value::Array);
    put("ancestors", ancestors.clone());
    let unknown = asset.data.is_none();
    let mut data = asset.data;
    if let Some(data) = &mut data
        && is_container(&asset.kind)
        && let Some(ancestors) = ancestors
    {
        // The tables keep no column for it, and the tree of containers is asked for by query.
        data.insert("ancestors".to_owned(), ancestors);
    }
    put("properties", data.map(Value::Object));
    let source = SourceLocation {
        file: file.to_owned(),
        line: place.line,
        column: place.column,
    };
    let mut resource = Resource::new(Cloud::Gcp, Origin::Live, source, body);
    resource.observed_at = asset.observed_at;
    if unknown {
        resource.unknowns.push(Unknown {
            pointer: "/properties".to_owned(),
            expression: "properties are not in the input".to_owned(),
        });
    }
    resource
}

/// Where the REST resource says where it is.
fn location_in(data: &Map<String, Value>) -> Option<String> {
    ["location", "locationId", "zone", "region"]
        .into_iter()
        .filter_map(|key| data.get(key).and_then(Value::as_str))
        .map(|spelt| spelt.rsplit('/').next().unwrap_or(spelt).to_lowercase())
        .find(|spelt| !spelt.is_empty())
}

/// Labels as the services keep them.
fn labels_in(data: &Map<String, Value>) -> Option<Value> {
    let nested = |above: &str, key: &str| data.get(above).and_then(|value| value.get(key));
    data.get("labels")
        .or_else(|| nested("metadata", "labels"))
        .or_else(|| nested("settings", "userLabels"))
        .or_else(|| data.get("resourceLabels"))
        .cloned()
}

fn deliver(
    context: &mut FileContext<'_>,
    mut resource: Resource,
    project: &Project,
    reason: &'static str,
) -> ControlFlow<()> {
    context.run.redacted += redact::redact(&mut resource.body) as u64;
    if project.id.is_some() && project.number.is_some() {
        // Sent as if by number, so that names lose the number too.
        if let Value::Object(body) = &mut resource.body {
            body.insert("subscriptionId".to_owned(), json!(project.number));
        }
    }
    projects::send(context, resource, reason)
}

/// What one resource says about coverage: that some of its type were met.
pub(super) fn cover(context: &mut FileContext<'_>, resource: &Resource, reason: &'static str) {
    context.cover(
        Basis::Seen,
        Coverage {
            scope: resource.place(),
            what: resource.resource_type.clone(),
            status: CoverageStatus::Partial,
            reason: reason.to_owned(),
            source: resource.source.file.clone(),
            count: 1,
        },
    );
}
