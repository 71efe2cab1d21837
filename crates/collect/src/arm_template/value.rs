//! The values expressions have: JSON, plus what is not known yet, plus secrets.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;

use super::fault::Fault;
use super::symbolic_text::{Hole, LONGEST_TEXT, SymbolicText};
use crate::json::{Node, NodeValue};

/// Deepest nesting of a value.
const DEEPEST: u32 = 150;
/// Most values and bytes of text inside one value.
const HEAVIEST: u64 = 2 << 20;

/// A value. Cloning shares.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no 64-bit integer, as it was written.
    Number(Rc<str>),
    Text(Rc<str>),
    List(Rc<List>),
    Object(Rc<Object>),
    Unknown(Rc<Unknown>),
    Secret(Secret),
}

/// An array with its measure.
#[derive(Debug)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    measure: Measure,
}

/// An object with its measure. Keys keep their spelling and are found whatever their case.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) members: IndexMap<String, Value>,
    /// Keys by lower case, made when one is first looked for in another spelling.
    spellings: OnceCell<HashMap<String, String>>,
    measure: Measure,
}

/// What cannot be known before deployment.
#[derive(Debug)]
pub(super) struct Unknown {
    /// What is known of it as a text.
    pub(super) text: SymbolicText,
    /// The expression as it was written, brackets included, where it stood in the template by itself.
    pub(super) written: Option<Rc<str>>,
    /// What is known of its members; others may be there too.
    pub(super) known: Option<Value>,
}

/// The value of a secure parameter, which is never carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret {
    /// A value that is not empty was given.
    pub(super) given: bool,
}

/// What is shown instead of a secret.
pub(super) const REDACTED: &str = "***";

#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    depth: u32,
    weight: u64,
}

impl Measure {
    fn of<'v>(values: impl Iterator<Item = (usize, &'v Value)>) -> Result<Self, Fault> {
        let mut all = Self {
            depth: 0,
            weight: 1,
        };
        for (key_length, value) in values {
            let one = value.measure();
            all.depth = all.depth.max(one.depth);
            all.weight = all
                .weight
                .saturating_add(one.weight)
                .saturating_add(key_length as u64);
        }
        all.depth += 1;
        if all.depth > DEEPEST {
            return Err(Fault::limit(format!(
                "a value is nested deeper than {DEEPEST} levels"
            )));
        }
        if all.weight > HEAVIEST {
            return Err(Fault::limit("a value grows beyond what is kept"));
        }
        Ok(all)
    }
}

