//! `mv-expand` and `mv-apply`.

use stance_base::ScalarType as T;

use super::Binder;
use super::call::typeof_type;
use super::columns::item_name;
use super::join::parameter;
use super::name::NameTable;
use super::parse::set_column;
use super::types::convert;
use crate::ast::NodeExt as _;
use crate::bound::{BoundTabular, MvApply, MvExpand, MvExpandColumn, Operator};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_mv_expand(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let (expand, schema) = self.expansion(flow, node);
        self.push(flow, Operator::MvExpand(expand), schema, span);
    }

    fn expanded_type(&mut self, node: &SyntaxNode) -> T {
        typeof_type(node).unwrap_or_else(|| {
            let message = format!("`{}` is no type of an element", node.text());
            self.error(DiagnosticCode::UnknownType, node.span(), message);
            T::Dynamic
        })
    }

    fn expansion(&mut self, flow: &BoundTabular, node: &SyntaxNode) -> (MvExpand, Schema) {
        let input = flow.schema().clone();
        let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
        let mut schema = input.columns().to_vec();
        let mut columns = Vec::new();
        for item_node in node.children_of(K::MvExpandItem) {
            let Some(value) = item_node.expression() else {
                continue;
            };
            let to = item_node
                .child(K::ToTypeClause)
                .and_then(|clause| clause.child(K::TypeofExpression));
            let to = to.map_or(T::Dynamic, |node| self.expanded_type(&node));
            let items = self.on_rows(flow, |binder| binder.bind_items(&[value]));
            let Some(item) = items.into_iter().next() else {
                continue;
            };
            if item.expression.scalar_type != T::Dynamic {
                let message = format!(
                    "only a dynamic can be expanded, not a {}",
                    item.expression.scalar_type
                );
                let help = Some("use `parse_json(...)` or `split(...)` first".to_owned());
                self.error_with_help(DiagnosticCode::TypeMismatch, item.span, message, help);
            }
            let existing = item
                .name
                .as_ref()
                .filter(|name| schema.iter().any(|column| *column.name == ***name));
            let name = match existing {
                Some(name) => name.clone(),
                None => item_name(&item, &mut taken.clone(), &taken),
            };
            let output = set_column(&mut schema, &name, to).output;
            columns.push(MvExpandColumn {
                expression: convert(item.expression, T::Dynamic),
                output,
                to,
            });
        }
        let bags = parameter(node, "bagexpansion").or_else(|| parameter(node, "kind"));
        let item_index = parameter(node, "with_itemindex").map(|(name, _)| {
            let mut names = NameTable::new(schema.iter().map(|column| &*column.name));
            schema.push(Column::new(names.unique(&name), T::Long));
            schema.len() - 1
        });
        let limit = node
            .child(K::LimitClause)
            .and_then(|clause| clause.expression());
        let expand = MvExpand {
            columns,
            bag_as_array: bags.is_some_and(|(kind, _)| kind == "array"),
            item_index,
            limit: limit.map(|limit| self.bind_row_count(Some(&limit))),
        };
        (expand, Schema::new(schema))
    }

    pub(super) fn bind_mv_apply(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let (expand, expanded_schema) = self.expansion(flow, node);
        let Some(subquery_node) = node.child(K::Subquery) else {
            return;
        };
        let subquery = self.bind_operators_on(&subquery_node, &expanded_schema);
        let replaced = |index: &usize| !expand.columns.iter().any(|column| column.output == *index);
        let input_outputs: Vec<usize> = (0..input.len()).filter(replaced).collect();
        let kept = NameTable::new(
            input_outputs
                .iter()
                .map(|index| &*input.columns()[*index].name),
        );
        let result = subquery.schema();
        let subquery_outputs: Vec<usize> = (0..result.len())
            .filter(|index| !kept.contains(&result.columns()[*index].name))
            .collect();
        let from_input = input_outputs
            .iter()
            .map(|index| input.columns()[*index].clone());
        let from_subquery = subquery_outputs
            .iter()
            .map(|index| result.columns()[*index].clone());
        let schema = from_input.chain(from_subquery).collect();
        let apply = MvApply {
            expand,
            expanded_schema,
            subquery: Box::new(subquery),
            input_outputs,
            subquery_outputs,
        };
        self.push(flow, Operator::MvApply(apply), schema, span);
    }
}
