//! What a data component holds.

use serde::Serialize;
use stance_model::BomComponent;

use super::component::{name, property};

/// Data in CycloneDX's words.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    #[serde(rename = "type")]
    of_type: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<Contents>,
}

#[derive(Debug, Serialize)]
struct Contents {
    url: String,
}

/// The data of a component: filters are configuration, data sets and indexes are data sets.
pub(super) fn data(component: &BomComponent) -> Data {
    let data_type = match component.kind.as_str() {
        "Content filter" | "Blocklist" | "Bedrock guardrail" | "Model Armor template" => {
            "configuration"
        }
        "Agent memory" => "other",
        _ => "dataset",
    };
    Data {
        of_type: data_type,
        name: name(component),
        contents: property(component, "target")
            .filter(|url| is_web_address(url))
            .map(|url| Contents { url }),
    }
}

/// An address that needs no more checking to be one: CycloneDX wants references as RFC 3987 has them.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    // A percent sign that begins no escape would make it none.
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('%') && rest.bytes().all(plain))
        && text.matches('#').count() < 2
}
