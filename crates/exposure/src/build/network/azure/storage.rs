//! Blob containers that take anybody, and whether their account lets the internet come that far.

use super::super::Context;
use super::super::fields::{self, Told, told};
use super::super::found::{Authentication, Entry, Found, evidence};
use super::super::ports::Ports;
use crate::graph::Confidence;

const CONTAINER: &str = "microsoft.storage/storageaccounts/blobservices/containers";

pub(super) fn add(context: &Context<'_>, found: &mut Found) {
    for container in context.inventory.of_type(CONTAINER) {
        let access = fields::text(&container.body, "properties.publicAccess");
        if access.is_empty() || access.eq_ignore_ascii_case("none") {
            continue;
        }
        let key = container.id.key();
        let account = key.split("/blobservices/").next().unwrap_or_default();
        let Some(account) = context.inventory.get(account) else {
            continue;
        };
        let sure = match told(account, "properties.allowBlobPublicAccess") {
            Told::Said(value) if fields::is_true(value) => Confidence::High,
            Told::Unknown => Confidence::Medium,
            // Since November 2023 accounts refuse it unless they say otherwise.
            Told::Said(_) | Told::Absent => continue,
        };
        let text = format!("publicAccess is {access} and the account allows it");
        let why = evidence(container, "properties.publicAccess", text);
        found.fact("allowsPublicAccess", key.clone(), why.clone(), sure);
        let allowing = evidence(
            account,
            "properties.allowBlobPublicAccess",
            format!(
                "allowBlobPublicAccess, and container {} uses it",
                container.name()
            ),
        );
        found.fact("allowsPublicAccess", account.id.key(), allowing, sure);
        let Some(through) = found.confidence_of(&account.id.key()) else {
            continue;
        };
        found.entry(Entry {
            target: key,
            evidence: why,
            confidence: sure.min(through),
            ports: Ports::https(),
            authentication: Some(Authentication::Nothing),
        });
    }
}
