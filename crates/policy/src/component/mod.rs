//! Components of a service, built from collected resources, for resource provider modes.
//!
//! `Microsoft.CognitiveServices.Data/accounts/deployments` is a model deployment with its content filter
//! policy in place of that policy's name; `Microsoft.MachineLearningServices.v2.Data/workspaces/deployments`
//! is an online deployment; keys, secrets and certificates are in [`key_vault`]. Field names: the aliases of the built-in definitions that use these modes.

mod key_vault;

use std::sync::Arc;

use serde_json::{Value, json};
use stance_model::{Position, Resource, Unknown};

use crate::related::{RelatedRequest, RelatedResources, RelatedScope};

const DEPLOYMENT: &str = "microsoft.cognitiveservices/accounts/deployments";
const RAI_POLICIES: &str = "microsoft.cognitiveservices/accounts/raipolicies";
const ML_DEPLOYMENT: &str =
    "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments";

/// A component, and where parts of it really stand.
#[derive(Debug)]
pub(crate) struct Component {
    pub resource: Resource,
    /// Pointer in the component, the resource that holds it, pointer there.
    pub borrowed: Vec<(String, Arc<Resource>, String)>,
}

/// The collected type (lower case) that components of a data type are made of.
pub(crate) fn source_of(data_type: &str) -> Option<&'static str> {
    match data_type {
        "microsoft.cognitiveservices.data/accounts/deployments" => Some(DEPLOYMENT),
        "microsoft.machinelearningservices.v2.data/workspaces/deployments" => Some(ML_DEPLOYMENT),
        other => key_vault::source_of(other),
    }
}

/// Types that must be at hand to build components from this type.
pub(crate) fn needs(source_type: &str) -> &'static [&'static str] {
    match source_type {
        DEPLOYMENT => &[RAI_POLICIES],
        _ => &[],
    }
}

/// Builds the component of a resource.
pub(crate) fn build(resource: &Resource, related: &dyn RelatedResources) -> Option<Component> {
    match resource.resource_type.as_str() {
        DEPLOYMENT => Some(model_deployment(resource, related)),
        ML_DEPLOYMENT => Some(online_deployment(resource)),
        _ => key_vault::build(resource),
    }
}

/// Sets a member; leaves a body alone that is not shaped as expected.
pub(crate) fn put(body: &mut Value, keys: &[&str], value: Value) {
    let Some((last, parents)) = keys.split_last() else {
        return;
    };
    let parent = parents.iter().try_fold(body, |at, key| at.get_mut(*key));
    if let Some(object) = parent.and_then(Value::as_object_mut) {
        object.insert((*last).to_owned(), value);
    }
}

fn shell(resource: &Resource, data_type: &str) -> Resource {
    let mut body = resource.body.clone();
    put(&mut body, &["type"], Value::String(data_type.to_owned()));
    Resource {
        resource_type: data_type.to_ascii_lowercase(),
        body,
        ..resource.clone()
    }
}

fn model_deployment(resource: &Resource, related: &dyn RelatedResources) -> Component {
    let mut component = shell(
        resource,
        "Microsoft.CognitiveServices.Data/accounts/deployments",
    );
    add_model(&mut component);
    let mut borrowed = Vec::new();
    match find_rai_policy(resource, related) {
        Ok(policy) => {
            let inner = policy.properties().clone();
            put(&mut component.body, &["properties", "raiPolicy"], inner);
            for unknown in &policy.unknowns {
                if let Some(rest) = unknown.pointer.strip_prefix("/properties") {
                    component.unknowns.push(Unknown {
                        pointer: format!("/properties/raiPolicy{rest}"),
                        expression: unknown.expression.clone(),
                    });
                }
            }
            borrowed.push((
                "/properties/raiPolicy".to_owned(),
                policy,
                "/properties".to_owned(),
            ));
        }
        Err(expression) => component.unknowns.push(Unknown {
            pointer: "/properties/raiPolicy".to_owned(),
            expression,
        }),
    }
    component.unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Component {
        resource: component,
        borrowed,
    }
}

