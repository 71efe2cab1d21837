//! Labels and findings on sensitive data as `stance/sensitivitylabels` rows: which container holds what.
//!
//! Samples and quotes of the data itself are never taken over.

pub(crate) mod dlp;
pub(crate) mod groups;
pub(crate) mod macie;
pub(crate) mod purview;

use serde_json::{Value, json};
use stance_model::{Resource, SourceLocation};

use crate::facts::{self, Subject, texts};

/// One label or finding on one container.
#[derive(Debug, Default)]
pub(crate) struct Label<'l> {
    /// `EMAIL_ADDRESS`, `Confidential`, `MICROSOFT.PERSONAL.EMAIL`.
    pub(crate) name: &'l str,
    /// `classification` for what a scan found, `label` for what somebody set, `score` for a judgement of the whole.
    pub(crate) kind: &'l str,
    /// Who says so.
    pub(crate) source: &'l str,
    /// Occurrences, where they were counted.
    pub(crate) count: Option<u64>,
    /// Low, Medium, High; empty where the source does not say.
    pub(crate) confidence: &'l str,
    /// What kind of data it is in the source's words, such as `PERSONAL_INFORMATION`.
    pub(crate) category: Option<&'l str>,
    /// Severity or sensitivity of the finding in the source's words.
    pub(crate) severity: Option<&'l str>,
    /// Object, column or path inside the container.
    pub(crate) path: Option<&'l str>,
    /// Id of the finding at its source.
    pub(crate) finding: Option<&'l str>,
    /// Name of the storage account, server or bucket where its id cannot be told.
    pub(crate) container: Option<&'l str>,
}

impl Label<'_> {
    /// The row of it.
    pub(crate) fn row(&self, subject: &Subject, source: SourceLocation) -> Resource {
        let mut members = texts(&[
            ("label", Some(self.name)),
            ("kind", Some(self.kind)),
            ("source", Some(self.source)),
            ("confidence", Some(self.confidence)),
            ("category", self.category),
            ("severity", self.severity),
            ("path", self.path),
            ("findingId", self.finding),
            ("container", self.container),
        ]);
        if let Some(count) = self.count {
            members.insert("count".to_owned(), json!(count));
        }
        let parts = [
            self.source,
            self.name,
            self.path.unwrap_or_default(),
            self.finding.unwrap_or_default(),
            self.container.unwrap_or_default(),
        ];
        facts::fact(
            "sensitivitylabels",
            self.name,
            subject,
            &parts,
            members,
            source,
        )
    }
}

pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}
