//! `join` and `lookup`.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::name::NameTable;
use super::types::{comparison, convert};
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    BoundExpression, BoundJoin, BoundTabular, ExpressionKind, JoinKey, JoinKind, JoinOutput,
    JoinSide, Operator,
};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

const KINDS: &[(&str, JoinKind)] = &[
    ("innerunique", JoinKind::InnerUnique),
    ("inner", JoinKind::Inner),
    ("leftouter", JoinKind::LeftOuter),
    ("rightouter", JoinKind::RightOuter),
    ("fullouter", JoinKind::FullOuter),
    ("leftanti", JoinKind::LeftAnti),
    ("anti", JoinKind::LeftAnti),
    ("leftantisemi", JoinKind::LeftAnti),
    ("rightanti", JoinKind::RightAnti),
    ("rightantisemi", JoinKind::RightAnti),
    ("leftsemi", JoinKind::LeftSemi),
    ("rightsemi", JoinKind::RightSemi),
];

impl Binder<'_> {
    pub(super) fn bind_join(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let kind = self.join_kind(node, JoinKind::InnerUnique);
        let Some((right, keys)) = self.join_sides(flow, node) else {
            return;
        };
        let (outputs, schema) = join_columns(flow.schema(), right.schema(), kind, &[]);
        self.push_join(flow, node, kind, right, keys, outputs, schema, span);
    }

    pub(super) fn bind_lookup(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let kind = self.join_kind(node, JoinKind::LeftOuter);
        if !matches!(kind, JoinKind::LeftOuter | JoinKind::Inner) {
            self.error(
                DiagnosticCode::UnknownParameter,
                span,
                "`lookup` is of kind `leftouter` or `inner`",
            );
        }
        let Some((right, keys)) = self.join_sides(flow, node) else {
            return;
        };
        let dropped: Vec<usize> = keys
            .iter()
            .filter_map(|key| plain_column(&key.right))
            .collect();
        let (outputs, schema) = join_columns(flow.schema(), right.schema(), kind, &dropped);
        self.push_join(flow, node, kind, right, keys, outputs, schema, span);
    }

    #[allow(clippy::too_many_arguments)]
    fn push_join(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        kind: JoinKind,
        right: BoundTabular,
        keys: Vec<JoinKey>,
        outputs: Vec<JoinOutput>,
        schema: Schema,
        span: Span,
    ) {
        let join = BoundJoin {
            kind,
            right: Box::new(right),
            keys,
            residual: None,
            outputs,
            hints: hints(node),
        };
        self.push(flow, Operator::Join(join), schema, span);
    }

    fn join_kind(&mut self, node: &SyntaxNode, default: JoinKind) -> JoinKind {
        let Some((text, span)) = parameter(node, "kind") else {
            return default;
        };
        if let Some((_, kind)) = KINDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&text))
        {
            return *kind;
        }
        let help = suggest(&text, KINDS.iter().map(|(name, _)| *name));
        self.error_with_help(
            DiagnosticCode::UnknownParameter,
            span,
            format!("there is no join kind `{text}`"),
            help,
        );
        default
    }

    /// The right side and the equalities.
    fn join_sides(
        &mut self,
        flow: &BoundTabular,
        node: &SyntaxNode,
    ) -> Option<(BoundTabular, Vec<JoinKey>)> {
        let right_node = node.expression()?;
        let right = self.with_row(RowScope::default(), |binder| {
            binder.bind_tabular(&right_node)
        });
        let conditions = node
            .child(K::OnClause)
            .or_else(|| node.child(K::WhereClause))
            .map(|on| on.expressions());
        let mut keys = Vec::new();
        for condition in conditions.unwrap_or_default() {
            self.join_condition(flow.schema(), right.schema(), &condition, &mut keys);
        }
        if keys.is_empty() && self.diagnostics.is_empty() {
            self.error(
                DiagnosticCode::JoinCondition,
                node.span(),
                "a join needs `on` and a key",
            );
        }
        Some((right, keys))
    }

    fn join_condition(
        &mut self,
        left: &Schema,
        right: &Schema,
        node: &SyntaxNode,
        keys: &mut Vec<JoinKey>,
    ) {
        match node.kind() {
            K::ParenExpression | K::AndExpression => {
                for inner in node.expressions() {
                    self.join_condition(left, right, &inner, keys);
                }
            }
            K::NameExpression => {
                let name = node.name().unwrap_or_default();
                let types = [left, right].map(|side| side.column(&name).map(|c| c.scalar_type));
                let left = self.with_row(RowScope::of(left), |binder| {
                    binder.key_column(&name, node.span())
                });
                let right = self.with_row(RowScope::of(right), |binder| {
                    binder.key_column(&name, node.span())
                });
                if let [Some(first), Some(second)] = types
                    && first != second
                    && !self.is_unknown(&left)
                    && !self.is_unknown(&right)
                {
                    let message = format!(
                        "`{name}` is a {first} on the left side and a {second} on the right"
                    );
                    self.error(DiagnosticCode::TypeMismatch, node.span(), message);
                }
                self.join_key(left, right, node.span(), keys);
            }
            K::BinaryExpression if node.has_word("==") => self.equality(left, right, node, keys),
            _ => self.bad_condition(node.span()),
        }
    }

    fn key_column(&mut self, name: &str, span: Span) -> BoundExpression {
        if let Some(index) = self.row.columns.index_of(name) {
            self.column(index, span)
        } else {
            self.unknown_column(span, name);
            self.poison(span)
        }
    }

    fn bad_condition(&mut self, span: Span) {
        let help =
            Some("write `on key` or `on $left.a == $right.b`, several with commas".to_owned());
        self.error_with_help(
            DiagnosticCode::JoinCondition,
            span,
            "a join condition must be an equality",
            help,
        );
    }

    fn equality(
        &mut self,
        left: &Schema,
        right: &Schema,
        node: &SyntaxNode,
        keys: &mut Vec<JoinKey>,
    ) {
        let operands = node.expressions();
        let [first, second] = operands.as_slice() else {
            return;
        };
        let (left_node, right_node) = match (side_of(first), side_of(second)) {
            (Some(JoinSide::Right), _) | (_, Some(JoinSide::Left)) => (second, first),
            _ => (first, second),
        };
        let bind = |binder: &mut Self, node: &SyntaxNode, own: &Schema| {
            let columns = if side_of(node).is_none() {
                own.clone()
            } else {
                Schema::default()
            };
            let sides = Some((left.clone(), right.clone()));
            let scope = RowScope {
                columns,
                present: true,
                sides,
                named: Vec::new(),
            };
            binder.with_row(scope, |binder| binder.bind_expression(node))
        };
        let left_key = bind(self, left_node, left);
        let right_key = bind(self, right_node, right);
        for (key, side) in [(&left_key, left_node), (&right_key, right_node)] {
            self.require_column(key);
            if side_of(side).is_none() {
                return self.bad_condition(side.span());
            }
        }
        self.check_key_types(&left_key, &right_key, node.span());
        if side_of(left_node) == side_of(right_node) && side_of(left_node).is_some() {
            return self.bad_condition(node.span());
        }
        self.join_key(left_key, right_key, node.span(), keys);
    }

    /// Keys are of one type (an int and a long pass for one), and no dynamics.
    fn check_key_types(&mut self, left: &BoundExpression, right: &BoundExpression, span: Span) {
        if self.is_unknown(left) || self.is_unknown(right) {
            return;
        }
        let types = [left.scalar_type, right.scalar_type];
        let promoted = types.map(|own| if own == T::Int { T::Long } else { own });
        if types.contains(&T::Dynamic) {
            let help = Some("give it a type first: `extend k = tostring(...)`".to_owned());
            let message = "a join's key cannot be a dynamic";
            self.error_with_help(DiagnosticCode::TypeMismatch, span, message, help);
        } else if promoted[0] != promoted[1] {
            let message = format!("a {} is joined with a {}", types[0], types[1]);
            let help = Some("give both keys one type first".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, span, message, help);
        }
    }

    fn join_key(
        &mut self,
        left: BoundExpression,
        right: BoundExpression,
        span: Span,
        keys: &mut Vec<JoinKey>,
    ) {
        if let Some(shared) = comparison(left.scalar_type, right.scalar_type, false) {
            keys.push(JoinKey {
                left: convert(left, shared),
                right: convert(right, shared),
            });
        } else {
            let message = format!(
                "a {} never equals a {}",
                left.scalar_type, right.scalar_type
            );
            self.error(DiagnosticCode::TypeMismatch, span, message);
        }
    }
}

