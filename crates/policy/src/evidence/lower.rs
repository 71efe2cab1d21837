//! From regorus's parsed rule to ours: parameters filled in, aliases resolved.

use regorus::languages::azure_policy::ast::{
    Condition, Constraint, CountNode, Expr, ExprLiteral, FieldKind, FieldNode, JsonValue, Lhs,
    ValueOrExpr,
};
use regorus::languages::azure_policy::expr::ExprParser;
use serde_json::{Map, Number, Value};

use super::datum::Unsupported;
use super::rule::{
    AliasTarget, Count, Expression, Field, FieldPath, Leaf, Left, Node, Operand, Segment,
};
use crate::aliases::Catalogue;
use crate::definition::Assigned;

/// What lowering needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lowering<'a> {
    pub catalogue: &'a Catalogue,
    pub parameters: &'a Assigned,
}

type Result<T> = std::result::Result<T, Unsupported>;

/// Functions whose answer comes from where and when a rule is evaluated.
pub(crate) const CONTEXT_FUNCTIONS: [&str; 6] = [
    "resourcegroup",
    "subscription",
    "requestcontext",
    "policy",
    "utcnow",
    "claims",
];

/// Lowers a constraint.
pub(crate) fn lower_constraint(constraint: &Constraint, with: Lowering<'_>) -> Result<Node> {
    let all = |list: &[Constraint]| -> Result<Vec<Node>> {
        list.iter()
            .map(|child| lower_constraint(child, with))
            .collect()
    };
    Ok(match constraint {
        Constraint::AllOf { constraints, .. } => Node::AllOf(all(constraints)?),
        Constraint::AnyOf { constraints, .. } => Node::AnyOf(all(constraints)?),
        Constraint::Not { constraint, .. } => {
            Node::Not(Box::new(lower_constraint(constraint, with)?))
        }
        Constraint::Condition(condition) => Node::Leaf(Box::new(lower_condition(condition, with)?)),
    })
}

fn lower_condition(condition: &Condition, with: Lowering<'_>) -> Result<Leaf> {
    let left = match &condition.lhs {
        Lhs::Field(field) => Left::Field(lower_field(field, with)?),
        Lhs::Value { value, .. } => {
            let (operand, text) = lower_value(value, with)?;
            Left::Value { operand, text }
        }
        Lhs::Count(count) => Left::Count(lower_count(count, with)?),
    };
    let (mut right, _) = lower_value(&condition.rhs, with)?;
    if let (
        Left::Field(Field {
            path: FieldPath::Location,
            ..
        }),
        Operand::Constant(value),
    ) = (&left, &mut right)
    {
        *value = crate::definition::plain_location(value);
    }
    Ok(Leaf {
        left,
        operator: condition.operator.kind,
        right,
    })
}

/// Lowers the right side of a condition alone.
pub(crate) fn lower_right(condition: &Condition, with: Lowering<'_>) -> Result<Operand> {
    lower_value(&condition.rhs, with).map(|(operand, _)| operand)
}

fn lower_count(count: &CountNode, with: Lowering<'_>) -> Result<Count> {
    let filter_of = |filter: &Option<Box<Constraint>>| {
        let lowered = filter.as_ref().map(|inner| lower_constraint(inner, with));
        lowered.transpose().map(|node| node.map(Box::new))
    };
    Ok(match count {
        CountNode::Field { field, where_, .. } => Count::Field {
            field: lower_field(field, with)?,
            filter: filter_of(where_)?,
        },
        CountNode::Value {
            value,
            name,
            where_,
            ..
        } => {
            let (operand, text) = lower_value(value, with)?;
            Count::Value {
                operand,
                text,
                name: name.as_ref().map(|node| node.name.to_ascii_lowercase()),
                filter: filter_of(where_)?,
            }
        }
    })
}

