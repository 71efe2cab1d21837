//! Lists of named expressions: what `extend`, `project`, `by` and the like share.

use stance_base::ScalarType as T;

use super::Binder;
use super::name::{NameTable, automatic_name};
use super::series::elements;
use crate::ast::{NamedExpression, NodeExt as _};
use crate::bound::{BoundExpression, ExpressionKind, Literal};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// One column that an item of a list makes.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The name written, or the one the expression gives.
    pub(super) name: Option<String>,
    /// Whether the name was written.
    pub(super) explicit: bool,
    /// Whether the item is a bare column.
    pub(super) is_column: bool,
    /// Whether the item is one of several values of a function.
    pub(super) is_element: bool,
    pub(super) expression: BoundExpression,
    pub(super) span: Span,
}

impl Binder<'_> {
    /// Binds the items of a list; one that gives several values gives several columns.
    pub(super) fn bind_items(&mut self, nodes: &[SyntaxNode]) -> Vec<Item> {
        let mut items = Vec::with_capacity(nodes.len());
        for node in nodes {
            self.bind_item(node, &mut items);
        }
        items
    }

    fn bind_item(&mut self, node: &SyntaxNode, items: &mut Vec<Item>) {
        let span = node.span();
        if node.kind() == K::StarExpression {
            return self.star_items(span, items);
        }
        let (names, value) = named_parts(node);
        let Some(value) = value else { return };
        let expression = self.bind_expression(&value);
        if let ExpressionKind::Element { tuple, index } = &expression.kind {
            if value.kind() != K::IndexExpression {
                let tuple = (**tuple).clone();
                return element_items(&tuple, &names, &value, span, items);
            }
            // One of the values, picked by its number.
            let call = value.expressions().into_iter().next();
            let automatic = call.and_then(|call| element(tuple, *index, &argument_names(&call)));
            let written = names.first().cloned();
            items.push(Item {
                explicit: written.is_some(),
                name: written.or(automatic.map(|(name, _)| name)),
                is_column: false,
                is_element: false,
                expression,
                span,
            });
            return;
        }
        if names.len() > 1 {
            return self.spread_array(&names, &expression, span, items);
        }
        let name = names.first().cloned().or_else(|| automatic_name(&value));
        items.push(Item {
            name,
            explicit: !names.is_empty(),
            is_column: value.kind() == K::NameExpression,
            is_element: false,
            expression,
            span,
        });
    }

    fn star_items(&mut self, span: Span, items: &mut Vec<Item>) {
        let names = self.row.names();
        for (expression, name) in self.all_columns(span).into_iter().zip(names) {
            items.push(Item {
                name: Some(name),
                explicit: false,
                is_column: true,
                is_element: false,
                expression,
                span,
            });
        }
    }

    /// `(a, b) = value`: the elements of an array, one after the other.
    fn spread_array(
        &mut self,
        names: &[String],
        value: &BoundExpression,
        span: Span,
        items: &mut Vec<Item>,
    ) {
        for (position, name) in names.iter().enumerate() {
            let index = super::literal(
                crate::bound::Literal::Long(position as i64),
                T::Long,
                self.span(span),
            );
            let kind = ExpressionKind::Index {
                value: Box::new(value.clone()),
                index: Box::new(index),
            };
            let expression = BoundExpression {
                kind,
                scalar_type: T::Dynamic,
                span: self.span(span),
            };
            let expression = if position == 0 && value.scalar_type != T::Dynamic {
                value.clone()
            } else {
                expression
            };
            items.push(Item {
                name: Some(name.clone()),
                explicit: true,
                is_column: false,
                is_element: false,
                expression,
                span,
            });
        }
    }
}

/// Names before `=` and the value after it.
pub(super) fn named_parts(node: &SyntaxNode) -> (Vec<String>, Option<SyntaxNode>) {
    match NamedExpression::cast(node.clone()) {
        Some(named) => (named.names(), named.value()),
        None => (Vec::new(), Some(node.clone())),
    }
}

/// A column for each value of a function that gives several.
fn element_items(
    tuple: &BoundExpression,
    names: &[String],
    node: &SyntaxNode,
    span: Span,
    items: &mut Vec<Item>,
) {
    let argument_names = argument_names(node);
    for index in 0..usize::MAX {
        let Some((automatic, scalar_type)) = element(tuple, index, &argument_names) else {
            return;
        };
        let kind = ExpressionKind::Element {
            tuple: Box::new(tuple.clone()),
            index,
        };
        let expression = BoundExpression {
            kind,
            scalar_type,
            span: tuple.span,
        };
        let written = names.get(index).cloned();
        let explicit = written.is_some();
        items.push(Item {
            name: Some(written.unwrap_or(automatic)),
            explicit,
            is_column: false,
            is_element: true,
            expression,
            span,
        });
    }
}

/// The automatic names of the arguments of a call.
fn argument_names(call: &SyntaxNode) -> Vec<String> {
    let call = crate::ast::CallExpression::cast(call.clone());
    let arguments = call.map(|call| call.arguments()).unwrap_or_default();
    arguments
        .iter()
        .map(|node| automatic_name(node).unwrap_or_default())
        .collect()
}

/// The automatic name and the type of one of the values that a function gives; nothing beyond the
/// last.
fn element(
    tuple: &BoundExpression,
    index: usize,
    argument_names: &[String],
) -> Option<(String, T)> {
    let ExpressionKind::Call {
        function,
        arguments,
    } = &tuple.kind
    else {
        return None;
    };
    if function.starts_with("array_sort_") {
        let arrays = arguments
            .iter()
            .filter(|argument| argument.scalar_type == T::Dynamic);
        let name = argument_names.get(index).cloned().unwrap_or_default();
        return (index < arrays.count()).then(|| (format!("{name}_sorted"), T::Dynamic));
    }
    let (suffix, scalar_type) = elements(function).get(index)?;
    let first = argument_names.first().cloned().unwrap_or_default();
    Some((format!("{function}_{first}_{suffix}"), *scalar_type))
}

/// `array_sort_asc(a, b)[1]`: one of the values of a function that gives several. Nothing where
/// the call is none or gives fewer; of one sorted array it is an element that is picked.
pub(super) fn picked_element(
    call: &SyntaxNode,
    value: &BoundExpression,
    index: &BoundExpression,
) -> Option<BoundExpression> {
    let (ExpressionKind::Element { tuple, .. }, K::CallExpression) = (&value.kind, call.kind())
    else {
        return None;
    };
    let ExpressionKind::Literal(Literal::Long(index)) = index.kind else {
        return None;
    };
    let index = usize::try_from(index).ok()?;
    let (_, scalar_type) = element(tuple, index, &[])?;
    element(tuple, 1, &[])?;
    Some(BoundExpression {
        kind: ExpressionKind::Element {
            tuple: tuple.clone(),
            index,
        },
        scalar_type,
        span: value.span,
    })
}

/// The name of an item's column among names in use; `taken` are names `ColumnN` keeps away from.
pub(super) fn item_name(item: &Item, names: &mut NameTable, taken: &NameTable) -> String {
    match &item.name {
        Some(name) => names.unique(name),
        None => column_number(names, taken),
    }
}

/// `Column1`, `Column2`, ...: the first that nobody has.
pub(super) fn column_number(names: &mut NameTable, taken: &NameTable) -> String {
    let mut number = 1;
    loop {
        let candidate = format!("Column{number}");
        if !taken.contains(&candidate) && names.insert(&candidate) {
            return candidate;
        }
        number += 1;
    }
}
