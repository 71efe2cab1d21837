//! `parse_xml`: XML as a bag. Attributes become `@name`, text beside other content `#text`,
//! repeated elements an array, an element of text alone that text, an empty element null.

use serde_json::{Map, Value as Json};

use super::ScalarFunction;
use crate::dynamic::MAX_DEPTH;
use crate::value::{Value, to_text};

/// Longest text that is read, in bytes (the limit of Kusto).
const MAX_TEXT: usize = 128 << 10;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new("parse_xml", |_, values| {
    Some(Value::json(&parse(&to_text(values.first()?))?))
})];

fn parse(text: &str) -> Option<Json> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut reader = Reader {
        rest: text.trim_start_matches('\u{feff}').trim(),
    };
    let mut document = Map::new();
    while !reader.rest.is_empty() {
        if reader.skip_note()? {
            reader.rest = reader.rest.trim_start();
            continue;
        }
        if let Some(rest) = reader.rest.strip_prefix("<?") {
            let (declaration, rest) = rest.split_once("?>")?;
            reader.rest = rest.trim_start();
            let mut inner = Reader { rest: declaration };
            let name = inner.name()?;
            document.insert(format!("?{name}"), Json::Object(inner.attributes()?));
            continue;
        }
        let (name, element) = reader.element(0)?;
        add(&mut document, &name, element);
        reader.rest = reader.rest.trim_start();
    }
    if document.is_empty() {
        None
    } else {
        Some(Json::Object(document))
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Passes a comment or a document type; whether there was one.
    fn skip_note(&mut self) -> Option<bool> {
        let end = if self.rest.starts_with("<!--") {
            "-->"
        } else if self.rest.starts_with("<!") && !self.rest.starts_with("<![CDATA[") {
            ">"
        } else {
            return Some(false);
        };
        self.rest = self.rest.split_once(end)?.1;
        Some(true)
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|character: char| character.is_whitespace() || "/>=<?\"'".contains(character))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn attributes(&mut self) -> Option<Map<String, Json>> {
        let mut attributes = Map::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(['>', '/']) {
                return Some(attributes);
            }
            let name = self.name()?;
            self.rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = self
                .rest
                .chars()
                .next()
                .filter(|quote| "\"'".contains(*quote))?;
            let (value, rest) = self.rest.get(1..)?.split_once(quote)?;
            self.rest = rest;
            attributes.insert(format!("@{name}"), Json::String(unescape(value)));
        }
    }

    /// The element that starts here, with its name.
    fn element(&mut self, depth: usize) -> Option<(String, Json)> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.rest = self.rest.strip_prefix('<')?;
        let name = self.name()?.to_owned();
        let mut content = self.attributes()?;
        if let Some(rest) = self.rest.strip_prefix("/>") {
            self.rest = rest;
            let value = if content.is_empty() {
                Json::Null
            } else {
                Json::Object(content)
            };
            return Some((name, value));
        }
        self.rest = self.rest.strip_prefix('>')?;
        let mut text = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix("</") {
                self.rest = rest;
                if self.name()? != name {
                    return None;
                }
                self.rest = self.rest.trim_start().strip_prefix('>')?;
                break;
            }
            if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
                let (data, rest) = rest.split_once("]]>")?;
                text.push_str(data);
                self.rest = rest;
            } else if self.rest.starts_with("<!") {
                self.skip_note()?;
            } else if self.rest.starts_with('<') {
                let (child, value) = self.element(depth + 1)?;
                add(&mut content, &child, value);
            } else {
                let end = self.rest.find('<')?;
                let (part, rest) = self.rest.split_at(end);
                text.push_str(&unescape(part));
                self.rest = rest;
            }
        }
        // Blanks between elements are layout.
        if !content.is_empty() && text.trim().is_empty() {
            text.clear();
        }
        let value = match (content.is_empty(), text.is_empty()) {
            (true, true) => Json::Null,
            (true, false) => Json::String(text),
            (false, true) => Json::Object(content),
            (false, false) => {
                content.insert("#text".to_owned(), Json::String(text));
                Json::Object(content)
            }
        };
        Some((name, value))
    }
}

/// A second element of a name makes an array of both.
fn add(bag: &mut Map<String, Json>, name: &str, value: Json) {
    match bag.get_mut(name) {
        None => {
            bag.insert(name.to_owned(), value);
        }
        Some(Json::Array(values)) => values.push(value),
        Some(first) => {
            let before = first.take();
            *first = Json::Array(vec![before, value]);
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').and_then(|(name, after)| {
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => {
                    let digits = name.strip_prefix('#')?;
                    let code = match digits.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                        None => digits.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((character, after))
        });
        // What is no entity stays as it is.
        let (character, after) = entity.unwrap_or(('&', after));
        out.push(character);
        rest = after;
    }
    out.push_str(rest);
    out
}
