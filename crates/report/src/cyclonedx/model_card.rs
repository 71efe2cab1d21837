//! What is known of a model: its architecture's name, what goes in and comes out, what it was trained on, what it comes from.

use serde::Serialize;
use serde_json::Value;
use stance_model::BomComponent;

use super::component::property;

/// A model card.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelCard {
    model_parameters: ModelParameters,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelParameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    model_architecture: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    datasets: Vec<Dataset>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<Format>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<Format>,
}

#[derive(Debug, Serialize)]
struct Dataset {
    #[serde(rename = "type")]
    data_type: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
struct Format {
    format: String,
}

/// Where a model comes from.
#[derive(Debug, Serialize)]
pub(super) struct Pedigree {
    ancestors: Vec<Ancestor>,
}

#[derive(Debug, Serialize)]
struct Ancestor {
    #[serde(rename = "type")]
    component_type: &'static str,
    name: String,
}

/// The card of a model.
pub(super) fn model_card(component: &BomComponent) -> ModelCard {
    let training = property(component, "trainingData");
    ModelCard {
        model_parameters: ModelParameters {
            model_architecture: Some(component.name.clone()).filter(|name| !name.is_empty()),
            datasets: training
                .map(|name| Dataset {
                    data_type: "dataset",
                    name,
                })
                .into_iter()
                .collect(),
            inputs: formats(component, "inputModalities"),
            outputs: formats(component, "outputModalities"),
        },
    }
}

/// The model that it was made from, where that is known.
pub(super) fn pedigree(component: &BomComponent) -> Option<Pedigree> {
    let name = property(component, "baseModel")?;
    Some(Pedigree {
        ancestors: vec![Ancestor {
            component_type: "machine-learning-model",
            name,
        }],
    })
}

fn formats(component: &BomComponent, name: &str) -> Vec<Format> {
    let listed = component.properties.get(name).and_then(Value::as_array);
    let texts = listed.into_iter().flatten().filter_map(Value::as_str);
    texts
        .map(|text| Format {
            format: text.to_lowercase(),
        })
        .collect()
}
