//! Vulnerabilities as `stance/vulnerabilities` rows, from scanners and from Defender for Cloud.

pub(crate) mod cyclonedx;
pub(crate) mod sub_assessment;
pub(crate) mod trivy;

use serde_json::{Value, json};
use stance_model::{Resource, SourceLocation};

use crate::facts::{self, Subject, texts};
use crate::sbom::libraries;
use crate::sbom::purl::{Purl, normal_name};

/// One vulnerability of one package, as its source spells it.
#[derive(Debug, Default)]
pub(crate) struct Vulnerability<'v> {
    /// `CVE-2025-1234`, `GHSA-…`.
    pub(crate) id: &'v str,
    pub(crate) severity: &'v str,
    pub(crate) package: &'v str,
    pub(crate) version: Option<&'v str>,
    pub(crate) fixed_version: Option<&'v str>,
    pub(crate) purl: Option<&'v str>,
    /// Ecosystem where there is no package URL: `pypi`, `npm`.
    pub(crate) ecosystem: Option<&'v str>,
    pub(crate) title: Option<&'v str>,
    pub(crate) status: Option<&'v str>,
    pub(crate) url: Option<&'v str>,
    pub(crate) published_at: Option<&'v str>,
    /// Where in the image or file system it was found.
    pub(crate) target: Option<&'v str>,
    pub(crate) score: Option<f64>,
    /// Who says so: `Trivy`, `Defender for Cloud`.
    pub(crate) source: &'v str,
}

/// Low, Medium, High, Critical, else Unknown.
pub(crate) fn severity(spelt: &str) -> &'static str {
    match spelt.trim().to_ascii_lowercase().as_str() {
        "critical" => "Critical",
        "high" | "important" => "High",
        "medium" | "moderate" => "Medium",
        "low" | "minor" | "negligible" | "info" | "informational" | "none" => "Low",
        _ => "Unknown",
    }
}

impl Vulnerability<'_> {
    /// The row of it.
    pub(crate) fn row(&self, subject: &Subject, source: SourceLocation) -> Resource {
        let purl = self.purl.and_then(Purl::parse);
        let ecosystem = purl
            .as_ref()
            .map(|purl| purl.kind.as_str())
            .or(self.ecosystem);
        let plain = purl.as_ref().map(|purl| purl.name.clone());
        let plain =
            plain.unwrap_or_else(|| normal_name(ecosystem.unwrap_or_default(), self.package));
        let generative =
            ecosystem.is_some_and(|ecosystem| libraries::kind_of(ecosystem, &plain).is_some());
        let mut members = texts(&[
            ("id", Some(self.id)),
            ("severity", Some(severity(self.severity))),
            ("package", Some(self.package)),
            ("version", self.version),
            ("fixedVersion", self.fixed_version),
            ("source", Some(self.source)),
            ("ecosystem", ecosystem),
            ("purl", self.purl),
            ("title", self.title),
            ("status", self.status),
            ("url", self.url),
            ("publishedAt", self.published_at),
            ("target", self.target),
        ]);
        if let Some(score) = self.score {
            members.insert("score".to_owned(), json!(score));
        }
        members.insert("isGenerativeAi".to_owned(), Value::Bool(generative));
        let parts = [
            self.source,
            self.id,
            self.package,
            self.version.unwrap_or_default(),
            self.target.unwrap_or_default(),
        ];
        facts::fact("vulnerabilities", self.id, subject, &parts, members, source)
    }
}