fn lower_field(field: &FieldNode, with: Lowering<'_>) -> Result<Field> {
    let root = |keys: &[&str]| FieldPath::Root(keys.iter().map(|key| (*key).to_owned()).collect());
    let written = field.span.text().trim_matches('"');
    let (label, path) = match &field.kind {
        FieldKind::Type => ("type", FieldPath::Type),
        FieldKind::Id => ("id", root(&["id"])),
        FieldKind::Kind => ("kind", root(&["kind"])),
        FieldKind::Name => ("name", FieldPath::Name),
        FieldKind::Location => ("location", FieldPath::Location),
        FieldKind::FullName => ("fullName", FieldPath::FullName),
        FieldKind::Tags => ("tags", root(&["tags"])),
        FieldKind::IdentityType => ("identity.type", root(&["identity", "type"])),
        FieldKind::ApiVersion => ("apiVersion", root(&["apiVersion"])),
        FieldKind::IdentityField(rest) => {
            let mut keys = vec!["identity".to_owned()];
            keys.extend(rest.split('.').map(str::to_owned));
            (written, FieldPath::Root(keys))
        }
        FieldKind::Tag(tag) => (written, root(&["tags", tag])),
        FieldKind::Alias(alias) => return Ok(alias_field(alias, with)),
        FieldKind::Expr(expression) => (
            written,
            FieldPath::Dynamic(Box::new(lower_expression(expression, with)?)),
        ),
    };
    Ok(Field {
        label: label.to_owned(),
        path,
    })
}

/// A field by its text, as the argument of `field()` names it.
pub(super) fn field_by_name(name: &str, with: Lowering<'_>) -> Field {
    let lower = name.to_ascii_lowercase();
    let keys = |list: &[&str]| FieldPath::Root(list.iter().map(|key| (*key).to_owned()).collect());
    let path = match lower.as_str() {
        "type" => FieldPath::Type,
        "name" => FieldPath::Name,
        "fullname" => FieldPath::FullName,
        "location" => FieldPath::Location,
        "id" | "kind" | "tags" => keys(&[lower.as_str()]),
        "apiversion" => keys(&["apiVersion"]),
        _ if lower.starts_with("identity.")
            || lower.starts_with("tags.")
            || lower.starts_with("tags[") =>
        {
            FieldPath::Root(tag_keys(name))
        }
        _ => return alias_field(name, with),
    };
    Field {
        label: name.to_owned(),
        path,
    }
}

/// Keys of `tags.a`, `tags['a.b']`, `tags[a]`, `identity.type`.
pub(super) fn tag_keys(name: &str) -> Vec<String> {
    let (root, rest) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let key = match rest
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    {
        Some(inner) => inner.trim().trim_matches(['\'', '"']).to_owned(),
        None => rest.to_owned(),
    };
    if root.eq_ignore_ascii_case("identity") {
        return std::iter::once("identity".to_owned())
            .chain(key.split('.').map(str::to_owned))
            .collect();
    }
    vec!["tags".to_owned(), key]
}

fn alias_field(alias: &str, with: Lowering<'_>) -> Field {
    let mut records = with.catalogue.find(alias);
    let wildcard = format!("{alias}[*]");
    // The array itself, where only its elements have an alias.
    let of_elements = records.is_empty();
    if of_elements {
        records = with.catalogue.find(&wildcard);
    }
    let parse = |path: &str| {
        let mut segments = Segment::parse(path);
        if of_elements && segments.last() == Some(&Segment::Each) {
            segments.pop();
        }
        segments
    };
    let targets = records
        .iter()
        .map(|record| AliasTarget {
            resource_type: format!("{}/{}", record.namespace, record.resource_type)
                .to_ascii_lowercase(),
            path: parse(&record.path),
            versions: record
                .versions
                .iter()
                .map(|(path, versions)| {
                    (
                        versions
                            .iter()
                            .map(|version| version.to_ascii_lowercase())
                            .collect(),
                        parse(path),
                    )
                })
                .collect(),
        })
        .collect();
    Field {
        label: alias.to_owned(),
        path: FieldPath::Alias { targets },
    }
}

/// A right side, with its text for people.
fn lower_value(value: &ValueOrExpr, with: Lowering<'_>) -> Result<(Operand, String)> {
    match value {
        ValueOrExpr::Expr { raw, expr, .. } => {
            let expression = lower_expression(expr, with)?;
            let operand = match expression {
                Expression::Constant(value) => Operand::Constant(value),
                other => Operand::Expression(other),
            };
            Ok((operand, raw.clone()))
        }
        // At the top a string was unescaped by the parser already.
        ValueOrExpr::Value(JsonValue::Str(_, text)) => {
            Ok((Operand::Constant(Value::String(text.clone())), text.clone()))
        }
        ValueOrExpr::Value(json) => {
            let operand = lower_json(json, with)?;
            Ok((operand, json.span().text().to_owned()))
        }
    }
}

