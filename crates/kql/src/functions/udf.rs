//! KQL functions as DataFusion functions.

use std::hash::{Hash, Hasher};

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use stance_base::ScalarType;

use super::elements::ElementsFunction;
pub(crate) use super::signature::NAME_PREFIX;
use super::signature::{PlanSignature, plan_name};
use super::text_match::TextMatchFunction;
use super::{CallContext, ParsePattern, ScalarFunction, columnar, lookup};
use crate::types::{NestedToJson, TEXT_OR_EMPTY, TextOrEmpty, arrow_type};
use crate::value::{ColumnBuilder, ColumnReader, Value};

/// The DataFusion function of a KQL function for these types.
pub(crate) fn scalar_udf(
    function: &'static ScalarFunction,
    arguments: &[ScalarType],
    result: ScalarType,
) -> ScalarUDF {
    ScalarUDF::new_from_impl(KqlScalarFunction::new(function, arguments, result))
}

/// The function of a name that stands in a plan; nothing where it is none of ours.
///
/// This is what a node that reads a plan of another process registers.
pub fn resolve(name: &str) -> Option<ScalarUDF> {
    let rest = name.strip_prefix(NAME_PREFIX)?;
    if rest == "nested_to_json" {
        return Some(ScalarUDF::new_from_impl(NestedToJson::default()));
    }
    if name == TEXT_OR_EMPTY {
        return Some(ScalarUDF::new_from_impl(TextOrEmpty::default()));
    }
    if let Some(text_match) = TextMatchFunction::from_name(rest) {
        return Some(ScalarUDF::new_from_impl(text_match));
    }
    if let Some(pattern) = ParsePattern::from_name(rest) {
        return Some(ScalarUDF::new_from_impl(pattern));
    }
    if let Some(elements) = ElementsFunction::from_name(rest) {
        return Some(ScalarUDF::new_from_impl(elements));
    }
    let signature = PlanSignature::parse(rest)?;
    let result = signature.result_type()?;
    Some(scalar_udf(
        lookup(signature.function)?,
        &signature.arguments,
        result,
    ))
}

#[derive(Debug)]
pub(super) struct KqlScalarFunction {
    name: String,
    function: &'static ScalarFunction,
    arguments: Vec<ScalarType>,
    result: ScalarType,
    signature: Signature,
}

impl KqlScalarFunction {
    pub(super) fn new(
        function: &'static ScalarFunction,
        arguments: &[ScalarType],
        result: ScalarType,
    ) -> Self {
        let name = plan_name(function.name, arguments, result.as_str());
        let volatility = if function.volatile {
            Volatility::Volatile
        } else {
            Volatility::Immutable
        };
        let signature = if arguments.is_empty() {
            Signature::nullary(volatility)
        } else {
            Signature::any(arguments.len(), volatility)
        };
        Self {
            name,
            function,
            arguments: arguments.to_vec(),
            result,
            signature,
        }
    }
}

impl KqlScalarFunction {
    /// The results of `rows` rows: by a loop over the columns, else row by row, equal arguments once.
    pub(super) fn column(&self, readers: &[ColumnReader], rows: usize) -> Result<ArrayRef> {
        if self.function.volatile {
            return Ok(self.row_by_row(readers, 0..rows, rows));
        }
        if let Some(array) = columnar::whole_column(self.function.name, self.result, readers) {
            return Ok(array);
        }
        let steady = columnar::steady_time(self.function.name, readers);
        let Some(distinct) = columnar::distinct::distinct_rows(readers, steady, rows) else {
            return Ok(self.row_by_row(readers, 0..rows, rows));
        };
        let count = distinct.rows.len();
        let values = self.row_by_row(readers, distinct.rows.into_iter(), count);
        Ok(take(&values, &UInt32Array::from(distinct.slots), None)?)
    }

    pub(super) fn row_by_row(
        &self,
        readers: &[ColumnReader],
        rows: impl Iterator<Item = usize>,
        count: usize,
    ) -> ArrayRef {
        let context = CallContext::new(&self.arguments, self.result);
        let mut builder = ColumnBuilder::new(self.result, count);
        let mut values: Vec<Value<'_>> = readers
            .iter()
            .map(|reader| reader.constant().unwrap_or(Value::Null))
            .collect();
        for row in rows {
            for (value, reader) in values.iter_mut().zip(readers) {
                if !reader.is_constant() {
                    *value = reader.get(row);
                }
            }
            let value = (self.function.evaluate)(&context, &values).unwrap_or(Value::Null);
            builder.push(&value);
        }
        builder.finish()
    }
}

impl PartialEq for KqlScalarFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for KqlScalarFunction {}

impl Hash for KqlScalarFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for KqlScalarFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(arrow_type(self.result))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let readers: Vec<ColumnReader> = arguments
            .args
            .iter()
            .zip(&self.arguments)
            .map(|(argument, scalar_type)| ColumnReader::of_argument(argument, *scalar_type))
            .collect::<Result<_>>()?;
        let constant = !self.function.volatile && readers.iter().all(ColumnReader::is_constant);
        let rows = if constant { 1 } else { arguments.number_rows };
        let array = self.column(&readers, rows)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &array, 0,
            )?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
