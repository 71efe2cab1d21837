//! The functions of the language.
//!
//! Source: developer.hashicorp.com/terraform/language/functions. What depends on the moment, on chance or on files
//! outside the input is Unknown, and so is a function that is not known here.

mod collections;
mod encoding;
mod network;
mod numbers;
mod text;

use std::rc::Rc;

use super::fault::Fault;
use super::files::ModuleFiles;
use super::value::Value;

pub(super) type Found = Result<Value, Fault>;

/// A call with its arguments evaluated.
pub(super) struct Call<'c> {
    pub(super) name: &'c str,
    pub(super) arguments: Vec<Value>,
    /// As written.
    pub(super) expression: &'c str,
    pub(super) files: &'c dyn ModuleFiles,
    /// The root module's folder, which paths start from.
    pub(super) folder: String,
}

/// Functions that do not look into their arguments' elements.
const SHALLOW: &[&str] = &[
    "alltrue",
    "anytrue",
    "chunklist",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "distinct",
    "element",
    "flatten",
    "index",
    "jsonencode",
    "keys",
    "length",
    "lookup",
    "merge",
    "nonsensitive",
    "one",
    "range",
    "reverse",
    "sensitive",
    "setproduct",
    "setunion",
    "slice",
    "tolist",
    "tomap",
    "toset",
    "transpose",
    "values",
    "yamlencode",
    "zipmap",
    "jsondecode",
    "issensitive",
    "type",
];

/// Functions whose value only the run of Terraform knows.
const NEVER_KNOWN: &[&str] = &[
    "bcrypt",
    "filebase64gzip",
    "plantimestamp",
    "rsadecrypt",
    "templatefile",
    "templatestring",
    "timestamp",
    "uuid",
];

impl Call<'_> {
    pub(super) fn value(&self) -> Found {
        if self.name == "sensitive" {
            return Ok(Value::Secret);
        }
        if self.name == "nonsensitive" {
            return self.argument(0).cloned();
        }
        let shallow = SHALLOW.contains(&self.name);
        if self
            .arguments
            .iter()
            .any(|argument| matches!(argument, Value::Secret))
        {
            return Ok(Value::Secret);
        }
        if NEVER_KNOWN.contains(&self.name) {
            return Ok(self.unknown());
        }
        if !shallow && !self.arguments.iter().all(Value::is_known) {
            return Ok(self.unknown());
        }
        let found = match self.name {
            name if name.contains("::") => None,
            _ => text::call(self)
                .or_else(|| collections::call(self))
                .or_else(|| numbers::call(self))
                .or_else(|| encoding::call(self))
                .or_else(|| network::call(self)),
        };
        found.unwrap_or_else(|| Ok(self.unknown()))
    }

    pub(super) fn unknown(&self) -> Value {
        Value::unknown(self.expression)
    }

    pub(super) fn argument(&self, at: usize) -> Result<&Value, Fault> {
        self.arguments
            .get(at)
            .ok_or_else(|| Fault::wrong(format!("`{}` needs more arguments", self.name)))
    }

    pub(super) fn text(&self, at: usize) -> Result<Rc<str>, Fault> {
        text_of(self.argument(at)?)
            .ok_or_else(|| Fault::wrong(format!("`{}` needs a text", self.name)))
    }

    pub(super) fn number(&self, at: usize) -> Result<f64, Fault> {
        let found = match self.argument(at)? {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        found.ok_or_else(|| Fault::wrong(format!("`{}` needs a number", self.name)))
    }

    pub(super) fn items(&self, at: usize) -> Result<&[Value], Fault> {
        match self.argument(at)? {
            Value::List(list) => Ok(&list.items),
            Value::Null => Err(Fault::wrong(format!("`{}` is given null", self.name))),
            _ => Err(Fault::wrong(format!("`{}` needs a list", self.name))),
        }
    }
}

/// A list whose elements are all known: what is to be ordered or compared.
pub(super) fn all_known(items: &[Value]) -> bool {
    items.iter().all(Value::is_known)
}

/// As the language turns a simple value into text.
pub(super) fn text_of(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::Text(text) => Some(Rc::clone(text)),
        Value::Number(number) => Some(super::value::number_text(*number).into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        _ => None,
    }
}
