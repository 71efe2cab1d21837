//! The elements of a dynamic as an Arrow list, for `mv-expand`.

use std::sync::Arc;

use arrow::array::ListArray;
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::{Map, Value as Json};
use stance_base::ScalarType;
use std::str::FromStr;

use super::steps;
use super::udf::NAME_PREFIX;
use crate::types::arrow_type;
use crate::value::{ColumnBuilder, ColumnReader, Value, convert};

const ELEMENTS: &str = "elements";
const POSITIONS: &str = "positions";
const RANGE: &str = "range_rows";

/// What the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Content {
    /// The elements, converted to a type; bags as pairs where the flag is set.
    Elements(ScalarType, bool),
    /// 0, 1, 2, ... as many as there are elements.
    Positions,
    /// Values of this type from the first argument to the second, by steps of the third type.
    Range(ScalarType, ScalarType),
}

/// `elements(dynamic)`: one null stands for no elements, so that the row stays.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ElementsFunction {
    content: Content,
    limit: usize,
    name: String,
    signature: Signature,
}

impl ElementsFunction {
    /// The elements as values of `to`, at most `limit` of them.
    pub(crate) fn elements(to: ScalarType, bag_as_array: bool, limit: usize) -> Self {
        let form = if bag_as_array { "pairs" } else { "bags" };
        let name = format!("{NAME_PREFIX}{ELEMENTS}[{to},{form},{limit}]");
        Self::new(Content::Elements(to, bag_as_array), limit, name, 1)
    }

    /// The positions in the longest of `count` dynamics.
    pub(crate) fn positions(limit: usize, count: usize) -> Self {
        let name = format!("{NAME_PREFIX}{POSITIONS}[{limit},{count}]");
        Self::new(Content::Positions, limit, name, count)
    }

    /// The values of `range`, made when the plan runs: as a constant they would burden it.
    pub(crate) fn range(of: ScalarType, step: ScalarType, limit: usize) -> Self {
        let name = format!("{NAME_PREFIX}{RANGE}[{of},{step},{limit}]");
        Self::new(Content::Range(of, step), limit, name, 3)
    }

    fn new(content: Content, limit: usize, name: String, arguments: usize) -> Self {
        let volatility = match content {
            Content::Range(..) => Volatility::Volatile,
            _ => Volatility::Immutable,
        };
        Self {
            content,
            limit,
            name,
            signature: Signature::any(arguments, volatility),
        }
    }

    fn argument_type(&self, position: usize) -> ScalarType {
        match self.content {
            Content::Range(_, step) if position == 2 => step,
            Content::Range(of, _) => of,
            _ => ScalarType::Dynamic,
        }
    }

    /// By the name in a plan, without the prefix.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let (function, rest) = name.strip_suffix(']')?.split_once('[')?;
        let parts: Vec<&str> = rest.split(',').collect();
        match (function, parts.as_slice()) {
            (ELEMENTS, [to, form, limit]) => Some(Self::elements(
                ScalarType::from_str(to).ok()?,
                *form == "pairs",
                limit.parse().ok()?,
            )),
            (RANGE, [of, step, limit]) => Some(Self::range(
                ScalarType::from_str(of).ok()?,
                ScalarType::from_str(step).ok()?,
                limit.parse().ok()?,
            )),
            (POSITIONS, [limit, count]) => {
                Some(Self::positions(limit.parse().ok()?, count.parse().ok()?))
            }
            _ => None,
        }
    }

    fn element_type(&self) -> ScalarType {
        match self.content {
            Content::Elements(to, _) | Content::Range(to, _) => to,
            Content::Positions => ScalarType::Long,
        }
    }

    fn field(&self) -> FieldRef {
        Arc::new(Field::new_list_field(arrow_type(self.element_type()), true))
    }

    fn expand(&self, values: &[Value<'_>]) -> Vec<Value<'static>> {
        match self.content {
            Content::Elements(to, pairs) => {
                let value = values.first().unwrap_or(&Value::Null);
                expanded(value, pairs)
                    .into_iter()
                    .take(self.limit)
                    .map(|element| convert(&Value::json(&element), to).into_owned())
                    .collect()
            }
            Content::Range(..) => match values {
                [from, to, step] => steps(from, to, Some(step), self.limit).unwrap_or_default(),
                _ => Vec::new(),
            },
            Content::Positions => {
                let most = values
                    .iter()
                    .map(|value| expanded(value, false).len())
                    .max();
                let count = i64::try_from(most.unwrap_or(1).min(self.limit)).unwrap_or(0);
                (0..count).map(Value::Long).collect()
            }
        }
    }
}

/// The elements of an array, the properties of a bag, a scalar by itself; at least one.
fn expanded(value: &Value<'_>, pairs: bool) -> Vec<Json> {
    let elements = match value.to_json() {
        Json::Array(elements) => elements,
        Json::Object(bag) => bag
            .into_iter()
            .map(|(key, value)| {
                if pairs {
                    return Json::Array(vec![Json::String(key), value]);
                }
                Json::Object(Map::from_iter([(key, value)]))
            })
            .collect(),
        other => vec![other],
    };
    if elements.is_empty() {
        vec![Json::Null]
    } else {
        elements
    }
}

impl ScalarUDFImpl for ElementsFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(self.field()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if arguments.args.is_empty() {
            return exec_err!("{} takes an argument", self.name);
        }
        let readers = arguments
            .args
            .iter()
            .enumerate()
            .map(|(position, argument)| {
                ColumnReader::of_argument(argument, self.argument_type(position))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut builder = ColumnBuilder::new(self.element_type(), arguments.number_rows);
        let mut offsets = Vec::with_capacity(arguments.number_rows + 1);
        let mut total: i32 = 0;
        offsets.push(0);
        for row in 0..arguments.number_rows {
            let values: Vec<Value<'_>> = readers.iter().map(|reader| reader.get(row)).collect();
            for element in self.expand(&values) {
                builder.push(&element);
                total = match total.checked_add(1) {
                    Some(total) => total,
                    None => return exec_err!("`mv-expand` makes too many rows at once"),
                };
            }
            offsets.push(total);
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let list = ListArray::try_new(self.field(), offsets, builder.finish(), None)?;
        Ok(ColumnarValue::Array(Arc::new(list)))
    }
}
