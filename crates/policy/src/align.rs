//! Small rewrites of a parsed rule before it is compiled, each for a place where regorus 0.14 reads a rule
//! otherwise than Azure does. The evidence pass reads the rule as written.

use regorus::languages::azure_policy::ast::{
    Condition, Constraint, CountNode, Expr, ExprLiteral, FieldKind, FieldNode, JsonValue, Lhs,
    OperatorKind, OperatorNode, PolicyRule, ValueOrExpr,
};

use crate::aliases::Catalogue;

/// Rewrites a rule.
pub(crate) fn align_rule(rule: &mut PolicyRule, catalogue: &Catalogue) {
    align(&mut rule.condition, catalogue);
    if let Some(existence) = &mut rule.then_block.existence_condition {
        align(existence, catalogue);
    }
}

fn align(constraint: &mut Constraint, catalogue: &Catalogue) {
    match constraint {
        Constraint::AllOf { constraints, .. } | Constraint::AnyOf { constraints, .. } => {
            for child in constraints {
                align(child, catalogue);
            }
        }
        Constraint::Not { constraint, .. } => align(constraint, catalogue),
        Constraint::Condition(condition) => align_condition(condition, catalogue),
    }
}

fn align_condition(condition: &mut Condition, catalogue: &Catalogue) {
    align_value(&mut condition.rhs, catalogue);
    match &mut condition.lhs {
        Lhs::Field(field) => {
            if matches!(field.kind, FieldKind::Location)
                && let ValueOrExpr::Value(value) = &mut condition.rhs
            {
                plain_locations(value);
            }
            align_field(field, catalogue);
        }
        Lhs::Value { value, .. } => align_value(value, catalogue),
        Lhs::Count(CountNode::Field { field, where_, .. }) => {
            align_field(field, catalogue);
            match where_ {
                Some(inner) => align(inner, catalogue),
                None => *where_ = count_all(field),
            }
        }
        Lhs::Count(CountNode::Value { value, where_, .. }) => {
            align_value(value, catalogue);
            if let Some(inner) = where_ {
                align(inner, catalogue);
            }
        }
    }
}

/// Regions compare without spaces and case: both sides get them so.
fn plain_locations(value: &mut JsonValue) {
    match value {
        JsonValue::Str(_, text) => *text = crate::definition::plain_location_text(text),
        JsonValue::Array(_, items) => items.iter_mut().for_each(plain_locations),
        _ => {}
    }
}

/// Array aliases go by the name of their path.
fn align_field(field: &mut FieldNode, catalogue: &Catalogue) {
    match &mut field.kind {
        FieldKind::Alias(name) => {
            if let Some(canonical) = catalogue.canonical(name) {
                *name = canonical;
            }
        }
        FieldKind::Expr(expression) => align_expression(expression, catalogue),
        _ => {}
    }
}

fn align_value(value: &mut ValueOrExpr, catalogue: &Catalogue) {
    if let ValueOrExpr::Expr { expr, .. } = value {
        align_expression(expr, catalogue);
    }
}

/// The aliases in `field('…')` and `current('…')`.
fn align_expression(expression: &mut Expr, catalogue: &Catalogue) {
    match expression {
        Expr::Literal {
            value: ExprLiteral::String(name),
            ..
        } if name.contains('/') => {
            if let Some(canonical) = catalogue.canonical(name) {
                *name = canonical;
            }
        }
        Expr::Call { args, .. } => args
            .iter_mut()
            .for_each(|arg| align_expression(arg, catalogue)),
        Expr::Dot { object, .. } => align_expression(object, catalogue),
        Expr::Index { object, index, .. } => {
            align_expression(object, catalogue);
            align_expression(index, catalogue);
        }
        Expr::Literal { .. } | Expr::Ident { .. } => {}
    }
}

/// A filter that every element meets, for counts over arrays in arrays: without one, a missing inner array
/// makes the engine's count undefined, where Azure counts none.
fn count_all(field: &FieldNode) -> Option<Box<Constraint>> {
    let FieldKind::Alias(name) = &field.kind else {
        return None;
    };
    if name.matches("[*]").count() < 2 {
        return None;
    }
    let span = field.span.clone();
    let yes = || ValueOrExpr::Value(JsonValue::Bool(span.clone(), true));
    Some(Box::new(Constraint::Condition(Box::new(Condition {
        lhs: Lhs::Value {
            key_span: span.clone(),
            value: yes(),
        },
        operator: OperatorNode {
            span: span.clone(),
            kind: OperatorKind::Equals,
        },
        rhs: yes(),
        span,
    }))))
}
