//! Roles: which permissions they hold, as far as capabilities ask for them.
//!
//! Predefined roles are data, `content/graph/google-roles.yaml`; custom ones are rows of the inventory.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Estate, walk};
use crate::vocabulary::{CapabilitySet, Vocabulary};

const PREDEFINED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/google-roles.yaml"
));

/// Permissions with `*` for any text, less some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Permissions {
    #[serde(rename = "permissions")]
    pub(super) all: Vec<String>,
    #[serde(default)]
    pub(super) except: Vec<String>,
}

impl Permissions {
    /// Exactly these.
    pub(super) fn of<'p>(permissions: impl IntoIterator<Item = &'p str>) -> Self {
        Self::without(permissions, [])
    }

    /// These less those. Kept in lower case, to compare without looking at case.
    pub(super) fn without<'p>(
        permissions: impl IntoIterator<Item = &'p str>,
        except: impl IntoIterator<Item = &'p str>,
    ) -> Self {
        Self {
            all: permissions.into_iter().map(str::to_lowercase).collect(),
            except: except.into_iter().map(str::to_lowercase).collect(),
        }
    }

    /// Whether the permission is among them.
    pub(super) fn hold(&self, permission: &str) -> bool {
        let permission = &permission.to_lowercase();
        let among = |patterns: &[String]| patterns.iter().any(|one| matches(one, permission));
        among(&self.all) && !among(&self.except)
    }
}

/// Whether a permission fits a pattern; `*` stands for any text. Both are in lower case.
fn matches(pattern: &str, permission: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = permission.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The pairs of capability and type that permissions grant: any one permission is enough that is not denied.
pub(super) fn pairs(
    vocabulary: &Vocabulary,
    granted: &Permissions,
    denied: &[&Permissions],
) -> CapabilitySet {
    let mut found = CapabilitySet::EMPTY;
    for (number, pair) in vocabulary.pairs().iter().enumerate() {
        let allowed = |permission: &String| {
            granted.hold(permission) && !denied.iter().any(|one| one.hold(permission))
        };
        if pair.needs.google.iter().any(allowed) {
            found.insert(number);
        }
    }
    found
}

/// The roles that bindings name.
#[derive(Debug, Default)]
pub(super) struct Roles {
    known: HashMap<String, Permissions>,
}

impl Roles {
    /// The predefined ones and those of the inventory.
    pub(super) fn read(estate: &Estate<'_>) -> Self {
        // A test reads the file; a broken one knows no role.
        let predefined: HashMap<String, Permissions> =
            serde_yaml_ng::from_str(PREDEFINED).unwrap_or_default();
        let mut known: HashMap<String, Permissions> = predefined
            .into_iter()
            .map(|(name, held)| {
                let all = held.all.iter().map(String::as_str);
                let except = held.except.iter().map(String::as_str);
                (name.to_lowercase(), Permissions::without(all, except))
            })
            .collect();
        for role in estate.known_of_type("iam.googleapis.com/role") {
            let properties = role.properties();
            let off = walk::is_set(properties, "deleted")
                || walk::text(properties, &["stage"]) == Some("DISABLED");
            let permissions = if off {
                Permissions::default()
            } else {
                Permissions::of(permissions_of(properties))
            };
            let name = role.id.as_str();
            known.insert(name_of(estate, name), permissions);
        }
        Self { known }
    }

    /// What a role holds; `None` where nobody says.
    pub(super) fn get(&self, estate: &Estate<'_>, role: &str) -> Option<&Permissions> {
        self.known.get(&name_of(estate, role))
    }
}

fn permissions_of(properties: &serde_json::Value) -> impl Iterator<Item = &str> {
    let list = properties.get("includedPermissions");
    let list = list.and_then(serde_json::Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .take(MOST_PERMISSIONS)
}

/// Most permissions of a custom role; Google allows 3,000.
const MOST_PERMISSIONS: usize = 20_000;

/// `roles/editor`, `projects/P/roles/R`, `organizations/O/roles/R`; lower case, projects by id.
fn name_of(estate: &Estate<'_>, role: &str) -> String {
    let short = role
        .rsplit_once("googleapis.com/")
        .map_or(role, |(_, short)| short);
    if short.starts_with("projects/") {
        return estate.projects.relative(short);
    }
    short.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_roles_can_be_used() {
        let roles: HashMap<String, Permissions> = serde_yaml_ng::from_str(PREDEFINED).unwrap();
        let held = |role: &str| {
            let (all, except) = (&roles[role].all, &roles[role].except);
            Permissions::without(
                all.iter().map(String::as_str),
                except.iter().map(String::as_str),
            )
        };
        let editor = held("roles/editor");
        assert!(editor.hold("iam.serviceAccounts.actAs"));
        assert!(!editor.hold("secretmanager.versions.access"));
        assert!(!editor.hold("run.services.setIamPolicy"));
        assert!(!held("roles/owner").hold("iam.serviceAccounts.getAccessToken"));
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("storage.objects.*", "storage.objects.get"));
        assert!(matches("*.setiampolicy", "run.services.setiampolicy"));
        assert!(matches("iam.*.sign*", "iam.serviceaccounts.signjwt"));
        assert!(matches("*", "a.b.c"));
        assert!(!matches("storage.objects.*", "storage.buckets.get"));
        assert!(!matches(
            "storage.objects.get",
            "storage.objects.getiampolicy"
        ));
        assert!(!matches("*.get", "storage.objects.getiampolicy"));
    }
}