/// Adds `publisher` and `assetId` to `properties.model`.
fn add_model(component: &mut Resource) {
    let model = component
        .properties()
        .get("model")
        .cloned()
        .unwrap_or(Value::Null);
    let text = |key: &str| {
        model
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (format, name, version, source) = (
        text("format"),
        text("name"),
        text("version"),
        text("source"),
    );
    if !model.is_object() {
        return;
    }
    put(
        &mut component.body,
        &["properties", "model", "publisher"],
        json!(format),
    );
    let is_openai = format.eq_ignore_ascii_case("OpenAI");
    let asset = if source.to_ascii_lowercase().starts_with("azureml://") {
        source
    } else if is_openai && !version.is_empty() {
        format!("azureml://registries/azure-openai/models/{name}/versions/{version}")
    } else if is_openai {
        format!("azureml://registries/azure-openai/models/{name}")
    } else {
        String::new()
    };
    put(
        &mut component.body,
        &["properties", "model", "assetId"],
        json!(asset),
    );
    if asset.is_empty() {
        component.unknowns.push(Unknown {
            pointer: "/properties/model/assetId".to_owned(),
            expression: format!(
                "the registry of the {format} model `{name}`, which a deployment does not name"
            ),
        });
    }
    // What the two are made of decides whether they are known, and where they stand.
    for (made, parts) in [
        ("publisher", ["format"].as_slice()),
        ("assetId", &["format", "name", "version", "source"]),
    ] {
        let pointer = format!("/properties/model/{made}");
        for part in parts {
            let at = format!("/properties/model/{part}");
            if let Some(expression) = component
                .unknown_at(&at)
                .map(|unknown| unknown.expression.clone())
            {
                component.unknowns.push(Unknown {
                    pointer: pointer.clone(),
                    expression,
                });
            }
        }
        let first = format!("/properties/model/{}", parts[parts.len().min(2) - 1]);
        if let Some(position) = component
            .positions
            .iter()
            .find(|position| position.pointer == first)
        {
            let position = Position {
                pointer,
                ..position.clone()
            };
            component.positions.push(position);
        }
    }
}

/// The content filter policy a deployment names, or why its content is not known.
fn find_rai_policy(
    resource: &Resource,
    related: &dyn RelatedResources,
) -> Result<Arc<Resource>, String> {
    let pointer = "/properties/raiPolicyName";
    if let Some(unknown) = resource.unknown_at(pointer) {
        return Err(unknown.expression.clone());
    }
    let name = resource
        .properties()
        .get("raiPolicyName")
        .and_then(Value::as_str)
        .unwrap_or("Microsoft.DefaultV2");
    let Some(account) = resource.id.parent() else {
        return Err(format!(
            "the content filter policy `{name}`: the deployment's account is not known"
        ));
    };
    let answer = related.find(&RelatedRequest {
        resource,
        resource_type: RAI_POLICIES,
        scope: RelatedScope::Within(account),
    });
    answer
        .candidates
        .into_iter()
        .find(|candidate| {
            let own = candidate.name();
            own.rsplit('/')
                .next()
                .unwrap_or(own)
                .eq_ignore_ascii_case(name)
        })
        .ok_or_else(|| format!("the content filter policy `{name}`, which was not collected"))
}

fn online_deployment(resource: &Resource) -> Component {
    let mut component = shell(
        resource,
        "Microsoft.MachineLearningServices.v2.Data/workspaces/deployments",
    );
    let model = component
        .properties()
        .get("model")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let unknown = component
        .unknown_at("/properties/model")
        .map(|unknown| unknown.expression.clone());
    let registry = model
        .to_ascii_lowercase()
        .starts_with("azureml://registries/")
        .then(|| model.split('/').nth(3))
        .flatten();
    let mut parts = json!({"assetId": model});
    if let Some(registry) = registry {
        parts["registryName"] = json!(registry);
    }
    put(&mut component.body, &["properties", "model"], parts);
    // A registry model's publisher is known to its registry alone.
    let publisher = unknown.is_none() && registry.is_some();
    if publisher {
        component.unknowns.push(Unknown {
            pointer: "/properties/model/publisher".to_owned(),
            expression: format!("the publisher of `{model}`, which only its registry knows"),
        });
    }
    component.unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Component {
        resource: component,
        borrowed: Vec::new(),
    }
}
