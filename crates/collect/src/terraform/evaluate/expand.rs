//! Blocks to instances: `count`, `for_each`, dynamic blocks.

use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::Evaluator;
use super::basics::{Pairs, pairs};
use crate::json::escape_pointer;
use crate::stream::Place;
use crate::terraform::fault::Fault;
use crate::terraform::instance::{Instance, ModuleInstance, Scope, located};
use crate::terraform::mapping;
use crate::terraform::syntax::{Block, Body};
use crate::terraform::value::Value;

/// Arguments of every resource that are none of its properties.
const META: &[&str] = &["count", "for_each", "depends_on", "provider", "lifecycle"];
/// Blocks of every resource that are none of its properties.
const META_BLOCKS: &[&str] = &["lifecycle", "provisioner", "connection", "timeouts"];

/// Which of several instances.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Only,
    Index(usize),
    Name(Rc<str>),
    /// How many there are is not known; the expression.
    Doubt(Rc<str>),
}

impl Key {
    /// As it stands behind the address.
    pub(super) fn suffix(&self) -> String {
        match self {
            Self::Only => String::new(),
            Self::Index(index) => format!("[{index}]"),
            Self::Name(name) => format!("[\"{name}\"]"),
            Self::Doubt(expression) => format!("[{{{expression}}}]"),
        }
    }

