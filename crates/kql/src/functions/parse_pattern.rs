//! What `parse` takes out of a text, as one function that gives a dynamic array of texts.

use std::hash::{Hash, Hasher};

use arrow::array::{Array, AsArray, StringViewArray, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value as Json;
use std::sync::Arc;

use super::compile_regex;
use super::parse_steps::{Found, read_steps, search};
use super::udf::NAME_PREFIX;

const FUNCTION: &str = "parse_pattern";

/// `parse_pattern(text, regex, steps)`: null where the text does not match, else the texts of the named
/// groups in their order. Groups without a name are the query's own. The steps are a faster way to the same, or the
/// empty text.
#[derive(Debug)]
pub(crate) struct ParsePattern {
    name: String,
    signature: Signature,
}

impl ParsePattern {
    pub(crate) fn new() -> Self {
        Self {
            name: format!("{NAME_PREFIX}{FUNCTION}"),
            signature: Signature::any(3, Volatility::Immutable),
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        (name == FUNCTION).then(Self::new)
    }
}

impl PartialEq for ParsePattern {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ParsePattern {}

impl Hash for ParsePattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for ParsePattern {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [texts, patterns, steps] = arrays.as_slice() else {
            return Err(exec_datafusion_err!("{} takes three arguments", self.name));
        };
        let texts = arrow::compute::cast(texts, &DataType::Utf8View)?;
        let patterns = arrow::compute::cast(patterns, &DataType::Utf8View)?;
        let steps = arrow::compute::cast(steps, &DataType::Utf8View)?;
        let texts = texts.as_string_view();
        let mut builder = StringViewBuilder::with_capacity(texts.len());
        let pattern = first_text(patterns.as_string_view());
        let steps = read_steps(first_text(steps.as_string_view()));
        let regex = compile_regex(pattern)
            .ok_or_else(|| exec_datafusion_err!("`parse`: the pattern is no regular expression"))?;
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        let mut columns = Vec::new();
        for row in 0..texts.len() {
            let text = if texts.is_null(row) {
                ""
            } else {
                texts.value(row)
            };
            let searched = steps
                .as_ref()
                .map(|steps| search(steps, text, &mut columns));
            match searched {
                Some(Found::Yes) => {
                    builder.append_value(Json::from(columns.as_slice()).to_string());
                    continue;
                }
                Some(Found::No) => {
                    builder.append_null();
                    continue;
                }
                Some(Found::Unclear) | None => {}
            }
            let Some(captures) = regex.captures(text) else {
                builder.append_null();
                continue;
            };
            let groups: Vec<Json> = names
                .iter()
                .map(|name| captures.name(name))
                .map(|group| group.map_or(Json::Null, |group| Json::from(group.as_str())))
                .collect();
            builder.append_value(Json::Array(groups).to_string());
        }
        Ok(ColumnarValue::Array(Arc::new(builder.finish())))
    }
}

fn first_text(texts: &StringViewArray) -> &str {
    if texts.is_empty() || texts.is_null(0) {
        ""
    } else {
        texts.value(0)
    }
}
