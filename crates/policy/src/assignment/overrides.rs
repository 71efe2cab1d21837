//! Overrides: an assignment gives definitions another effect or version. The first that fits decides.

use serde_json::Value;

use super::selector::{Selector, SelectorKind, read_all};
use crate::definition::Effect;

/// Overrides, and resource selectors, that an assignment may hold.
pub(super) const MAX_ENTRIES: usize = 10;

/// What is overridden, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OverrideKind {
    Effect(Effect),
    Version(String),
}

/// One override; it fits where all its selectors hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    pub kind: OverrideKind,
    pub selectors: Vec<Selector>,
}

impl Override {
    fn read(body: &Value) -> Result<Self, String> {
        const ALLOWED: [SelectorKind; 4] = [
            SelectorKind::DefinitionReference,
            SelectorKind::ResourceLocation,
            SelectorKind::ResourceType,
            SelectorKind::ResourceWithoutLocation,
        ];
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let (kind, value) = (text("kind"), text("value"));
        if value.is_empty() {
            return Err("an override without a value".to_owned());
        }
        let kind = if kind.eq_ignore_ascii_case("policyEffect") {
            OverrideKind::Effect(Effect::parse(value))
        } else if kind.eq_ignore_ascii_case("policyVersion")
            || kind.eq_ignore_ascii_case("definitionVersion")
        {
            OverrideKind::Version(value.to_owned())
        } else {
            return Err(format!(
                "an override of the kind `{kind}`, which is not known"
            ));
        };
        Ok(Self {
            kind,
            selectors: read_all(body, &ALLOWED)?,
        })
    }

    /// The conditions on resources that are left where the override is about a reference; `None` where it is not.
    pub(crate) fn on(&self, reference: &str) -> Option<Vec<Selector>> {
        let (named, left): (Vec<_>, Vec<_>) = self
            .selectors
            .iter()
            .cloned()
            .partition(|selector| selector.kind == SelectorKind::DefinitionReference);
        named
            .iter()
            .all(|selector| selector.selects_reference(reference))
            .then_some(left)
    }
}

/// Reads `overrides`, in order.
pub(super) fn read_overrides(properties: &Value) -> Result<Vec<Override>, String> {
    let list = properties.get("overrides").and_then(Value::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    if list.len() > MAX_ENTRIES {
        return Err("more than 10 overrides".to_owned());
    }
    list.iter().map(Override::read).collect()
}
