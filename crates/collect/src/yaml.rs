//! YAML out of members of JSON answers, as JSON, within limits.
//!
//! Aliases are not followed without end: every value that is built counts against one budget.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Longest text that is parsed.
const TEXT_BYTES: usize = 1 << 20;
/// Values that may be built of one text, and levels of nesting.
const VALUES: usize = 50_000;
const LEVELS: usize = 64;

/// Reads one YAML or JSON document. `None`: it is none, or beyond the limits.
pub(crate) fn parse(text: &str) -> Option<Value> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let budget = Cell::new(VALUES);
    let seed = Node {
        budget: &budget,
        level: 0,
    };
    seed.deserialize(serde_yaml_ng::Deserializer::from_str(text))
        .ok()
}

#[derive(Clone, Copy)]
struct Node<'a> {
    budget: &'a Cell<usize>,
    level: usize,
}

impl Node<'_> {
    fn spend<E: Error>(self) -> Result<Self, E> {
        let left = self.budget.get();
        if left == 0 || self.level > LEVELS {
            return Err(E::custom("too large"));
        }
        self.budget.set(left - 1);
        Ok(Self {
            level: self.level + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let inner = self.spend()?;
        deserializer.deserialize_any(inner)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key_seed(self)? {
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            members.insert(key, map.next_value_seed(self)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::parse;

    #[test]
    fn yaml_becomes_json() {
        let text =
            "kind: TaskDialog\naction:\n  kind: X\n  tools: [a, 'b']\nlevel: 3\non: =Topic.Var\n";
        assert_eq!(
            parse(text),
            Some(
                json!({"kind": "TaskDialog", "action": {"kind": "X", "tools": ["a", "b"]}, "level": 3, "on": "=Topic.Var"})
            )
        );
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let earlier = format!("*a{}", level - 1);
            let list = vec![earlier; 10].join(",");
            let _ = writeln!(text, "a{level}: &a{level} [{list}]");
        }
        assert_eq!(parse(&text), None);
        assert_eq!(parse(&"[".repeat(5000)), None);
    }
}
