//! SPDX 2.2 and 2.3 as JSON.
//!
//! Shape: spdx.github.io/spdx-spec/v2.3.

use serde_json::{Map, Value};

use super::cyclonedx::image_of;
use super::purl::Purl;
use super::{Bill, Component};
use crate::facts::image::{Image, is_digest};
use crate::facts::{Subject, resource_id};

pub(super) fn recognises(body: &Map<String, Value>) -> bool {
    body.get("spdxVersion")
        .and_then(Value::as_str)
        .is_some_and(|version| version.starts_with("SPDX-2"))
}

pub(super) fn bill(body: &Map<String, Value>) -> Bill {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let packages = list(body, "packages");
    let described = described(body);
    let main = packages.iter().find(|package| {
        let id = member(package, "SPDXID");
        id.is_some() && id == described
    });
    let made = body.get("creationInfo").unwrap_or(&Value::Null);
    let tool = made
        .get("creators")
        .and_then(Value::as_array)
        .and_then(|creators| {
            let spelt = creators.iter().filter_map(Value::as_str);
            spelt
                .filter_map(|creator| creator.strip_prefix("Tool: "))
                .map(str::to_owned)
                .next()
        });
    let mut bill = Bill {
        format: "SPDX",
        spec_version: text("spdxVersion")
            .unwrap_or_default()
            .trim_start_matches("SPDX-")
            .to_owned(),
        subject: subject_of(body, main),
        subject_purl: main.and_then(purl_of).map(str::to_owned),
        subject_version: main
            .and_then(|main| member(main, "versionInfo"))
            .map(str::to_owned),
        made_at: member(made, "created").map(str::to_owned),
        tool,
        ..Bill::default()
    };
    for package in packages {
        // What is described is no part of itself.
        if main.is_some_and(|main| std::ptr::eq(main, package)) {
            continue;
        }
        if let Some(name) = member(package, "name") {
            let version = member(package, "versionInfo");
            bill.components
                .push(Component::new(name, version, purl_of(package)));
        }
    }
    bill
}

fn member<'b>(value: &'b Value, key: &str) -> Option<&'b str> {
    value.get(key).and_then(Value::as_str)
}

fn list<'b>(body: &'b Map<String, Value>, key: &str) -> &'b [Value] {
    body.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The package URL among the external references.
fn purl_of(package: &Value) -> Option<&str> {
    let references = package.get("externalRefs")?.as_array()?;
    let purl = references
        .iter()
        .find(|reference| member(reference, "referenceType") == Some("purl"))?;
    member(purl, "referenceLocator")
}

/// The element that the document describes.
fn described(body: &Map<String, Value>) -> Option<&str> {
    let listed = list(body, "documentDescribes")
        .first()
        .and_then(Value::as_str);
    let related = list(body, "relationships").iter().find_map(|relationship| {
        let kind = member(relationship, "relationshipType");
        let (one, other) = (
            member(relationship, "spdxElementId"),
            member(relationship, "relatedSpdxElement"),
        );
        match kind {
            Some("DESCRIBES") if one == Some("SPDXRef-DOCUMENT") => other,
            Some("DESCRIBED_BY") if other == Some("SPDXRef-DOCUMENT") => one,
            _ => None,
        }
    });
    listed.or(related)
}

/// `stance:resourceId=…` of an annotation or comment.
fn annotated(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("stance:resourceId")?;
    let rest = rest.trim_start_matches(['=', ':', ' ']);
    resource_id(rest.split_whitespace().next()?)
}

fn subject_of(body: &Map<String, Value>, main: Option<&Value>) -> Subject {
    let of_main = |key: &str| main.and_then(|main| member(main, key));
    let name = of_main("name").or_else(|| body.get("name").and_then(Value::as_str));
    let holders = main
        .into_iter()
        .filter_map(|main| main.get("annotations").and_then(Value::as_array));
    let comments = holders
        .flatten()
        .chain(list(body, "annotations"))
        .filter_map(|annotation| member(annotation, "comment"))
        .chain(of_main("comment"))
        .chain(body.get("comment").and_then(Value::as_str));
    let stated = comments.into_iter().find_map(annotated);
    let container = of_main("primaryPackagePurpose") == Some("CONTAINER");
    let version = of_main("versionInfo");
    let from_name = name
        .filter(|_| container)
        .and_then(Image::parse)
        .map(|image| {
            let tag = version.filter(|version| {
                image.tag.is_none() && !is_digest(version) && !version.is_empty()
            });
            match tag {
                Some(tag) => Image::parse(&format!("{}:{tag}", image.reference)).unwrap_or(image),
                None => image.with_digest(version),
            }
        });
    let from_purl = main
        .and_then(purl_of)
        .and_then(Purl::parse)
        .as_ref()
        .and_then(image_of);
    let digest = from_purl.as_ref().and_then(|image| image.digest.clone());
    Subject {
        resource_id: stated.or_else(|| name.and_then(resource_id)),
        image: from_name
            .map(|image| image.with_digest(digest.as_deref()))
            .or(from_purl),
        name: name.map(str::to_owned),
        ..Subject::default()
    }
}
