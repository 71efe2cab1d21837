//! Values of the language, the unknown and the secret among them.

use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::{Map, Number, Value as Json};

use super::fault::Fault;
use super::instance::{Instance, ModuleInstance};
use crate::json::escape_pointer;

/// Values inside one value, and bytes of its texts over 32, at most.
const MAX_WEIGHT: u64 = 1_000_000;
/// Values inside of values, at most.
const MAX_DEPTH: u16 = 100;
/// What stands in place of a secret.
pub(super) const SECRET: &str = "***redacted:sensitive***";

/// A value. Cloning is cheap.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    List(Rc<List>),
    Map(Rc<Mapping>),
    Unknown(Rc<Unknown>),
    /// Marked as sensitive; what it is never enters evaluation.
    Secret,
    /// One instance of a resource or data source.
    Instance(Rc<Instance>),
    /// One instance of a module.
    Module(Rc<ModuleInstance>),
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    weight: u64,
    depth: u16,
}

#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) members: IndexMap<Rc<str>, Value>,
    weight: u64,
    depth: u16,
}

/// What only a plan or the cloud can tell.
#[derive(Debug)]
pub(super) struct Unknown {
    /// The expression as written.
    pub(super) expression: Rc<str>,
    /// What stands in its place within names and ids: known parts, and the rest in braces.
    pub(super) shown: Rc<str>,
    /// What `jsonencode` was given: parts of such a text may be known.
    pub(super) json: Option<Value>,
}

/// A value that is nowhere known, and where its place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) pointer: String,
    pub(super) expression: String,
}

impl Value {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Result<Self, Fault> {
        let text = text.into();
        if text.len() as u64 / 32 > MAX_WEIGHT {
            return Err(Fault::limit("a text grows too long"));
        }
        Ok(Self::Text(text))
    }

    pub(super) fn list(items: Vec<Self>) -> Result<Self, Fault> {
        let (weight, depth) = measure(items.iter())?;
        Ok(Self::List(Rc::new(List {
            items,
            weight,
            depth,
        })))
    }

    pub(super) fn map(members: IndexMap<Rc<str>, Self>) -> Result<Self, Fault> {
        let (weight, depth) = measure(members.values())?;
        Ok(Self::Map(Rc::new(Mapping {
            members,
            weight,
            depth,
        })))
    }

    /// The value of an expression that cannot be known.
    pub(super) fn unknown(expression: &str) -> Self {
        let inner = expression
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or(expression);
        Self::Unknown(Rc::new(Unknown {
            expression: expression.into(),
            shown: format!("{{{}}}", inner.replace('/', "|")).into(),
            json: None,
        }))
    }

    /// A text of which parts are unknown.
    pub(super) fn unknown_text(expression: &str, shown: &str) -> Self {
        Self::Unknown(Rc::new(Unknown {
            expression: expression.into(),
            shown: shown.into(),
            json: None,
        }))
    }

    /// JSON text of which parts are unknown.
    pub(super) fn unknown_json(expression: &str, value: Self) -> Self {
        Self::Unknown(Rc::new(Unknown {
            expression: expression.into(),
            shown: format!("{{{}}}", expression.replace('/', "|")).into(),
            json: Some(value),
        }))
    }

    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Text(text) => 1 + text.len() as u64 / 32,
            Self::List(list) => list.weight,
            Self::Map(map) => map.weight,
            Self::Instance(instance) => instance.attributes.weight(),
            _ => 1,
        }
    }

    fn depth(&self) -> u16 {
        match self {
            Self::List(list) => list.depth,
            Self::Map(map) => map.depth,
            Self::Instance(instance) => instance.attributes.depth(),
            _ => 0,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Nothing of it is unknown or secret.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Secret | Self::Instance(_) | Self::Module(_) => false,
            Self::List(list) => list.items.iter().all(Self::is_known),
            Self::Map(map) => map.members.values().all(Self::is_known),
            _ => true,
        }
    }

    /// The value as JSON. What is unknown is told to `gaps`, each with its pointer below `pointer`.
    pub(super) fn to_json(&self, pointer: &str, gaps: &mut Vec<Gap>) -> Json {
        let mut gap = |expression: &str| {
            gaps.push(Gap {
                pointer: pointer.to_owned(),
                expression: expression.to_owned(),
            });
        };
        match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Number(number) => number_json(*number),
            Self::Text(text) => Json::String(text.to_string()),
            Self::Unknown(unknown) => {
                if let Some(json) = &unknown.json {
                    return json.to_json(pointer, gaps);
                }
                gap(&unknown.expression);
                Json::String(unknown.shown.to_string())
            }
            Self::Secret => {
                gap("a sensitive value");
                Json::String(SECRET.to_owned())
            }
            Self::Instance(instance) => Json::String(instance.id.to_string()),
            Self::Module(module) => {
                gap(&module.address);
                Json::String(module.address.to_string())
            }
            Self::List(list) => Json::Array(
                list.items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| item.to_json(&format!("{pointer}/{index}"), gaps))
                    .collect(),
            ),
            Self::Map(map) => Json::Object(
                map.members
                    .iter()
                    .map(|(key, value)| {
                        let pointer = format!("{pointer}/{}", escape_pointer(key));
                        (key.to_string(), value.to_json(&pointer, gaps))
                    })
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    pub(super) fn from_json(json: &Json) -> Result<Self, Fault> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or(0.0)),
            Json::String(text) => Self::text(text.as_str())?,
            Json::Array(items) => Self::list(
                items
                    .iter()
                    .map(Self::from_json)
                    .collect::<Result<_, _>>()?,
            )?,
            Json::Object(members) => Self::map(
                members
                    .iter()
                    .map(|(key, value)| Ok((Rc::from(key.as_str()), Self::from_json(value)?)))
                    .collect::<Result<_, Fault>>()?,
            )?,
        })
    }
}

fn measure<'v>(values: impl Iterator<Item = &'v Value>) -> Result<(u64, u16), Fault> {
    let (mut weight, mut depth) = (1, 0);
    for value in values {
        weight += value.weight();
        depth = depth.max(value.depth());
    }
    if weight > MAX_WEIGHT {
        return Err(Fault::limit("a value grows too large"));
    }
    if depth >= MAX_DEPTH {
        return Err(Fault::limit("a value nests too deep"));
    }
    Ok((weight, depth + 1))
}

/// Whole numbers without a point.
pub(super) fn number_json(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return Json::from(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// As the language turns a number into text.
pub(super) fn number_text(number: f64) -> String {
    number_json(number).to_string()
}

/// `==`: same type, same value. `None`: it depends on something unknown.
#[allow(clippy::float_cmp)] // `==` of the language is exact.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Unknown(_) | Value::Secret, _) | (_, Value::Unknown(_) | Value::Secret) => None,
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => {
            if a.items.len() != b.items.len() {
                return Some(false);
            }
            all(a.items.iter().zip(&b.items).map(|(a, b)| equal(a, b)))
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.members.len() != b.members.len() {
                return Some(false);
            }
            all(a
                .members
                .iter()
                .map(|(key, value)| match b.members.get(key) {
                    Some(other) => equal(value, other),
                    None => Some(false),
                }))
        }
        (Value::Instance(_) | Value::Module(_), Value::Null)
        | (Value::Null, Value::Instance(_) | Value::Module(_)) => Some(false),
        (Value::Instance(_) | Value::Module(_), _) | (_, Value::Instance(_) | Value::Module(_)) => {
            None
        }
        _ => Some(false),
    }
}

fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut sure = true;
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => sure = false,
        }
    }
    sure.then_some(true)
}
