//! What is known about each recommendation beside its rule: severity, remediation, frameworks.
//!
//! Our definitions carry it in `properties.metadata.stance`; for Microsoft's built-ins it comes from
//! `content/recommendations/azure-builtin.json` (facts of Defender for Cloud's recommendation reference).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use stance_base::{Coded, ErrorCode};
use stance_model::{FrameworkControl, Remediation, Severity};

const AZURE_BUILTIN: &str = include_str!("../../../content/recommendations/azure-builtin.json");

/// What is known about one recommendation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Recommendation {
    /// How bad a failure is. Medium where nobody says.
    pub severity: Severity,
    /// What mends it.
    pub remediation: Remediation,
    /// Controls it speaks to.
    pub frameworks: Vec<FrameworkControl>,
    /// Defender for Cloud's assessment key, where published.
    pub assessment_key: Option<String>,
    /// Other titles and ids people know it by.
    pub aliases: Vec<String>,
}

/// The embedded catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the built-in catalogue of recommendations does not parse: {0}; the binary is damaged, install it again"
)]
pub struct CatalogueError(#[from] serde_json::Error);

impl Coded for CatalogueError {
    fn code(&self) -> ErrorCode {
        ErrorCode::Internal
    }
}

/// Recommendations by the name of their policy definition.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    builtin: HashMap<String, Recommendation>,
}

impl Catalogue {
    /// The catalogue that ships with the product.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Ok(Self {
            builtin: serde_json::from_str(AZURE_BUILTIN)?,
        })
    }

    /// What is known about a definition: its own `metadata.stance` first, then the built-in list by name.
    ///
    /// Unreadable metadata counts as absent: a rule with a typo in its severity still judges.
    pub fn recommendation(&self, definition_name: &str, metadata: &Value) -> Recommendation {
        metadata
            .get("stance")
            .and_then(|own| Recommendation::deserialize(own).ok())
            .or_else(|| self.builtin.get(definition_name).cloned())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn own_metadata_wins_and_nonsense_falls_back() -> Result<(), CatalogueError> {
        let catalogue = Catalogue::embedded()?;
        let own = json!({"stance": {"severity": "High", "examples": []}});
        assert_eq!(catalogue.recommendation("x", &own).severity, Severity::High);
        let nonsense = json!({"stance": {"severity": "Terrible"}});
        assert_eq!(
            catalogue.recommendation("x", &nonsense),
            Recommendation::default()
        );
        Ok(())
    }
}
