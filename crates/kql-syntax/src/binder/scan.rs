//! `scan`.

use stance_base::ScalarType as T;

use super::join::parameter;
use super::parse::set_column;
use super::types::convert;
use super::{Binder, NamedRow, RowScope};
use crate::ast::NodeExt as _;
use crate::bound::{BoundTabular, Operator, Scan, ScanColumn, ScanStep, SortKey};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_scan(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let (order_by, partition_by) = self.scan_order(flow, node);
        let declared = self.scan_declarations(node);
        let mut state = input.columns().to_vec();
        for column in &declared {
            set_column(&mut state, &column.name, column.scalar_type);
        }
        let state = Schema::new(state);
        let nodes = node.children_of(K::ScanStep);
        let names: Vec<String> = nodes
            .iter()
            .map(|step| step.name().unwrap_or_default())
            .collect();
        let scope = scan_scope(&input, &state, &names);
        let steps = nodes
            .iter()
            .map(|step| self.scan_step(step, &scope, &state, &declared))
            .collect();
        let mut columns = state.columns().to_vec();
        let match_id = parameter(node, "with_match_id");
        if let Some((name, _)) = &match_id {
            columns.push(Column::new(name.as_str(), T::Long));
        }
        let scan = Scan {
            order_by,
            partition_by,
            match_id: match_id.is_some(),
            declared,
            steps,
        };
        self.push(flow, Operator::Scan(scan), Schema::new(columns), span);
    }

    fn scan_order(
        &mut self,
        flow: &BoundTabular,
        node: &SyntaxNode,
    ) -> (Vec<SortKey>, Vec<crate::bound::BoundExpression>) {
        let (mut order, mut partition) = (Vec::new(), Vec::new());
        let words: Vec<String> = node
            .own_tokens()
            .iter()
            .map(|token| token.text().to_owned())
            .collect();
        let words = words
            .iter()
            .filter(|word| matches!(word.as_str(), "order" | "partition"));
        for (word, by) in words.zip(node.children_of(K::ByClause)) {
            for item in by.expressions() {
                if word == "order" {
                    let key = self.on_rows(flow, |binder| binder.sort_key(&item));
                    self.refuse_dynamic(&key.expression, "sort by");
                    order.push(key);
                } else {
                    partition.push(self.on_rows(flow, |binder| binder.bind_expression(&item)));
                }
            }
        }
        (order, partition)
    }

    fn scan_declarations(&mut self, node: &SyntaxNode) -> Vec<ScanColumn> {
        let declarations = node
            .child(K::ScanDeclare)
            .map(|list| list.children_of(K::ScanDeclaration))
            .unwrap_or_default();
        let mut columns = Vec::new();
        for declaration in declarations {
            let type_name = declaration
                .child(K::TypeReference)
                .map(|node| node.text().to_string());
            let scalar_type = type_name.map_or(T::Dynamic, |name| {
                self.type_named(name.trim(), declaration.span())
            });
            let default = declaration.expression().map(|value| {
                let bound =
                    self.with_row(RowScope::default(), |binder| binder.bind_expression(&value));
                convert(bound, scalar_type)
            });
            let name = declaration.name().unwrap_or_default().into();
            columns.push(ScanColumn {
                name,
                scalar_type,
                default,
            });
        }
        columns
    }

    fn scan_step(
        &mut self,
        node: &SyntaxNode,
        scope: &RowScope,
        state: &Schema,
        declared: &[ScanColumn],
    ) -> ScanStep {
        self.check_parameters(node);
        let name = node.name().unwrap_or_default();
        let condition = match node.expression() {
            Some(condition) => {
                self.on_scope(scope.clone(), |binder| binder.bind_predicate(&condition))
            }
            None => self.poison(node.span()),
        };
        // An assignment reads this step's own columns by bare name.
        let mut own = scope.clone();
        let columns = own.columns.columns().to_vec();
        own.columns = Schema::new(columns);
        let mut assignments = Vec::new();
        for assignment in node.children_of(K::ScanAssignment) {
            let (Some(target), Some(value)) = (assignment.name(), assignment.expression()) else {
                continue;
            };
            let bound = self.on_scope(own.clone(), |binder| binder.bind_expression(&value));
            if let Some(position) = declared.iter().position(|column| *column.name == *target) {
                assignments.push((position, convert(bound, declared[position].scalar_type)));
            } else {
                let known = state.column(&target).is_some();
                let message = if known {
                    "only declared columns can be assigned"
                } else {
                    "this column is not declared"
                };
                self.error(DiagnosticCode::UnknownColumn, assignment.span(), message);
            }
        }
        let output = parameter(node, "output")
            .map_or_else(|| "all".to_owned(), |(output, _)| output.to_lowercase());
        let optional = node
            .own_tokens()
            .iter()
            .any(|token| token.text() == "optional");
        ScanStep {
            name: name.into(),
            optional,
            output: output.into(),
            condition,
            assignments,
        }
    }
}

/// The input's columns by bare name, every step's state by the step's name.
fn scan_scope(input: &Schema, state: &Schema, names: &[String]) -> RowScope {
    let mut named = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let first = input.len() + position * state.len();
        named.push(NamedRow {
            name: name.clone(),
            first,
            columns: state.clone(),
        });
    }
    RowScope {
        columns: input.clone(),
        present: true,
        sides: None,
        named,
    }
}
