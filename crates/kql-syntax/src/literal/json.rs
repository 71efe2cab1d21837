//! The JSON inside `dynamic(...)`, with what KQL allows beyond JSON: single quotes, other string
//! forms, typed literals, bare words.

use serde_json::{Map, Number, Value};

use crate::lexer::{Token, tokenize};
use crate::literal::decode_string;
use crate::syntax::SyntaxKind as K;

/// Deepest nesting of arrays and bags.
const MAX_DEPTH: usize = 100;

/// Reads one value; the error says what is wrong.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        text,
        tokens: tokenize(text),
        next: 0,
        offset: 0,
    };
    reader.skip();
    let value = reader.value(0)?;
    match reader.kind() {
        K::End => Ok(value),
        _ => Err(format!(
            "`{}` is not expected in the dynamic value",
            reader.text()
        )),
    }
}

struct Reader<'text> {
    text: &'text str,
    tokens: Vec<Token>,
    next: usize,
    offset: usize,
}

impl<'text> Reader<'text> {
    fn kind(&self) -> K {
        self.tokens
            .get(self.next)
            .map_or(K::End, |token| token.kind)
    }

    fn text(&self) -> &'text str {
        self.tokens.get(self.next).map_or("", |token| {
            &self.text[self.offset..self.offset + token.length]
        })
    }

    fn skip(&mut self) {
        while self.kind().is_trivia() {
            self.step();
        }
    }

    fn step(&mut self) {
        if let Some(token) = self.tokens.get(self.next) {
            self.offset += token.length;
            self.next += 1;
        }
    }

    fn bump(&mut self) -> &'text str {
        let text = self.text();
        self.step();
        self.skip();
        text
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "the dynamic value is nested deeper than {MAX_DEPTH} levels"
            ));
        }
        match self.kind() {
            K::LeftBracket => self.array(depth),
            K::LeftBrace => self.bag(depth),
            K::String => self.strings().map(Value::String),
            K::Minus => self.negative(),
            K::Long | K::Real => number(self.bump(), ""),
            K::Timespan | K::TypedLiteral | K::DynamicLiteral => self.typed(),
            K::Identifier => word(self.bump()),
            _ => Err("a value is missing in the dynamic value".into()),
        }
    }

    /// Strings side by side are one, as everywhere in KQL.
    fn strings(&mut self) -> Result<String, String> {
        let mut text = String::new();
        while self.kind() == K::String {
            text.push_str(&self.string()?);
        }
        Ok(text)
    }

    fn string(&mut self) -> Result<String, String> {
        let token = self.bump();
        if crate::lexer::invalid_escape(token).is_some() {
            return Err(format!("{token} holds an escape that stands for nothing"));
        }
        Ok(decode_string(token))
    }

    fn negative(&mut self) -> Result<Value, String> {
        self.bump();
        number(self.bump(), "-")
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.bump();
        let mut items = Vec::new();
        if self.kind() != K::RightBracket {
            items.push(self.value(depth + 1)?);
        }
        while self.kind() == K::Comma {
            self.bump();
            items.push(self.value(depth + 1)?);
        }
        if self.kind() != K::RightBracket {
            return Err("`,` or `]` is missing in the dynamic value".into());
        }
        self.bump();
        Ok(Value::Array(items))
    }

    fn bag(&mut self, depth: usize) -> Result<Value, String> {
        self.bump();
        let mut bag = Map::new();
        if self.kind() != K::RightBrace {
            self.pair(&mut bag, depth)?;
        }
        while self.kind() == K::Comma {
            self.bump();
            self.pair(&mut bag, depth)?;
        }
        if self.kind() != K::RightBrace {
            return Err("`,` or `}` is missing in the dynamic value".into());
        }
        self.bump();
        Ok(Value::Object(bag))
    }

    fn pair(&mut self, bag: &mut Map<String, Value>, depth: usize) -> Result<(), String> {
        if self.kind() != K::String {
            return Err("a property name in quotes is missing in the dynamic value".into());
        }
        let key = self.string()?;
        if self.kind() != K::Colon {
            return Err("`:` is missing in the dynamic value".into());
        }
        self.bump();
        let value = self.value(depth + 1)?;
        bag.insert(key, value);
        Ok(())
    }

    /// `datetime(2024-01-01)` inside: its text, as Kusto keeps it.
    fn typed(&mut self) -> Result<Value, String> {
        let text = self.bump();
        if ["int(", "int32(", "decimal("]
            .iter()
            .any(|name| text.starts_with(name))
        {
            return Err(format!(
                "`{text}` cannot stand in a dynamic value; write the bare value"
            ));
        }
        let inner = text
            .split_once('(')
            .map_or(text, |(_, rest)| rest.strip_suffix(')').unwrap_or(rest))
            .trim();
        if text.starts_with("dynamic") {
            return parse(inner);
        }
        let is_number = text.starts_with(['i', 'l', 'r']) || text.starts_with("double");
        if is_number && let Ok(value) = number(inner, "") {
            return Ok(value);
        }
        if text.starts_with("datetime") || text.starts_with("date(") {
            return Ok(Value::String(iso_text(inner)));
        }
        if text.starts_with("bool") {
            return word(inner);
        }
        Ok(Value::String(decode_string(inner)))
    }
}

/// ISO 8601 with seven digits of the second, as Kusto prints it.
fn iso_text(inner: &str) -> String {
    use crate::bound::{TICKS_AT_UNIX_EPOCH, TICKS_PER_SECOND};

    let Some(ticks) = super::parse_datetime(&decode_string(inner)) else {
        return inner.to_owned();
    };
    let unix = ticks - TICKS_AT_UNIX_EPOCH;
    let instant = chrono::DateTime::from_timestamp(unix.div_euclid(TICKS_PER_SECOND), 0);
    let fraction = unix.rem_euclid(TICKS_PER_SECOND);
    instant.map_or_else(
        || inner.to_owned(),
        |at| format!("{}.{fraction:07}Z", at.format("%Y-%m-%dT%H:%M:%S")),
    )
}

fn word(text: &str) -> Result<Value, String> {
    match text {
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        "null" => Ok(Value::Null),
        _ => Err(format!("`{text}` is no JSON value; texts need quotes")),
    }
}

fn number(text: &str, sign: &str) -> Result<Value, String> {
    let signed = format!("{sign}{text}");
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
        && let Ok(bits) = u64::from_str_radix(hex, 16)
    {
        let value = bits as i64;
        let value = if sign.is_empty() {
            value
        } else {
            value.wrapping_neg()
        };
        return Ok(Value::Number(value.into()));
    }
    if let Ok(whole) = signed.parse::<i64>() {
        return Ok(Value::Number(whole.into()));
    }
    let real = signed.parse::<f64>().ok().and_then(Number::from_f64);
    real.map(Value::Number)
        .ok_or_else(|| format!("`{signed}` is no JSON number"))
}