/// Which side `$left` or `$right` inside an expression means.
fn side_of(node: &SyntaxNode) -> Option<JoinSide> {
    let names = node.descendants().filter(|inner| inner.kind() == K::Name);
    names
        .into_iter()
        .find_map(|name| match name_text(&name).as_str() {
            "$left" => Some(JoinSide::Left),
            "$right" => Some(JoinSide::Right),
            _ => None,
        })
}

fn plain_column(expression: &BoundExpression) -> Option<usize> {
    match &expression.kind {
        ExpressionKind::Column(column) => Some(column.index),
        ExpressionKind::Convert(inner) => plain_column(inner),
        _ => None,
    }
}

/// Which columns come out, right ones of a taken name with a number after it.
fn join_columns(
    left: &Schema,
    right: &Schema,
    kind: JoinKind,
    dropped: &[usize],
) -> (Vec<JoinOutput>, Schema) {
    let side = |side, schema: &Schema| {
        (0..schema.len())
            .map(|index| JoinOutput { side, index })
            .collect::<Vec<_>>()
    };
    match kind {
        JoinKind::LeftAnti | JoinKind::LeftSemi => (side(JoinSide::Left, left), left.clone()),
        JoinKind::RightAnti | JoinKind::RightSemi => (side(JoinSide::Right, right), right.clone()),
        _ => {
            let mut outputs = side(JoinSide::Left, left);
            let mut columns = left.columns().to_vec();
            let in_left = NameTable::new(left.columns().iter().map(|column| &*column.name));
            let all = left
                .columns()
                .iter()
                .chain(right.columns())
                .map(|column| &*column.name);
            let mut names = NameTable::new(all);
            for (index, column) in right.columns().iter().enumerate() {
                if dropped.contains(&index) {
                    continue;
                }
                outputs.push(JoinOutput {
                    side: JoinSide::Right,
                    index,
                });
                if in_left.contains(&column.name) {
                    columns.push(Column::new(
                        names.numbered(&column.name, 1),
                        column.scalar_type,
                    ));
                } else {
                    columns.push(column.clone());
                }
            }
            (outputs, Schema::new(columns))
        }
    }
}

/// A parameter of an operator as text, and its place.
pub(super) fn parameter(node: &SyntaxNode, name: &str) -> Option<(String, Span)> {
    let found = node
        .children_of(K::OperatorParameter)
        .into_iter()
        .find(|parameter| parameter.name().as_deref() == Some(name))?;
    let value = found.children().nth(1)?;
    let text = match value.kind() {
        K::Name => name_text(&value),
        K::NameExpression => value.name()?,
        _ => match value
            .first_token()
            .filter(|token| token.kind() == K::String)
        {
            Some(token) => crate::literal::decode_string(token.text()),
            None => value.text().to_string().trim().to_owned(),
        },
    };
    Some((text, value.span()))
}

/// `hint.*` parameters.
pub(super) fn hints(node: &SyntaxNode) -> Vec<(Arc<str>, Arc<str>)> {
    let parameters = node.children_of(K::OperatorParameter).into_iter();
    parameters
        .filter_map(|parameter| {
            let name = parameter.name().filter(|name| name.starts_with("hint."))?;
            let value = parameter.children().nth(1)?.text().to_string();
            Some((name.into(), value.trim().into()))
        })
        .collect()
}
