//! Signed statements around a bill of materials, as build tools attach to images: in-toto's `Statement`.
//!
//! Shape: github.com/in-toto/attestation.

use serde_json::{Map, Value};

use crate::facts::Subject;
use crate::facts::image::Image;

/// What is stated.
pub(super) fn predicate(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    body.get("predicateType")?;
    body.get("predicate")?.as_object()
}

/// What it is stated of: the first image with its digest.
pub(super) fn subject(body: &Map<String, Value>) -> Option<Subject> {
    let first = body.get("subject")?.as_array()?.first()?;
    let name = first.get("name")?.as_str()?;
    let digest = first.pointer("/digest/sha256").and_then(Value::as_str);
    let digest = digest.map(|digits| format!("sha256:{digits}"));
    Some(Subject {
        image: Image::parse(name).map(|image| image.with_digest(digest.as_deref())),
        name: Some(name.to_owned()),
        ..Subject::default()
    })
}
