//! What a condition demands of the terms of columns.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, CastExpr, Column, InListExpr, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use stance_term_filter::{Borders, TermHash, pattern_terms};

use crate::functions::text_match::{Test, TextMatchFunction, terms_of_array};
use crate::functions::udf::NAME_PREFIX;
use crate::types::TEXT_OR_EMPTY;

/// Most terms of one condition; beyond it asking costs as much as reading.
const MAX_TERMS: usize = 2_000;

/// Most conditions within one another.
const MAX_DEPTH: usize = 200;

const WHOLE: Borders = Borders {
    start: true,
    end: true,
};

/// What holds of every row that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing that filters know.
    Unknown,
    /// The column holds all of these terms.
    Terms {
        column: Arc<str>,
        terms: Vec<TermHash>,
    },
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
}

impl Condition {
    /// What a predicate of a scan over columns of this schema demands.
    pub(super) fn of(predicate: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Self {
        let condition = of_expression(predicate, schema, 0);
        if condition.count() > MAX_TERMS {
            return Self::Unknown;
        }
        condition
    }

    fn count(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Terms { terms, .. } => terms.len(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::count).sum(),
        }
    }

    fn all(parts: Vec<Self>) -> Self {
        let mut known: Vec<Self> = parts
            .into_iter()
            .filter(|part| *part != Self::Unknown)
            .collect();
        match known.len() {
            0 => Self::Unknown,
            1 => known.remove(0),
            _ => Self::All(known),
        }
    }

    /// One that demands nothing spoils all others.
    fn any(parts: Vec<Self>) -> Self {
        if parts.is_empty() || parts.contains(&Self::Unknown) {
            return Self::Unknown;
        }
        Self::Any(parts)
    }

    fn terms(column: &Arc<str>, terms: Vec<TermHash>) -> Self {
        if terms.is_empty() {
            return Self::Unknown;
        }
        Self::Terms {
            column: Arc::clone(column),
            terms,
        }
    }
}

fn of_expression(expression: &Arc<dyn PhysicalExpr>, schema: &Schema, depth: usize) -> Condition {
    if depth > MAX_DEPTH {
        return Condition::Unknown;
    }
    if let Some(binary) = expression.downcast_ref::<BinaryExpr>() {
        let part = |side| of_expression(side, schema, depth + 1);
        return match binary.op() {
            Operator::And => Condition::all(vec![part(binary.left()), part(binary.right())]),
            Operator::Or => Condition::any(vec![part(binary.left()), part(binary.right())]),
            // How the lowering writes "is true".
            Operator::IsNotDistinctFrom if is_true(binary.right()) => part(binary.left()),
            Operator::Eq => either_way(binary.left(), binary.right(), |value, constant| {
                let column = searched(value, schema)?;
                let terms = pattern_terms(text_constant(constant)?, false, WHOLE);
                Some(Condition::terms(&column, terms))
            }),
            _ => Condition::Unknown,
        };
    }
    if let Some(list) = expression.downcast_ref::<InListExpr>() {
        return of_list(list, schema).unwrap_or(Condition::Unknown);
    }
    if let Some(call) = expression.downcast_ref::<ScalarFunctionExpr>() {
        return of_call(call, schema).unwrap_or(Condition::Unknown);
    }
    Condition::Unknown
}

fn either_way(
    left: &Arc<dyn PhysicalExpr>,
    right: &Arc<dyn PhysicalExpr>,
    ask: impl Fn(&Arc<dyn PhysicalExpr>, &Arc<dyn PhysicalExpr>) -> Option<Condition>,
) -> Condition {
    ask(left, right)
        .or_else(|| ask(right, left))
        .unwrap_or(Condition::Unknown)
}

fn is_true(expression: &Arc<dyn PhysicalExpr>) -> bool {
    expression
        .downcast_ref::<Literal>()
        .is_some_and(|literal| *literal.value() == ScalarValue::Boolean(Some(true)))
}

