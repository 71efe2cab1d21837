//! Why a workload is missing from the inventory, or the inventory poorer than expected.
//!
//! First what is stored: the resource itself, its history, coverage and what readers said. Then the inputs, where the
//! caller names them: they are read again, and nothing is stored.

mod inputs;
mod stored;

use std::path::PathBuf;

use serde::Serialize;
use stance_collect::CollectOptions;
use stance_kql::{Engine, output};
use stance_model::workload::{Workload, classify};

use crate::OperationsError;

/// What to look for, and where.
#[derive(Debug, Clone, Default)]
pub struct DoctorRequest {
    /// A resource id, a name, or a part of either; `None` looks at the inventory as a whole.
    pub wanted: Option<String>,
    /// Files and folders to read again.
    pub paths: Vec<PathBuf>,
    /// How to read them.
    pub reading: CollectOptions,
}

/// How much an explanation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It is as it should be.
    Good,
    /// It may be why.
    Hint,
    /// It is why.
    Cause,
}

/// One thing the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// How much it matters.
    pub weight: Weight,
    /// What was looked at: `inventory`, `type`, `history`, `coverage`, `file`, `walk`.
    pub topic: &'static str,
    /// What was found, in one sentence.
    pub text: String,
    /// What to do; empty where there is nothing to do.
    pub help: String,
}

impl Explanation {
    fn new(
        weight: Weight,
        topic: &'static str,
        text: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            weight,
            topic,
            text: text.into(),
            help: help.into(),
        }
    }
}

/// Looks at what is stored, then at the inputs.
pub async fn examine(
    engine: &Engine,
    request: &DoctorRequest,
) -> Result<Vec<Explanation>, OperationsError> {
    let mut found = match &request.wanted {
        Some(wanted) => stored::one(engine, wanted).await?,
        None => stored::whole(engine).await?,
    };
    if !request.paths.is_empty() {
        found.extend(inputs::read_again(request));
    } else if found.iter().all(|one| one.weight != Weight::Cause) && request.wanted.is_some() {
        found.push(Explanation::new(
            Weight::Hint,
            "file",
            "the inputs were not looked at",
            "name them, `stance doctor NAME --input PATH`, to see which file holds it and what became of it",
        ));
    }
    Ok(found)
}

/// The rows of a query of our own.
async fn rows(
    engine: &Engine,
    query: &str,
) -> Result<Vec<serde_json::Map<String, serde_json::Value>>, OperationsError> {
    let result = engine.query(query).await?;
    Ok(output::json_objects(&result)?)
}

/// A type in words, and whether the inventory of AI workloads lists it.
fn what_is(resource_type: &str, kind: &str) -> (String, bool) {
    match classify(resource_type, Some(kind)) {
        Some(Workload { label, is_ai, .. }) => (label.to_owned(), is_ai),
        None => ("a type that is not known".to_owned(), false),
    }
}
