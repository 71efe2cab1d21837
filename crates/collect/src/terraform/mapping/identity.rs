//! Ids: those a cloud gave, and those that declared resources are known by.

use serde_json::{Map, Value as Json};
use stance_model::Cloud;
use std::fmt::Write as _;

use super::{TypeMapping, azapi, mappings};
use crate::terraform::evaluate::Surroundings;
use crate::terraform::value::Gap;

/// The subscription of ids that nobody named.
const NO_SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
/// The account of ARNs that nobody named.
const NO_ACCOUNT: &str = "000000000000";

/// The id of a resource of this type; `None` where the type is not mapped.
pub(in crate::terraform) fn id_of(
    kind: &str,
    address: &str,
    values: &Map<String, Json>,
    gaps: &[Gap],
    around: &Surroundings,
) -> Option<String> {
    let filler = Filler {
        address,
        values,
        gaps,
        around,
        mapping: mappings().get(kind),
    };
    if azapi::TYPES.contains(&kind) {
        return azapi::id(&filler);
    }
    let mapping = filler.mapping?;
    if let Some(known) = filler.known_id(mapping) {
        return Some(known);
    }
    let templates = match &mapping.data.merge {
        Some(target) if mapping.data.id.is_empty() => std::slice::from_ref(target),
        _ => mapping.data.id.as_slice(),
    };
    filler.first(templates)
}

/// Fills templates with attributes.
pub(super) struct Filler<'d> {
    pub(super) address: &'d str,
    pub(super) values: &'d Map<String, Json>,
    pub(super) gaps: &'d [Gap],
    pub(super) around: &'d Surroundings,
    pub(super) mapping: Option<&'static TypeMapping>,
}

impl Filler<'_> {
    /// The id that the cloud gave, as a plan or state holds it.
    fn known_id(&self, mapping: &TypeMapping) -> Option<String> {
        let known = |name: &str| self.known(name).filter(|text| !text.is_empty());
        match mapping.cloud {
            Cloud::Azure => {
                known("id").filter(|id| id.starts_with('/') && mapping.data.merge.is_none())
            }
            Cloud::Aws => mapping
                .references
                .iter()
                .filter_map(|name| known(name))
                .find(|id| id.starts_with("arn:")),
            Cloud::Gcp => {
                let id = known("id").filter(|id| id.starts_with("projects/"))?;
                let service = mapping.data.native.split('/').next()?;
                // Buckets and datasets have ids of another form than their names.
                mapping
                    .data
                    .id
                    .first()
                    .filter(|template| template.contains("/projects/"))?;
                Some(format!("//{service}/{id}"))
            }
        }
    }

    /// A text that is surely known.
    pub(super) fn known(&self, name: &str) -> Option<String> {
        let pointer = format!("/{name}");
        if self.gaps.iter().any(|gap| gap.pointer == pointer) {
            return None;
        }
        match self.values.get(name)? {
            Json::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The first template that can be filled, else the last one with braces where something is missing.
    pub(super) fn first(&self, templates: &[String]) -> Option<String> {
        let filled = templates
            .iter()
            .find_map(|template| self.fill(template, false));
        filled.or_else(|| self.fill(templates.last()?, true))
    }

    /// `None`: an attribute is missing, unless that is forgiven.
    pub(super) fn fill(&self, template: &str, forgiving: bool) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, behind) = after.split_once('}')?;
            match self.part(name) {
                Some(text) => out.push_str(&text),
                None if forgiving => {
                    let _ = write!(out, "{{{name}}}");
                }
                None => return None,
            }
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }

    fn part(&self, name: &str) -> Option<String> {
        let around = self.around;
        let or =
            |known: &Option<String>, other: &str| known.clone().unwrap_or_else(|| other.to_owned());
        Some(match name {
            "subscription" => format!(
                "/subscriptions/{}",
                or(&around.subscription, NO_SUBSCRIPTION)
            ),
            "group" => {
                let named = self.attribute("resource_group_name");
                let group = named.unwrap_or_else(|| or(&around.resource_group, "{resourceGroup}"));
                format!(
                    "/subscriptions/{}/resourceGroups/{group}",
                    or(&around.subscription, NO_SUBSCRIPTION)
                )
            }
            "account" => or(&around.account, NO_ACCOUNT),
            "partition" => match self.region().as_str() {
                region if region.starts_with("cn-") => "aws-cn".to_owned(),
                region if region.starts_with("us-gov-") => "aws-us-gov".to_owned(),
                _ => "aws".to_owned(),
            },
            "region" => self.region(),
            "project" => self.project(),
            "address" => self.address.replace('/', "|"),
            _ => {
                let found = self.attribute(name)?;
                match self
                    .mapping
                    .and_then(|mapping| mapping.data.parents.get(name))
                {
                    Some(parent) if !found.starts_with('/') && !found.starts_with("arn:") => {
                        self.placeholder(parent, &found)
                    }
                    _ => found,
                }
            }
        })
    }

    pub(super) fn region(&self) -> String {
        ["region", "location", "zone"]
            .iter()
            .find_map(|name| self.known(name))
            .or_else(|| self.around.region.clone())
            .unwrap_or_else(|| "{region}".to_owned())
    }

    pub(super) fn project(&self) -> String {
        self.attribute("project")
            .or_else(|| self.around.project.clone())
            .unwrap_or_else(|| "{project}".to_owned())
    }

    /// An attribute as text; what is unknown of it in braces.
    pub(super) fn attribute(&self, path: &str) -> Option<String> {
        let mut segments = path.split('.');
        let first = self.values.get(segments.next()?)?;
        let found = segments.try_fold(first, |at, name| match at {
            Json::Array(items) => items.first()?.get(name),
            at => at.get(name),
        })?;
        match found {
            Json::String(text) if text.is_empty() => None,
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The id of a parent of which only an expression is known.
    pub(super) fn placeholder(&self, native: &str, expression: &str) -> String {
        let subscription = self
            .around
            .subscription
            .clone()
            .unwrap_or_else(|| NO_SUBSCRIPTION.to_owned());
        let group = self
            .around
            .resource_group
            .clone()
            .unwrap_or_else(|| "{resourceGroup}".to_owned());
        let mut parts = native.split('/');
        let namespace = parts.next().unwrap_or_default();
        let mut id =
            format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}");
        let name = expression.replace('/', "|");
        for part in parts {
            let _ = write!(id, "/{part}/{name}");
        }
        id
    }
}
