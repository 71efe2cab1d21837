//! Bills of materials: CycloneDX and SPDX, both as JSON.
//!
//! Each gives one `stance/sboms` row, and a `stance/libraries` row for every library of generative AI in it.

pub(crate) mod cyclonedx;
pub(crate) mod libraries;
pub(crate) mod purl;
pub(crate) mod spdx;
pub(crate) mod spdx3;

mod emit;
mod statement;

use serde_json::{Map, Value};

use crate::context::FileContext;
use crate::facts::Subject;
use crate::formats::Found;
use purl::Purl;
use std::ops::ControlFlow;

/// A bill of materials as far as it counts here.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    /// `CycloneDX` or `SPDX`.
    pub(crate) format: &'static str,
    pub(crate) spec_version: String,
    pub(crate) subject: Subject,
    /// Package URL of the subject.
    pub(crate) subject_purl: Option<String>,
    pub(crate) subject_version: Option<String>,
    pub(crate) components: Vec<Component>,
    /// Names of machine-learning models among the components.
    pub(crate) models: Vec<String>,
    pub(crate) made_at: Option<String>,
    pub(crate) tool: Option<String>,
}

/// One component.
#[derive(Debug, Default)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) spelt: Option<String>,
    pub(crate) purl: Option<Purl>,
}

impl Component {
    pub(crate) fn new(name: &str, version: Option<&str>, purl: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            spelt: purl.map(str::to_owned),
            purl: purl.and_then(Purl::parse),
        }
    }
}

/// A bill, alone or as the predicate of a signed statement.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    is_bill(body) || statement::predicate(body).is_some_and(is_bill)
}

fn is_bill(body: &Map<String, Value>) -> bool {
    cyclonedx::recognises(body)
        || spdx::recognises(body)
        || spdx3::recognises(body)
        // As GitHub's dependency graph answers.
        || body.get("sbom").and_then(Value::as_object).is_some_and(spdx::recognises)
}

/// Reads it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let mut body = found.body;
    let mut signed = None;
    if statement::predicate(&body).is_some() {
        signed = statement::subject(&body);
        let Some(Value::Object(inner)) = body.remove("predicate") else {
            return ControlFlow::Continue(());
        };
        body = inner;
    }
    if let Some(Value::Object(inner)) = body.remove("sbom") {
        body = inner;
    }
    let mut bill = if cyclonedx::recognises(&body) {
        cyclonedx::bill(&body)
    } else if spdx::recognises(&body) {
        spdx::bill(&body)
    } else {
        spdx3::bill(&body)
    };
    if let Some(signed) = signed {
        bill.subject = signed;
    }
    emit::send(context, &bill, &body, found.place)
}
