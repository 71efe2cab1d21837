//! Reading the tree: what the binder, the formatter and completion ask of nodes.
//!
//! A node may lack any part, because broken text has a tree too; every accessor is an `Option` or
//! an iterator.

mod nodes;

pub use nodes::*;

use crate::span::Span;
use crate::syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

/// Questions to a node of the tree.
pub trait NodeExt {
    /// The first child node of a kind.
    fn child(&self, kind: SyntaxKind) -> Option<SyntaxNode>;
    /// All child nodes of a kind.
    fn children_of(&self, kind: SyntaxKind) -> Vec<SyntaxNode>;
    /// Child nodes that are expressions, in order.
    fn expressions(&self) -> Vec<SyntaxNode>;
    /// The first child expression.
    fn expression(&self) -> Option<SyntaxNode>;
    /// Tokens of this node itself, without trivia.
    fn own_tokens(&self) -> Vec<SyntaxToken>;
    /// Whether the node itself holds this word.
    fn has_word(&self, word: &str) -> bool;
    /// The text of the first child that is a name, quotes resolved.
    fn name(&self) -> Option<String>;
    /// The span without the trivia around.
    fn span(&self) -> Span;
}

impl NodeExt for SyntaxNode {
    fn child(&self, kind: SyntaxKind) -> Option<SyntaxNode> {
        self.children().find(|child| child.kind() == kind)
    }

    fn children_of(&self, kind: SyntaxKind) -> Vec<SyntaxNode> {
        self.children()
            .filter(|child| child.kind() == kind)
            .collect()
    }

    fn expressions(&self) -> Vec<SyntaxNode> {
        self.children()
            .filter(|child| is_expression(child.kind()))
            .collect()
    }

    fn expression(&self) -> Option<SyntaxNode> {
        self.children().find(|child| is_expression(child.kind()))
    }

    fn own_tokens(&self) -> Vec<SyntaxToken> {
        let tokens = self
            .children_with_tokens()
            .filter_map(rowan::NodeOrToken::into_token);
        tokens.filter(|token| !token.kind().is_trivia()).collect()
    }

    fn has_word(&self, word: &str) -> bool {
        self.own_tokens().iter().any(|token| token.text() == word)
    }

    fn name(&self) -> Option<String> {
        self.child(SyntaxKind::Name).map(|name| name_text(&name))
    }

    fn span(&self) -> Span {
        let tokens = || {
            self.descendants_with_tokens()
                .filter_map(rowan::NodeOrToken::into_token)
        };
        let mut significant = tokens().filter(|token| !token.kind().is_trivia());
        let Some(first) = significant.next() else {
            return self.text_range().into();
        };
        let mut last = self.last_token();
        while let Some(token) = last.as_ref().filter(|token| token.kind().is_trivia()) {
            last = token.prev_token();
        }
        let start = Span::from(first.text_range());
        last.map_or(start, |token| start.cover(token.text_range().into()))
    }
}

/// The text of a `NAME` or `NAME_PATTERN` node: quotes and brackets resolved.
pub fn name_text(name: &SyntaxNode) -> String {
    let tokens = name.own_tokens();
    match tokens
        .iter()
        .find(|token| token.kind() == SyntaxKind::String)
    {
        Some(quoted) => crate::literal::decode_string(quoted.text()),
        None => tokens.iter().map(SyntaxToken::text).collect(),
    }
}

/// Whether nodes of this kind are scalar or tabular expressions.
pub fn is_expression(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(
        kind,
        K::NameExpression
            | K::NamePattern
            | K::Literal
            | K::StarExpression
            | K::ParenExpression
            | K::CallExpression
            | K::PathExpression
            | K::IndexExpression
            | K::UnaryExpression
            | K::BinaryExpression
            | K::AndExpression
            | K::OrExpression
            | K::InExpression
            | K::BetweenExpression
            | K::NamedExpression
            | K::OrderedExpression
            | K::TypeofExpression
            | K::EntityGroup
            | K::PipeExpression
            | K::FunctionDeclaration
            | K::Datatable
            | K::ExternalData
            | K::PrintOperator
            | K::RangeOperator
            | K::UnionOperator
            | K::FindOperator
            | K::SearchOperator
            | K::EvaluateOperator
            | K::MacroExpandOperator
    )
}