fn of_list(list: &InListExpr, schema: &Schema) -> Option<Condition> {
    if list.negated() || list.list().len() > MAX_TERMS {
        return None;
    }
    let column = searched(list.expr(), schema)?;
    let members = list.list().iter().map(|member| {
        let terms = pattern_terms(text_constant(member)?, false, WHOLE);
        Some(Condition::terms(&column, terms))
    });
    Some(Condition::any(members.collect::<Option<Vec<_>>>()?))
}

fn of_call(call: &ScalarFunctionExpr, schema: &Schema) -> Option<Condition> {
    let [value, pattern] = call.args() else {
        return None;
    };
    let name = call.name().strip_prefix(NAME_PREFIX)?;
    if let "equal(dynamic,string)->bool" | "equal(string,dynamic)->bool" = name {
        return Some(either_way(value, pattern, |value, constant| {
            let terms = pattern_terms(text_constant(constant)?, false, WHOLE);
            Some(Condition::terms(&json_part(value, schema)?, terms))
        }));
    }
    let function = TextMatchFunction::from_name(name)?;
    let pattern = text_constant(pattern)?;
    let column = searched(value, schema)?;
    let ignore_case = !function.is_case_sensitive();
    let terms = |pattern: &str, borders| {
        Condition::terms(&column, pattern_terms(pattern, ignore_case, borders))
    };
    let borders = |start, end| Borders { start, end };
    let each = || {
        terms_of_array(pattern)
            .into_iter()
            .map(|term| terms(&term, WHOLE))
    };
    Some(match function.test() {
        Test::Equals | Test::Has => terms(pattern, WHOLE),
        Test::HasPrefix | Test::StartsWith => terms(pattern, borders(true, false)),
        Test::HasSuffix | Test::EndsWith => terms(pattern, borders(false, true)),
        Test::Contains => terms(pattern, borders(false, false)),
        Test::HasAny => Condition::any(each().collect()),
        Test::HasAll => Condition::all(each().collect()),
        Test::Regex | Test::Like => return None,
    })
}

fn text_constant(expression: &Arc<dyn PhysicalExpr>) -> Option<&str> {
    let literal = expression.downcast_ref::<Literal>()?;
    literal.value().try_as_str().flatten()
}

/// The column whose text, or a part of whose JSON, an expression gives.
///
/// What the filters of a column know are the terms of its texts, of their lower case forms, and,
/// where they are JSON, of all values inside.
fn searched(expression: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Arc<str>> {
    let Some(call) = expression.downcast_ref::<ScalarFunctionExpr>() else {
        return text_column(expression, schema);
    };
    let first = call.args().first()?;
    match call.name().strip_prefix(NAME_PREFIX)? {
        "convert(dynamic)->string" | "tostring(dynamic)->string" => json_part(first, schema),
        "tostring(string)->string" | "tolower(string)->string" => searched(first, schema),
        _ => json_part(expression, schema),
    }
}

/// As [`searched`], before it is text.
fn json_part(expression: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Arc<str>> {
    let Some(call) = expression.downcast_ref::<ScalarFunctionExpr>() else {
        return text_column(expression, schema);
    };
    let first = call.args().first()?;
    let name = call.name().strip_prefix(NAME_PREFIX)?;
    match name {
        "parse_json(string)->dynamic" | "todynamic(string)->dynamic" => text_column(first, schema),
        _ if name.starts_with("dynamic_get(dynamic,") => json_part(first, schema),
        _ => text_column(expression, schema),
    }
}

/// The column, where an expression gives its texts with null as the empty text.
fn text_column(expression: &Arc<dyn PhysicalExpr>, schema: &Schema) -> Option<Arc<str>> {
    if let Some(column) = expression.downcast_ref::<Column>() {
        let field = schema.fields().get(column.index())?;
        let known = field.name() == column.name() && is_text(field.data_type());
        return known.then(|| Arc::from(column.name()));
    }
    if let Some(cast) = expression.downcast_ref::<CastExpr>() {
        let inner = text_column(cast.expr(), schema)?;
        return is_text(cast.cast_type()).then_some(inner);
    }
    let call = expression.downcast_ref::<ScalarFunctionExpr>()?;
    match (call.name(), call.args()) {
        (TEXT_OR_EMPTY, [value]) => text_column(value, schema),
        _ => None,
    }
}

/// Whether values of a type are texts.
pub(super) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}
