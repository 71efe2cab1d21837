//! Selectors: which resources of a scope, or which references of an initiative, something is about.

use serde_json::Value;
use stance_model::Resource;

use crate::definition::plain_location_text;

/// Values that one selector may list.
const MAX_VALUES: usize = 50;

/// What a selector looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelectorKind {
    ResourceLocation,
    ResourceType,
    ResourceWithoutLocation,
    DefinitionReference,
}

/// One condition of a selector; values in the form that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    pub kind: SelectorKind,
    values: Vec<String>,
    wanted: bool,
}

impl Selector {
    fn read(body: &Value) -> Result<Self, String> {
        let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
        let kind = match kind.to_ascii_lowercase().as_str() {
            "resourcelocation" => SelectorKind::ResourceLocation,
            "resourcetype" => SelectorKind::ResourceType,
            "resourcewithoutlocation" => SelectorKind::ResourceWithoutLocation,
            "policydefinitionreferenceid" => SelectorKind::DefinitionReference,
            _ => {
                return Err(format!(
                    "a selector of the kind `{kind}`, which is not known"
                ));
            }
        };
        let list = |key: &str| body.get(key).and_then(Value::as_array);
        let (values, wanted) = match (list("in"), list("notIn")) {
            (Some(values), None) => (values, true),
            (None, Some(values)) => (values, false),
            (Some(_), Some(_)) => return Err("a selector with both `in` and `notIn`".to_owned()),
            (None, None) => return Err("a selector with neither `in` nor `notIn`".to_owned()),
        };
        if values.len() > MAX_VALUES {
            return Err(format!("a selector of more than {MAX_VALUES} values"));
        }
        let plain = |text: &str| match kind {
            SelectorKind::ResourceLocation => plain_location_text(text),
            _ => text.trim().to_ascii_lowercase(),
        };
        Ok(Self {
            kind,
            values: values.iter().filter_map(Value::as_str).map(plain).collect(),
            wanted,
        })
    }

    /// Whether a reference of an initiative is meant.
    pub(crate) fn selects_reference(&self, reference: &str) -> bool {
        self.lists(&reference.to_ascii_lowercase()) == self.wanted
    }

    /// Whether a resource is meant. A region that is not known before deployment may be any.
    pub(crate) fn selects(&self, resource: &Resource) -> bool {
        let listed = match self.kind {
            SelectorKind::ResourceLocation => {
                if resource.unknown_at("/location").is_some() {
                    return true;
                }
                resource
                    .text("location")
                    .is_some_and(|location| self.lists(&plain_location_text(location)))
            }
            SelectorKind::ResourceType => self.lists(&resource.resource_type),
            SelectorKind::ResourceWithoutLocation => {
                let at_subscription_level = resource.text("location").is_none_or(str::is_empty)
                    && resource.id.resource_group().is_none();
                at_subscription_level && self.lists("subscriptionlevelresources")
            }
            SelectorKind::DefinitionReference => return true,
        };
        listed == self.wanted
    }

    fn lists(&self, value: &str) -> bool {
        self.values.iter().any(|own| own == value)
    }
}

/// Reads a list of selectors that must all hold.
pub(super) fn read_all(body: &Value, allowed: &[SelectorKind]) -> Result<Vec<Selector>, String> {
    let list = body.get("selectors").and_then(Value::as_array);
    let mut selectors: Vec<Selector> = Vec::new();
    for item in list.into_iter().flatten() {
        let selector = Selector::read(item)?;
        let has = |kind| selectors.iter().any(|other| other.kind == kind);
        let excluded = match selector.kind {
            SelectorKind::ResourceLocation => has(SelectorKind::ResourceWithoutLocation),
            SelectorKind::ResourceWithoutLocation => has(SelectorKind::ResourceLocation),
            _ => false,
        };
        if has(selector.kind) || excluded {
            return Err("a selector that names two kinds which exclude each other".to_owned());
        }
        if !allowed.contains(&selector.kind) {
            return Err(format!(
                "a selector of a kind ({:?}) that does not belong there",
                selector.kind
            ));
        }
        selectors.push(selector);
    }
    Ok(selectors)
}

/// Reads `resourceSelectors`: a resource is meant where all conditions of any one of them hold.
pub(super) fn read_resource_selectors(properties: &Value) -> Result<Vec<Vec<Selector>>, String> {
    const ALLOWED: [SelectorKind; 3] = [
        SelectorKind::ResourceLocation,
        SelectorKind::ResourceType,
        SelectorKind::ResourceWithoutLocation,
    ];
    let list = properties
        .get("resourceSelectors")
        .and_then(Value::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    if list.len() > super::overrides::MAX_ENTRIES {
        return Err("more than 10 resource selectors".to_owned());
    }
    list.iter().map(|item| read_all(item, &ALLOWED)).collect()
}

/// Whether any of the selectors means the resource; all resources are meant where there is none.
pub(crate) fn select_any(selectors: &[Vec<Selector>], resource: &Resource) -> bool {
    selectors.is_empty()
        || selectors
            .iter()
            .any(|all| all.iter().all(|selector| selector.selects(resource)))
}
