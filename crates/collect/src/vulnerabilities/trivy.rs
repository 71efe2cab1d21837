//! Reports of Trivy as JSON: images, file systems, repositories, machines, and clusters of these.
//!
//! Shape: trivy.dev/docs/latest/configuration/reporting.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::Vulnerability;
use crate::context::FileContext;
use crate::facts::image::Image;
use crate::facts::{Subject, resource_id};
use crate::formats::Found;
use crate::stream::Place;

/// A report, or a cluster's report that holds one for each workload.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    let artifact = body.contains_key("ArtifactName")
        && (body.contains_key("SchemaVersion")
            || body.contains_key("ArtifactType")
            || body.contains_key("Results"));
    artifact || (body.contains_key("ClusterName") && clustered(body).next().is_some())
}

/// Workloads of a cluster's report.
fn clustered(body: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let listed = body
        .get("Resources")
        .or_else(|| body.get("Findings"))
        .and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .filter(|workload| workload.contains_key("Results"))
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let body = found.body;
    if body.contains_key("ArtifactName") {
        let subject = subject(&body);
        return results(
            context,
            &body,
            &subject,
            text(&body, "CreatedAt"),
            found.place,
        );
    }
    for workload in clustered(&body) {
        let held = workload.get("Metadata").and_then(Value::as_array);
        let image = held
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|metadata| image_of(metadata, None))
            .find_map(|image| image);
        let of = |key: &str| text(workload, key).unwrap_or_default();
        let subject = Subject {
            image,
            name: Some(format!("{}/{}/{}", of("Namespace"), of("Kind"), of("Name"))),
            ..Subject::default()
        };
        results(context, workload, &subject, None, found.place)?;
    }
    ControlFlow::Continue(())
}

fn text<'b>(body: &'b Map<String, Value>, key: &str) -> Option<&'b str> {
    body.get(key).and_then(Value::as_str)
}

fn subject(body: &Map<String, Value>) -> Subject {
    let name = text(body, "ArtifactName").unwrap_or_default();
    let empty = Map::new();
    let metadata = body
        .get("Metadata")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let image = matches!(text(body, "ArtifactType"), Some("container_image") | None);
    Subject {
        resource_id: resource_id(name),
        image: image.then(|| image_of(metadata, Some(name))).flatten(),
        name: Some(name.to_owned()),
        ..Subject::default()
    }
}

/// The image by name, with the digest that the registry gave it.
fn image_of(metadata: &Map<String, Value>, name: Option<&str>) -> Option<Image> {
    let first = |key: &str| {
        let listed = metadata.get(key).and_then(Value::as_array);
        listed
            .and_then(|listed| listed.first())
            .and_then(Value::as_str)
    };
    // An archive or a digest alone is no name.
    let named = name.filter(|name| !name.starts_with("sha256:") && !name.contains(".tar"));
    let named = named
        .or_else(|| first("RepoTags"))
        .or_else(|| first("RepoDigests"))?;
    let digest = first("RepoDigests")
        .and_then(|spelt| spelt.split_once('@'))
        .map(|(_, digest)| digest);
    Some(Image::parse(named)?.with_digest(digest))
}

fn results(
    context: &mut FileContext<'_>,
    body: &Map<String, Value>,
    subject: &Subject,
    created_at: Option<&str>,
    place: Place,
) -> ControlFlow<()> {
    let results = body.get("Results").and_then(Value::as_array);
    let mut count = 0;
    for result in results.into_iter().flatten() {
        let of = |key: &str| result.get(key).and_then(Value::as_str);
        let ecosystem = of("Type").and_then(ecosystem);
        let listed = result.get("Vulnerabilities").and_then(Value::as_array);
        for entry in listed.into_iter().flatten() {
            let Some(found) = vulnerability(entry, ecosystem, of("Target")) else {
                continue;
            };
            let mut row = found.row(subject, context.source_at(place));
            row.observed_at = created_at.map(str::to_owned);
            count += 1;
            context.send_fact(row)?;
        }
    }
    context.cover_facts("vulnerabilities", subject, count, None);
    ControlFlow::Continue(())
}

fn vulnerability<'v>(
    entry: &'v Value,
    ecosystem: Option<&'static str>,
    target: Option<&'v str>,
) -> Option<Vulnerability<'v>> {
    let of = |key: &str| entry.get(key).and_then(Value::as_str);
    Some(Vulnerability {
        id: of("VulnerabilityID")?,
        severity: of("Severity").unwrap_or_default(),
        package: of("PkgName").unwrap_or_default(),
        version: of("InstalledVersion"),
        fixed_version: of("FixedVersion"),
        purl: entry.pointer("/PkgIdentifier/PURL").and_then(Value::as_str),
        ecosystem,
        title: of("Title"),
        status: of("Status"),
        url: of("PrimaryURL"),
        published_at: of("PublishedDate"),
        target: of("PkgPath").or(target),
        score: score(entry),
        source: "Trivy",
    })
}

/// The highest score of version 3 or 4 that any source gives.
fn score(entry: &Value) -> Option<f64> {
    let sources = entry.get("CVSS")?.as_object()?.values();
    sources
        .flat_map(|source| {
            ["V40Score", "V3Score"].map(|key| source.get(key).and_then(Value::as_f64))
        })
        .flatten()
        .reduce(f64::max)
}

/// What Trivy calls an ecosystem, in the words of package URLs.
fn ecosystem(spelt: &str) -> Option<&'static str> {
    Some(match spelt {
        "python-pkg" | "pip" | "pipenv" | "poetry" | "uv" | "conda-pkg" => "pypi",
        "node-pkg" | "npm" | "yarn" | "pnpm" | "bun" => "npm",
        "jar" | "pom" | "gradle" => "maven",
        "nuget" | "dotnet-core" => "nuget",
        "gobinary" | "gomod" => "golang",
        "rust-binary" | "cargo" => "cargo",
        "gemspec" | "bundler" => "gem",
        _ => return None,
    })
}
