//! Sub-assessments of Defender for Cloud, which stay what they are and give a `stance/vulnerabilities` row beside.
//!
//! Shape: learn.microsoft.com/rest/api/defenderforcloud/sub-assessments and, for the newer scanner,
//! learn.microsoft.com/azure/defender-for-cloud/subassessment-rest-api.

use serde_json::Value;
use stance_model::{Resource, ResourceId};

use super::Vulnerability;
use crate::facts::image::Image;
use crate::facts::{Subject, resource_id};

const TYPE: &str = "microsoft.security/assessments/subassessments";

/// The rows behind an unhealthy sub-assessment; none for anything else.
pub(crate) fn rows(resource: &Resource) -> Vec<Resource> {
    if resource.resource_type != TYPE {
        return Vec::new();
    }
    let properties = resource.properties();
    let of = |pointer: &str| properties.pointer(pointer).and_then(Value::as_str);
    let details = properties.get("additionalData").unwrap_or(&Value::Null);
    let identified = details
        .pointer("/vulnerabilityDetails/cveId")
        .and_then(Value::as_str);
    let listed = cves(details);
    if of("/status/code") != Some("Unhealthy") || (identified.is_none() && listed.is_empty()) {
        return Vec::new();
    }
    let subject = subject(resource, details);
    let detail = |pointer: &str| details.pointer(pointer).and_then(Value::as_str);
    let package = detail("/softwareDetails/packageName").or_else(|| detail("/softwareName"));
    let rated = detail("/vulnerabilityDetails/severity").or_else(|| of("/status/severity"));
    let score = details
        .pointer("/cvssV30Score")
        .or_else(|| details.pointer("/vulnerabilityDetails/cvss/3.0/base"))
        .or_else(|| details.pointer("/cvss/3.0/base"));
    let ids = identified.into_iter().chain(listed);
    let rows = ids.map(|id| {
        let found = Vulnerability {
            id,
            severity: rated.unwrap_or_default(),
            package: package.unwrap_or_default(),
            version: detail("/softwareDetails/version").or_else(|| detail("/softwareVersion")),
            fixed_version: detail("/softwareDetails/fixedVersion"),
            ecosystem: detail("/softwareDetails/language").and_then(ecosystem),
            title: of("/displayName"),
            status: of("/status/code"),
            published_at: detail("/vulnerabilityDetails/publishedDate")
                .or_else(|| detail("/publishedTime")),
            // Of two sub-assessments of one CVE each is told.
            target: resource.id.name(),
            score: score.and_then(Value::as_f64),
            source: "Defender for Cloud",
            ..Vulnerability::default()
        };
        found.row(&subject, resource.source.clone())
    });
    rows.collect()
}

/// Ids of the older scanner.
fn cves(details: &Value) -> Vec<&str> {
    let listed = details.get("cve").and_then(Value::as_array);
    let spelt = listed.into_iter().flatten().filter_map(|cve| {
        cve.get("title")
            .or_else(|| cve.get("cveId"))
            .and_then(Value::as_str)
    });
    let mut found: Vec<&str> = spelt.filter(|id| !id.is_empty()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What was assessed: the resource named in the details, else the one that the id extends; and its image.
fn subject(resource: &Resource, details: &Value) -> Subject {
    let properties = resource.properties();
    let named = [
        "/resourceDetails/id",
        "/resourceDetails/Id",
        "/resourceDetails/ResourceId",
    ]
    .into_iter()
    .find_map(|pointer| properties.pointer(pointer).and_then(Value::as_str));
    let assessed = resource
        .id
        .parent()
        .and_then(|assessment| assessment.parent());
    let id = named
        .and_then(resource_id)
        .map(|id| of_registry(&id))
        .or_else(|| assessed.map(|id| id.as_str().to_owned()));
    Subject {
        image: image(details, id.as_deref()),
        resource_id: id,
        ..Subject::default()
    }
}

/// An image in a registry has an id below it that is no resource; the registry is.
fn of_registry(id: &str) -> String {
    let cut = id
        .to_ascii_lowercase()
        .find("/repositories/")
        .unwrap_or(id.len());
    ResourceId::new(&id[..cut]).as_str().to_owned()
}

/// Login server of the registry with that id, whose name is its first label.
fn login_server(id: &str) -> Option<String> {
    let id = ResourceId::new(id);
    let kind = id.resource_type()?.to_lowercase();
    let name = id
        .name()
        .filter(|_| kind == "microsoft.containerregistry/registries")?;
    Some(format!("{}.azurecr.io", name.to_lowercase()))
}

fn image(details: &Value, id: Option<&str>) -> Option<Image> {
    let of = |pointer: &str| details.pointer(pointer).and_then(Value::as_str);
    let repository = of("/artifactDetails/repositoryName").or_else(|| of("/repositoryName"))?;
    let registry = of("/artifactDetails/registryHost").or_else(|| of("/registryHost"));
    let registry = registry
        .map(str::to_owned)
        .or_else(|| id.and_then(login_server));
    let digest = of("/artifactDetails/digest").or_else(|| of("/imageDigest"));
    let tag = details
        .pointer("/artifactDetails/tags/0")
        .and_then(Value::as_str)
        .map(|tag| format!(":{tag}"))
        .unwrap_or_default();
    let reference = registry.map_or_else(
        || format!("{repository}{tag}"),
        |registry| format!("{registry}/{repository}{tag}"),
    );
    Some(Image::parse(&reference)?.with_digest(digest))
}

fn ecosystem(language: &str) -> Option<&'static str> {
    Some(match language.to_ascii_lowercase().as_str() {
        "python" => "pypi",
        "node" | "nodejs" | "javascript" => "npm",
        "java" => "maven",
        "dotnet" | ".net" => "nuget",
        "go" | "golang" => "golang",
        "rust" => "cargo",
        _ => return None,
    })
}
