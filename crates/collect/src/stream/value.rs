//! JSON text to a value; keys that stand twice are noticed.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Place;

/// Parses one value. The flag says that some object names a key twice; the last one counts.
pub(crate) fn parse(bytes: &[u8]) -> Result<(Value, bool), serde_json::Error> {
    let mut duplicates = false;
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = ValueSeed(&mut duplicates).deserialize(&mut parser)?;
    parser.end()?;
    Ok((value, duplicates))
}

/// Where in the file a parse error stands, given where its text begins.
pub(crate) fn error_place(error: &serde_json::Error, start: Place) -> Place {
    let (line, column) = (error.line().max(1) as u32, error.column().max(1) as u32);
    if line == 1 {
        return Place {
            line: start.line,
            column: start.column.saturating_add(column - 1),
        };
    }
    Place {
        line: start.line.saturating_add(line - 1),
        column,
    }
}

struct ValueSeed<'a>(&'a mut bool);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
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

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(ValueSeed(self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(ValueSeed(self.0))?;
            *self.0 |= map.insert(key, value).is_some();
        }
        Ok(Value::Object(map))
    }
}