impl Object {
    /// The member with this key: the exact spelling first, else one that differs in case only.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.members
            .get(key)
            .or_else(|| self.members.get(self.spelling_of(key)?))
    }

    /// How a key is spelt in the object, whatever its case.
    pub(super) fn spelling_of(&self, key: &str) -> Option<&str> {
        let spellings = self.spellings.get_or_init(|| {
            self.members
                .keys()
                .map(|key| (key.to_lowercase(), key.clone()))
                .collect()
        });
        spellings.get(&key.to_lowercase()).map(String::as_str)
    }
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Result<Self, Fault> {
        let text = text.into();
        if text.len() > LONGEST_TEXT {
            return Err(Fault::limit("a text grows beyond what is kept"));
        }
        Ok(Self::Text(Rc::from(text)))
    }

    /// A short text of ours.
    pub(super) fn word(text: &str) -> Self {
        Self::Text(Rc::from(text))
    }

    pub(super) fn list(items: Vec<Self>) -> Result<Self, Fault> {
        let measure = Measure::of(items.iter().map(|item| (0, item)))?;
        Ok(Self::List(Rc::new(List { items, measure })))
    }

    pub(super) fn object(members: IndexMap<String, Self>) -> Result<Self, Fault> {
        let measure = Measure::of(members.iter().map(|(key, value)| (key.len(), value)))?;
        Ok(Self::Object(Rc::new(Object {
            members,
            spellings: OnceCell::new(),
            measure,
        })))
    }

    /// An object of a few members of ours.
    pub(super) fn record<const N: usize>(members: [(&str, Self); N]) -> Result<Self, Fault> {
        Self::object(
            members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    /// Text with holes, or plain text where it has none.
    pub(super) fn symbolic(text: SymbolicText) -> Self {
        match text.known() {
            Some(known) => Self::Text(Rc::from(known)),
            None => Self::Unknown(Rc::new(Unknown {
                text,
                written: None,
                known: None,
            })),
        }
    }

    /// The unknown outcome of a call such as `reference('x').y`.
    pub(super) fn unknown(source: &str) -> Self {
        Self::symbolic(SymbolicText::hole(Hole::of_call(source)))
    }

    /// An unknown object of which some members are known.
    pub(super) fn partly_known(source: &str, known: Self) -> Self {
        Self::Unknown(Rc::new(Unknown {
            text: SymbolicText::hole(Hole::of_call(source)),
            written: None,
            known: Some(known),
        }))
    }

    /// The same unknown, remembering the expression it was written as. Anything else stays as it is.
    pub(super) fn written_as(self, expression: &str) -> Self {
        match self {
            Self::Unknown(unknown) => Self::Unknown(Rc::new(Unknown {
                text: unknown.text.clone(),
                written: Some(Rc::from(expression)),
                known: unknown.known.clone(),
            })),
            other => other,
        }
    }

    fn measure(&self) -> Measure {
        match self {
            Self::Text(text) | Self::Number(text) => Measure {
                depth: 0,
                weight: 1 + text.len() as u64,
            },
            Self::List(list) => list.measure,
            Self::Object(object) => object.measure,
            Self::Unknown(unknown) => {
                let known = unknown
                    .known
                    .as_ref()
                    .map(Self::measure)
                    .unwrap_or_default();
                Measure {
                    depth: known.depth,
                    weight: known.weight.saturating_add(1 + unknown.text.len() as u64),
                }
            }
            _ => Measure {
                depth: 0,
                weight: 1,
            },
        }
    }

    /// How many values and bytes of text it holds.
    pub(super) fn weight(&self) -> u64 {
        self.measure().weight
    }

    /// A number from its text.
    pub(super) fn number(text: &str) -> Self {
        text.parse::<i64>()
            .map_or_else(|_| Self::Number(Rc::from(text)), Self::Int)
    }

    /// JSON taken as it stands, without looking for expressions.
    pub(super) fn from_node(node: &Node) -> Result<Self, Fault> {
        Ok(match &node.value {
            NodeValue::Null => Self::Null,
            NodeValue::Bool(value) => Self::Bool(*value),
            NodeValue::Number(text) => Self::number(text),
            NodeValue::String(text) => Self::text(text.as_str())?,
            NodeValue::Array(items) => Self::list(
                items
                    .iter()
                    .map(Self::from_node)
                    .collect::<Result<_, _>>()?,
            )?,
            NodeValue::Object(members) => Self::object(
                members
                    .iter()
                    .map(|member| Ok((member.key.clone(), Self::from_node(&member.value)?)))
                    .collect::<Result<_, Fault>>()?,
            )?,
        })
    }

    /// The name of its type, for messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
            Self::Unknown(_) => "unknown",
            Self::Secret(_) => "secret",
        }
    }

    /// The text, where it is known.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is, or holds, something unknown.
    pub(super) fn holds_unknown(&self) -> bool {
        self.any(&|value| matches!(value, Self::Unknown(_)))
    }

    /// Whether it is, or holds, a secret.
    pub(super) fn holds_secret(&self) -> bool {
        self.any(&|value| matches!(value, Self::Secret(_)))
    }

    fn any(&self, test: &impl Fn(&Self) -> bool) -> bool {
        test(self)
            || match self {
                Self::List(list) => list.items.iter().any(|item| item.any(test)),
                Self::Object(object) => object.members.values().any(|value| value.any(test)),
                _ => false,
            }
    }

    /// A scalar as the text it has inside `concat` and `format`; `None` for arrays and objects.
    pub(super) fn to_symbolic(&self) -> Option<SymbolicText> {
        Some(match self {
            Self::Null => SymbolicText::default(),
            Self::Bool(true) => SymbolicText::literal("True"),
            Self::Bool(false) => SymbolicText::literal("False"),
            Self::Int(number) => SymbolicText::literal(&number.to_string()),
            Self::Number(text) | Self::Text(text) => SymbolicText::literal(text),
            Self::Unknown(unknown) => unknown.text.clone(),
            Self::Secret(_) => SymbolicText::literal(REDACTED),
            Self::List(_) | Self::Object(_) => return None,
        })
    }

    /// How it would be written as an argument of a call, for showing what an unknown depends on.
    pub(super) fn source(&self) -> String {
        match self {
            Self::Null => "null()".to_owned(),
            Self::Bool(value) => format!("{value}()"),
            Self::Int(number) => number.to_string(),
            Self::Number(text) => text.to_string(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Unknown(unknown) => unknown.text.source(),
            Self::Secret(_) => REDACTED.to_owned(),
            Self::List(list) => {
                let items: Vec<_> = list.items.iter().map(Self::source).collect();
                shorten(format!("createArray({})", items.join(", ")))
            }
            Self::Object(object) => {
                let members: Vec<_> = object
                    .members
                    .iter()
                    .map(|(key, value)| format!("'{key}', {}", value.source()))
                    .collect();
                shorten(format!("createObject({})", members.join(", ")))
            }
        }
    }
}

/// Keeps sources of large values short and still apart.
fn shorten(source: String) -> String {
    if source.len() <= 400 {
        return source;
    }
    let hash = super::functions::unique_string(&source);
    let name = source.split('(').next().unwrap_or_default();
    format!("{name}(…{hash})")
}
