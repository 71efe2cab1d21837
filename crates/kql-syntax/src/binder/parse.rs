//! `parse`, `parse-where`, `parse-kv`.

use stance_base::ScalarType as T;

use super::Binder;
use super::join::parameter;
use super::types::convert;
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    BoundTabular, Operator, Parse, ParseColumn, ParseKeyValue, ParseMode, ParsePart,
};
use crate::diagnostics::DiagnosticCode;
use crate::literal::decode_string;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_parse(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let mut parts = node
            .children()
            .filter(|child| !matches!(child.kind(), K::OperatorParameter | K::Error));
        let Some(source_node) = parts.next() else {
            return;
        };
        let source = convert(
            self.on_rows(flow, |binder| binder.bind_expression(&source_node)),
            T::String,
        );
        let mode = match parameter(node, "kind") {
            Some((kind, _)) if kind == "regex" => ParseMode::Regex,
            Some((kind, _)) if kind == "relaxed" => ParseMode::Relaxed,
            Some((kind, at)) if kind != "simple" => {
                self.error(
                    DiagnosticCode::UnknownParameter,
                    at,
                    format!("`parse` knows no kind `{kind}`"),
                );
                ParseMode::Simple
            }
            _ => ParseMode::Simple,
        };
        let mut columns = flow.schema().columns().to_vec();
        let parts: Vec<SyntaxNode> = parts.collect();
        self.check_arrangement(&parts);
        let pattern: Vec<ParsePart> = parts
            .iter()
            .filter_map(|part| self.parse_part(part, &mut columns))
            .collect();
        self.check_pattern(&pattern, span);
        let parse = Parse {
            mode,
            flags: parameter(node, "flags")
                .map(|(flags, _)| flags)
                .unwrap_or_default()
                .into(),
            source,
            pattern,
            drop_unmatched: node.kind() == K::ParseWhereOperator,
        };
        self.push(flow, Operator::Parse(parse), Schema::new(columns), span);
    }

    /// A column follows a text, a text follows `*`, and no column is named twice.
    fn check_arrangement(&mut self, parts: &[SyntaxNode]) {
        for pair in parts.windows(2) {
            let [first, second] = pair else { continue };
            let is_text = |part: &SyntaxNode| part.kind() == K::Literal;
            let message = if second.kind() == K::ParseColumn && !is_text(first) {
                "a column must follow a text: nothing says where it starts"
            } else if first.kind() == K::StarExpression && !is_text(second) {
                "a text must follow `*`"
            } else {
                continue;
            };
            self.error(DiagnosticCode::SyntaxError, second.span(), message);
        }
        let mut seen: Vec<String> = Vec::new();
        for column in parts.iter().filter(|part| part.kind() == K::ParseColumn) {
            let name = column.name().unwrap_or_default();
            if seen.contains(&name) {
                let message = format!("there is a column `{name}` already");
                self.error(DiagnosticCode::DuplicateName, column.span(), message);
            }
            seen.push(name);
        }
    }

    /// Nothing says where a text ends that `*` follows.
    fn check_pattern(&mut self, pattern: &[ParsePart], span: Span) {
        let is_text = |part: &ParsePart| matches!(part, ParsePart::Column(column) if column.scalar_type == T::String);
        if pattern
            .windows(2)
            .any(|pair| is_text(&pair[0]) && pair[1] == ParsePart::Skip)
        {
            let message = "`*` right after a string column: nothing says where the column ends";
            let help = Some("put a text between them".to_owned());
            self.error_with_help(DiagnosticCode::SyntaxError, span, message, help);
        }
    }

    fn parse_part(&mut self, part: &SyntaxNode, columns: &mut Vec<Column>) -> Option<ParsePart> {
        match part.kind() {
            K::StarExpression => Some(ParsePart::Skip),
            K::Literal => {
                let texts = part
                    .own_tokens()
                    .into_iter()
                    .map(|token| match token.kind() {
                        K::String => decode_string(token.text()),
                        _ => token.text().to_owned(),
                    });
                Some(ParsePart::Text(texts.collect::<String>().into()))
            }
            K::ParseColumn => {
                let name = part.name()?;
                let type_name = part
                    .child(K::TypeReference)
                    .map(|node| node.text().to_string());
                let scalar_type =
                    type_name.map_or(T::String, |name| self.type_named(name.trim(), part.span()));
                Some(ParsePart::Column(set_column(columns, &name, scalar_type)))
            }
            _ => None,
        }
    }

    pub(super) fn bind_parse_kv(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(source_node) = node.expression() else {
            return;
        };
        let source = convert(
            self.on_rows(flow, |binder| binder.bind_expression(&source_node)),
            T::String,
        );
        let wanted = node
            .child(K::RowSchema)
            .map(|schema| self.row_schema(&schema))
            .unwrap_or_default();
        let mut columns = flow.schema().columns().to_vec();
        let keys = wanted
            .columns()
            .iter()
            .map(|column| {
                (
                    column.name.clone(),
                    set_column(&mut columns, &column.name, column.scalar_type),
                )
            })
            .collect();
        let mut options = Vec::new();
        for property in node
            .child(K::WithClause)
            .map(|with| with.children_of(K::OperatorParameter))
            .unwrap_or_default()
        {
            if let (Some(name), Some(value)) = (property.child(K::Name), property.expression()) {
                options.push((name_text(&name).into(), self.option_value(&value)));
            }
        }
        let parse = ParseKeyValue {
            source,
            keys,
            options,
        };
        self.push(
            flow,
            Operator::ParseKeyValue(parse),
            Schema::new(columns),
            span,
        );
    }
}

/// Puts a column of this name and type in place of an older one, or after the others.
pub(super) fn set_column(columns: &mut Vec<Column>, name: &str, scalar_type: T) -> ParseColumn {
    let output = if let Some(position) = columns.iter().position(|column| &*column.name == name) {
        columns[position].scalar_type = scalar_type;
        position
    } else {
        columns.push(Column::new(name, scalar_type));
        columns.len() - 1
    };
    ParseColumn {
        output,
        scalar_type,
    }
}