    pub(super) fn doubt(&self) -> Option<Rc<str>> {
        match self {
            Self::Doubt(expression) => Some(Rc::clone(expression)),
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// What `TYPE.NAME` or `data.TYPE.NAME` stands for.
    pub(super) fn resource(
        &self,
        module: &Rc<ModuleInstance>,
        kind: &str,
        name: &str,
        data: bool,
    ) -> Result<Value, Fault> {
        let key = (Rc::from(kind), Rc::from(name));
        let all = if data {
            &module.source.data
        } else {
            &module.source.resources
        };
        let short = if data {
            format!("data.{kind}.{name}")
        } else {
            format!("{kind}.{name}")
        };
        let Some(declared) = all.get(&key) else {
            return Err(Fault::wrong(format!("there is no `{short}`")));
        };
        let address = if module.address.is_empty() {
            short.clone()
        } else {
            format!("{}.{short}", module.address)
        };
        let found = self.once(module, &short, || {
            let scope = Scope::of(module, &declared.file);
            self.expand(&declared.block, &scope, |key, scope| {
                self.one_more_instance()?;
                let made = self.instance(
                    declared.block.place,
                    &declared.block.body,
                    &scope,
                    format!("{address}{}", key.suffix()),
                    kind,
                    data,
                    key.doubt().or_else(|| module.doubt.clone()),
                )?;
                Ok(Value::Instance(Rc::new(made)))
            })
        });
        found.map_err(|fault| fault.at(&declared.file, declared.block.place))
    }

    /// Makes every instance of a block.
    pub(super) fn expand(
        &self,
        block: &Block,
        scope: &Scope,
        mut make: impl FnMut(&Key, Scope) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        if let Some(count) = block.body.attribute("count") {
            let value = self.value(count, scope).unwrap_or_else(|fault| {
                self.fault(&fault);
                Value::unknown(&count.text)
            });
            let Some(count_value) = whole(&value) else {
                let index = Value::unknown("count.index");
                let bound = IndexMap::from([(Rc::from("index"), index)]);
                let scope = scope.with("count", Value::map(bound)?);
                let only = make(&Key::Doubt(Rc::clone(&count.text)), scope)?;
                return Value::list(vec![only]);
            };
            let limited = self.limited(count_value, scope);
            let count = located(limited, scope, count)?;
            let mut items = Vec::with_capacity(count);
            for index in 0..count {
                let bound = IndexMap::from([(Rc::from("index"), Value::Number(index as f64))]);
                let scope = scope.with("count", Value::map(bound)?);
                items.push(make(&Key::Index(index), scope)?);
            }
            return Value::list(items);
        }
        let Some(over) = block.body.attribute("for_each") else {
            return make(&Key::Only, scope.clone());
        };
        let value = self.value(over, scope).unwrap_or_else(|fault| {
            self.fault(&fault);
            Value::unknown(&over.text)
        });
        let each = |key: Value, value: Value| {
            let members = IndexMap::from([(Rc::from("key"), key), (Rc::from("value"), value)]);
            Ok::<_, Fault>(scope.with("each", Value::map(members)?))
        };
        let pairs = match pairs(&value) {
            Ok(Pairs::Known(pairs)) => pairs,
            Ok(Pairs::Secret | Pairs::Unknown) | Err(_) => {
                let scope = each(Value::unknown("each.key"), Value::unknown("each.value"))?;
                let key = Key::Doubt(Rc::clone(&over.text));
                let only = make(&key, scope)?;
                return Value::map(IndexMap::from([(key.suffix().into(), only)]));
            }
        };
        let limited = self.limited(pairs.len(), scope);
        located(limited, scope, over)?;
        let set = matches!(value, Value::List(_));
        let mut members = IndexMap::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = if set { value.clone() } else { key };
            let scope = each(key.clone(), value)?;
            let key = match &key {
                Value::Text(text) => Key::Name(Rc::clone(text)),
                Value::Unknown(unknown) => Key::Name(Rc::clone(&unknown.shown)),
                _ => return Err(Fault::wrong("`for_each` needs a map or a set of texts")),
            };
            let made = make(&key, scope)?;
            let Key::Name(name) = key else { continue };
            members.insert(name, made);
        }
        Value::map(members)
    }

    fn limited(&self, count: usize, scope: &Scope) -> Result<usize, Fault> {
        if count > self.limits.expansions {
            return Err(Fault::limit(format!(
                "{count} instances of one block; {} are the most{}",
                self.limits.expansions,
                if scope.module.address.is_empty() {
                    ""
                } else {
                    " in a module"
                },
            )));
        }
        Ok(count)
    }

    #[allow(clippy::too_many_arguments)] // One call, whose arguments are the fields of what it makes.
    fn instance(
        &self,
        place: Place,
        body: &Body,
        scope: &Scope,
        address: String,
        kind: &str,
        data: bool,
        doubt: Option<Rc<str>>,
    ) -> Result<Instance, Fault> {
        let mut positions = Vec::new();
        let members = self.body(body, scope, "", true, &mut positions)?;
        let attributes = self.without_secrets("", Value::map(members)?)?;
        self.charge(attributes.weight())?;
        let mut gaps = Vec::new();
        let values = attributes.to_json("", &mut gaps);
        let surroundings = self.surroundings(kind, body);
        let id = match &values {
            Json::Object(values) => mapping::id_of(kind, &address, values, &gaps, &surroundings),
            _ => None,
        };
        let id: Rc<str> = id.unwrap_or_else(|| address.clone()).into();
        let attributes = with_principal(kind, attributes, &id)?;
        Ok(Instance {
            id,
            id_attributes: mapping::id_attributes(kind),
            address: address.into(),
            kind: kind.into(),
            data,
            attributes,
            file: Rc::clone(&scope.file),
            place,
            positions,
            doubt,
            values,
            gaps,
            around: surroundings,
        })
    }

    /// Attributes and blocks as the members of an object; blocks are lists of objects, as in a plan.
    fn body(
        &self,
        body: &Body,
        scope: &Scope,
        pointer: &str,
        top: bool,
        positions: &mut Vec<(String, Place)>,
    ) -> Result<IndexMap<Rc<str>, Value>, Fault> {
        let mut members: IndexMap<Rc<str>, Value> = IndexMap::new();
        for attribute in &body.attributes {
            if top && META.contains(&&*attribute.name) {
                continue;
            }
            let at = format!("{pointer}/{}", escape_pointer(&attribute.name));
            positions.push((at, attribute.place));
            let value = match self.value(&attribute.value, scope) {
                Ok(value) => value,
                Err(fault) if fault.is_limit() => return Err(fault),
                Err(fault) => {
                    self.fault(&fault.at(&scope.file, attribute.place));
                    Value::unknown(&attribute.value.text)
                }
            };
            members.insert(Rc::clone(&attribute.name), value);
        }
        let mut blocks: IndexMap<Rc<str>, Vec<Value>> = IndexMap::new();
        let mut unknown: Vec<(Rc<str>, Rc<str>)> = Vec::new();
        for block in &body.blocks {
            if META_BLOCKS.contains(&&*block.name) && top {
                continue;
            }
            if &*block.name == "dynamic" {
                self.dynamic(block, scope, pointer, &mut blocks, &mut unknown, positions)?;
                continue;
            }
            let list = blocks.entry(Rc::clone(&block.name)).or_default();
            let at = format!("{pointer}/{}/{}", escape_pointer(&block.name), list.len());
            positions.push((at.clone(), block.place));
            let inner = self.deeper(|| self.body(&block.body, scope, &at, false, positions))?;
            list.push(Value::map(inner)?);
        }
        for (name, list) in blocks {
            members.insert(name, Value::list(list)?);
        }
        for (name, expression) in unknown {
            members.insert(name, Value::unknown(&expression));
        }
        Ok(members)
    }

    fn dynamic(
        &self,
        block: &Block,
        scope: &Scope,
        pointer: &str,
        blocks: &mut IndexMap<Rc<str>, Vec<Value>>,
        unknown: &mut Vec<(Rc<str>, Rc<str>)>,
        positions: &mut Vec<(String, Place)>,
    ) -> Result<(), Fault> {
        let (Some(name), Some(over)) = (block.labels.first(), block.body.attribute("for_each"))
        else {
            return Ok(());
        };
        let content = block
            .body
            .blocks
            .iter()
            .find(|inner| &*inner.name == "content");
        let iterator = match block.body.attribute("iterator").map(|it| &it.kind) {
            Some(crate::terraform::syntax::Kind::Variable(name)) => Rc::clone(name),
            _ => Rc::clone(name),
        };
        let value = match self.value(over, scope) {
            Ok(value) => value,
            Err(fault) if fault.is_limit() => return Err(fault),
            Err(fault) => {
                self.fault(&fault);
                Value::unknown(&over.text)
            }
        };
        let pairs = match pairs(&value) {
            Ok(Pairs::Known(pairs)) => pairs,
            Ok(Pairs::Unknown | Pairs::Secret) | Err(_) => {
                positions.push((format!("{pointer}/{}", escape_pointer(name)), block.place));
                unknown.push((Rc::clone(name), Rc::clone(&over.text)));
                return Ok(());
            }
        };
        let limited = self.limited(pairs.len(), scope);
        located(limited, scope, over)?;
        let set = matches!(value, Value::List(_));
        let Some(content) = content else {
            return Ok(());
        };
        for (key, value) in pairs {
            let key = if set { value.clone() } else { key };
            let members = IndexMap::from([(Rc::from("key"), key), (Rc::from("value"), value)]);
            let scope = scope.with(&iterator, Value::map(members)?);
            let list = blocks.entry(Rc::clone(name)).or_default();
            let at = format!("{pointer}/{}/{}", escape_pointer(name), list.len());
            positions.push((at.clone(), block.place));
            let inner = self.deeper(|| self.body(&content.body, &scope, &at, false, positions))?;
            list.push(Value::map(inner)?);
        }
        Ok(())
    }
}

/// A count.
fn whole(value: &Value) -> Option<usize> {
    match value {
        Value::Number(number) if *number >= 0.0 && number.fract() == 0.0 => Some(*number as usize),
        Value::Text(text) => text.parse().ok(),
        Value::Bool(flag) => Some(usize::from(*flag)),
        _ => None,
    }
}

/// Only the cloud chooses the object id of a system-assigned identity; references to it give the id of the resource
/// whose identity it is, so that the two can be joined.
fn with_principal(kind: &str, attributes: Value, id: &Rc<str>) -> Result<Value, Fault> {
    if !kind.starts_with("azurerm_") && !kind.starts_with("azapi_") {
        return Ok(attributes);
    }
    let Value::Map(map) = &attributes else {
        return Ok(attributes);
    };
    let Some(Value::List(list)) = map.members.get("identity") else {
        return Ok(attributes);
    };
    let [Value::Map(identity)] = list.items.as_slice() else {
        return Ok(attributes);
    };
    let is_own = matches!(identity.members.get("type"), Some(Value::Text(text)) if text.contains("SystemAssigned"));
    if !is_own || identity.members.contains_key("principal_id") {
        return Ok(attributes);
    }
    let mut inner = identity.members.clone();
    inner.insert("principal_id".into(), Value::Text(Rc::clone(id)));
    let mut outer = map.members.clone();
    let block = Value::list(vec![Value::map(inner)?])?;
    outer.insert("identity".into(), block);
    Value::map(outer)
}
