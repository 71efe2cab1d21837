//! Keys, secrets and certificates of a vault as `Microsoft.KeyVault.Data` and `Microsoft.ManagedHSM.Data` see them.
//!
//! Collected are the resources of Resource Manager (`Microsoft.KeyVault/vaults/keys`: `attributes` in seconds since
//! 1970, `kty`, `keySize`, `curveName`); a certificate's policy is in the data plane's answer alone.
//! Sources: the API definition of Microsoft.KeyVault (`KeyProperties`, `SecretProperties`), the data plane's
//! `CertificatePolicy`; field names are those of the aliases of the built-in definitions.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use stance_model::{Resource, Unknown};

use super::{Component, put, shell};

/// Names in a component, and where their values stand in the resource.
type Fields = &'static [(&'static str, &'static str)];

/// Where an attribute stands in a component, and in the resource.
const ATTRIBUTES: [(&str, &str); 4] = [
    ("enabled", "enabled"),
    ("createdOn", "created"),
    ("notBefore", "nbf"),
    ("expiresOn", "exp"),
];
const KEY: [(&str, &str); 3] = [
    ("keyType", "/properties/kty"),
    ("keySize", "/properties/keySize"),
    ("ellipticCurveName", "/properties/curveName"),
];
const SECRET: [(&str, &str); 1] = [("contentType", "/properties/contentType")];
const CERTIFICATE: [(&str, &str); 5] = [
    ("keyProperties.keyType", "/properties/policy/key_props/kty"),
    (
        "keyProperties.keySize",
        "/properties/policy/key_props/key_size",
    ),
    (
        "keyProperties.ellipticCurveName",
        "/properties/policy/key_props/crv",
    ),
    (
        "properties.validityInMonths",
        "/properties/policy/x509_props/validity_months",
    ),
    ("issuer.name", "/properties/policy/issuer/name"),
];

/// The collected types, the data types made of them, and what these have beside attributes.
const KINDS: [(&str, &str, Fields); 4] = [
    (
        "microsoft.keyvault/vaults/keys",
        "Microsoft.KeyVault.Data/vaults/keys",
        &KEY,
    ),
    (
        "microsoft.keyvault/vaults/secrets",
        "Microsoft.KeyVault.Data/vaults/secrets",
        &SECRET,
    ),
    (
        "microsoft.keyvault/vaults/certificates",
        "Microsoft.KeyVault.Data/vaults/certificates",
        &CERTIFICATE,
    ),
    (
        "microsoft.keyvault/managedhsms/keys",
        "Microsoft.ManagedHSM.Data/managedHsms/keys",
        &KEY,
    ),
];

/// The collected type that a data type (lower case) is made of.
pub(super) fn source_of(data_type: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(_, data, _)| data.eq_ignore_ascii_case(data_type))
        .map(|(source, ..)| *source)
}

/// The component of a collected key, secret or certificate.
pub(super) fn build(resource: &Resource) -> Option<Component> {
    let (_, data_type, fields) = KINDS
        .iter()
        .find(|(source, ..)| *source == resource.resource_type)?;
    let mut made = Made {
        component: shell(resource, data_type),
        owner: Arc::new(resource.clone()),
        borrowed: Vec::new(),
    };
    made.component
        .unknowns
        .retain(|unknown| unknown.pointer.is_empty());
    put(&mut made.component.body, &["properties"], json!({}));
    put(&mut made.component.body, &["attributes"], json!({}));
    let attributes = resource.body.pointer("/properties/attributes");
    for (name, from) in ATTRIBUTES {
        made.take(
            &["attributes", name],
            &format!("/properties/attributes/{from}"),
            instant,
        );
    }
    if attributes.is_none() && resource.unknown_at("/properties/attributes").is_none() {
        made.unknown(
            "/attributes",
            "the attributes, which were not collected".to_owned(),
        );
    }
    for (name, from) in *fields {
        let keys: Vec<&str> = name.split('.').collect();
        if let [parent, _] = keys.as_slice()
            && made.component.body.get(*parent).is_none()
        {
            put(&mut made.component.body, &[parent], json!({}));
        }
        made.take(&keys, from, Value::clone);
    }
    made.not_collected(resource, fields);
    made.component
        .unknowns
        .sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Some(Component {
        resource: made.component,
        borrowed: made.borrowed,
    })
}

struct Made {
    component: Resource,
    owner: Arc<Resource>,
    borrowed: Vec<(String, Arc<Resource>, String)>,
}

impl Made {
    /// Puts what stands at a pointer of the resource into the component.
    fn take(&mut self, keys: &[&str], from: &str, convert: impl Fn(&Value) -> Value) {
        let to = format!("/{}", keys.join("/"));
        if let Some(unknown) = self.owner.unknown_at(from) {
            let expression = unknown.expression.clone();
            self.unknown(&to, expression);
        } else if let Some(value) = self
            .owner
            .body
            .pointer(from)
            .filter(|value| !value.is_null())
        {
            let value = convert(value);
            put(&mut self.component.body, keys, value);
        }
        self.borrowed
            .push((to, Arc::clone(&self.owner), from.to_owned()));
    }

    fn unknown(&mut self, pointer: &str, expression: String) {
        self.component.unknowns.push(Unknown {
            pointer: pointer.to_owned(),
            expression,
        });
    }

    /// What a list answer leaves out is not known: only some kinds of keys have a size, others a curve.
    fn not_collected(&mut self, resource: &Resource, fields: &[(&str, &str)]) {
        let at = |pointer: &str| {
            resource
                .body
                .pointer(pointer)
                .filter(|value| !value.is_null())
        };
        let kind = fields
            .first()
            .and_then(|(_, from)| at(from))
            .and_then(Value::as_str);
        for (name, from) in fields {
            if at(from).is_some() || resource.unknown_at(from).is_some() || *name == "contentType" {
                continue;
            }
            let has_none = kind.is_some_and(|kind| {
                let curve = kind.to_ascii_uppercase().starts_with("EC");
                (name.ends_with("keySize") && curve)
                    || (name.ends_with("ellipticCurveName") && !curve)
            });
            if !has_none {
                let what = format!("`{name}`, which was not collected");
                self.unknown(&format!("/{}", name.replace('.', "/")), what);
            }
        }
    }
}

/// Seconds since 1970 as an instant; all else as it is.
fn instant(value: &Value) -> Value {
    let seconds = value
        .as_i64()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    seconds.map_or_else(
        || value.clone(),
        |instant| json!(instant.to_rfc3339_opts(SecondsFormat::Secs, true)),
    )
}