/// JSON that may hold expressions.
pub(crate) fn lower_json(json: &JsonValue, with: Lowering<'_>) -> Result<Operand> {
    Ok(match json {
        JsonValue::Null(_) => Operand::Constant(Value::Null),
        JsonValue::Bool(_, flag) => Operand::Constant(Value::Bool(*flag)),
        JsonValue::Number(_, text) => Operand::Constant(number(text)?),
        JsonValue::Str(span, text) => match text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(inner) if !inner.starts_with('[') => {
                let parsed = ExprParser::parse_from_brackets(inner, span)
                    .map_err(|error| Unsupported(error.to_string()))?;
                match lower_expression(&parsed, with)? {
                    Expression::Constant(value) => Operand::Constant(value),
                    other => Operand::Expression(other),
                }
            }
            _ => {
                let plain = text
                    .strip_prefix("[[")
                    .map_or_else(|| text.clone(), |rest| format!("[{rest}"));
                Operand::Constant(Value::String(plain))
            }
        },
        JsonValue::Array(_, items) => {
            let items: Vec<Operand> = items
                .iter()
                .map(|item| lower_json(item, with))
                .collect::<Result<_>>()?;
            match items.iter().map(constant).collect::<Option<Vec<Value>>>() {
                Some(values) => Operand::Constant(Value::Array(values)),
                None => Operand::Array(items),
            }
        }
        JsonValue::Object(_, entries) => {
            let entries: Vec<(String, Operand)> = entries
                .iter()
                .map(|entry| Ok((entry.key.clone(), lower_json(&entry.value, with)?)))
                .collect::<Result<_>>()?;
            let values = entries
                .iter()
                .map(|(key, operand)| Some((key.clone(), constant(operand)?)));
            match values.collect::<Option<Map<String, Value>>>() {
                Some(object) => Operand::Constant(Value::Object(object)),
                None => Operand::Object(entries),
            }
        }
    })
}

fn constant(operand: &Operand) -> Option<Value> {
    match operand {
        Operand::Constant(value) => Some(value.clone()),
        _ => None,
    }
}

fn number(text: &str) -> Result<Value> {
    text.parse::<Number>()
        .map(Value::Number)
        .map_err(|_| Unsupported(format!("the number `{text}`")))
}

/// Lowers a template expression.
fn lower_expression(expression: &Expr, with: Lowering<'_>) -> Result<Expression> {
    Ok(match expression {
        Expr::Literal { value, .. } => Expression::Constant(match value {
            ExprLiteral::Number(text) => number(text)?,
            ExprLiteral::String(text) => Value::String(text.clone()),
            ExprLiteral::Bool(flag) => Value::Bool(*flag),
        }),
        Expr::Ident { name, .. } => {
            Expression::Constant(match name.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => return Err(Unsupported(format!("the name `{name}`"))),
            })
        }
        Expr::Dot { object, field, .. } => {
            Expression::Member(Box::new(lower_expression(object, with)?), field.clone())
        }
        Expr::Index { object, index, .. } => Expression::Index(
            Box::new(lower_expression(object, with)?),
            Box::new(lower_expression(index, with)?),
        ),
        Expr::Call { func, args, .. } => lower_call(func, args, with)?,
    })
}

fn lower_call(function: &Expr, args: &[Expr], with: Lowering<'_>) -> Result<Expression> {
    let Expr::Ident { name, .. } = function else {
        return Err(Unsupported("a function named by an expression".to_owned()));
    };
    let name = name.to_ascii_lowercase();
    let literal = || match args.first() {
        Some(Expr::Literal {
            value: ExprLiteral::String(text),
            ..
        }) => Some(text.clone()),
        _ => None,
    };
    match name.as_str() {
        "parameters" => {
            let key =
                literal().ok_or_else(|| Unsupported("parameters() of an expression".to_owned()))?;
            return Ok(match with.parameters.get(&key) {
                Some(value) => Expression::Constant(value.clone()),
                None => Expression::Absent,
            });
        }
        "field" => {
            let key =
                literal().ok_or_else(|| Unsupported("field() of an expression".to_owned()))?;
            return Ok(Expression::Field(field_by_name(&key, with)));
        }
        "current" => {
            let key = literal();
            return Ok(Expression::Current {
                field: key
                    .as_ref()
                    .filter(|key| key.contains('/'))
                    .map(|key| field_by_name(key, with)),
                name: key.map(|key| key.to_ascii_lowercase()),
            });
        }
        other if CONTEXT_FUNCTIONS.contains(&other) => return Ok(Expression::Context(name)),
        _ => {}
    }
    let args = args
        .iter()
        .map(|arg| lower_expression(arg, with))
        .collect::<Result<Vec<_>>>()?;
    Ok(Expression::Call(name, args))
}
