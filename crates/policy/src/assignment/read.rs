//! Recognises assignments, exemptions and attestations: ARM objects, Resource Graph rows, the flat answers of
//! `az policy assignment show` and `az policy exemption show`.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::overrides::read_overrides;
use super::scope::{plain, scope_of_id};
use super::selector::read_resource_selectors;
use super::{Assignment, Attestation, Exemption};
use crate::definition::ignoring_case;

/// What an object is.
#[derive(Debug)]
pub(crate) enum Read {
    Assignment(Box<Assignment>),
    Exemption(Box<Exemption>),
    Attestation(Box<Attestation>),
}

/// Reads the object where it is one of the three. `body` is its `properties`, or itself where it is flat.
pub(crate) fn recognise(value: &Value, body: &Value, (file, line): (&str, u32)) -> Option<Read> {
    let object = Object { value, body };
    let kind = object.kind();
    let has = |key: &str| object.get(key).is_some_and(Value::is_string);
    if kind.ends_with("/policyexemptions")
        || (has("exemptionCategory") && has("policyAssignmentId"))
    {
        return Some(Read::Exemption(Box::new(object.exemption(file, line))));
    }
    if kind.ends_with("/attestations") && has("policyAssignmentId") {
        return Some(Read::Attestation(Box::new(object.attestation())));
    }
    let bare = kind.is_empty()
        && has("policyDefinitionId")
        && !has("complianceState")
        && !object.scope().is_empty();
    if kind.ends_with("/policyassignments") || bare {
        return Some(Read::Assignment(Box::new(object.assignment(file, line))));
    }
    None
}

struct Object<'a> {
    value: &'a Value,
    body: &'a Value,
}

impl Object<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        ignoring_case(self.body.as_object(), key)
    }

    fn text(&self, key: &str) -> String {
        self.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    fn outer(&self, key: &str) -> String {
        ignoring_case(self.value.as_object(), key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// The type in lower case: as written, else as the id says.
    fn kind(&self) -> String {
        let written = self.outer("type").to_ascii_lowercase();
        if !written.is_empty() {
            return written;
        }
        let id = self.outer("id");
        let Some(at) = id.to_ascii_lowercase().rfind("/providers/") else {
            return String::new();
        };
        let parts: Vec<&str> = id[at..].split('/').skip(2).take(2).collect();
        parts.join("/").to_ascii_lowercase()
    }

    fn name(&self) -> String {
        let name = self.outer("name");
        if !name.is_empty() {
            return name;
        }
        let id = self.outer("id");
        id.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn strings(&self, key: &str) -> Vec<String> {
        let list = self.get(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    }

    /// `scope` as written, else what the id hangs on.
    fn scope(&self) -> String {
        let written = self.text("scope");
        if !written.is_empty() {
            return written;
        }
        let outer = self.outer("scope");
        if !outer.is_empty() {
            return outer;
        }
        scope_of_id(&self.outer("id"))
            .unwrap_or_default()
            .to_owned()
    }

    /// The id as written, else the one that scope and name make.
    fn id(&self, scope: &str, kind: &str) -> String {
        let id = self.outer("id");
        if id.is_empty() {
            return format!(
                "{}/providers/{kind}/{}",
                scope.trim_end_matches('/'),
                self.name()
            );
        }
        id
    }

    fn title(&self) -> String {
        let title = self.text("displayName");
        if title.is_empty() { self.name() } else { title }
    }

    fn expires_on(&self) -> Result<Option<DateTime<Utc>>, String> {
        let text = self.text("expiresOn");
        if text.is_empty() {
            return Ok(None);
        }
        instant(&text)
            .map(Some)
            .ok_or_else(|| format!("`expiresOn` is `{text}`, which is no instant"))
    }

    fn assignment(&self, file: &str, line: u32) -> Assignment {
        let scope = self.scope();
        let parameters = self.get("parameters").and_then(Value::as_object);
        let selectors = read_resource_selectors(self.body);
        let overrides = read_overrides(self.body);
        let problem = scope_problem(&scope)
            .or_else(|| {
                selectors
                    .as_ref()
                    .err()
                    .map(|what| format!("it holds {what}"))
            })
            .or_else(|| {
                overrides
                    .as_ref()
                    .err()
                    .map(|what| format!("it holds {what}"))
            });
        Assignment {
            id: self.id(&scope, "Microsoft.Authorization/policyAssignments"),
            name: self.name(),
            display_name: self.title(),
            definition: self.text("policyDefinitionId"),
            definition_version: self.text("definitionVersion"),
            // ARM wraps each value; az takes and prints them so, too.
            parameters: parameters
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.get("value").unwrap_or(value).clone()))
                .collect(),
            not_scopes: self
                .strings("notScopes")
                .iter()
                .map(|text| plain(text))
                .collect(),
            enforced: !self
                .text("enforcementMode")
                .eq_ignore_ascii_case("DoNotEnforce"),
            collected: false,
            body: self.value.clone(),
            file: file.to_owned(),
            line,
            selectors: selectors.unwrap_or_default(),
            overrides: overrides.unwrap_or_default(),
            problem,
            scope,
        }
    }

    fn exemption(&self, file: &str, line: u32) -> Exemption {
        let scope = self.scope();
        let written = self.text("exemptionCategory");
        let category = ["Waiver", "Mitigated"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(&written));
        let expires_on = self.expires_on();
        let selectors = read_resource_selectors(self.body);
        let problem = scope_problem(&scope)
            .or_else(|| {
                category.is_none().then(|| {
                    format!("its category is `{written}`, which is neither Waiver nor Mitigated")
                })
            })
            .or_else(|| expires_on.clone().err())
            .or_else(|| {
                selectors
                    .as_ref()
                    .err()
                    .map(|what| format!("it holds {what}"))
            });
        Exemption {
            id: self.id(&scope, "Microsoft.Authorization/policyExemptions"),
            name: self.name(),
            display_name: self.title(),
            assignment: self.text("policyAssignmentId"),
            references: self.strings("policyDefinitionReferenceIds"),
            category: category.unwrap_or(&written).to_owned(),
            expires_on: expires_on.unwrap_or_default(),
            body: self.value.clone(),
            collected: false,
            file: file.to_owned(),
            line,
            plain_scope: plain(&scope),
            selectors: selectors.unwrap_or_default(),
            problem,
            scope,
        }
    }

    fn attestation(&self) -> Attestation {
        Attestation {
            id: self.outer("id"),
            resource: plain(&self.scope()),
            assignment: plain(&self.text("policyAssignmentId")),
            reference: self.text("policyDefinitionReferenceId"),
            state: self.text("complianceState"),
            // A date that cannot be read is taken as past: what a person said may no longer hold.
            expires_on: self.expires_on().unwrap_or(Some(DateTime::UNIX_EPOCH)),
            comments: self.text("comments"),
        }
    }
}

fn scope_problem(scope: &str) -> Option<String> {
    let known = scope.starts_with('/')
        && (scope.to_ascii_lowercase().starts_with("/subscriptions/")
            || scope
                .to_ascii_lowercase()
                .starts_with(super::scope::MANAGEMENT_GROUPS));
    (!known).then(|| {
        format!("its scope is `{scope}`, which is neither a management group nor in a subscription")
    })
}

/// An instant as Azure writes it: RFC 3339, or a date alone.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    if let Ok(local) = text.parse::<chrono::NaiveDateTime>() {
        return Some(local.and_utc());
    }
    let date = text.parse::<chrono::NaiveDate>().ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}
