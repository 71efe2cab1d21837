//! Facts about resources that no cloud keeps as a resource: libraries, vulnerabilities, labels. Each becomes a row of
//! type `stance/…` that says what it is about.

pub(crate) mod image;
pub(crate) mod workload;

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use stance_base::{hex, redact};
use stance_model::{Cloud, Coverage, CoverageStatus, Origin, Resource, ResourceId, SourceLocation};

use crate::context::FileContext;
use crate::google::name;
use crate::ledger::Basis;
use crate::stream::Place;
use image::Image;

/// What a fact is about, as far as its source says.
#[derive(Debug, Default, Clone)]
pub(crate) struct Subject {
    /// Resource id, ARN or full resource name.
    pub(crate) resource_id: Option<String>,
    /// Container image.
    pub(crate) image: Option<Image>,
    /// What the source calls it.
    pub(crate) name: Option<String>,
    /// The account where the id does not say it.
    pub(crate) account: Option<String>,
    /// The cloud where the id does not say it.
    pub(crate) cloud: Option<Cloud>,
}

/// Longest id or reference that is taken for one.
const REFERENCE_BYTES: usize = 4096;

/// The text where it is an id of a resource of some cloud.
pub(crate) fn resource_id(text: &str) -> Option<String> {
    let text = text.trim();
    let azure = text
        .get(.."/subscriptions/".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("/subscriptions/"));
    let aws = text.starts_with("arn:aws") && text.split(':').count() >= 6;
    let google = text.starts_with("//")
        && text[2..]
            .split('/')
            .next()
            .is_some_and(|host| host.ends_with(".googleapis.com"));
    let plain = text.len() <= REFERENCE_BYTES && !text.contains(char::is_whitespace);
    (plain && (azure || aws || google)).then(|| ResourceId::new(text).as_str().to_owned())
}

impl Subject {
    /// Whether it can be joined to anything.
    pub(crate) fn is_known(&self) -> bool {
        self.resource_id.is_some() || self.image.is_some()
    }

    /// One text that stands for it, for keys and coverage.
    pub(crate) fn key(&self) -> String {
        let image = self.image.as_ref().map(|image| image.reference.as_str());
        self.resource_id
            .as_deref()
            .or(image)
            .or(self.name.as_deref())
            .unwrap_or_default()
            .to_lowercase()
    }

    /// Cloud and account, from the id or the registry.
    fn home(&self) -> (Cloud, Option<String>) {
        if let Some(id) = &self.resource_id {
            if id.starts_with("//") {
                return (
                    Cloud::Gcp,
                    name::project(id)
                        .map(str::to_owned)
                        .or_else(|| self.account.clone()),
                );
            }
            if id.starts_with("arn:") {
                let account = id.split(':').nth(4).filter(|account| !account.is_empty());
                return (
                    Cloud::Aws,
                    account.map(str::to_owned).or_else(|| self.account.clone()),
                );
            }
            let subscription = ResourceId::new(id.as_str())
                .subscription_id()
                .map(str::to_owned);
            return (Cloud::Azure, subscription);
        }
        let registry = self.image.as_ref().map(Image::home).unwrap_or_default();
        let cloud = self.cloud.unwrap_or(registry.0);
        (cloud, self.account.clone().or(registry.1))
    }

    /// Members by which facts are joined to resources.
    fn members(&self, properties: &mut Map<String, Value>) {
        if let Some(id) = &self.resource_id {
            properties.insert("resourceId".to_owned(), json!(id));
        }
        if let Some(image) = &self.image {
            image.members(properties);
        }
    }
}

/// Text members; empty ones are left out.
pub(crate) fn texts(members: &[(&str, Option<&str>)]) -> Map<String, Value> {
    members
        .iter()
        .filter_map(|(key, value)| {
            let value = value.map(str::trim).filter(|value| !value.is_empty())?;
            Some(((*key).to_owned(), json!(value)))
        })
        .collect()
}

/// A row of type `stance/KIND`. `parts` tell it from others of its subject.
pub(crate) fn fact(
    kind: &str,
    name: &str,
    subject: &Subject,
    parts: &[&str],
    members: Map<String, Value>,
    source: SourceLocation,
) -> Resource {
    let mut hasher = Sha256::new();
    hasher.update(subject.key());
    for part in parts {
        hasher.update([0]);
        hasher.update(part);
    }
    let key = hex::encode(&hasher.finalize()[..16]);
    let (cloud, account) = subject.home();
    let mut properties = Map::new();
    subject.members(&mut properties);
    properties.extend(members);
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(format!("/stance/{kind}/{key}")));
    body.insert("name".to_owned(), json!(name));
    body.insert("type".to_owned(), json!(format!("stance/{kind}")));
    if let Some(account) = account {
        body.insert("subscriptionId".to_owned(), json!(account));
    }
    if let Some(id) = &subject.resource_id {
        body.insert("parentId".to_owned(), json!(id));
    }
    body.insert("properties".to_owned(), Value::Object(properties));
    Resource::new(cloud, Origin::Live, source, body)
}

impl FileContext<'_> {
    /// Where a fact was read.
    pub(crate) fn source_at(&self, place: Place) -> SourceLocation {
        SourceLocation {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
        }
    }

    /// Redacts and sends a fact.
    pub(crate) fn send_fact(&mut self, mut resource: Resource) -> ControlFlow<()> {
        self.run.redacted += redact::redact(&mut resource.body) as u64;
        self.send(resource)
    }

    /// Facts of one kind were read for a subject. Complete: all that the source knows of.
    pub(crate) fn cover_facts(
        &mut self,
        kind: &str,
        subject: &Subject,
        count: u64,
        partial: Option<&str>,
    ) {
        let scope = if subject.is_known() {
            subject.key()
        } else {
            self.file.to_owned()
        };
        let (basis, status) = match partial {
            None => (Basis::Listed, CoverageStatus::Complete),
            Some(_) => (Basis::Seen, CoverageStatus::Partial),
        };
        let coverage = Coverage {
            scope,
            what: format!("stance/{kind}"),
            status,
            reason: partial.unwrap_or_default().to_owned(),
            source: self.file.to_owned(),
            count,
        };
        self.cover(basis, coverage);
    }
}
