//! Access restrictions of App Service and Container Apps: ordered rules over the caller's address.

use serde_json::Value;
use stance_model::Resource;

use super::super::addresses;
use super::super::fields::{list, text};
use super::super::ports::Ports;
use super::super::rules::{self, Opening, Rule};
use crate::graph::Confidence;

/// Where a resource keeps its restrictions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) resource: &'a Resource,
    /// Path of the list.
    pub(super) list: &'a str,
    /// Name of the address in an item.
    pub(super) address: &'a str,
    /// Whether those whom no rule names come in.
    pub(super) otherwise_open: bool,
}

/// The ways in; `None` where there is no restriction at all. An empty list means that the internet stays out.
pub(super) fn openings(place: Place<'_>) -> Option<Vec<Opening>> {
    let mut items: Vec<&Value> = list(&place.resource.body, place.list).collect();
    if items.is_empty() {
        return None;
    }
    items.sort_by_key(|item| item["priority"].as_i64().unwrap_or(i64::MAX));
    let mut rules: Vec<Rule> = items
        .iter()
        .filter_map(|item| {
            let allows = !text(item, "action").eq_ignore_ascii_case("deny");
            // A rule with headers lets in, or keeps out, only some of the requests.
            if !allows
                && item["headers"]
                    .as_object()
                    .is_some_and(|all| !all.is_empty())
            {
                return None;
            }
            let address = text(item, place.address);
            Some(Rule {
                allows,
                sources: addresses::parse(address)?,
                ports: Ports::https(),
                object: place.resource.id.as_str().to_owned(),
                field: format!("{}[{}]", place.list, named(item, address)),
                text: format!("restriction {} admits {address}", named(item, address)),
                confidence: Confidence::High,
            })
        })
        .collect();
    if place.otherwise_open {
        rules.push(Rule {
            allows: true,
            sources: addresses::any(),
            ports: Ports::https(),
            object: place.resource.id.as_str().to_owned(),
            field: place.list.to_owned(),
            text: "whom no restriction names comes in".to_owned(),
            confidence: Confidence::High,
        });
    }
    let together = Opening::together(place.resource, place.list);
    Some(rules::openings(&rules, &together, &addresses::any()))
}

/// Addresses that are admitted, for people.
pub(super) fn admitted(place: Place<'_>) -> Vec<String> {
    list(&place.resource.body, place.list)
        .filter(|item| !text(item, "action").eq_ignore_ascii_case("deny"))
        .map(|item| text(item, place.address).to_owned())
        .filter(|address| !address.is_empty())
        .take(100)
        .collect()
}

fn named<'a>(item: &'a Value, address: &'a str) -> &'a str {
    match text(item, "name") {
        "" => address,
        name => name,
    }
}
