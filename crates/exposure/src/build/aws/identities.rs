//! What runs with which role.

use std::collections::HashMap;

use serde_json::Value;
use stance_model::Resource;

use super::estate::Estate;
use super::identity::last_of;
use super::named_roles::{Named, named_roles};
use super::policy::texts;
use super::{MAKER, principal_of_arn};
use crate::graph::{EdgeDraft, Evidence, GraphDraft, labels};

pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    let profiles = instance_profiles(estate);
    let by_key: HashMap<String, &Resource> = estate
        .resources
        .iter()
        .map(|one| (one.id.key(), *one))
        .collect();
    for (number, resource) in estate.resources.iter().enumerate() {
        let place = Place {
            estate,
            account: &estate.account_of[number],
        };
        let mut named = named_roles(resource);
        for named in named.drain(..) {
            let object = resource.id.as_str();
            place.authenticate(resource, &named, object, draft);
        }
        match resource.resource_type.as_str() {
            "aws::ec2::instance" => place.instance(resource, &profiles, draft),
            "aws::sagemaker::endpoint" => place.endpoint(resource, &by_key, draft),
            "aws::sagemaker::userprofile" | "aws::sagemaker::space" | "aws::sagemaker::app" => {
                place.of_domain(resource, &by_key, draft);
            }
            _ => {}
        }
    }
}

/// Roles by instance profile: ARN or name, in lower case. Profiles are resources, or stand with their role.
fn instance_profiles(estate: &Estate<'_>) -> HashMap<String, String> {
    let mut profiles = HashMap::new();
    for resource in &estate.resources {
        let properties = resource.properties();
        if resource.resource_type == "aws::iam::instanceprofile" {
            let roles = properties.get("Roles").and_then(Value::as_array);
            let role = roles.and_then(|roles| roles.first());
            let role = role.and_then(|role| role.as_str().or_else(|| role.get("Arn")?.as_str()));
            if let Some(role) = role {
                let arn = resource.id.as_str();
                profiles.insert(arn.to_lowercase(), role.to_owned());
                profiles.insert(last_of(arn).to_lowercase(), role.to_owned());
            }
        }
        if resource.resource_type == "aws::iam::role" {
            let listed = properties
                .get("InstanceProfileList")
                .and_then(Value::as_array);
            for arn in listed
                .into_iter()
                .flatten()
                .filter_map(|one| one.get("Arn")?.as_str())
            {
                let role = resource.id.as_str().to_owned();
                profiles.insert(last_of(arn).to_lowercase(), role.clone());
                profiles.insert(arn.to_lowercase(), role);
            }
        }
    }
    profiles
}

/// Where a resource stands.
struct Place<'e, 'a> {
    estate: &'e Estate<'a>,
    account: &'e str,
}

impl Place<'_, '_> {
    /// The node of a role by ARN or name.
    fn role(&self, text: &str, draft: &mut GraphDraft) -> Option<String> {
        if text.starts_with("arn:") {
            let is_role = text.contains(":iam::") && text.contains(":role/");
            if !is_role {
                return None;
            }
            let key = text.to_lowercase();
            return Some(if draft.knows(&key) {
                key
            } else {
                principal_of_arn(text, draft)
            });
        }
        let name = last_of(text).to_lowercase();
        let known = (self.account.to_owned(), "aws::iam::role".to_owned());
        let roles = self.estate.by_type.get(&known)?;
        let mut ids = roles.iter().map(|number| self.estate.node_of(*number));
        ids.find(|id| last_of(id) == name)
    }

    fn authenticate(
        &self,
        resource: &Resource,
        named: &Named,
        object: &str,
        draft: &mut GraphDraft,
    ) {
        let Some(role) = self.role(&named.role, draft) else {
            return;
        };
        draft.edge(EdgeDraft {
            label: labels::CAN_AUTHENTICATE_AS.to_owned(),
            source: resource.id.key(),
            target: role,
            maker: MAKER.to_owned(),
            evidence: Evidence {
                object: object.to_owned(),
                field: named.field.clone(),
                text: format!("runs as {}", last_of(&named.role)),
            },
            ..EdgeDraft::default()
        });
    }

    fn instance(
        &self,
        resource: &Resource,
        profiles: &HashMap<String, String>,
        draft: &mut GraphDraft,
    ) {
        let stated = resource.properties().get("IamInstanceProfile");
        let profile = stated.and_then(|profile| {
            let inner = profile.get("Arn").or_else(|| profile.get("Name"));
            inner.unwrap_or(profile).as_str()
        });
        let Some(role) = profile.and_then(|profile| profiles.get(&profile.to_lowercase())) else {
            return;
        };
        let named = Named {
            role: role.clone(),
            field: "IamInstanceProfile".to_owned(),
        };
        self.authenticate(resource, &named, resource.id.as_str(), draft);
    }

    /// An endpoint runs the models of its configuration, each with a role.
    fn endpoint(
        &self,
        endpoint: &Resource,
        by_key: &HashMap<String, &Resource>,
        draft: &mut GraphDraft,
    ) {
        let beside = |kind: &str, name: &str| {
            let key = endpoint.id.key();
            let start = key.split(":endpoint/").next().unwrap_or_default();
            let arn = if name.starts_with("arn:") {
                name.to_lowercase()
            } else {
                format!("{start}:{kind}/{}", name.to_lowercase())
            };
            by_key.get(&arn).copied()
        };
        let properties = endpoint.properties();
        let config = properties.get("EndpointConfigName").and_then(Value::as_str);
        let config = config.and_then(|name| beside("endpoint-config", name));
        let lists = ["ProductionVariants", "ShadowProductionVariants"];
        let sources = [Some(endpoint), config];
        for source in sources.into_iter().flatten() {
            let variants = lists.iter().filter_map(|list| {
                let variants = source.properties().get(*list)?;
                variants.as_array()
            });
            for name in variants
                .flatten()
                .filter_map(|one| one.get("ModelName")?.as_str())
            {
                let Some(model) = beside("model", name) else {
                    continue;
                };
                for named in named_roles(model) {
                    self.authenticate(endpoint, &named, model.id.as_str(), draft);
                }
            }
        }
    }

    /// User profiles and spaces without a role of their own take the domain's.
    fn of_domain(
        &self,
        resource: &Resource,
        by_key: &HashMap<String, &Resource>,
        draft: &mut GraphDraft,
    ) {
        if !named_roles(resource).is_empty() {
            return;
        }
        let domain = resource
            .parent()
            .and_then(|parent| by_key.get(&parent.key()).copied());
        let domain = domain.or_else(|| {
            let id = resource.properties().get("DomainId").and_then(texts)?;
            let key = resource.id.key();
            let start = key.splitn(6, ':').take(5).collect::<Vec<_>>().join(":");
            let id = id.first()?.to_lowercase();
            by_key.get(&format!("{start}:domain/{id}")).copied()
        });
        let Some(domain) = domain else { return };
        let mut named = named_roles(domain);
        let is_space = resource.resource_type == "aws::sagemaker::space";
        let wanted = if is_space {
            "DefaultSpaceSettings"
        } else {
            "DefaultUserSettings"
        };
        if named.iter().any(|one| one.field.starts_with(wanted)) {
            named.retain(|one| one.field.starts_with(wanted));
        }
        for named in named {
            self.authenticate(resource, &named, domain.id.as_str(), draft);
        }
    }
}
