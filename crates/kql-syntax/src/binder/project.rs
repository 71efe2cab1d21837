//! `project` and its kin, `extend`, `serialize`: operators that choose and make columns.

use super::columns::{Item, column_number, item_name};
use super::name::NameTable;
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    BoundExpression, BoundTabular, ColumnReference, ExpressionKind, Literal, Operator, ProjectForm,
};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_extend(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let (expressions, schema) = self.extended(flow, &node.expressions());
        let operator = Operator::Project {
            form: ProjectForm::Extend,
            expressions,
        };
        self.push(flow, operator, schema, span);
    }

    pub(super) fn bind_serialize(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let (expressions, schema) = self.extended(flow, &node.expressions());
        self.push(flow, Operator::Serialize(expressions), schema, span);
    }

    /// The input's columns, those of the same name replaced, the others added.
    fn extended(
        &mut self,
        flow: &BoundTabular,
        nodes: &[SyntaxNode],
    ) -> (Vec<BoundExpression>, Schema) {
        let input = flow.schema().clone();
        let items = self.on_rows(flow, |binder| binder.bind_items(nodes));
        let mut columns = input.columns().to_vec();
        let mut expressions = passed_through(&input, self.span(flow.span));
        let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
        let mut names = taken.clone();
        let mut written = NameTable::default();
        for item in items {
            if let Some(name) = item.name.as_ref().filter(|_| item.explicit)
                && !written.insert(name)
            {
                let message = format!("there is a column `{name}` already");
                self.error(DiagnosticCode::DuplicateName, item.span, message);
            }
            let existing = item
                .name
                .as_ref()
                .and_then(|name| columns.iter().position(|column| *column.name == **name));
            let is_element = matches!(item.expression.kind, ExpressionKind::Element { .. });
            if let Some(position) = existing.filter(|_| item.explicit || !is_element) {
                columns[position] =
                    Column::new(columns[position].name.clone(), item.expression.scalar_type);
                expressions[position] = item.expression;
                continue;
            }
            let name = item_name(&item, &mut names, &taken);
            columns.push(Column::new(name, item.expression.scalar_type));
            expressions.push(item.expression);
        }
        (expressions, Schema::new(columns))
    }

    pub(super) fn bind_project(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let items = self.on_rows(flow, |binder| binder.bind_items(&node.expressions()));
        let (expressions, schema) = self.projected(flow.schema(), items);
        let operator = Operator::Project {
            form: ProjectForm::Project,
            expressions,
        };
        self.push(flow, operator, schema, span);
    }

    /// Columns of exactly these items.
    pub(super) fn projected(
        &mut self,
        input: &Schema,
        items: Vec<Item>,
    ) -> (Vec<BoundExpression>, Schema) {
        let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
        let mut names = NameTable::default();
        let (mut columns, mut expressions) = (Vec::new(), Vec::new());
        for item in items {
            let fixed = item.explicit || item.is_column;
            if let Some(name) = item
                .name
                .as_ref()
                .filter(|name| fixed && names.contains(name))
            {
                let message = format!("there is a column `{name}` already");
                self.error(DiagnosticCode::DuplicateName, item.span, message);
                continue;
            }
            let name = item_name(&item, &mut names, &taken);
            columns.push(Column::new(name, item.expression.scalar_type));
            expressions.push(item.expression);
        }
        (expressions, Schema::new(columns))
    }

    /// Positions of the columns that a name or pattern stands for; an error where there is none.
    pub(super) fn matching_columns(&mut self, input: &Schema, node: &SyntaxNode) -> Vec<usize> {
        let node = if node.kind() == K::OrderedExpression {
            node.children().next()
        } else {
            Some(node.clone())
        };
        let Some(node) = node else { return Vec::new() };
        let text = name_text(&node);
        if node.kind() == K::NamePattern {
            let matches = |column: &Column| matches_pattern(&column.name, &text);
            let found: Vec<usize> = input
                .columns()
                .iter()
                .enumerate()
                .filter(|(_, column)| matches(column))
                .map(|(index, _)| index)
                .collect();
            if found.is_empty() && self.open_steps.is_empty() && !self.table_missing {
                let message = format!("no column's name fits `{text}`");
                self.error(DiagnosticCode::UnknownColumn, node.span(), message);
            }
            return found;
        }
        if let Some(index) = input.index_of(&text) {
            vec![index]
        } else {
            self.with_row(RowScope::of(input), |binder| {
                binder.unknown_column(node.span(), &text);
            });
            Vec::new()
        }
    }

    fn chosen(&mut self, flow: &mut BoundTabular, form: ProjectForm, chosen: &[usize], span: Span) {
        let input = flow.schema().clone();
        let all = passed_through(&input, self.span(span));
        let expressions = chosen.iter().map(|index| all[*index].clone()).collect();
        let schema = chosen
            .iter()
            .map(|index| input.columns()[*index].clone())
            .collect();
        self.push(flow, Operator::Project { form, expressions }, schema, span);
    }

    pub(super) fn bind_project_away(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let away: Vec<usize> = node
            .children()
            .flat_map(|name| self.matching_columns(&input, &name))
            .collect();
        let kept: Vec<usize> = (0..input.len())
            .filter(|index| !away.contains(index))
            .collect();
        self.chosen(flow, ProjectForm::ProjectAway, &kept, span);
    }

    pub(super) fn bind_project_keep(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let keep: Vec<usize> = node
            .children()
            .flat_map(|name| self.matching_columns(&input, &name))
            .collect();
        let kept: Vec<usize> = (0..input.len())
            .filter(|index| keep.contains(index))
            .collect();
        self.chosen(flow, ProjectForm::ProjectKeep, &kept, span);
    }

    /// `project-by-names "a*", dynamic(["b"])`: names come as constants.
    pub(super) fn bind_project_by_names(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let mut chosen: Vec<usize> = Vec::new();
        for item in node.expressions() {
            let bound = self.with_row(RowScope::default(), |binder| binder.bind_expression(&item));
            for pattern in constant_names(&bound) {
                let columns = input.columns().iter().enumerate();
                let found = columns
                    .filter(|(_, column)| matches_pattern(&column.name, &pattern))
                    .map(|(index, _)| index);
                chosen.extend(
                    found
                        .filter(|index| !chosen.contains(index))
                        .collect::<Vec<_>>(),
                );
            }
        }
        self.chosen(flow, ProjectForm::ProjectKeep, &chosen, span);
    }

    pub(super) fn bind_project_reorder(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let items: Vec<SyntaxNode> = node.children().collect();
        // A column named by itself stands at its name, not at a pattern that would hold it too.
        let named: Vec<usize> = items
            .iter()
            .filter(|item| item.kind() == K::Name)
            .filter_map(|item| input.index_of(&name_text(item)))
            .collect();
        let mut order: Vec<usize> = Vec::new();
        for item in &items {
            let is_name = item.kind() == K::Name;
            let mut found = self.matching_columns(&input, item);
            found.retain(|index| !order.contains(index) && (is_name || !named.contains(index)));
            if item.kind() == K::OrderedExpression {
                let name = |index: &usize| input.columns()[*index].name.clone();
                found.sort_by_key(name);
                if item.has_word("desc") {
                    found.reverse();
                }
            }
            order.extend(found);
        }
        order.extend(
            (0..input.len())
                .filter(|index| !order.contains(index))
                .collect::<Vec<_>>(),
        );
        self.chosen(flow, ProjectForm::ProjectReorder, &order, span);
    }

    pub(super) fn bind_project_rename(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let mut columns = input.columns().to_vec();
        for item in node.expressions() {
            let (names, value) = super::columns::named_parts(&item);
            let (Some(name), Some(value)) = (names.first(), value) else {
                self.error(
                    DiagnosticCode::ColumnExpected,
                    item.span(),
                    "the form is `new = old`",
                );
                continue;
            };
            let old = value.name().unwrap_or_default();
            match input.index_of(&old) {
                Some(index) => {
                    columns[index] = Column::new(name.as_str(), columns[index].scalar_type);
                }
                None => self.with_row(RowScope::of(&input), |binder| {
                    binder.unknown_column(value.span(), &old);
                }),
            }
        }
        self.report_duplicates(&columns, span);
        let expressions = passed_through(&input, self.span(span));
        let operator = Operator::Project {
            form: ProjectForm::ProjectRename,
            expressions,
        };
        self.push(flow, operator, Schema::new(columns), span);
    }

    fn report_duplicates(&mut self, columns: &[Column], span: Span) {
        let mut names = NameTable::default();
        for column in columns {
            if !names.insert(&column.name) {
                self.error(
                    DiagnosticCode::DuplicateName,
                    span,
                    format!("there are two columns `{}`", column.name),
                );
            }
        }
    }
}

/// The names in a constant text or array.
fn constant_names(expression: &BoundExpression) -> Vec<String> {
    match &expression.kind {
        ExpressionKind::Literal(Literal::String(name)) => vec![name.to_string()],
        ExpressionKind::Literal(Literal::Dynamic(value)) => {
            let names = value.as_array().into_iter().flatten();
            names
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Every column as it is.
pub(super) fn passed_through(input: &Schema, span: Span) -> Vec<BoundExpression> {
    let columns = input.columns().iter().enumerate();
    columns
        .map(|(index, column)| {
            let kind = ExpressionKind::Column(ColumnReference {
                index,
                name: column.name.clone(),
            });
            BoundExpression {
                kind,
                scalar_type: column.scalar_type,
                span,
            }
        })
        .collect()
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub(super) fn matches_pattern(name: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    if parts.len() == 1 {
        return name == pattern;
    }
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A name for a nameless column beside those of a schema.
pub(super) fn next_column(names: &mut NameTable, input: &Schema) -> String {
    let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
    column_number(names, &taken)
}
